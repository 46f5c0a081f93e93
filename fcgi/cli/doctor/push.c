/* `palate doctor`: how far `palate push` is behind, for each tenant and the server of [remote]. */
#include "cli/doctor/checks.h"
#include "cli/format.h"
#include "storage/admin/push_rows.h"

/* A cron job that pushes less often than once a day is as good as none. */
enum { LATE_SECONDS = 86400 };

static void check_tenant(struct doctor *doctor, const struct admin_tenant *tenant)
{
    struct push_position position;
    uint64_t items, events;
    struct error error = {0};
    if (!push_position_read(doctor->db, doctor->arena, tenant->id, doctor->tool->remote_url, &position,
                            &error) ||
        (position.found && !push_position_lag(doctor->db, tenant->id, &position, &items, &events, &error))) {
        doctor_report(doctor, DOCTOR_FAIL, "push", "palate migrate", "%s: cannot be read: %s", tenant->key,
                      error.detail);
        return;
    }
    if (!position.found)
        return;
    bool behind = items || events;
    bool late = !position.complete || (behind && position.age > LATE_SECONDS);
    doctor_report(doctor, late ? DOCTOR_WARN : DOCTOR_OK, "push",
                  "run `palate push` for the tenant and see what it says; let cron run it",
                  "%s: %s items and %s events behind; the last complete run was %s%s", tenant->key,
                  format_count(items).text, format_count(events).text,
                  position.complete ? position.complete : "never", position.complete ? " UTC" : "");
}

void doctor_check_push(struct doctor *doctor)
{
    for (size_t i = 0; *doctor->tool->remote_url && i < doctor->tenant_count; i++) {
        if (doctor->tenants[i].active)
            check_tenant(doctor, &doctor->tenants[i]);
    }
}
