/* What storing events costs beside Palate, for run-ingest; three programs in one.
 *
 *   ingest direct CONFIG TENANT SECONDS CONNECTIONS     the least that batches can cost: 200 rows in one
 * array-bound INSERT and COMMIT ingest http PORT TOKEN EVENTS SECONDS CONNECTIONS   a client of POST
 * /v1/events with so many events a call, on kept connections ingest (as FastCGI worker) the least that a call
 * can cost: reads the body, stores one row, answers
 *
 * CONFIG is a palate.conf; the worker finds it by PALATE_CONFIG. The rows are alike in all three. Prints
 * events a second. */
#include "base/clock.h"
#include "base/config.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <fcgiapp.h>
#include <mysql.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    BATCH = 200,
    COLUMNS = 12,
    TEXT = 64,
    ITEMS = 5000,
    USERS = 20000,
    CONNECTIONS_MAX = 64,
    EVENT_BYTES = 512
};

static const char INSERT[] =
    "INSERT IGNORE INTO events (tenant_id, user_id, item_id, event_type_id, occurred_at, deduplication, "
    "session_id, request_id,"
    " context_id, placement, factor, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

struct event {
    char user[TEXT], item[TEXT], session[TEXT], request[TEXT], key[16], metadata[TEXT];
    int64_t tenant, type, time;
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "ingest: %s: %s\n", what, why);
    exit(1);
}

static void fill_event(struct event *event, uint64_t number, const char *session)
{
    uint64_t mixed = number * 0x9E3779B97F4A7C15ULL >> 20;
    snprintf(event->user, TEXT, "user-%llu", (unsigned long long)(mixed % USERS));
    snprintf(event->item, TEXT, "item-%llu", (unsigned long long)(mixed / USERS % ITEMS));
    snprintf(event->session, TEXT, "%s", session);
    snprintf(event->request, TEXT, "%s-%llu", session, (unsigned long long)(number / 10));
    snprintf(event->metadata, TEXT, "{\"page\":\"home\",\"position\":%llu}",
             (unsigned long long)(number % 20));
    event->type = 1;
    event->time = 1700000000000 + (int64_t)number;
}

/* ---- The database */

struct table {
    MYSQL *handle;
    MYSQL_STMT *begin, *commit, *insert;
};

static MYSQL_STMT *prepare(MYSQL *handle, const char *sql)
{
    MYSQL_STMT *statement = mysql_stmt_init(handle);
    if (!statement || mysql_stmt_prepare(statement, sql, strlen(sql)))
        die(sql, mysql_error(handle));
    return statement;
}

