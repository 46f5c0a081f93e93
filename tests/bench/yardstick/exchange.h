/* One recorded exchange with Palate: the rows that it wrote and what it answered, so that a yardstick can
 * write and send as many bytes. Owns static memory; reads one file, and knows nothing of HTTP or SQL. */
#ifndef YARDSTICK_EXCHANGE_H
#define YARDSTICK_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

/* Lines of the file, in this order; an empty line is SQL NULL. */
enum exchange_part {
    EXCHANGE_ENDPOINT,
    EXCHANGE_CLIENT,
    EXCHANGE_USER,
    EXCHANGE_TASK,
    EXCHANGE_TEMPLATE,
    EXCHANGE_CONTEXT,
    EXCHANGE_INPUT,
    EXCHANGE_RECOMMENDER,
    EXCHANGE_GENERATION,
    EXCHANGE_RESULT_COUNT,
    EXCHANGE_RESULTS,
    EXCHANGE_ANSWER,
    EXCHANGE__MAX
};

enum { EXCHANGE_BYTES = 256 * 1024 };

struct exchange {
    const char *parts[EXCHANGE__MAX]; /* NULL: empty */
    size_t lengths[EXCHANGE__MAX];
    char bytes[EXCHANGE_BYTES];
};

/* False when the file cannot be read, is too long or has too few lines. */
bool exchange_read(struct exchange *exchange, const char *path) __attribute__((nonnull, warn_unused_result));

#endif
