/* palate.fcgi: main of the worker. Start order, accept loop, signals; nothing else.
 *
 * The command line is ignored: a CGI server may put parts of the query there (RFC 3875, 4.4). The
 * configuration's path comes from PALATE_CONFIG, in the environment or, as shared hosting has it, as a
 * variable of the request; so the worker is opened with the first request, and again when a request of
 * another site brings another path.
 *
 * The hard part is the end. A web server that reloads ends all its workers at once, and requests wait in
 * their queues: a worker that simply left would lose them, and one that stayed would hold up the reload. So
 * signals are blocked but for the moments of waiting (a request is never interrupted), and a worker that has
 * been told to end first closes what takes time to close, then refuses new connections, and answers those
 * that it has accepted already. */
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "base/version.h"
#include "recommender/recommender.h"
#include "request/lock_down.h"
#include "request/rate_limit.h"
#include "request/request.h"
#include "request/tenant_share.h"
#include "request/web_server.h"
#include "routes.h"
#include "token/claims.h"

#include <fcgiapp.h>
#include <json-c/json.h>
#include <limits.h>
#include <mysql.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT_HEAP_BYTES = 1024 * 1024 }; /* a large answer needs about half of it */

static volatile sig_atomic_t stopping; /* set by a signal, for all that follows */
/* Requests that a worker still takes once it has been told to end: those in its queue would be lost with it.
 * Limited, since a queue that fills up as fast, or that workers share, may never be empty. */
static int last_requests = 16;
static sigset_t idle_mask; /* signals blocked while waiting for a request */

static void on_stop(int signal_number)
{
    (void)signal_number;
    stopping = true;
}

/* These end an idle worker at once and a busy one after its answer: they come through only while it waits, so
 * nothing that it does for a request is ever interrupted. SIGHUP is what people and logrotate send to have
 * files opened anew; the web server's next worker does just that. */
static const int stop_signals[] = {SIGTERM, SIGUSR1, SIGHUP};

static void catch_signals(void)
{
    struct sigaction stop = {.sa_handler = on_stop};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    const size_t count = sizeof(stop_signals) / sizeof(stop_signals[0]);
    sigset_t stops;
    sigemptyset(&stop.sa_mask);
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL); /* a log as large as `ulimit -f` allows is no reason to end */
    sigemptyset(&stops);
    for (size_t i = 0; i < count; i++) {
        sigaction(stop_signals[i], &stop, NULL);
        sigaddset(&stops, stop_signals[i]);
    }
    sigprocmask(SIG_BLOCK, &stops, &idle_mask);
    for (size_t i = 0; i < count; i++)
        sigdelset(&idle_mask, stop_signals[i]);
}

static struct transport *next_request(void)
{
    while (!stopping || last_requests-- > 0) {
        bool last = stopping, retry = false;
        if (!transport_wait(&idle_mask, !last)) {
            if (last)
                return NULL;
            continue;
        }
        struct transport *transport = transport_accept(&retry);
        if (!retry)
            return transport;
    }
    return NULL;
}

static void keep_up(struct worker *worker, const struct request *request)
{
    recommender_upkeep(worker->recommender, worker->db, &request->tenant, request->items_written);
}

static void open_services(struct worker *worker)
{
    worker->db = database_create(worker->config);
    worker->recommender = recommender_create(worker->config);
}

static void close_services(struct worker *worker)
{
    recommender_destroy(worker->recommender);
    database_destroy(worker->db);
    worker->recommender = NULL;
    worker->db = NULL;
}

static void close_worker(struct worker *worker)
{
    close_services(worker);
    rate_limit_close(worker->rate_limit);
    tenant_share_close(worker->share);
    token_verifier_destroy(worker->verifier);
    config_free(worker->config);
    metrics_close();
    log_open(""); /* what follows is not for this site's log */
    *worker = (struct worker){.arena = worker->arena, .routes = worker->routes, .upkeep = worker->upkeep};
}

/* A state file that cannot be used is no reason to refuse requests: the log says that there are no limits. */
static struct rate_limit *open_rate_limit(const struct config *config)
{
    char problem[500];
    if (!*config->limits_state_file)
        return NULL;
    struct rate_limit *limit = rate_limit_open(config->limits_state_file, problem, sizeof(problem));
    if (!limit)
        log_line("palate: no client is limited: %s", problem);
    return limit;
}

/* In a file beside the other, which its own kind of lock is for. */
static struct tenant_share *open_share(struct arena *arena, const struct config *config)
{
    char problem[500];
    if (!*config->limits_state_file || config->limits_tenant_share == 100 || FCGX_IsCGI())
        return NULL;
    const char *path = arena_format(arena, "%s.workers", config->limits_state_file);
    struct tenant_share *share = tenant_share_open(path, (unsigned)config->limits_tenant_share,
                                                   clock_monotonic_us(), problem, sizeof(problem));
    if (!share)
        log_line("palate: a tenant may hold all workers: %s", problem);
    return share;
}

