/* What belongs to an end user beside the user id; see user_trace.h.
 *
 * The problem: somebody looks around as a visitor, logs in, and comes back on another day. The rows of the
 * first visit have another id, and the only link between both is that some rows hold two of the three names:
 * user, anonymous_id, session_id. So the rows are edges of a graph whose nodes are names, and what belongs to
 * the user is what can be reached from the user's id, but not through a name that another known user has.
 *
 * A breadth-first search, in rounds. Each round reads which names stand in the rows of the ids found last
 * (candidates), then in whose rows these stand. A candidate in the row of another known user is shared: it is
 * kept and leads nowhere. The others are the user's; visitors in their rows are the next round's candidates.
 * Without the rule about shared names one shop that calls every session "web" would lose all its visitors to
 * one erasure; and with it no browser can make a shop forget somebody else by sending that id as its own,
 * since a known user's id is always shared.
 *
 * Cost: names within requests have no index, so each round reads the tenant's whole log of requests, some
 * microseconds a row, without a lock. Two or three rounds are usual, ROUNDS is the most.
 *
 * What events of versions before 0.2 were recorded under is not known to be a visitor's: such an id is
 * shared, too, and stays for the operator to judge, who is shown it. */
#include "storage/user_trace.h"

#include "base/json_write.h"
#include "storage/known_users.h"
#include "storage/query.h"

#include <string.h>

enum { ROUNDS = 8, ROOM_FIRST = 16 };

#define NAMES                                                                                                \
    "JSON_VALUE(s.input, '$.anonymous_id'), JSON_VALUE(s.input, '$.anonymousId'),"                           \
    " JSON_VALUE(s.input, '$.session_id'), JSON_VALUE(s.input, '$.sessionId')"
enum { NAME_COLUMNS = 4, ID_COLUMNS = 2 };

static const struct statement READ_NAMES = {
    "SELECT DISTINCT " NAMES " FROM sequences s FORCE INDEX (sequences_by_user)"
    " WHERE s.tenant_id = ? AND s.user_id = ? AND s.entity_type = 'User'"};

static const struct statement READ_SESSIONS = {
    "SELECT DISTINCT e.session_id FROM events e FORCE INDEX (events_by_user)"
    " WHERE e.tenant_id = ? AND e.user_id = ? AND e.session_id IS NOT NULL"};

/* JSON_CONTAINS may find more than equal texts, so the names are compared once more here. */
static const struct statement READ_REQUESTS_WITH = {
    "SELECT s.sequence_id, IF(s.entity_type = 'User', s.user_id, NULL), COALESCE(s.named_as = 'visitor', "
    "FALSE), " NAMES " FROM sequences s WHERE s.tenant_id = ?"
    " AND (JSON_CONTAINS(?, JSON_QUOTE(JSON_VALUE(s.input, '$.anonymous_id')))"
    " OR JSON_CONTAINS(?, JSON_QUOTE(JSON_VALUE(s.input, '$.anonymousId')))"
    " OR JSON_CONTAINS(?, JSON_QUOTE(JSON_VALUE(s.input, '$.session_id')))"
    " OR JSON_CONTAINS(?, JSON_QUOTE(JSON_VALUE(s.input, '$.sessionId'))))"};

static const struct statement READ_USERS_IN = {
    "SELECT DISTINCT e.user_id, COALESCE(e.named_as = 'visitor', FALSE)"
    " FROM events e FORCE INDEX (events_by_session) WHERE e.tenant_id = ? AND e.session_id = ?"};

static const struct statement FIND_UNSAID = {
    "SELECT e.event_id FROM events e FORCE INDEX (events_by_user)"
    " WHERE e.tenant_id = ? AND e.user_id = ? AND e.named_as IS NULL LIMIT 1"};

/* A visitor's row that names candidates: whether these are the user's shows when all rows have been read. */
struct pending {
    const char *names[NAME_COLUMNS], *user_id;
    struct pending *next;
};

struct tracing {
    struct database *db;
    struct arena *arena, *row; /* row: of the row being read */
    uint32_t tenant_id;
    struct user_trace *trace;
    size_t looked;                 /* ids whose rows have been read */
    struct text_set ids, sessions; /* candidates of this round */
    struct text_set next;          /* visitors' ids for the next one */
    struct pending *pending;
    struct error *error;
};

/* ---- Sets: small, so a search compares all */

static bool is_in(const struct text_set *set, const char *text)
{
    for (size_t i = 0; i < set->count; i++) {
        if (!strcmp(set->texts[i], text))
            return true;
    }
    return false;
}

/* Keeps a text that is none of the set's yet; NULL and "" are no names. */
static void add_text(struct arena *arena, struct text_set *set, const char *text)
{
    if (!text || !*text || is_in(set, text))
        return;
    if (set->count == set->room) {
        size_t room = set->room ? 2 * set->room : ROOM_FIRST;
        const char **texts = arena_alloc(arena, room, sizeof(*texts));
        if (set->count)
            memcpy(texts, set->texts, set->count * sizeof(*texts));
        set->texts = texts;
        set->room = room;
    }
    set->texts[set->count++] = text;
}

