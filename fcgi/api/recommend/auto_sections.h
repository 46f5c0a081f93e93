/* Auto mode: one section of a page a call, chosen by what the user did lately.
 *
 * In this order: the user's recent activity as a whole; items like each of those touched within the window,
 * the latest first; what is trending; what is new. The cursor says which sections were shown; what they
 * showed is kept beside the ranked lists, so that no item comes twice. Sections that would be empty are
 * skipped, so the last one is known to be the last. Sections have no groups. */
#ifndef PALATE_API_RECOMMEND_AUTO_SECTIONS_H
#define PALATE_API_RECOMMEND_AUTO_SECTIONS_H

#include "api/recommend/answer_logged.h"
#include "api/recommend/recommendations_parameters.h"

struct auto_section {
    const char *id;    /* "recent_activity", "item:<id>", "trending", "new"; NULL: there is no more section */
    const char *title; /* for people */
    const char *reason; /* "recent_activity", "similar_item", "trending", "new" */
    const char *anchor; /* id of the item that it is about; NULL: none */
    int64_t window_days;
    const char *next_cursor; /* NULL: this is the last one */
};

/* Ranks the next section of the chain. asked is JSON that says who asked for what. Only reads;
 * what is to be kept is in answer->kept. Errors: the database's. */
bool auto_sections_rank(struct logged_answer *answer, const struct recommendations_parameters *parameters,
                        const char *asked, struct auto_section *section, struct recommendation_list *list,
                        struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
