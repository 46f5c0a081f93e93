/* The shadow; see shadow.h.
 *
 * To compare a remote recommender with the embedded one on live requests, before anything of it is shown, its
 * list for the same query is logged beside the decision (`palate compare` reads the pairs).
 *
 * fork() gives the child a copy of the request and of the catalogues for the price of page tables, and the
 * worker is free at once; a thread would share the database connection and the arena. What a child must not
 * do is touch what it shares with the worker: its descriptors. So it first replaces standard input, output
 * and error, which are the web server's sockets, makes connections of its own, and leaves with _exit(), which
 * runs no handlers. SIGCHLD is ignored, so the kernel reaps it.
 *
 * A process costs a millisecond of the worker's time, and the memory of all pages that either of them writes to;
 * so the breaker is asked first. When the remote recommender is down, or as many wait for it as may, there is
 * nothing a process could do. (In the child it is asked again, since only who enters it counts.) */
#include "recommender/shadow.h"

#include "base/json_write.h"
#include "recommender/embedded.h"
#include "recommender/remote_recommender.h"
#include "storage/shadow_decisions.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* What it would have shown: its own entries as far as they may be shown, with nothing filled up. */
static const char *list_json(struct arena *arena, const struct recommendation_list *list, size_t *count)
{
    struct json_writer *log = json_writer_create(arena);
    json_writer_list(log, NULL);
    for (size_t i = 0; i < list->item_count; i++) {
        json_writer_object(log, NULL);
        json_writer_text(log, "item_id", list->items[i].id);
        json_writer_number(log, "score", list->items[i].score);
        json_writer_end(log);
    }
    json_writer_end(log);
    *count = list->item_count;
    return json_writer_result(log);
}

static bool log_list(const struct config *config, struct catalogues *catalogues,
                     struct recommendation_query *query, uint64_t decision_id)
{
    struct arena *arena = arena_create();
    struct database *db = database_create(config);
    struct remote *remote = remote_create(config);
    struct error error = {0};
    struct recommendation_list list = {0};
    struct shadow_row row = {.tenant_id = query->tenant->id, .decision_id = decision_id};
    struct remote_part *part = remote_recommender_ask(remote, db, query, arena, &error);
    bool done = part;
    if (part && part->reply.outcome == REMOTE_ANSWERED) {
        struct catalogue *catalogue = catalogues_get(catalogues, db, query->tenant, &error);
        part->fill = REMOTE_FILL_NONE;
        query->remote = part;
        done = catalogue && embedded_recommend(catalogue, db, query, arena, &list, &error);
    }
    if (done) {
        row.outcome = remote_outcome_name(part->reply.outcome);
        row.remote_us = part->reply.elapsed_us;
        row.results = list_json(arena, &list, &row.result_count);
        done = shadow_decisions_insert(db, &row, &error);
    }
    remote_destroy(remote);
    database_destroy(db);
    arena_destroy(arena);
    return done;
}

/* The web server's sockets and pipes belong to the worker: while any process holds them, it waits. */
static void release_descriptors(void)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = STDIN_FILENO; nothing >= 0 && fd <= STDERR_FILENO; fd++)
        dup2(nothing, fd);
}

/* Nobody waits for the outcome, and a row that is missing is one decision less to compare. */
static void note_refusal(struct database *db, uint32_t tenant_id, uint64_t decision_id,
                         enum remote_outcome outcome)
{
    struct error ignored = {0};
    const struct shadow_row row = {.tenant_id = tenant_id,
                                   .decision_id = decision_id,
                                   .outcome = remote_outcome_name(outcome),
                                   .results = "[]"};
    if (!shadow_decisions_insert(db, &row, &ignored))
        error_clear(&ignored);
}

void shadow_ask(const struct shadow_means *means, const struct recommendation_query *query,
                uint64_t decision_id)
{
    struct recommendation_query copy = *query;
    struct context_settings plain;
    enum remote_outcome refusal = remote_refusal(means->remote, remote_recommender_list(query));
    if (refusal != REMOTE_ANSWERED) {
        note_refusal(means->db, query->tenant->id, decision_id, refusal);
        return;
    }
    signal(SIGCHLD, SIG_IGN); /* no wait() is needed then */
    if (fork() != 0)
        return;
    release_descriptors();
    if (query->context) {
        /* The list as it came: neither cut into groups nor reshaped by chance, and nothing counted. */
        plain = *query->context;
        plain.group_count = 0;
        plain.exploration.share = 0;
        copy.context = &plain;
    }
    _exit(log_list(means->config, means->catalogues, &copy, decision_id) ? 0 : 1);
}
