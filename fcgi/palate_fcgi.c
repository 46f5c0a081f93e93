/* palate.fcgi: main of the worker. Start order, accept loop, signals; nothing else.
 *
 * The command line is ignored: a CGI server may put parts of the query there (RFC 3875, 4.4). The
 * configuration's path comes from PALATE_CONFIG, in the environment or, as shared hosting has it, as a
 * variable of the request; so the worker is opened with the first request, and anew when a request of
 * another site brings another path. */
#include "base/log.h"
#include "base/memory.h"
#include "recommender/recommender.h"
#include "request/lock_down.h"
#include "request/pipeline.h"
#include "request/rate_limit.h"
#include "request/token_key.h"
#include "request/token_verifier.h"
#include "routes.h"

#include <fcgiapp.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEPT_HEAP_BYTES = 1024 * 1024 }; /* a large answer needs about half of it */

/* SIGTERM and SIGUSR1 end an idle worker at once and a busy one after its answer: accept() is interrupted,
 * everything else starts again by itself. The alarm repeats the signal, for one that arrived just before
 * accept() began to wait. */
static void on_stop(int signal_number)
{
    (void)signal_number;
    FCGX_ShutdownPending();
    alarm(1);
}

static void catch_signals(void)
{
    struct sigaction stop = {.sa_handler = on_stop}; /* no SA_RESTART */
    sigemptyset(&stop.sa_mask);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGUSR1, &stop, NULL);
    sigaction(SIGALRM, &stop, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
}

static void close_worker(struct worker *worker)
{
    recommender_destroy(worker->recommender);
    rate_limit_close(worker->rate_limit);
    token_verifier_destroy(worker->verifier);
    if (worker->db)
        database_destroy(worker->db);
    config_free(worker->config);
    *worker = (struct worker){.arena = worker->arena, .routes = worker->routes};
}

/* Without it the service goes on, as the log says. */
static struct rate_limit *open_rate_limit(const struct config *config)
{
    char problem[500];
    if (!*config->limits_state_file)
        return NULL;
    struct rate_limit *limit = rate_limit_open(config->limits_state_file, problem, sizeof(problem));
    if (!limit)
        log_line("palate: nobody is limited: %s", problem);
    return limit;
}

/* Without a good configuration nothing can be answered but 500; what is wrong stands in the log. */
static bool open_worker(struct worker *worker, const char *path)
{
    char problem[500] = "";
    if (worker->config && !strcmp(worker->config->path, path))
        return true;
    close_worker(worker);
    struct config *config = config_load(path, CONFIG_WORKER, problem, sizeof(problem));
    if (config && token_key_check(config, problem, sizeof(problem)) && !log_open(config->log_file))
        snprintf(problem, sizeof(problem), "cannot append to the log %s", config->log_file);
    struct token_verifier *verifier = NULL;
    if (config && !*problem)
        verifier = token_verifier_create(config, problem, sizeof(problem));
    if (!verifier || !lock_down(worker->arena, config, verifier, problem, sizeof(problem))) {
        token_verifier_destroy(verifier);
        config_free(config);
        log_line("palate: configuration: %s", problem);
        return false;
    }
    worker->config = config;
    worker->rate_limit = open_rate_limit(config);
    worker->verifier = verifier;
    worker->db = database_create(config);
    worker->recommender = recommender_create(config);
    return true;
}

static void refuse(struct transport *transport)
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

int main(void)
{
    memory_keep_freed(KEPT_HEAP_BYTES);
    struct worker worker = {.arena = arena_create(), .routes = routes};
    catch_signals();
    for (struct transport *transport; (transport = transport_accept());) {
        if (open_worker(&worker, config_path(transport)))
            pipeline_serve(&worker, transport);
        else
            refuse(transport);
    }
    close_worker(&worker);
    arena_destroy(worker.arena);
    mysql_library_end();
    return 0;
}
