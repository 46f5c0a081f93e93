/* The steps of a request; see request.h.
 *
 * The table below is the life of a request, one row a step. Each step fills what the next one needs
 * (request.h says which members), and the first that fails ends the run; whatever happened, one answer is
 * sent and one line is logged, with the time that each step took. A step is named in the log as here, so a
 * slow request says where it was slow.
 *
 * The order is that of cost: the head and the token need next to nothing, the body and its parameters memory
 * and time, and only then the database is asked who the client is. So what can be refused is refused before
 * its body is kept and before it costs a query, and with the database down as well. Whatever of the body was
 * not wanted is read and thrown away in one place, before the answer. What may take long counts against a
 * budget (base/work_budget.h), and is left when nobody waits for the answer any more. Work that may come
 * after the answer (the shadow of a remote recommender, the upkeep of catalogues) is run when the client has it
 * already, before the arena that it uses is reset. */
#include "request/request.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/work_budget.h"
#include "request/authenticate.h"
#include "request/parse_request.h"
#include "request/read_body.h"
#include "request/read_parameters.h"
#include "request/resolve_tenant.h"
#include "request/send_response.h"
#include "request/tenant_share.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of a request whose tenant has its share of the processors, between two looks: each is some 0.2 ms of work. */
enum { PAUSE_US = 50000 };

static bool run_check(struct worker *worker, struct request *request)
{
    return request->route->check(worker, request);
}

static bool run_answer(struct worker *worker, struct request *request)
{
    return request->route->answer(worker, request);
}

/* Cheap refusals first: until read_parameters no byte of the body is read, until resolve_tenant nothing asks
 * the database. */
static const struct {
    const char *name;
    bool (*run)(struct worker *worker, struct request *request);
} steps[] = {
    {"parse", parse_request}, {"token", authenticate},    {"body", read_parameters},
    {"check", run_check},     {"tenant", resolve_tenant}, {"answer", run_answer},
};
enum { STEP_COUNT = sizeof(steps) / sizeof(steps[0]) };
static_assert(STEP_COUNT + 1 == REQUEST_STEPS, "each step and the sending has a time");

/* One line a request, after its outcome is known. */
static void log_request(const struct request *request, int status, bool sent)
{
    char times[200] = "";
    int used = 0;
    for (int i = 0; i < REQUEST_STEPS; i++) {
        int more = snprintf(times + used, sizeof(times) - (size_t)used, " %s=%" PRId64,
                            i < STEP_COUNT ? steps[i].name : "send", request->step_us[i]);
        used += more > 0 ? more : 0;
    }
    log_line("palate %.20s %.200s %d id=%s tenant=%u results=%zu%s%s us=%" PRId64 "%s%s%s%s%s%s",
             request->method ? request->method : "-", request->path ? request->path : "-", status,
             request->id, request->tenant.id, request->result_count, request->note ? " " : "",
             request->note ? request->note : "", request_elapsed_us(request), times,
             sent ? "" : " client-gone", request->error.code ? " error=" : "",
             request->error.code ? error_name(request->error.code) : "", request->error.detail[0] ? ": " : "",
             request->error.detail);
}

/* Methods that nobody has heard of are one, so that callers make no names. */
static const char *method_name(const struct request *request)
{
    static const char *const known[] = {"GET", "POST", "HEAD", "PATCH", "DELETE", "OPTIONS", "PUT", "TRACE"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (request->method && !strcmp(request->method, known[i]))
            return known[i];
    }
    return "other";
}

/* By the route's pattern: a path of its own would make as many names as there are ids. "-": no route, or one that
 * does not take the method, since nine methods on every path would fill the table. */
static void count_request(const struct request *request, int status)
{
    char name[METRICS_NAME_SIZE];
    bool takes = request->route && (request->is_preflight ||
                                    (request->method && !strcmp(request->method, request->route->method)));
    snprintf(name, sizeof(name), "%s %s", method_name(request), takes ? request->route->path : "-");
    metrics_count_request(name, status, request_elapsed_us(request));
    if (request->error.code != ERROR_NONE)
        metrics_count_error(error_name(request->error.code));
}

/* A preflight (OPTIONS) is answered from the route alone, so it ends after the step that has found it. */
static void run_steps(struct worker *worker, struct request *request)
{
    int64_t before = clock_monotonic_us();
    for (int i = 0; i < STEP_COUNT; i++) {
        bool done = steps[i].run(worker, request);
        int64_t now = clock_monotonic_us();
        request->step_us[i] = now - before;
        before = now;
        if (!done || request->is_preflight)
            return;
    }
}

struct watch {
    const struct worker *worker;
    struct transport *transport;
};

/* Why a request should stop, but for what it has used itself. It comes from whoever computes, so here a tenant that
 * has its share of the processors pauses: what it does between two looks is then a small part of the time. It gives way to whoever waits in this
 * worker's own queue, which under lighttpd no other worker serves. */
static enum error_code find_refusal(void *context)
{
    const struct watch *watch = context;
    if (transport_is_unwanted(watch->transport))
        return ERROR_CLIENT_GONE;
    if (!watch->worker->share)
        return ERROR_NONE;
    int64_t now = clock_monotonic_us();
    if (!tenant_share_may_go_on(watch->worker->share, now))
        return ERROR_TENANT_BUSY;
    if (tenant_share_may_compute(watch->worker->share, now))
        return ERROR_NONE;
    if (transport_is_awaited())
        return ERROR_TENANT_BUSY;
    usleep(PAUSE_US);
    return ERROR_NONE;
}

void request_serve(struct worker *worker, struct transport *transport)
{
    struct request request = {.arena = worker->arena,
                              .transport = transport,
                              .started_us = clock_monotonic_us(),
                              .ids_are_integers = worker->config->ids_are_integers};
    struct watch watch = {worker, transport};
    work_budget_set(worker->config->limits_work_ms, find_refusal, &watch);
    run_steps(worker, &request);
    if (request.error.code == ERROR_DATABASE_RETRY && database_is_in_cluster(worker->db))
        request.error.code =
            ERROR_OVERLOADED; /* nothing was done, and another node or moment may do better */
    work_budget_clear();
    int64_t before = clock_monotonic_us();
    int status;
    drain_body(&request);
    bool sent = send_response(worker, &request, &status);
    request.step_us[STEP_COUNT] = clock_monotonic_us() - before;
    count_request(&request, status);
    log_request(&request, status, sent);
    for (size_t i = 0; i < request.later_count; i++)
        request.later[i].run(worker, request.later[i].context);
    if (worker->upkeep && request.tenant.id)
        worker->upkeep(worker, &request);
    if (worker->share)
        tenant_share_end(worker->share, clock_monotonic_us());
    arena_reset(worker->arena);
}

void request_do_later(struct request *request, void (*run)(struct worker *, void *context), void *context)
{
    assert(request->later_count < REQUEST_LATER);
    request->later[request->later_count++] = (struct later){run, context};
}

struct json_writer *request_writer(const struct request *request)
{
    struct json_writer *out = json_writer_create(request->arena);
    if (request->ids_are_integers)
        json_writer_ids_as_integers(out);
    return out;
}

bool request_is_v1(const struct request *request)
{
    return request->path && !strncmp(request->path, "/v1/", 4);
}

int64_t request_elapsed_us(const struct request *request)
{
    return clock_monotonic_us() - request->started_us;
}
