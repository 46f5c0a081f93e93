/* `palate doctor`: how large the database is, how fast it grows, and whether old logs are removed.
 *
 * Growth is that of the last day: its requests and events, counted by the indexes by time, times what a row of
 * each takes, as MariaDB estimates it from the tables as they are. So it holds for the traffic of now, says
 * nothing before a hundred rows are there, and does not count what pruning gives back: with [retention] it is
 * how fast the database would grow without.
 *
 * That pruning does not run is seen by its result alone: a request that is older than the settings allow, by
 * more than two missed nights. */
#include "base/clock.h"
#include "cli/doctor/checks.h"
#include "cli/format.h"
#include "storage/retention.h"

enum { DAY_SECONDS = 86400, MISSED_DAYS = 2, SOON_DAYS = 30 };

static const double GIB = 1073741824;

static const char prune_fix[] = "run `palate prune` every night, as etc/cron-example does";

/* Days until the database takes what it may, without pruning; negative: it does not grow. */
static double days_left(const struct doctor *doctor, uint64_t bytes, double grows)
{
    double left = (double)doctor->config->retention_disk_gib * GIB - (double)bytes;
    return left <= 0 ? 0 : grows > 0 ? left / grows : -1;
}

static void report_size(struct doctor *doctor, const struct database_size *size,
                        const struct tenant_growth *growth)
{
    double grows =
        (double)growth->requests * size->request_bytes + (double)growth->events * size->event_bytes;
    double days = days_left(doctor, size->bytes, grows);
    bool is_soon = doctor->config->retention_disk_gib && days >= 0 && days < SOON_DAYS;
    const char *until = "";
    if (doctor->config->retention_disk_gib && days >= 0)
        until = arena_format(doctor->arena, "; %ld GiB are reached in %.0f days",
                             doctor->config->retention_disk_gib, days);
    doctor_report(doctor, is_soon ? DOCTOR_WARN : DOCTOR_OK, "growth",
                  "set [retention] logs_days lower, give it more disk and set disk_gib, or limit clients",
                  "the database takes %s and grows by %s a day (%s requests, %s events in the last)%s",
                  format_bytes(size->bytes).text, format_bytes((uint64_t)grows).text,
                  format_count(growth->requests).text, format_count(growth->events).text, until);
}

static void report_retention(struct doctor *doctor, int64_t oldest, int64_t now)
{
    long days = doctor->config->retention_logs_days;
    double age = oldest ? (double)(now - oldest) / DAY_SECONDS : 0;
    if (!days)
        doctor_report(
            doctor, DOCTOR_OK, "retention", NULL,
            "logs are kept for ever ([retention] logs_days = 0); the oldest request is %.0f days old", age);
    else
        doctor_report(doctor, age > (double)(days + MISSED_DAYS) ? DOCTOR_WARN : DOCTOR_OK, "retention",
                      prune_fix, "logs are kept for %ld days; the oldest request is %.0f days old", days,
                      age);
}

void doctor_check_growth(struct doctor *doctor)
{
    const int64_t now = clock_unix();
    struct error error = {0};
    struct database_size size;
    struct tenant_growth all = {0};
    bool is_read = admin_size_read(doctor->db, &size, &error);
    for (size_t i = 0; is_read && i < doctor->tenant_count; i++) {
        struct tenant_growth one;
        is_read = admin_growth_read(doctor->db, doctor->tenants[i].id, now, &one, &error);
        all.requests += one.requests;
        all.events += one.events;
        if (one.oldest_request && (!all.oldest_request || one.oldest_request < all.oldest_request))
            all.oldest_request = one.oldest_request;
    }
    if (!is_read) {
        doctor_report(doctor, DOCTOR_WARN, "growth", "palate migrate", "cannot be read: %s", error.detail);
        return;
    }
    report_size(doctor, &size, &all);
    report_retention(doctor, all.oldest_request, now);
}
