/* Alive, and ready; see health.h.
 *
 * The problem with readiness is that everybody may ask for it: asked a thousand times a second it must not be
 * a thousand queries, and while the database hangs it must not hold all workers, one time-out each. So one
 * worker of the machine looks for all of them, at most once a second, and leaves what it found beside the
 * metrics (base/metrics.h); the others answer that. Who looks is who claims it by compare-and-swap. A claim ends
 * by itself, should its worker die.
 *
 * While somebody looks, the finding before still counts, but only for two seconds more: after that the
 * database has not answered, and that is the finding. Without a state file each worker looks for itself, and so
 * does the very first. What is found out: the schema's version by one query, and when the newest model was
 * written, by a look at the files; the worker's own connection is used, so it is also whether workers can
 * connect. Moments further ahead than anybody writes are of an earlier boot, and count as past. */
#include "api/health.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "base/metrics.h"
#include "recommender/model_files.h"
#include "storage/readiness.h"

#define LOOK_EVERY_US INT64_C(1000000)
#define COUNTS_FOR_US INT64_C(3000000)
#define CLAIM_US      INT64_C(15000000) /* longer than connecting and one statement take by default */

enum state { STATE_READY, STATE_UNREACHABLE, STATE_OLD_SCHEMA, STATE_SLOW, STATE__MAX };

struct finding {
    enum state state;
    unsigned schema;       /* 0: not known */
    int64_t model_written; /* Unix seconds; 0: there is none */
};

bool health_check(struct worker *worker, struct request *request)
{
    (void)worker;
    (void)request;
    return true;
}

bool health_answer(struct worker *worker, struct request *request)
{
    (void)worker;
    request->answer = "{\"status\":\"ok\"}";
    return true;
}

static struct finding look(struct worker *worker, struct request *request)
{
    struct finding finding = {.state = STATE_READY};
    struct error error = {0};
    finding.model_written = model_files_newest(worker->config->model_directory);
    if (!readiness_read_schema(worker->db, &finding.schema, &error)) {
        finding.state = STATE_UNREACHABLE;
        error_detail(&request->error, "%s", error.detail);
    } else if (finding.schema < readiness_needed_schema()) {
        finding.state = STATE_OLD_SCHEMA;
    }
    return finding;
}

static void keep(struct metrics_ready *shared, const struct finding *finding)
{
    atomic_store(&shared->model_written, finding->model_written);
    atomic_store(&shared->finding, (uint64_t)finding->schema << 8 | finding->state);
    atomic_store(&shared->looked_at, clock_monotonic_us());
    atomic_store(&shared->claimed_until, 0);
}

static struct finding recall(struct metrics_ready *shared)
{
    uint64_t kept = atomic_load(&shared->finding);
    return (struct finding){.state = (enum state)((kept & 0xFF) % STATE__MAX),
                            .schema = (unsigned)(kept >> 8),
                            .model_written = atomic_load(&shared->model_written)};
}

static struct finding find_out(struct worker *worker, struct request *request)
{
    struct metrics_ready *shared = metrics_ready();
    int64_t now = clock_monotonic_us(), looked = atomic_load(&shared->looked_at);
    int64_t claimed = atomic_load(&shared->claimed_until);
    bool known = looked && looked <= now;
    if (known && now - looked < LOOK_EVERY_US)
        return recall(shared);
    bool is_claimed = claimed > now && claimed - now <= CLAIM_US;
    if (known &&
        (is_claimed || !atomic_compare_exchange_strong(&shared->claimed_until, &claimed, now + CLAIM_US))) {
        struct finding before = recall(shared);
        if (now - looked >= COUNTS_FOR_US)
            before.state = STATE_SLOW;
        return before;
    }
    struct finding finding = look(worker, request);
    keep(shared, &finding);
    return finding;
}

static void write_members(struct json_writer *out, const struct finding *finding)
{
    static const char *const database[STATE__MAX] = {[STATE_READY] = "ok",
                                                     [STATE_UNREACHABLE] = "unreachable",
                                                     [STATE_OLD_SCHEMA] = "ok",
                                                     [STATE_SLOW] = "slow"};
    json_writer_text(out, "database", database[finding->state]);
    json_writer_integer_or_null(out, "schema", finding->schema, finding->schema);
    json_writer_integer(out, "schema_needed", readiness_needed_schema());
    json_writer_integer_or_null(out, "model_age_seconds", finding->model_written,
                                clock_unix() - finding->model_written);
}

bool ready_answer(struct worker *worker, struct request *request)
{
    static const char *const messages[STATE__MAX] = {[STATE_READY] = "",
                                                     [STATE_UNREACHABLE] = "The database cannot be reached",
                                                     [STATE_OLD_SCHEMA] =
                                                         "The database's schema is older than this worker",
                                                     [STATE_SLOW] = "The database does not answer in time"};
    struct finding finding = find_out(worker, request);
    struct json_writer *out = json_writer_create(request->arena);
    json_writer_object(out, NULL);
    if (finding.state == STATE_READY)
        json_writer_text(out, "status", "ready");
    write_members(out, &finding);
    json_writer_end(out);
    if (finding.state == STATE_READY) {
        request->answer = json_writer_result(out);
        return true;
    }
    request->error_details = json_writer_result(out);
    request->retry_after = 1;
    return error_set(&request->error, ERROR_NOT_READY, "%s", messages[finding.state]);
}
