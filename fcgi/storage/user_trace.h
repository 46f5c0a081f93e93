/* What belongs to an end user beside the user id: visitors' ids and sessions. For the command line tool.
 *
 * A request tells of its user also anonymous_id and session_id, and an event its session. An id or session is
 * the user's when requests or events of the user carry it, or those of a visitor who is the user, and none of
 * another known user does: what two people share (a common computer, a shop that calls each session "web")
 * is nobody's own, and removing it would take what is another's. */
#ifndef PALATE_STORAGE_USER_TRACE_H
#define PALATE_STORAGE_USER_TRACE_H

#include "storage/database.h"

struct text_set {
    const char **texts;
    size_t count, room;
};

struct user_trace {
    struct text_set ids;      /* the first is the user's, the others are visitors' */
    struct text_set sessions; /* as requests and events name them */
    struct text_set shared;   /* ids and sessions that others have, too: kept with what is theirs */
    uint64_t *requests;       /* numbers of requests about nobody, or an item, under these ids or sessions */
    size_t request_count;
};

/* Reads the tenant's log of requests a few times, but for users who have neither. Lives in the arena. */
bool admin_user_trace(struct database *db, struct arena *arena, uint32_t tenant_id, const char *user_id,
                      struct user_trace *trace, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
