/* What would stand in a list if nothing kept it out: for callers who ask what their filters and exclusions
 * take away. */
#ifndef PALATE_RECOMMENDER_SUPPRESSED_H
#define PALATE_RECOMMENDER_SUPPRESSED_H

#include "recommender/search.h"

/* Of the best items without filters and exclusions, as many as the query's page, those that may not appear:
 * list->suppressed, in rank order, with the first reason of each. Prepare the search first. */
void suppressed_find(struct search *search, struct recommendation_list *list) __attribute__((nonnull));

#endif
