/* The yardsticks' transaction; see transaction.h. */
#include "transaction.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* The yardstick's rows lie under a tenant of their own, which no other table knows. */
#define YARDSTICK_TENANT "4000000000"

static const char *const texts[] = {
    [TRANSACTION_BEGIN] = "START TRANSACTION",
    [TRANSACTION_SEQUENCE] =
        "INSERT INTO sequences (tenant_id, request_id, endpoint, client_id, user_id, task,"
        " template, context_id, input) VALUES (" YARDSTICK_TENANT ", ?, ?, ?, ?, ?, ?, ?, ?)",
    [TRANSACTION_DECISION] = "INSERT INTO decisions (tenant_id, sequence_id, settlement_key, recommender,"
                             " model_generation, result_count, results, processing_us)"
                             " VALUES (" YARDSTICK_TENANT ", ?, ?, ?, ?, ?, ?, 500)",
    [TRANSACTION_COMMIT] = "COMMIT",
};

static bool fail(struct transaction *transaction, const char *why)
{
    transaction->failure = why;
    return false;
}

bool transaction_connect(struct transaction *transaction)
{
    transaction->handle = mysql_init(NULL);
    if (!transaction->handle)
        return fail(transaction, "out of memory");
    mysql_options(transaction->handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(transaction->handle, "localhost", getenv("YARDSTICK_USER"),
                           getenv("YARDSTICK_PASSWORD"), "palate", 0, getenv("YARDSTICK_SOCKET"), 0))
        return true;
    return fail(transaction, mysql_error(transaction->handle));
}

static bool execute(struct transaction *transaction, enum transaction_statement id, MYSQL_BIND *values)
{
    MYSQL_STMT *statement = transaction->statements[id];
    if (!statement) {
        statement = transaction->statements[id] = mysql_stmt_init(transaction->handle);
        if (!statement || mysql_stmt_prepare(statement, texts[id], strlen(texts[id])))
            return fail(transaction, statement ? mysql_stmt_error(statement) : "out of memory");
    }
    if ((values && mysql_stmt_bind_param(statement, values)) || mysql_stmt_execute(statement))
        return fail(transaction, mysql_stmt_error(statement));
    return true;
}

static void bind_text(MYSQL_BIND *bind, const char *text, size_t length)
{
    *bind = (MYSQL_BIND){.buffer_type = text ? MYSQL_TYPE_STRING : MYSQL_TYPE_NULL,
                         .buffer = (void *)(uintptr_t)text,
                         .buffer_length = length};
}

static bool random_bytes(unsigned char *bytes, size_t length)
{
    return getrandom(bytes, length, 0) == (ssize_t)length;
}

static bool insert_sequence(struct transaction *transaction, const struct exchange *exchange,
                            const char *user)
{
    static const enum exchange_part parts[] = {EXCHANGE_ENDPOINT, EXCHANGE_CLIENT,   EXCHANGE_USER,
                                               EXCHANGE_TASK,     EXCHANGE_TEMPLATE, EXCHANGE_CONTEXT,
                                               EXCHANGE_INPUT};
    enum { PARTS = sizeof(parts) / sizeof(parts[0]), ID_BYTES = 16 };
    MYSQL_BIND values[PARTS + 1];
    unsigned char bytes[ID_BYTES];
    char id[2 * ID_BYTES + 1];
    if (!random_bytes(bytes, ID_BYTES))
        return fail(transaction, "no random bytes");
    for (size_t i = 0; i < ID_BYTES; i++)
        snprintf(id + 2 * i, 3, "%02x", bytes[i]);
    bind_text(&values[0], id, 2 * ID_BYTES);
    for (size_t i = 0; i < PARTS; i++)
        bind_text(&values[i + 1], exchange->parts[parts[i]], exchange->lengths[parts[i]]);
    if (user)
        bind_text(&values[3], user, strlen(user));
    return execute(transaction, TRANSACTION_SEQUENCE, values);
}

static bool insert_decision(struct transaction *transaction, const struct exchange *exchange)
{
    static const enum exchange_part parts[] = {EXCHANGE_RECOMMENDER, EXCHANGE_GENERATION,
                                               EXCHANGE_RESULT_COUNT, EXCHANGE_RESULTS};
    enum { PARTS = sizeof(parts) / sizeof(parts[0]), KEY_BYTES = 16 };
    uint64_t sequence = mysql_stmt_insert_id(transaction->statements[TRANSACTION_SEQUENCE]);
    MYSQL_BIND values[PARTS + 2] = {
        {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &sequence, .is_unsigned = 1}};
    unsigned char key[KEY_BYTES];
    if (!random_bytes(key, KEY_BYTES))
        return fail(transaction, "no random bytes");
    memcpy(key, &(uint32_t){htonl((uint32_t)time(NULL))}, sizeof(uint32_t)); /* keys side by side, as ours */
    bind_text(&values[1], (const char *)key, KEY_BYTES);
    values[1].buffer_type = MYSQL_TYPE_BLOB;
    for (size_t i = 0; i < PARTS; i++)
        bind_text(&values[i + 2], exchange->parts[parts[i]], exchange->lengths[parts[i]]);
    return execute(transaction, TRANSACTION_DECISION, values);
}

bool transaction_run(struct transaction *transaction, const struct exchange *exchange, const char *user)
{
    return execute(transaction, TRANSACTION_BEGIN, NULL) && insert_sequence(transaction, exchange, user) &&
           insert_decision(transaction, exchange) && execute(transaction, TRANSACTION_COMMIT, NULL);
}

bool transaction_run_once(struct transaction *transaction, const struct exchange *exchange)
{
    if (mysql_autocommit(transaction->handle, 0))
        return fail(transaction, mysql_error(transaction->handle));
    if (!insert_sequence(transaction, exchange, NULL) || !insert_decision(transaction, exchange))
        return false;
    return !mysql_commit(transaction->handle) || fail(transaction, mysql_error(transaction->handle));
}
