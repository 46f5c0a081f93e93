/* sequence_data of the first document; see sequence_data.h.
 *
 * The histories are lists of ids without times, oldest first. As a history for ranking, entry i of n weighs
 *
 *     w * 2^(-(n - 1 - i) / 20)
 *
 * with w = 1 for purchases and 0.3 for views: what counts is how many entries of the same list came later,
 * and after twenty of them an entry says half as much. Decay by half-lives is that of Ding and Li,
 * "Time Weight Collaborative Filtering", CIKM 2005, with entries in the place of time, which the request does
 * not have. Purchases are also left out of the list, which is not decided here. */
#include "api/recommend/sequence_data.h"

#include "base/json.h"
#include "request/parameters.h"

#include <math.h>

/* What a view weighs when a purchase weighs 1, and after how many later entries the weight has halved. */
static const double VIEW_WEIGHT = 0.3;
static const double RECENCY_HALF_LIFE_ENTRIES = 20;

/* An id is text, or a whole number as many catalogues have them. */
static bool read_id(struct arena *arena, struct json_object *value, const char *field, const char **id,
                    struct error *error)
{
    if (json_object_is_type(value, json_type_int)) {
        *id = arena_copy_text(arena, json_object_get_string(value));
        return true;
    }
    if (!json_object_is_type(value, json_type_string))
        return error_field(error, field, "must be text or a whole number");
    return parameter_text(value, field, TEXT_ID, LIMIT_ID_CHARACTERS, id, error);
}

/* Reads on after a bad id, until there are as many problems as an answer lists. */
static bool read_ids(struct arena *arena, struct json_object *list, const char *field, const char ***ids,
                     size_t *count, struct error *error)
{
    if (!list)
        return true;
    if (!json_object_is_type(list, json_type_array))
        return error_field(error, field, "must be a list of ids");
    *count = json_object_array_length(list);
    if (*count > LIMIT_HISTORY_IDS)
        return error_field(error, field, "must have at most %d ids", LIMIT_HISTORY_IDS);
    *ids = arena_alloc(arena, *count ? *count : 1, sizeof(**ids));
    bool good = true;
    for (size_t i = 0; i < *count && error->problem_count < LIMIT_PROBLEMS; i++) {
        const char *name = arena_format(arena, "%s[%zu]", field, i);
        good = read_id(arena, json_object_array_get_idx(list, i), name, &(*ids)[i], error) && good;
    }
    return good;
}

/* A list of texts, or one text. */
static bool read_categories(struct arena *arena, struct json_object *value, struct preferences *preferences,
                            struct error *error)
{
    static const char field[] = "sequence_data.customer_preferences.categories";
    if (!value)
        return true;
    bool single = json_object_is_type(value, json_type_string);
    if (!single && !json_object_is_type(value, json_type_array))
        return error_field(error, field, "must be a list of texts");
    size_t count = single ? 1 : json_object_array_length(value);
    if (count > LIMIT_PREFERENCE_CATEGORIES)
        return error_field(error, field, "must have at most %d texts", LIMIT_PREFERENCE_CATEGORIES);
    preferences->categories = arena_alloc(arena, count ? count : 1, sizeof(*preferences->categories));
    for (size_t i = 0; i < count; i++) {
        struct json_object *entry = single ? value : json_object_array_get_idx(value, i);
        const char *name = single ? field : arena_format(arena, "%s[%zu]", field, i);
        if (!json_object_is_type(entry, json_type_string))
            return error_field(error, name, "must be text");
        if (!parameter_text(entry, name, TEXT_LINE, LIMIT_NAME_CHARACTERS, &preferences->categories[i],
                            error))
            return false;
    }
    preferences->category_count = count;
    return true;
}

static bool read_price_range(struct json_object *range, struct preferences *preferences, struct error *error)
{
    static const char field[] = "sequence_data.customer_preferences.price_range";
    if (!range)
        return true;
    if (!json_object_is_type(range, json_type_object))
        return error_field(error, field, "must be an object with min and max");
    bool good =
        parameter_amount(json_member(range, "min"), "sequence_data.customer_preferences.price_range.min",
                         &preferences->minimum, &preferences->has_minimum, error);
    good = parameter_amount(json_member(range, "max"), "sequence_data.customer_preferences.price_range.max",
                            &preferences->maximum, &preferences->has_maximum, error) &&
           good;
    if (good && preferences->has_minimum && preferences->has_maximum &&
        preferences->minimum > preferences->maximum)
        return error_field(error, field, "must not have a min above its max");
    return good;
}

static bool read_preferences(struct arena *arena, struct json_object *json, struct preferences *preferences,
                             struct error *error)
{
    if (!json)
        return true;
    if (!json_object_is_type(json, json_type_object))
        return error_field(error, "sequence_data.customer_preferences", "must be an object");
    bool good = read_categories(arena, json_member(json, "categories"), preferences, error);
    good = read_price_range(json_member_object(json, "price_range"), preferences, error) && good;
    return parameter_boolean(json_member(json, "strict"), "sequence_data.customer_preferences.strict",
                             &preferences->strict, error) &&
           good;
}

bool sequence_data_read(struct arena *arena, struct json_object *json, struct sequence_data *data,
                        struct error *error)
{
    if (!json_object_is_type(json, json_type_object))
        return error_field(error, "sequence_data", json ? "must be an object" : "is missing");
    bool good =
        read_preferences(arena, json_member_object(json, "customer_preferences"), &data->preferences, error);
    good = read_ids(arena, json_member(json, "browsing_history"), "sequence_data.browsing_history",
                    &data->browsing, &data->browsing_count, error) &&
           good;
    return read_ids(arena, json_member(json, "purchase_history"), "sequence_data.purchase_history",
                    &data->purchases, &data->purchase_count, error) &&
           good;
}

static void weigh_entries(struct history_item *to, const char **ids, size_t count, double weight,
                          bool purchased)
{
    for (size_t i = 0; i < count; i++) {
        double recency = exp2(-(double)(count - 1 - i) / RECENCY_HALF_LIFE_ENTRIES);
        to[i] = (struct history_item){
            .item_id = ids[i], .weight = (float)(weight * recency), .purchased = purchased};
    }
}

/* Views come behind purchases: for ENGINE_SIMILAR the last known entry is the seed. */
struct history_item *sequence_data_history(struct arena *arena, const struct sequence_data *data,
                                           size_t *count)
{
    *count = data->browsing_count + data->purchase_count;
    struct history_item *history = arena_alloc(arena, *count ? *count : 1, sizeof(*history));
    weigh_entries(history, data->purchases, data->purchase_count, 1, true);
    weigh_entries(history + data->purchase_count, data->browsing, data->browsing_count, VIEW_WEIGHT, false);
    return history;
}