static void add_candidate(struct tracing *tracing, struct text_set *candidates, const struct text_set *found,
                          const char *text)
{
    if (text && !is_in(found, text) && !is_in(&tracing->trace->shared, text))
        add_text(tracing->arena, candidates, text);
}

static void share(struct tracing *tracing, const struct text_set *candidates, const char *text)
{
    if (text && is_in(candidates, text))
        add_text(tracing->arena, &tracing->trace->shared, text);
}

/* ---- A round */

static bool read_names_of(struct tracing *tracing, const char *id)
{
    struct user_trace *trace = tracing->trace;
    struct query query;
    if (!query_run(&query, tracing->db, &READ_NAMES, tracing->error, tracing->tenant_id, id))
        return false;
    while (query_fetch(&query)) {
        for (unsigned i = 0; i < NAME_COLUMNS; i++)
            add_candidate(tracing, i < ID_COLUMNS ? &tracing->ids : &tracing->sessions,
                          i < ID_COLUMNS ? &trace->ids : &trace->sessions,
                          query_text(&query, i, tracing->arena));
    }
    if (tracing->error->code != ERROR_NONE ||
        !query_run(&query, tracing->db, &READ_SESSIONS, tracing->error, tracing->tenant_id, id))
        return false;
    while (query_fetch(&query))
        add_candidate(tracing, &tracing->sessions, &trace->sessions, query_text(&query, 0, tracing->arena));
    return tracing->error->code == ERROR_NONE;
}

static const char *keep_text(struct tracing *tracing, const char *text)
{
    return text ? arena_copy_text(tracing->arena, text) : NULL;
}

/* Whether a name of the row is a candidate that nobody else is known to have. */
static bool has_open_candidate(const struct tracing *tracing, const char *const names[NAME_COLUMNS])
{
    for (unsigned i = 0; i < NAME_COLUMNS; i++) {
        const struct text_set *candidates = i < ID_COLUMNS ? &tracing->ids : &tracing->sessions;
        if (names[i] && is_in(candidates, names[i]) && !is_in(&tracing->trace->shared, names[i]))
            return true;
    }
    return false;
}

/* In another known user's row the candidates are shared. user_id NULL: nobody's row. */
static void judge_row(struct tracing *tracing, const char *const names[NAME_COLUMNS], const char *user_id,
                      bool is_visitor)
{
    if (!user_id || is_in(&tracing->trace->ids, user_id) || !has_open_candidate(tracing, names))
        return;
    if (!is_visitor) {
        for (unsigned i = 0; i < NAME_COLUMNS; i++)
            share(tracing, i < ID_COLUMNS ? &tracing->ids : &tracing->sessions, keep_text(tracing, names[i]));
        return;
    }
    struct pending *pending = arena_alloc(tracing->arena, 1, sizeof(*pending));
    *pending = (struct pending){.user_id = keep_text(tracing, user_id), .next = tracing->pending};
    for (unsigned i = 0; i < NAME_COLUMNS; i++)
        pending->names[i] = keep_text(tracing, names[i]);
    tracing->pending = pending;
}

static bool has_candidate(const struct text_set *ids, const struct text_set *sessions,
                          const char *const names[NAME_COLUMNS])
{
    for (unsigned i = 0; i < NAME_COLUMNS; i++) {
        if (names[i] && is_in(i < ID_COLUMNS ? ids : sessions, names[i]))
            return true;
    }
    return false;
}

/* Streamed: a session that a shop calls "web" is in each row of its log. */
static bool stream_requests_with(struct tracing *tracing, struct query *query, const struct text_set *ids,
                                 const struct text_set *sessions)
{
    const char *id_list = json_of_texts(tracing->arena, ids->texts, ids->count);
    const char *session_list = json_of_texts(tracing->arena, sessions->texts, sessions->count);
    return query_stream(query, tracing->db, &READ_REQUESTS_WITH, tracing->error, tracing->tenant_id, id_list,
                        id_list, session_list, session_list);
}

static void read_row(struct query *query, struct arena *arena, const char *names[NAME_COLUMNS],
                     const char **user_id)
{
    *user_id = query_text(query, 1, arena);
    for (unsigned i = 0; i < NAME_COLUMNS; i++)
        names[i] = query_text(query, 3 + i, arena);
}

static bool judge_requests(struct tracing *tracing)
{
    struct query query;
    if (!stream_requests_with(tracing, &query, &tracing->ids, &tracing->sessions))
        return false;
    while (query_fetch(&query)) {
        const char *names[NAME_COLUMNS], *user_id;
        read_row(&query, tracing->row, names, &user_id);
        judge_row(tracing, names, user_id, query_bool(&query, 2));
        arena_reset(tracing->row);
    }
    query_finish(&query);
    return tracing->error->code == ERROR_NONE;
}

