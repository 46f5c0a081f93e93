/* A record as an event, with every rule checked, and what tells it from another event; see row.h.
 *
 * The problem: an import of a million events is interrupted, or the same file is imported again tomorrow
 * with some rows more. Each event must be stored exactly once, though events have no number of their own
 * and a user may well do the same thing twice in a second.
 *
 * The idea: an event's identity is a hash of all that its record says (user, item, type, time, quantity
 * and every other column, sorted by name, so that the order of the columns does not matter), together with
 * how often the same content was seen before in this file. Two equal rows are two events, the first and
 * the second of their kind, and when the file is read again they get the same two hashes. A unique key of
 * the database on the hash does the rest: what is there already is passed over.
 *
 * The hash is SHA-256, of which the first bytes are stored. How often a content was seen is counted in a
 * table of 64 bit fingerprints, a few ten MB for a million distinct events, and none of their texts. Two
 * contents with the same fingerprint would share a count, so their hashes differ all the same; only a file in
 * which such a pair stands in another order than before would store one event twice, and at a hundred million
 * events the odds of any such pair are 1 in 4,000.
 *
 * A record with a deduplication_id has that as its identity, as an event of a call has (storage/event_key.h): so
 * the orders of a shop that sends them live, with the same ids, may be imported, too, and count once. An id that
 * stands for two different events in a file is refused, as a call's is.
 *
 * What a file does not say is no content: neither the line's number nor the format counts, so that a CSV
 * and its conversion to JSON lines are the same events. */
#include "cli/import/row.h"

#include "base/decimal.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/moment.h"
#include "base/text.h"
#include "cli/import/key_text.h"
#include "storage/event_key.h"

#include <stdlib.h>
#include <string.h>

/* How often a content was seen before. */
static int64_t count_repetition(struct hash_map *repetitions, uint64_t fingerprint)
{
    uint64_t count = hash_map_get(repetitions, fingerprint);
    hash_map_set(repetitions, fingerprint, count + 1);
    return (int64_t)count;
}

/* ---- The hash. */

static int compare_names(const void *left, const void *right)
{
    return strcmp(((const struct record_value *)left)->name, ((const struct record_value *)right)->name);
}

static bool is_known(const char *name)
{
    static const char *const known[] = {"user_id", "item_id", "type", "occurred_at", "quantity"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!strcmp(name, known[i]))
            return true;
    }
    return false;
}

/* The record is sorted by name: the order of columns is not content. */
static void put_event(struct digest *hash, struct record *record, const struct admin_event *event,
                      const char *type)
{
    digest_put_text(hash, event->user_id);
    digest_put_text(hash, event->item_id);
    digest_put_text(hash, type);
    digest_put_number(hash, event->occurred_at);
    digest_put_number(hash, event->quantity);
    qsort(record->values, record->count, sizeof(record->values[0]), compare_names);
    for (size_t i = 0; i < record->count; i++) {
        const struct record_value *value = &record->values[i];
        if (is_known(value->name))
            continue;
        digest_put_text(hash, value->name);
        digest_put_text(hash, value->text ? value->text : json_text(value->json));
    }
}

static void make_content_key(struct digest *hash, struct record *record, const char *type,
                             struct hash_map *repetitions, const struct admin_event *event,
                             unsigned char key[DIGEST_BYTES])
{
    unsigned char content[DIGEST_BYTES];
    uint64_t fingerprint;
    put_event(hash, record, event, type);
    digest_end(hash, content);
    memcpy(&fingerprint, content, sizeof(fingerprint));
    digest_put(hash, content, sizeof(content));
    digest_put_number(hash, count_repetition(repetitions, fingerprint));
    digest_end(hash, key);
}

/* Whether an id stands for one event in all of the file: as for calls, user, item and type tell. An order's number,
 * say, stands in each of its lines, and all but the first would be passed over. */
static bool is_one_event(struct digest *hash, const unsigned char *key, const char *type,
                         struct hash_map *repetitions, const struct admin_event *event)
{
    unsigned char content[DIGEST_BYTES];
    uint64_t of_id, told;
    digest_put_text(hash, event->user_id);
    digest_put_text(hash, event->item_id);
    digest_put_text(hash, type);
    digest_end(hash, content);
    memcpy(&of_id, key, sizeof(of_id));
    memcpy(&told, content, sizeof(told));
    uint64_t known = hash_map_get(repetitions, of_id);
    hash_map_set(repetitions, of_id, told);
    return !known || known == told;
}

