/* Brings the search index up to the catalogue; see index_items.h. */
#include "cli/index_items.h"

#include "base/json.h"
#include "recommender/item_words.h"
#include "storage/admin/item_search.h"
#include "storage/item_search.h"

#include <string.h>

struct indexing {
    struct session *session;
    struct arena *arena; /* of one step */
    struct bulk *bulk;
    uint32_t tenant_id, recipe;
    char after[LIMIT_ID_CHARACTERS * 4 + 1]; /* the last id that was looked at */
};

static bool add_item(struct indexing *indexing, const struct item_row *item, struct error *error)
{
    const char *keys = indexing->session->config->items_search_metadata, *problem;
    struct json_object *metadata = NULL;
    if (!json_parse_arena(indexing->arena, item->metadata, strlen(item->metadata), &metadata, &problem))
        metadata = NULL;
    struct item_search_row row = {.tenant_id = indexing->tenant_id,
                                  .item_id = item->id,
                                  .revision = item->revision,
                                  .recipe = indexing->recipe,
                                  .words = item_words(indexing->arena, indexing->tenant_id, keys, item->name,
                                                      item->description, metadata)};
    return item_search_add(indexing->bulk, &row) ||
           item_search_store(indexing->session->db, indexing->bulk, error);
}

/* *count 0: nothing is due any more. */
static bool step(struct indexing *indexing, size_t *count, struct error *error)
{
    struct item_row *rows;
    struct database *db = indexing->session->db;
    arena_reset(indexing->arena);
    if (!admin_item_search_due(db, indexing->arena, indexing->tenant_id, indexing->recipe, indexing->after,
                               BULK_ROWS, &rows, count, error))
        return false;
    if (!*count)
        return true;
    if (!database_begin(db, error))
        return false;
    for (size_t i = 0; i < *count; i++) {
        if (!add_item(indexing, &rows[i], error))
            return false;
    }
    if (!item_search_store(db, indexing->bulk, error) || database_commit(db, error) != COMMIT_DONE)
        return false;
    snprintf(indexing->after, sizeof(indexing->after), "%s", rows[*count - 1].id);
    return true;
}

bool index_items(struct session *session, uint64_t tenant_id, uint64_t *count)
{
    struct indexing indexing = {.session = session,
                                .arena = arena_create(),
                                .bulk = bulk_create(),
                                .tenant_id = (uint32_t)tenant_id,
                                .recipe = item_words_recipe(session->config->items_search_metadata)};
    struct error error = {0};
    size_t done = 1;
    bool good = true;
    for (*count = 0; good && done; *count += done)
        good = step(&indexing, &done, &error);
    if (!good) {
        database_rollback(session->db);
        session_failed(session, &error,
                       "index the items for search; the next import or training goes on from there");
    }
    bulk_destroy(indexing.bulk);
    arena_destroy(indexing.arena);
    return good;
}
