/* `palate doctor`: users who are no people.
 *
 * Training leaves them out by itself (base/robot.h has the rule), and popularity counts each of them once for an item.
 * They are named because the operator knows more: whether it is a crawler that should be kept out, the shop's own
 * monitor, or a till or "guest" whose events are many people's and would be better without a user. */
#include "storage/robots.h"

#include "cli/doctor/checks.h"
#include "cli/format.h"

static const char robots_fix[] =
    "keep the program out, or send its events without a user; training leaves them out, and "
    "`palate user erase` removes them";

static void report_robots(struct doctor *doctor, const struct admin_tenant *tenant,
                          const struct robot *robots, size_t count)
{
    const char *list = "";
    for (size_t i = 0; i < count; i++)
        list = arena_format(doctor->arena, "%s%s%s (%s)", list, *list ? ", " : "", robots[i].user_id,
                            format_count(robots[i].events).text);
    doctor_report(doctor, DOCTOR_WARN, arena_format(doctor->arena, "robots of %s", tenant->key), robots_fix,
                  "users with more events in a day than a person has, the most on one day: %s%s", list,
                  count == ROBOTS_SHOWN ? ", and perhaps others" : "");
}

void doctor_check_robots(struct doctor *doctor)
{
    bool found = false;
    for (size_t i = 0; i < doctor->tenant_count; i++) {
        struct robot robots[ROBOTS_SHOWN];
        struct error error = {0};
        size_t count;
        if (!admin_robots_read(doctor->db, doctor->arena, doctor->tenants[i].id, robots, &count, &error)) {
            doctor_report(doctor, DOCTOR_WARN, "robots", "palate migrate", "cannot be looked for: %s",
                          error.detail);
            return;
        }
        if (count)
            report_robots(doctor, &doctor->tenants[i], robots, count);
        found = found || count;
    }
    if (!found)
        doctor_report(doctor, DOCTOR_OK, "robots", NULL,
                      "no user has more events in a day than a person has");
}
