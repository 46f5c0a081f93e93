/* `palate doctor`: how near each tenant is to its quotas.
 *
 * A shop that meets its quota is refused in the middle of a push, so the operator is told before: from 80 % of
 * a quota on, in a line of its own, by name and number. Tenants without quotas are not counted. */
#include "storage/quotas.h"

#include "base/clock.h"
#include "cli/doctor/checks.h"
#include "cli/format.h"

enum { NEAR_PERCENT = 80 };

static void report_quota(struct doctor *doctor, const struct admin_tenant *tenant, enum quota quota,
                         uint64_t most, uint64_t used)
{
    double percent = 100 * (double)used / (double)most;
    bool is_near = percent >= NEAR_PERCENT;
    doctor_report(
        doctor, is_near ? DOCTOR_WARN : DOCTOR_OK, arena_format(doctor->arena, "quota of %s", tenant->key),
        arena_format(doctor->arena, "palate tenant limit %s, or have the shop remove some", tenant->key),
        "%s of %s %s, %.0f %%", format_count(used).text, format_count(most).text, quota_words(quota),
        percent);
}

void doctor_check_quotas(struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->tenant_count; i++) {
        const struct admin_tenant *tenant = &doctor->tenants[i];
        uint64_t used[QUOTA__MAX] = {0};
        struct error error = {0};
        if (!tenant->quotas)
            continue;
        if (!quotas_measure(doctor->db, tenant->id, clock_unix(), used, &error)) {
            doctor_report(doctor, DOCTOR_WARN, "quotas", "palate migrate", "cannot be counted: %s",
                          error.detail);
            return;
        }
        for (int quota = 0; quota < QUOTA__MAX; quota++) {
            uint64_t most = quota_of(tenant->quotas, (enum quota)quota);
            if (most)
                report_quota(doctor, tenant, (enum quota)quota, most, used[quota]);
        }
    }
}
