/* Users whose events come at a rate that no person has, by the rule of base/robot.h. For the tool. */
#ifndef PALATE_STORAGE_ROBOTS_H
#define PALATE_STORAGE_ROBOTS_H

#include "storage/database.h"

enum { ROBOTS_SHOWN = 10, ROBOTS_EVENTS = 200000 };

struct robot {
    const char *user_id;
    uint64_t events; /* on the day with the most */
};

/* Those among the newest ROBOTS_EVENTS events of a tenant, the busiest first; at most ROBOTS_SHOWN. Texts are in the
 * arena. */
bool admin_robots_read(struct database *db, struct arena *arena, uint32_t tenant_id,
                       struct robot robots[ROBOTS_SHOWN], size_t *count, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
