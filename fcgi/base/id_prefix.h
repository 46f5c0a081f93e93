/* Ids as the first published clients write them, with the kind of thing in front: "itm_7", "rec_itm_7" for an
 * item, "evt_7" for an event, "ctx_7" for a context.
 *
 * Ids are plain texts now, and one may begin with what was a prefix then: so the id as it is always comes
 * first. A prefix of another kind is part of the id: "evt_7" is not the item 7. Whoever only reads may look
 * past every prefix of the kind; whoever changes or deletes an item may not guess which one was meant. Owns
 * nothing. */
#ifndef PALATE_BASE_ID_PREFIX_H
#define PALATE_BASE_ID_PREFIX_H

#include <stddef.h>

enum id_kind { ID_OF_ITEM, ID_OF_EVENT, ID_OF_CONTEXT, ID_KIND__MAX };

/* The ids that may be meant, the likeliest first: as it is, then without a prefix of its kind ("rec_itm_7":
 * 7, then itm_7). Returns their number, at least 1; they are parts of id and never empty where id is not. */
enum { ID_CANDIDATES = 3 };
size_t id_candidates(enum id_kind kind, const char *id, const char *candidates[ID_CANDIDATES])
    __attribute__((nonnull, warn_unused_result));

/* The same for a call that changes or deletes an item: the id as it is, then without "itm_" alone, which a
 * published client puts before every id. The second one may only be taken where the first one has never
 * existed, a deleted item counting as one that has: a DELETE that is sent again must find nothing. */
size_t id_candidates_to_change(const char *id, const char *candidates[ID_CANDIDATES])
    __attribute__((nonnull, warn_unused_result));

/* The id without any prefix of its kind, the last of the candidates: for kinds whose ids are numbers. */
const char *id_without_prefix(enum id_kind kind, const char *id) __attribute__((nonnull, warn_unused_result));

#endif
