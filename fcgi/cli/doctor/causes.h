/* What a fault means and what fixes it, as tables: errors of MariaDB, of curl, answers of a web server.
 *
 * One code can stand for many faults to a newcomer, so each has its own line; what varies stands in braces:
 * cause_text() puts it in. Pure. */
#ifndef PALATE_CLI_DOCTOR_CAUSES_H
#define PALATE_CLI_DOCTOR_CAUSES_H

#include "base/arena.h"

#include <stdbool.h>

struct cause {
    const char *text; /* what is wrong */
    const char *fix;
    bool shared; /* both sides meet it: not to be reported twice */
};

/* Never NULL: what is in no table has a line of its own, too. */

/* code: MariaDB's. reason: errno of connecting to its socket, 0 where that works or it is reached by TCP. */
const struct cause *cause_of_database(unsigned code, int reason, bool by_tcp)
    __attribute__((returns_nonnull, const));

/* code: curl's. verified: CURLINFO_SSL_VERIFYRESULT. */
const struct cause *cause_of_exchange(int code, long verified) __attribute__((returns_nonnull, const));

/* What a web server can answer to a request without a token for a list. */
struct answer_signs {
    long status;
    bool is_palate;       /* JSON with a code, as every error of a worker */
    bool is_unconfigured; /* the worker's own "The service is not configured" */
    bool is_reached;      /* though the web server's user may read the configuration and all that it names */
    bool is_worker_gone;  /* the worker is not where it is installed */
};

/* NULL where a worker answers as it should. */
const struct cause *cause_of_answer(const struct answer_signs *signs) __attribute__((nonnull, pure));

struct cause_word {
    const char *name, *value;
};

/* The text with {name} replaced by its value; words ends with a NULL name. Unknown names stay. */
const char *cause_text(const char *text, const struct cause_word *words, struct arena *arena)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

#endif