static struct table connect_to(const struct config *config)
{
    struct table table = {.handle = mysql_init(NULL)};
    mysql_options(table.handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(table.handle, MYSQL_INIT_COMMAND,
                  "SET SESSION tx_isolation='READ-COMMITTED',time_zone='+00:00'");
    if (!mysql_real_connect(table.handle, "localhost", config->database_user, config->database_password,
                            config->database_name, 0, config->database_socket, 0))
        die("connect", mysql_error(table.handle));
    table.begin = prepare(table.handle, "START TRANSACTION");
    table.commit = prepare(table.handle, "COMMIT");
    table.insert = prepare(table.handle, INSERT);
    return table;
}

static void execute(MYSQL_STMT *statement)
{
    if (mysql_stmt_execute(statement))
        die("execute", mysql_stmt_error(statement));
}

struct column {
    enum enum_field_types type;
    int64_t numbers[BATCH];
    const char *texts[BATCH];
    unsigned long lengths[BATCH];
    char indicators[BATCH];
};

static void set_number(struct column *column, unsigned row, int64_t number)
{
    column->type = MYSQL_TYPE_LONGLONG;
    column->numbers[row] = number;
}

static void set_text(struct column *column, unsigned row, const char *text, size_t length)
{
    column->type = MYSQL_TYPE_STRING;
    column->texts[row] = text;
    column->lengths[row] = length;
    column->indicators[row] = text ? STMT_INDICATOR_NONE : STMT_INDICATOR_NULL;
}

static void set_event(struct column *columns, unsigned row, const struct event *event)
{
    set_number(&columns[0], row, event->tenant);
    set_text(&columns[1], row, event->user, strlen(event->user));
    set_text(&columns[2], row, event->item, strlen(event->item));
    set_number(&columns[3], row, event->type);
    set_number(&columns[4], row, event->time);
    set_text(&columns[5], row, event->key, sizeof(event->key));
    set_text(&columns[6], row, event->session, strlen(event->session));
    set_text(&columns[7], row, event->request, strlen(event->request));
    set_text(&columns[8], row, NULL, 0);
    set_text(&columns[9], row, NULL, 0);
    set_text(&columns[10], row, NULL, 0);
    set_text(&columns[11], row, event->metadata, strlen(event->metadata));
}

/* One row: bound plainly; more: as an array. */
static void store(struct table *table, struct column *columns, unsigned rows)
{
    MYSQL_BIND binds[COLUMNS] = {{0}};
    my_bool null = 1;
    for (unsigned i = 0; i < COLUMNS; i++) {
        struct column *column = &columns[i];
        bool number = column->type == MYSQL_TYPE_LONGLONG;
        binds[i].buffer_type = column->type;
        binds[i].length = column->lengths;
        if (number)
            binds[i].buffer = column->numbers;
        else if (rows > 1)
            binds[i].buffer = (void *)column->texts;
        else
            binds[i].buffer = (void *)(uintptr_t)column->texts[0];
        if (rows > 1 && !number)
            binds[i].u.indicator = column->indicators;
        else if (rows == 1 && !number && !column->texts[0])
            binds[i].is_null = &null;
    }
    if (rows > 1)
        mysql_stmt_attr_set(table->insert, STMT_ATTR_ARRAY_SIZE, &rows);
    execute(table->begin);
    if (mysql_stmt_bind_param(table->insert, binds))
        die("bind", mysql_stmt_error(table->insert));
    execute(table->insert);
    execute(table->commit);
}

/* ---- The programs */

struct job {
    const struct config *config;
    int64_t tenant, end_us;
    unsigned port, events;
    const char *token;
    char name[UUID_TEXT_SIZE];
    uint64_t done;
};

static void *run_direct(void *context)
{
    struct job *job = context;
    struct table table = connect_to(job->config);
    struct column *columns = memory_alloc(COLUMNS, sizeof(*columns));
    struct event *events = memory_alloc(BATCH, sizeof(*events));
    while (clock_monotonic_us() < job->end_us) {
        random_fill(events[0].key, sizeof(events[0].key));
        for (unsigned i = 0; i < BATCH; i++) {
            fill_event(&events[i], job->done + i, job->name);
            memcpy(events[i].key, events[0].key, 12);
            memcpy(events[i].key + 12, &(uint32_t){htonl(i)}, 4);
            events[i].tenant = job->tenant;
            set_event(columns, i, &events[i]);
        }
        store(&table, columns, BATCH);
        job->done += BATCH;
    }
    memory_free(columns);
    memory_free(events);
    mysql_close(table.handle);
    return NULL;
}

static int open_connection(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int connection = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof(address)))
        die("connect", "the web server does not answer");
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return connection;
}

static size_t write_body(char *body, const struct job *job)
{
    size_t used = 0;
    struct event event;
    if (job->events > 1)
        body[used++] = '[';
    for (unsigned i = 0; i < job->events; i++) {
        uint64_t number = job->done + i;
        fill_event(&event, number, job->name);
        used += (size_t)snprintf(
            body + used, EVENT_BYTES,
            "%s{\"user_id\":\"%s\",\"item_id\":\"%s\",\"type\":\"view\",\"occurred_at\":%lld,\"client_ts\":"
            "\"2024-06-01T%02llu:%02llu:%02llu.%03lluZ\",\"session_id\":\"%s\",\"request_id\":\"%s\","
            "\"metadata\":%s}",
            i ? "," : "", event.user, event.item, (long long)event.time / 1000,
            (unsigned long long)(number / 3600000 % 24), (unsigned long long)(number / 60000 % 60),
            (unsigned long long)(number / 1000 % 60), (unsigned long long)(number % 1000), event.session,
            event.request, event.metadata);
    }
    if (job->events > 1)
        body[used++] = ']';
    return used;
}

/* Reads one answer to its end; its status. */
static int read_answer(int connection, char *buffer, size_t size)
{
    size_t have = 0, want = 0;
    int status = 0;
    while (!want || have < want) {
        ssize_t got = read(connection, buffer + have, size - have - 1);
        if (got <= 0)
            die("read", "the server hung up");
        have += (size_t)got;
        buffer[have] = '\0';
        const char *end = want ? NULL : strstr(buffer, "\r\n\r\n");
        if (!end)
            continue;
        const char *length = strcasestr(buffer, "\r\ncontent-length:");
        if (sscanf(buffer, "HTTP/1.1 %d", &status) != 1 || !length)
            die("answer", buffer);
        want = (size_t)(end + 4 - buffer) +
               strtoul(length + 17, NULL, 10); /* lint: strtoul, a header that a server wrote */
    }
    return status;
}

