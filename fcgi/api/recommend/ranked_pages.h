/* Pages of one ranked list that does not change under the reader.
 *
 * The first page ranks up to LIMIT_RANKED_ITEMS items (LIMIT_RANKED_GROUPS groups) and keeps them in the
 * database for RANKED_LIST_SECONDS, in the answer's own transaction, where more follows. A later page is cut
 * from what is kept, without what may no longer be shown; when it has expired, the list is ranked again.
 */
#ifndef PALATE_API_RECOMMEND_RANKED_PAGES_H
#define PALATE_API_RECOMMEND_RANKED_PAGES_H

#include "api/recommend/answer_logged.h"
#include "storage/ranked_lists.h"

struct ranked_page {
    unsigned char key[RANKED_LIST_KEY_BYTES]; /* of who asked for what; see ranked_pages_key() */
    const char *after;                        /* id of the last item seen; NULL: the first page */

    bool has_more;           /* set: does anything follow? */
    const char *next_cursor; /* set: what `after` has to be for it; NULL: nothing follows */
};

/* Sets key from a text that says who asked for what. */
void ranked_pages_key(const char *asked, unsigned char key[RANKED_LIST_KEY_BYTES]) __attribute__((nonnull));

/* Ranks, or recalls, the page of answer->query. Only reads; a list that is to be kept is in answer->kept. An
 * `after` that is not in the list gives an empty page. Errors: the database's. */
bool ranked_pages_rank(struct logged_answer *answer, struct ranked_page *page,
                       struct recommendation_list *list, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Has the answer store the list under the key (answer->kept). */
void ranked_pages_keep(struct logged_answer *answer, const unsigned char key[RANKED_LIST_KEY_BYTES],
                       const struct recommendation_list *list) __attribute__((nonnull));

/* A list as the text that is kept, and back; ids, scores, sources, groups and the recommender's name survive.
 * False when the text is not such a list. */
const char *ranked_pages_write(struct arena *arena, const struct recommendation_list *list)
    __attribute__((nonnull, returns_nonnull));
bool ranked_pages_read(struct arena *arena, const char *text, struct recommendation_list *list)
    __attribute__((nonnull, warn_unused_result));

/* Now and then, when the answer has been sent, deletes some lists that are past their time. Failures are
 * ignored: others will do it. */
void ranked_pages_clean_later(struct request *request) __attribute__((nonnull));

#endif