/* id NULL: the record has none. */
static bool deduplicate(struct record *record, struct arena *arena, const char *id, const char *type,
                        struct hash_map *repetitions, struct admin_event *event)
{
    unsigned char *key = arena_alloc(arena, DIGEST_BYTES, 1); /* its first EVENT_DEDUPLICATION_BYTES count */
    struct digest *hash = digest_create();
    bool good = true;
    event->deduplication = key;
    if (id) {
        event_key_of_id(hash, NULL, id, key);
        good = is_one_event(hash, key, type, repetitions, event);
    } else {
        make_content_key(hash, record, type, repetitions, event, key);
    }
    digest_destroy(hash);
    return good ||
           record_reject(record, "deduplication_id is that of another event before it, whose user, item or "
                                 "type differs");
}

/* ---- The fields. */

/* The text of a field; NULL when it is absent, and with *bad when it is there but is no text. Numbers are
 * texts, true and false are not. */
static const char *find_text(struct record *record, const char *name, bool *bad)
{
    for (size_t i = 0; i < record->count; i++) {
        const struct record_value *value = &record->values[i];
        if (strcmp(value->name, name))
            continue;
        *bad = !value->text || json_object_is_type(value->json, json_type_boolean);
        return *bad ? NULL : value->text;
    }
    return NULL;
}

/* 7.0, as JSON a number with decimals, is no id: whether "7" or "7.0" is meant is not known. */
static bool is_decimal(const struct record *record, const char *name)
{
    for (size_t i = 0; i < record->count; i++) {
        if (!strcmp(record->values[i].name, name))
            return json_object_is_type(record->values[i].json, json_type_double);
    }
    return false;
}

static bool read_id(struct record *record, struct arena *arena, const char *name, const char **id)
{
    bool bad = false;
    const char *text = find_text(record, name, &bad);
    if (!text)
        return record_reject(record, bad ? "%s must be text" : "%s is missing", name);
    const char *problem =
        is_decimal(record, name) ? "be text or a whole number" : id_problem(text, LIMIT_ID_CHARACTERS);
    if (problem)
        return record_reject(record, "%s must %s", name, problem);
    *id = arena_copy_text(arena, text);
    return true;
}

/* NULL: none, and the record is rejected. */
static const struct admin_event_type *read_type(struct record *record, const struct event_types *types)
{
    bool bad = false;
    const char *text = find_text(record, "type", &bad);
    if (!text) {
        record_reject(record, bad ? "type must be text" : "type is missing");
        return NULL;
    }
    for (size_t i = 0; i < types->count; i++)
        if (!strcmp(types->types[i].name, text))
            return &types->types[i];
    record_reject(record, "type \"%.60s\" is not among the tenant's event types", text);
    return NULL;
}

static bool read_time(struct record *record, int64_t *occurred_at)
{
    bool bad = false;
    const char *text = find_text(record, "occurred_at", &bad);
    if (!text && !bad)
        return record_reject(record, "occurred_at is missing");
    if (!text || !moment_parse(text, occurred_at))
        return record_reject(record, "occurred_at " MOMENT_RULE);
    return true;
}

/* Exports write 2.0 for 2, and shops sell 1.5 m of cloth; what is stored is whole, and one at least. */
static bool read_quantity(struct record *record, int64_t *quantity)
{
    bool bad = false;
    const char *text = find_text(record, "quantity", &bad);
    double number;
    *quantity = 1;
    if (!text && !bad)
        return true;
    bool read = text && (text_to_double(text, &number) || decimal_parse_amount(text, &number));
    if (!read || !(number > 0) || number > UINT32_MAX)
        return record_reject(record, "quantity must be a number above 0, up to 4294967295");
    *quantity = (int64_t)(number + 0.5);
    *quantity = *quantity ? *quantity : 1;
    return true;
}

/* An empty one is none, as it is for an event of a call. */
static bool read_deduplication(struct record *record, const char **id)
{
    bool bad = false;
    *id = find_text(record, "deduplication_id", &bad);
    if (*id && text_is_blank(*id))
        *id = NULL;
    const char *problem = *id ? id_problem(*id, LIMIT_DEDUPLICATION_CHARACTERS) : bad ? "be text" : NULL;
    return !problem || record_reject(record, "deduplication_id must %s", problem);
}

bool import_row_event(struct record *record, struct arena *arena, const struct event_types *types,
                      struct hash_map *repetitions, struct admin_event *event)
{
    const struct admin_event_type *type = NULL;
    const char *id;
    *event = (struct admin_event){0};
    if (!read_id(record, arena, "user_id", &event->user_id) ||
        !read_id(record, arena, "item_id", &event->item_id) || !(type = read_type(record, types)) ||
        !read_time(record, &event->occurred_at) || !read_quantity(record, &event->quantity) ||
        !read_deduplication(record, &id))
        return false;
    event->type_id = type->id;
    return deduplicate(record, arena, id, type->name, repetitions, event);
}
