/* The page for Prometheus; see metrics.h.
 *
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/, "Text-based format": for each family of
 * numbers one HELP and one TYPE line, then its samples, all together, one a line: NAME{LABEL="VALUE",...} NUMBER.
 * A histogram's buckets are cumulative: each counts all that took at most `le` seconds, and the last, +Inf, is
 * the count. In the file they are apart (base/metrics.h), so they are summed up here, and +Inf and _count come
 * from the same sum: they agree whatever other workers count meanwhile.
 *
 * Everything is read from shared memory and from the model files' times; a scrape costs some tens of
 * microseconds and waits for no database, so it says how things are while that is down. What tenants have of
 * their quotas only the database knows: a worker counts it now and then behind its answer, for the next page. Names are stable:
 * alert rules stand on them (etc/prometheus-alerts-example.yml). */
#include "api/metrics.h"

#include "base/clock.h"
#include "base/metrics.h"
#include "base/version.h"
#include "recommender/model_files.h"
#include "recommender/overlay.h"
#include "remote/remote.h"
#include "storage/quotas.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A text that grows in the arena. */
struct page {
    struct arena *arena;
    char *bytes;
    size_t length, size;
};

__attribute__((format(printf, 2, 3))) static void put(struct page *page, const char *format, ...)
{
    char line[600];
    va_list arguments;
    va_start(arguments, format);
    int made = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    size_t length = made < 0 ? 0 : (size_t)made < sizeof(line) ? (size_t)made : sizeof(line) - 1;
    if (page->length + length >= page->size) {
        size_t size = 2 * (page->size + sizeof(line));
        char *bytes = arena_alloc(page->arena, size, 1);
        if (page->length)
            memcpy(bytes, page->bytes, page->length);
        page->bytes = bytes;
        page->size = size;
    }
    memcpy(page->bytes + page->length, line, length + 1);
    page->length += length;
}

