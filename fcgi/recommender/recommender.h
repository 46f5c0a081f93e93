/* Who answers "what next?": one pair of functions in front of whoever ranks, the embedded recommender
 * (engine/) or a remote one (remote/), as the configuration and the context say.
 *
 * Neither writes: whoever logs the answer begins the transaction when the list is there, so that no lock and
 * no transaction is ever held while one of them is slow. The remote one's list is checked against the
 * catalogue as it is when its reply has come. */
#ifndef PALATE_RECOMMENDER_RECOMMENDER_H
#define PALATE_RECOMMENDER_RECOMMENDER_H

#include "base/arena.h"
#include "base/config.h"
#include "recommender/query.h"
#include "storage/database.h"

struct recommender;

/* config must outlive it. */
struct recommender *recommender_create(const struct config *config)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
void recommender_destroy(struct recommender *recommender);

/* The part before ranking: queries the remote recommender when this query is for it, which may take
 * [remote] timeout_ms, and keeps its reply in query->remote. Reads the user's events on its own for that.
 * False: the database failed, or the remote recommender did and nothing may stand in for it (ERROR_REMOTE).
 */
bool recommender_prepare(struct recommender *recommender, struct database *db,
                         struct recommendation_query *query, struct arena *arena, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Ranks, and reads for it. What is to be counted of the list is in list->explored. Errors, here as in all
 * that ranks or searches: the database's, and those of work_budget_stop(). */
bool recommender_recommend(struct recommender *recommender, struct database *db,
                           const struct recommendation_query *query, struct arena *arena,
                           struct recommendation_list *list, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Whether this query goes to the remote recommender as well, once it has been answered. */
bool recommender_has_shadow(const struct recommender *recommender, const struct recommendation_query *query)
    __attribute__((nonnull));

/* Sends the query to it from a process of its own, so that this worker is free at once, and logs what it
 * would have shown beside the decision, or why it was not asked. For when the answer has been sent. */
void recommender_shadow(struct recommender *recommender, struct database *db,
                        const struct recommendation_query *query, uint64_t decision_id)
    __attribute__((nonnull));
/* Completes a list that was ranked before: its entries have id, score and source (groups: key and items).
 * Drops those that the query's filters, or the catalogue as of now, do not let pass, keeps the order, and
 * ends behind limit entries. Describes the others; nothing is ranked. */
bool recommender_recall(struct recommender *recommender, struct database *db,
                        const struct recommendation_query *query, size_t limit, struct arena *arena,
                        struct recommendation_list *list, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Why an item stands where it does in the query's list, or is not in it; see explain_item.h. Logs nothing and
 * counts no impression. Errors: the database's. */
struct item_explanation;
bool recommender_explain(struct recommender *recommender, struct database *db,
                         const struct recommendation_query *query, const char *item_id, struct arena *arena,
                         struct item_explanation *explanation, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* The catalogue's own name and description of an item, copied into the arena; "" for an unknown one. Call it
 * before recommender_recommend(), whose list it may outdate. */
bool recommender_describe(struct recommender *recommender, struct database *db, const struct tenant *tenant,
                          const char *item_id, struct arena *arena, const char **name,
                          const char **description, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Items by words, inactive ones too; see find_items.h. Texts are valid until the next call. */
struct found_items;
bool recommender_find_items(struct recommender *recommender, struct database *db, const struct tenant *tenant,
                            const char *text, size_t limit, struct arena *arena, struct found_items *found,
                            struct error *error) __attribute__((nonnull, warn_unused_result));

/* After an answer, for its tenant: what need not be done before it; see catalogues_upkeep(). written: items that
 * the request has changed. */
void recommender_upkeep(struct recommender *recommender, struct database *db, const struct tenant *tenant,
                        uint64_t written) __attribute__((nonnull));

#endif