static bool judge_events(struct tracing *tracing, const char *session)
{
    const char *const names[NAME_COLUMNS] = {NULL, NULL, session, NULL};
    struct query query;
    if (!query_stream(&query, tracing->db, &READ_USERS_IN, tracing->error, tracing->tenant_id, session))
        return false;
    while (query_fetch(&query)) {
        judge_row(tracing, names, query_text(&query, 0, tracing->row), query_bool(&query, 1));
        arena_reset(tracing->row);
    }
    query_finish(&query);
    return tracing->error->code == ERROR_NONE;
}

/* A known user's id is no visitor's, nor is one of which it was never said. */
static bool judge_id(struct tracing *tracing, const char *id)
{
    struct query query;
    bool known;
    if (!known_users_find(tracing->db, tracing->tenant_id, id, &known, tracing->error))
        return false;
    known = known || query_find(&query, tracing->db, &FIND_UNSAID, tracing->error, tracing->tenant_id, id);
    if (known)
        share(tracing, &tracing->ids, id);
    return tracing->error->code == ERROR_NONE;
}

static bool judge_candidates(struct tracing *tracing)
{
    for (size_t i = 0; i < tracing->ids.count; i++) {
        if (!judge_id(tracing, tracing->ids.texts[i]))
            return false;
    }
    for (size_t i = 0; i < tracing->sessions.count; i++) {
        if (!judge_events(tracing, tracing->sessions.texts[i]))
            return false;
    }
    return judge_requests(tracing);
}

static void accept_candidates(struct tracing *tracing, const struct text_set *candidates,
                              struct text_set *found)
{
    for (size_t i = 0; i < candidates->count; i++) {
        if (!is_in(&tracing->trace->shared, candidates->texts[i]))
            add_text(tracing->arena, found, candidates->texts[i]);
    }
}

/* Visitors who have a name that is the user's may be the user: the next round judges their ids. */
static void take_visitors(struct tracing *tracing)
{
    for (const struct pending *pending = tracing->pending; pending; pending = pending->next) {
        if (has_open_candidate(tracing, pending->names))
            add_text(tracing->arena, &tracing->next, pending->user_id);
    }
    tracing->pending = NULL;
}

/* *more says whether there was anything new. */
static bool run_round(struct tracing *tracing, bool *more)
{
    struct user_trace *trace = tracing->trace;
    tracing->ids = tracing->sessions = (struct text_set){0};
    for (size_t i = 0; i < tracing->next.count; i++)
        add_candidate(tracing, &tracing->ids, &trace->ids, tracing->next.texts[i]);
    tracing->next = (struct text_set){0};
    for (; tracing->looked < trace->ids.count; tracing->looked++) {
        if (!read_names_of(tracing, trace->ids.texts[tracing->looked]))
            return false;
    }
    *more = tracing->ids.count || tracing->sessions.count;
    if (!*more)
        return true;
    if (!judge_candidates(tracing))
        return false;
    accept_candidates(tracing, &tracing->ids, &trace->ids);
    accept_candidates(tracing, &tracing->sessions, &trace->sessions);
    take_visitors(tracing);
    return true;
}

static void keep_request(struct tracing *tracing, uint64_t number, size_t *room)
{
    struct user_trace *trace = tracing->trace;
    if (trace->request_count == *room) {
        *room = *room ? 2 * *room : ROOM_FIRST;
        uint64_t *requests = arena_alloc(tracing->arena, *room, sizeof(*requests));
        if (trace->request_count)
            memcpy(requests, trace->requests, trace->request_count * sizeof(*requests));
        trace->requests = requests;
    }
    trace->requests[trace->request_count++] = number;
}

/* What was asked about nobody, or about an item, by somebody who is the user. */
static bool find_requests(struct tracing *tracing)
{
    struct user_trace *trace = tracing->trace;
    const struct text_set visitors = {.texts = trace->ids.texts + 1, .count = trace->ids.count - 1};
    struct query query;
    size_t room = 0;
    if (!visitors.count && !trace->sessions.count)
        return true;
    if (!stream_requests_with(tracing, &query, &visitors, &trace->sessions))
        return false;
    while (query_fetch(&query)) {
        const char *names[NAME_COLUMNS], *user_id;
        read_row(&query, tracing->row, names, &user_id);
        if (!user_id && has_candidate(&visitors, &trace->sessions, names))
            keep_request(tracing, query_uint64(&query, 0), &room);
        arena_reset(tracing->row);
    }
    query_finish(&query);
    return tracing->error->code == ERROR_NONE;
}

bool admin_user_trace(struct database *db, struct arena *arena, uint32_t tenant_id, const char *user_id,
                      struct user_trace *trace, struct error *error)
{
    struct tracing tracing = {.db = db,
                              .arena = arena,
                              .row = arena_create(),
                              .tenant_id = tenant_id,
                              .trace = trace,
                              .error = error};
    bool more = true, good = true;
    *trace = (struct user_trace){0};
    add_text(arena, &trace->ids, user_id);
    for (int round = 0; good && more && round < ROUNDS; round++)
        good = run_round(&tracing, &more);
    good = good && find_requests(&tracing);
    arena_destroy(tracing.row);
    return good;
}