static void begin_family(struct page *page, const char *name, const char *type, const char *help)
{
    put(page, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* The value of a label: backslash, quote and newline have an escape, and no name of ours needs one. */
static const char *label(struct page *page, const char *name)
{
    char *text = arena_copy_text(page->arena, name);
    for (char *at = text; *at; at++) {
        if (*at == '\\' || *at == '"' || *at == '\n')
            *at = '?';
    }
    return text;
}

/* "GET /v1/items" as method="GET",route="/v1/items" */
static const char *route_labels(struct page *page, const char *name)
{
    const char *text = label(page, name);
    int method = (int)strcspn(text, " ");
    return arena_format(page->arena, "method=\"%.*s\",route=\"%s\"", method, text,
                        text[method] ? text + method + 1 : "");
}

static void put_requests(struct page *page)
{
    struct metrics_route route;
    begin_family(page, "palate_requests_total", "counter", "Answers by route and status.");
    for (size_t cursor = 0; metrics_next_route(&cursor, &route);) {
        const char *labels = route_labels(page, route.name);
        for (size_t i = 0; i < METRICS_STATUSES; i++) {
            char status[20] = "other";
            if (metrics_status(i))
                snprintf(status, sizeof(status), "%d", metrics_status(i));
            if (route.answers[i])
                put(page, "palate_requests_total{%s,status=\"%s\"} %" PRIu64 "\n", labels, status,
                    route.answers[i]);
        }
    }
}

static void put_histogram(struct page *page, const struct metrics_route *route)
{
    static const char name[] = "palate_request_duration_seconds";
    const char *labels = route_labels(page, route->name);
    uint64_t count = 0;
    for (size_t i = 0; i < METRICS_BUCKETS; i++) {
        char bound[30] = "+Inf";
        if (i < METRICS_BUCKETS - 1)
            snprintf(bound, sizeof(bound), "%g", (double)metrics_bound_us(i) / 1e6);
        count += route->took[i];
        put(page, "%s_bucket{%s,le=\"%s\"} %" PRIu64 "\n", name, labels, bound, count);
    }
    put(page, "%s_sum{%s} %.6f\n%s_count{%s} %" PRIu64 "\n", name, labels, (double)route->took_us / 1e6, name,
        labels, count);
}

static void put_durations(struct page *page)
{
    struct metrics_route route;
    begin_family(page, "palate_request_duration_seconds", "histogram",
                 "From a request's arrival at a worker to the end of its answer, by route.");
    for (size_t cursor = 0; metrics_next_route(&cursor, &route);)
        put_histogram(page, &route);
}

static void put_errors(struct page *page)
{
    struct metrics_error error;
    begin_family(page, "palate_errors_total", "counter",
                 "Errors by code, as docs/api.md has them: rate_limited, quota_exceeded and so on.");
    for (size_t cursor = 0; metrics_next_error(&cursor, &error);)
        put(page, "palate_errors_total{code=\"%s\"} %" PRIu64 "\n", label(page, error.code), error.count);
}

static void put_counters(struct page *page)
{
    static const struct {
        enum metrics_counter counter;
        const char *name, *help;
    } counters[] = {
        {METRICS_STARTS, "palate_worker_starts_total", "Workers that have got their first request."},
        {METRICS_ROUND_TRIPS, "palate_database_round_trips_total", "Exchanges with the database."},
        {METRICS_CONNECTIONS, "palate_database_connections_total", "Connections to the database, tried."},
    };
    begin_family(page, "palate_info", "gauge",
                 "Version of the worker that answers; whether all count together.");
    put(page, "palate_info{version=\"%s\",shared=\"%s\"} 1\n", PALATE_VERSION,
        metrics_is_shared() ? "yes" : "no");
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
        begin_family(page, counters[i].name, "counter", counters[i].help);
        put(page, "%s %" PRIu64 "\n", counters[i].name, metrics_read(counters[i].counter));
    }
}

/* Seconds since the file was written; -1: there is none. */
static int64_t model_age(const struct config *config, uint32_t tenant_id)
{
    char path[PATH_MAX];
    int64_t written = model_files_path(config->model_directory, tenant_id, path, sizeof(path))
                          ? model_files_written(path)
                          : 0;
    return written ? clock_unix() - written : -1;
}

static void put_tenants(struct page *page, const struct config *config)
{
    struct metrics_tenant tenant;
    begin_family(page, "palate_model_generation", "gauge", "Generation of the model in use; 0: none.");
    for (size_t cursor = 0; metrics_next_tenant(&cursor, &tenant);)
        put(page, "palate_model_generation{tenant=\"%s\"} %" PRIu64 "\n", label(page, tenant.key),
            tenant.generation);
    begin_family(page, "palate_model_age_seconds", "gauge", "Since the tenant's model file was written.");
    for (size_t cursor = 0; metrics_next_tenant(&cursor, &tenant);) {
        int64_t age = model_age(config, tenant.tenant_id);
        if (age >= 0)
            put(page, "palate_model_age_seconds{tenant=\"%s\"} %" PRId64 "\n", label(page, tenant.key), age);
    }
    begin_family(page, "palate_changed_items", "gauge", "Items that workers lay over the model.");
    for (size_t cursor = 0; metrics_next_tenant(&cursor, &tenant);)
        put(page, "palate_changed_items{tenant=\"%s\"} %" PRIu64 "\n", label(page, tenant.key),
            tenant.changed);
}

/* 0 where a tenant has none. */
static void put_deltas(struct page *page, const struct config *config)
{
    struct metrics_tenant tenant;
    begin_family(
        page, "palate_delta_bytes", "gauge",
        "Size of the file by which workers share what changed since the tenant's model; 0: there is none.");
    for (size_t cursor = 0; metrics_next_tenant(&cursor, &tenant);) {
        char path[PATH_MAX];
        struct stat status;
        bool is_there =
            overlay_path(config->limits_state_file, DELTA_CHANGES, tenant.tenant_id, path, sizeof(path)) &&
            stat(path, &status) == 0;
        put(page, "palate_delta_bytes{tenant=\"%s\"} %" PRId64 "\n", label(page, tenant.key),
            is_there ? (int64_t)status.st_size : 0);
    }
}

static_assert((int)METRICS_QUOTAS == (int)QUOTA__MAX, "each quota has a place");

/* What is 0 there is no quota. used: in place of what a tenant may have, what it has. */
static void put_quotas(struct page *page, const char *name, bool used)
{
    struct metrics_quotas quotas;
    for (size_t cursor = 0; metrics_next_quotas(&cursor, &quotas);) {
        for (int i = 0; i < QUOTA__MAX; i++) {
            if (quotas.most[i])
                put(page, "%s{tenant=\"%s\",quota=\"%s\"} %" PRIu64 "\n", name, label(page, quotas.key),
                    quota_name((enum quota)i), used ? quotas.used[i] : quotas.most[i]);
        }
    }
}

static void put_all_quotas(struct page *page)
{
    static const char limit[] = "palate_quota_limit", used[] = "palate_quota_used";
    begin_family(page, limit, "gauge", "What a tenant may have at most, where it has a quota.");
    put_quotas(page, limit, false);
    begin_family(page, used, "gauge", "What it has of that.");
    put_quotas(page, used, true);
}

/* For the next page, when the client has this one: a scrape waits for no database, and what fails here is as it
 * was before. */
static void measure_quotas(struct worker *worker, void *context)
{
    uint64_t round = *(const uint64_t *)context, used[QUOTA__MAX], most[QUOTA__MAX];
    struct limited_tenant *tenants;
    struct error error = {0};
    size_t count;
    if (!quotas_list_tenants(worker->db, worker->arena, &tenants, &count, &error))
        return;
    for (size_t i = 0; i < count; i++) {
        if (!quotas_measure(worker->db, tenants[i].id, clock_unix(), used, &error))
            return;
        for (int quota = 0; quota < QUOTA__MAX; quota++)
            most[quota] = quota_of(tenants[i].quotas, (enum quota)quota);
        metrics_note_quotas(tenants[i].key, round, most, used);
    }
    metrics_publish_quotas(round);
}

/* Only where there is one. */
static void put_breaker(struct page *page, const struct config *config)
{
    struct breaker_view view;
    if (!*config->remote_url || !remote_view_breaker(config, REMOTE_OF_USER, &view))
        return;
    begin_family(page, "palate_remote_breaker_open", "gauge",
                 "1: the remote recommender is left alone, or tried by one request at a time.");
    put(page, "palate_remote_breaker_open %d\n", view.open);
    begin_family(page, "palate_remote_waiting", "gauge", "Workers that wait for it.");
    put(page, "palate_remote_waiting %u\n", view.waiting);
    begin_family(page, "palate_remote_failures", "gauge", "Failures among its last exchanges.");
    put(page, "palate_remote_failures %u\n", view.failures);
}

bool metrics_check(struct worker *worker, struct request *request)
{
    (void)worker;
    (void)request;
    return true;
}

bool metrics_answer(struct worker *worker, struct request *request)
{
    struct page page = {.arena = request->arena};
    put_counters(&page);
    put_requests(&page);
    put_errors(&page);
    put_durations(&page);
    put_tenants(&page, worker->config);
    put_deltas(&page, worker->config);
    put_all_quotas(&page);
    put_breaker(&page, worker->config);
    uint64_t *round = arena_alloc(request->arena, 1, sizeof(*round));
    if (metrics_claim_quotas(clock_monotonic_us(), round))
        request_do_later(request, measure_quotas, round);
    request->answer = page.bytes;
    request->content_type = "text/plain; version=0.0.4; charset=utf-8";
    return true;
}
