/* Ids with and without the prefixes of the first clients; see id_prefix.h.
 *
 * The one list of these prefixes. A longer prefix stands before a shorter one that it begins with, so that
 * the bare id is tried before one that keeps half of its prefix. */
#include "base/id_prefix.h"

#include <string.h>

enum { PREFIXES = 3 };

/* The only one that a client adds by itself, so the only one that its user cannot leave out. */
#define FORCED_PREFIX "itm_"

static const char *const prefixes[ID_KIND__MAX][PREFIXES] = {
    [ID_OF_ITEM] = {FORCED_PREFIX, "rec_itm_", "rec_"},
    [ID_OF_EVENT] = {"evt_"},
    [ID_OF_CONTEXT] = {"ctx_"},
};

size_t id_candidates(enum id_kind kind, const char *id, const char *candidates[ID_CANDIDATES])
{
    size_t count = 0;
    candidates[count++] = id;
    for (size_t i = 0; i < PREFIXES && prefixes[kind][i]; i++) {
        size_t length = strlen(prefixes[kind][i]);
        if (!strncmp(id, prefixes[kind][i], length) && id[length] && count < ID_CANDIDATES)
            candidates[count++] = id + length;
    }
    return count;
}

size_t id_candidates_to_change(const char *id, const char *candidates[ID_CANDIDATES])
{
    const size_t length = strlen(FORCED_PREFIX);
    candidates[0] = id;
    if (strncmp(id, FORCED_PREFIX, length) || !id[length])
        return 1;
    candidates[1] = id + length;
    return 2;
}

const char *id_without_prefix(enum id_kind kind, const char *id)
{
    const char *candidates[ID_CANDIDATES] = {id};
    return candidates[id_candidates(kind, id, candidates) - 1];
}