/* As there: the start line says that this worker counts alone. */
static void open_metrics(const struct config *config)
{
    char problem[500];
    if (!metrics_open(config->limits_state_file, problem, sizeof(problem)) && *problem)
        log_line("palate: metrics are not shared: %s", problem);
    metrics_count(METRICS_STARTS);
}

/* Once a process, in the log of the first site that it serves. Not under plain CGI, where a process is a
 * request and each would write two lines. */
static void say_start(const char *path)
{
    static bool said; /* of the process, whichever sites it serves */
    if (!said && !FCGX_IsCGI())
        log_line("palate: version " PALATE_VERSION " has started with %s shared=%s", path,
                 metrics_is_shared() ? "yes" : "no");
    said = true;
}

/* Without a good configuration nothing can be answered but 500; what is wrong stands in the log. */
static bool open_worker(struct worker *worker, const char *path)
{
    char problem[500] = "";
    if (worker->config && !strcmp(worker->config->path, path)) {
        if (!worker->db)
            open_services(worker);
        return true;
    }
    close_worker(worker);
    struct config *config = config_load(path, CONFIG_WORKER, problem, sizeof(problem));
    if (config)
        log_open(config->log_file); /* one that cannot be opened says so itself, and is no reason to stop */
    struct token_verifier *verifier = NULL;
    if (config && token_key_check(config, problem, sizeof(problem)))
        verifier = token_verifier_create(config, problem, sizeof(problem));
    if (!verifier || !lock_down(worker->arena, config, verifier, problem, sizeof(problem))) {
        token_verifier_destroy(verifier);
        config_free(config);
        log_line("palate: configuration: %s", problem);
        return false;
    }
    worker->config = config;
    worker->rate_limit = open_rate_limit(config);
    worker->share = open_share(worker->arena, config);
    open_metrics(config);
    worker->verifier = verifier;
    open_services(worker);
    say_start(path);
    return true;
}

/* Sent as it is: without a configuration there is no arena of a request and no step that could make an
 * answer. Its members are those of both documents, so that old and new clients find theirs. */
static void answer_unconfigured(struct transport *transport)
{
    static const char answer[] =
        "Status: 500 Internal Server Error\r\nContent-Type: application/json\r\n\r\n"
        "{\"detail\":\"Failed to get recommendations\",\"error\":\"The service is not configured\","
        "\"message\":\"The service is not configured\",\"code\":\"internal_error\"}";
    transport_finish(transport, answer, sizeof(answer) - 1);
}

static const char *config_path(const struct transport *transport)
{
    const char *path = getenv("PALATE_CONFIG");
    if (!path || !*path)
        path = transport_variable(transport, "PALATE_CONFIG");
    return path && *path ? path : CONFIG_DEFAULT_PATH;
}

/* Once a process, too, when the first request has made the connection. */
static void say_exposed(const struct worker *worker)
{
    static bool said; /* of the process, as above */
    if (said || !database_is_exposed(worker->db))
        return;
    said = true;
    if (!FCGX_IsCGI())
        log_line("palate: the connection to MariaDB at %s is not encrypted; set [database] ssl = on",
                 database_host(worker->db));
}

/* Serves until there is no more, or the worker has been told to end and the queue is empty. */
static void serve_requests(struct worker *worker)
{
    for (struct transport *transport; (transport = next_request());) {
        if (open_worker(worker, config_path(transport))) {
            request_serve(worker, transport);
            say_exposed(worker);
        } else {
            answer_unconfigured(transport);
        }
    }
}

/* No request may be lost with the worker, and the queue may be shut only for a short time: a web server takes
 * a worker that refuses connections for dead or overloaded, and when all of them end at once none would be
 * left. So what takes time is closed first, while requests still queue up; then the queue is shut, and the
 * requests in it are answered (which opens the database again, if there are any). */
static void end_worker(struct worker *worker, bool own_queue)
{
    stopping = true;
    close_services(worker);
    if (own_queue && transport_refuse())
        last_requests = INT_MAX;
    serve_requests(worker);
    close_worker(worker);
}

int main(void)
{
    memory_keep_freed(KEPT_HEAP_BYTES);
    struct worker worker = {.arena = arena_create(), .routes = routes, .upkeep = keep_up};
    struct web_server server = web_server_find();
    catch_signals();
    stopping = !web_server_end_with(&server);
    serve_requests(&worker);
    end_worker(&worker, web_server_gives_own_queue(&server));
    arena_destroy(worker.arena);
    mysql_library_end();
    return 0;
}