static void write_all(int connection, const char *bytes, size_t length)
{
    while (length) {
        ssize_t sent = write(connection, bytes, length);
        if (sent <= 0)
            die("write", "the server hung up");
        bytes += sent;
        length -= (size_t)sent;
    }
}

static void *run_http(void *context)
{
    struct job *job = context;
    size_t size = (size_t)job->events * EVENT_BYTES * 2 + 8192;
    char *body = memory_alloc(size, 1), *request = memory_alloc(size, 1), *answer = memory_alloc(size, 1);
    int connection = open_connection(job->port);
    while (clock_monotonic_us() < job->end_us) {
        size_t length = write_body(body, job);
        int head = snprintf(request, size,
                            "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
                            "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                            job->token, length);
        memcpy(request + head, body, length);
        write_all(connection, request, (size_t)head + length);
        if (read_answer(connection, answer, size) != 200)
            die("answer", answer);
        if (strcasestr(answer, "\r\nconnection: close")) {
            close(connection);
            connection = open_connection(job->port);
        }
        job->done += job->events;
    }
    close(connection);
    memory_free(body);
    memory_free(request);
    memory_free(answer);
    return NULL;
}

static int run_jobs(void *(*run)(void *), const struct job *model, long seconds, long connections)
{
    struct job jobs[CONNECTIONS_MAX];
    pthread_t threads[CONNECTIONS_MAX];
    uint64_t done = 0;
    int64_t start = clock_monotonic_us();
    for (long i = 0; i < connections; i++) {
        jobs[i] = *model;
        jobs[i].end_us = start + seconds * 1000000;
        random_uuid(jobs[i].name);
        if (pthread_create(&threads[i], NULL, run, &jobs[i]))
            die("thread", "cannot be started");
    }
    for (long i = 0; i < connections; i++) {
        pthread_join(threads[i], NULL);
        done += jobs[i].done;
    }
    printf("%.1f\n", (double)done * 1e6 / (double)(clock_monotonic_us() - start));
    return 0;
}

static struct config *load_config(const char *path)
{
    char problem[400];
    struct config *config = config_load(path, CONFIG_WORKER, problem, sizeof(problem));
    if (!config)
        die("configuration", problem);
    return config;
}

static int serve(void)
{
    static const char answer[] =
        "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    struct config *config = load_config(getenv("PALATE_CONFIG"));
    struct table table = connect_to(config);
    struct column *columns = memory_alloc(COLUMNS, sizeof(*columns));
    struct event event = {.tenant = 1};
    char name[UUID_TEXT_SIZE], body[8192];
    FCGX_Request request;
    random_uuid(name);
    if (FCGX_Init() || FCGX_InitRequest(&request, 0, 0))
        die("FastCGI", "cannot be started");
    for (uint64_t number = 0; FCGX_Accept_r(&request) == 0; number++) {
        if (FCGX_GetStr(body, sizeof(body), request.in) > 2) {
            fill_event(&event, number, name);
            random_fill(event.key, sizeof(event.key));
            set_event(columns, 0, &event);
            store(&table, columns, 1);
        }
        FCGX_PutStr(answer, sizeof(answer) - 1, request.out); /* lint: FCGX_PutStr, a worker of its own */
        FCGX_Finish_r(&request);
    }
    return 0;
}

static long number_of(const char *text)
{
    int64_t number;
    if (!text_to_int64(text, &number) || number < 1 || number > UINT16_MAX)
        die("wrong number", text);
    return (long)number;
}

int main(int argc, char **argv)
{
    if (argc == 6 && !strcmp(argv[1], "direct")) {
        struct job job = {.config = load_config(argv[2]), .tenant = number_of(argv[3])};
        return run_jobs(run_direct, &job, number_of(argv[4]), number_of(argv[5]));
    }
    if (argc == 7 && !strcmp(argv[1], "http")) {
        struct job job = {
            .port = (unsigned)number_of(argv[2]), .token = argv[3], .events = (unsigned)number_of(argv[4])};
        return run_jobs(run_http, &job, number_of(argv[5]), number_of(argv[6]));
    }
    return serve();
}
