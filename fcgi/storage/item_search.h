/* The search index: items by their words (sql/002-items.sql). What the words are, recommender/item_words.h
 * knows; here they are text. */
#ifndef PALATE_STORAGE_ITEM_SEARCH_H
#define PALATE_STORAGE_ITEM_SEARCH_H

#include "storage/bulk.h"
#include "storage/items.h"

struct item_search_row {
    uint32_t tenant_id;
    const char *item_id;
    uint64_t revision; /* of the item that the words were made from */
    uint32_t recipe;
    const char *words;
};

/* Adds a row to the bulk; see bulk_end_row() for what is returned. */
bool item_search_add(struct bulk *bulk, const struct item_search_row *row)
    __attribute__((nonnull, warn_unused_result));

/* Stores the bulk's rows; words of an older revision than what is there change nothing. */
bool item_search_store(struct database *db, struct bulk *bulk, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Takes an item out, as of a revision. */
bool item_search_clear(struct database *db, uint32_t tenant_id, const char *item_id, uint64_t revision,
                       struct error *error) __attribute__((nonnull, warn_unused_result));

struct found_item {
    struct item_row row; /* active means just that */
    double relevance;    /* above 0; only its order says something */
};

/* The limit most relevant items for a question of item_words_question(), best first, equal ones by id; *total
 * counts all that fit. */
bool item_search_find(struct database *db, struct arena *arena, uint32_t tenant_id, const char *question,
                      size_t limit, struct found_item **items, size_t *count, uint64_t *total,
                      struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
