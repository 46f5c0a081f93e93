/* A context's settings; see context_settings.h.
 *
 * One table has a row for each setting: its name, what it is for, and how it is read. Parser, the list in the
 * error about an unknown setting and `palate context set --help` go by it, so a setting that is added here is
 * known in all three places. Workers and the tool call the same parser: what the tool stores, workers can
 * use. */
#include "recommender/context_settings.h"

#include "base/json.h"
#include "recommender/filter_parse.h"

#include <string.h>

/* Where the context does not say: a new item's impressions by exploration, and the cost of an impression
 * without a click. */
enum { DEFAULT_IMPRESSIONS = 20 };
static const double DEFAULT_ROTATION_STRENGTH = 0.5;

struct reader {
    struct arena *arena;
    struct context_settings *settings;
    struct error *error;
};

/* A row of the table. */
struct setting_row {
    const char *name, *help;
    bool (*read)(struct reader *reader, const struct setting_row *setting, struct json_object *json);
    size_t offset;        /* in struct context_settings, of what read_number, _choice and _flag fill */
    int maximum;          /* of read_number, from 1 */
    const char *no, *yes; /* the words of read_choice */
};

static void *place_of(struct reader *reader, const struct setting_row *setting)
{
    return (char *)reader->settings + setting->offset;
}

/* The same parser as for the filters of requests, so that a context can say what a request can. */
static bool read_filters(struct reader *reader, const struct setting_row *setting, struct json_object *json)
{
    struct filter_parser parser = {.arena = reader->arena, .error = reader->error, .code = ERROR_VALIDATION};
    struct filter_list list = {0};
    if (!filter_parse_structured(&parser, json, setting->name, &list))
        return false;
    reader->settings->filters = list.conditions;
    reader->settings->filter_count = list.count;
    return true;
}

static bool read_group_by(struct reader *reader, const struct setting_row *setting, struct json_object *json)
{
    size_t count = json_object_is_type(json, json_type_array) ? json_object_array_length(json) : 0;
    if (json_object_is_type(json, json_type_string))
        count = 1;
    else if (!json_object_is_type(json, json_type_array) || count > LIMIT_GROUP_FIELDS)
        return error_field(reader->error, setting->name, "must be a list of at most %d metadata keys",
                           LIMIT_GROUP_FIELDS);
    for (size_t i = 0; i < count; i++) {
        struct json_object *name =
            json_object_is_type(json, json_type_array) ? json_object_array_get_idx(json, i) : json;
        if (!json_object_is_type(name, json_type_string) || !json_object_get_string_len(name))
            return error_field(reader->error, setting->name, "must hold non-empty texts");
        reader->settings->group_by[i] = arena_copy_text(reader->arena, json_object_get_string(name));
    }
    reader->settings->group_count = count;
    return true;
}

/* From 1 up: 0 would mean the same as leaving the setting out, and is more likely a mistake. */
static bool read_integer(struct reader *reader, struct json_object *json, const char *field, int maximum,
                         int *value)
{
    int64_t number = json_object_is_type(json, json_type_int) ? json_object_get_int64(json) : 0;
    if (number < 1 || number > maximum)
        return error_field(reader->error, field, "must be a whole number from 1 to %d", maximum);
    *value = (int)number;
    return true;
}

/* "all time" has no number of seconds: the window reaches back to the first event. */
static const struct {
    const char *name;
    int64_t seconds;
} units[] = {
    {"minutes", 60}, {"hours", 3600}, {"days", 86400}, {"weeks", INT64_C(7) * 86400}, {"all time", 0}};

const struct viewed_window *viewed_window_choose(const struct viewed_window *own,
                                                 const struct context_settings *context)
{
    const struct viewed_window *viewed = own ? own : context ? &context->viewed : NULL;
    return viewed && viewed->on ? viewed : NULL;
}

bool viewed_window_parse(struct arena *arena, struct json_object *json, const char *field,
                         struct viewed_window *viewed, struct error *error)
{
    if (json_object_is_type(json, json_type_boolean)) {
        *viewed = (struct viewed_window){.on = json_object_get_boolean(json), .unit = "all time"};
        return true;
    }
    struct json_object *unit = json_member(json, "unit"), *impressions = json_member(json, "impressions");
    if (impressions && !json_object_is_type(impressions, json_type_boolean))
        return error_field(error, arena_format(arena, "%s.impressions", field), "must be true or false");
    const char *name = json_object_is_type(unit, json_type_string) ? json_object_get_string(unit) : "";
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcasecmp(name, units[i].name))
            continue;
        struct json_object *value = json_member(json, "value");
        int64_t number = json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : 0;
        if (units[i].seconds && (number < 1 || number > 100000))
            return error_field(error, arena_format(arena, "%s.value", field),
                               "must be a whole number from 1 to 100000");
        *viewed = (struct viewed_window){.on = true,
                                         .value = units[i].seconds ? number : 0,
                                         .unit = units[i].name,
                                         .impressions = json_object_get_boolean(impressions),
                                         .seconds = number * units[i].seconds};
        return true;
    }
    return error_field(
        error, field,
        "must be true, false or {value, unit} with the unit minutes, hours, days, weeks or all time");
}

/* A number from 0 to maximum, written with or without a fraction. */
static bool read_share(struct reader *reader, struct json_object *json, const char *field, double maximum,
                       double *share)
{
    bool number = json_object_is_type(json, json_type_double) || json_object_is_type(json, json_type_int);
    double value = number ? json_object_get_double(json) : -1;
    if (value < 0 || value > maximum)
        return error_field(reader->error, field, "must be a number from 0 to %g", maximum);
    *share = value;
    return true;
}

/* {"field": "category", "max": 2} caps, {"relevance": 0.7} weighs; both may stand together. */
static bool read_diversity(struct reader *reader, const struct setting_row *setting, struct json_object *json)
{
    struct diversity *diversity = &reader->settings->diversity;
    struct json_object *field = json_member(json, "field"), *relevance = json_member(json, "relevance");
    struct json_object *maximum = json_member(json, "max");
    if (!field && !relevance)
        return error_field(reader->error, setting->name,
                           "must be an object with field and max, or relevance");
    if ((field || maximum) &&
        !read_integer(reader, maximum, "diversity.max", LIMIT_QUANTITY, &diversity->maximum))
        return false;
    if (field && (!json_object_is_type(field, json_type_string) || !json_object_get_string_len(field)))
        return error_field(reader->error, "diversity.field", "must be non-empty text");
    if (field)
        diversity->field = arena_copy_text(reader->arena, json_object_get_string(field));
    if (!relevance)
        return true;
    return read_share(reader, relevance, "diversity.relevance", 1, &diversity->relevance);
}

/* {"share": 0.1, "impressions": 20} */
static bool read_exploration(struct reader *reader, const struct setting_row *setting,
                             struct json_object *json)
{
    struct exploration *exploration = &reader->settings->exploration;
    struct json_object *impressions = json_member(json, "impressions");
    exploration->impressions = DEFAULT_IMPRESSIONS;
    if (!json_object_is_type(json, json_type_object) || !json_member(json, "share"))
        return error_field(reader->error, setting->name, "must be an object with share");
    if (!read_share(reader, json_member(json, "share"), "exploration.share", 0.5, &exploration->share))
        return false;
    return !impressions ||
           read_integer(reader, impressions, "exploration.impressions", 10000, &exploration->impressions);
}

/* {"hours": 24, "strength": 0.5} */
static bool read_rotation(struct reader *reader, const struct setting_row *setting, struct json_object *json)
{
    struct rotation *rotation = &reader->settings->rotation;
    struct json_object *strength = json_member(json, "strength");
    rotation->strength = DEFAULT_ROTATION_STRENGTH;
    if (!json_object_is_type(json, json_type_object))
        return error_field(reader->error, setting->name, "must be an object with hours");
    return read_integer(reader, json_member(json, "hours"), "rotation.hours", 24 * 365, &rotation->hours) &&
           (!strength || read_share(reader, strength, "rotation.strength", 1, &rotation->strength));
}

static bool read_viewed(struct reader *reader, const struct setting_row *setting, struct json_object *json)
{
    return viewed_window_parse(reader->arena, json, setting->name, &reader->settings->viewed, reader->error);
}

static bool read_number(struct reader *reader, const struct setting_row *setting, struct json_object *json)
{
    return read_integer(reader, json, setting->name, setting->maximum, place_of(reader, setting));
}

static bool read_flag(struct reader *reader, const struct setting_row *setting, struct json_object *json)
{
    if (!json_object_is_type(json, json_type_boolean))
        return error_field(reader->error, setting->name, "must be true or false");
    *(bool *)place_of(reader, setting) = json_object_get_boolean(json);
    return true;
}

/* One of two words, of which the second means yes. */
static bool read_choice(struct reader *reader, const struct setting_row *setting, struct json_object *json)
{
    const char *text = json_object_is_type(json, json_type_string) ? json_object_get_string(json) : "";
    if (strcmp(text, setting->no) && strcmp(text, setting->yes))
        return error_field(reader->error, setting->name, "must be %s or %s", setting->no, setting->yes);
    *(enum context_choice *)place_of(reader, setting) = strcmp(text, setting->yes) ? CONTEXT_NO : CONTEXT_YES;
    return true;
}

#define PLACE(member) .offset = offsetof(struct context_settings, member)

static const struct setting_row table[] = {
    {"quantity", "results when the request names no number, 1 to 100", read_number, PLACE(quantity),
     .maximum = LIMIT_QUANTITY},
    {"filters", "[{\"column\", \"operator\", \"value\", \"logic\": \"AND\"|\"OR\"}, ...]",
     .read = read_filters},
    {"group_by", "[metadata key, ...]: one group of items for each value", .read = read_group_by},
    {"group_items", "items shown in a group, 1 to 10", read_number, PLACE(group_items),
     .maximum = LIMIT_GROUP_ITEMS},
    {"exclude_viewed_items", "true, false or {\"value\": 7, \"unit\": \"days\", \"impressions\": true}",
     .read = read_viewed},
    {"upcoming", "true: new goods whose created lies ahead come first, not last", read_flag, PLACE(upcoming)},
    {"strict", "true: preferences of the request act as filters", read_flag, PLACE(strict)},
    {"diversity", "{\"field\": \"category\", \"max\": 2} and/or {\"relevance\": 0.7}, 0 to 1",
     .read = read_diversity},
    {"exploration", "{\"share\": 0.1, \"impressions\": 20}: places for new items, up to 0.5",
     .read = read_exploration},
    {"rotation", "{\"hours\": 24, \"strength\": 0.5}: sinks what was shown and not clicked",
     .read = read_rotation},
    {"recommender", "\"embedded\" or \"remote\"; default: the configuration's", read_choice, PLACE(is_remote),
     .no = "embedded", .yes = "remote"},
    {"on_failure", "\"error\" or \"embedded\", when the remote recommender fails", read_choice,
     PLACE(may_fail), .no = "error", .yes = "embedded"},
    {"shadow", "\"none\" or \"remote\": query it too, and log its list only", read_choice, PLACE(has_shadow),
     .no = "none", .yes = "remote"},
};
enum { SETTINGS = sizeof(table) / sizeof(table[0]) };

const char *context_setting_help(size_t index, const char **name)
{
    *name = index < SETTINGS ? table[index].name : NULL;
    return index < SETTINGS ? table[index].help : NULL;
}

static bool read_setting(struct reader *reader, const char *key, struct json_object *value)
{
    const char *names = "";
    if (!value)
        return true; /* null counts as absent */
    for (size_t i = 0; i < SETTINGS; i++) {
        if (!strcmp(key, table[i].name))
            return table[i].read(reader, &table[i], value);
    }
    for (size_t i = 0; i < SETTINGS; i++)
        names = arena_format(reader->arena, "%s%s%s", names, i ? ", " : "", table[i].name);
    return error_field(reader->error, arena_copy_text(reader->arena, key), "is not a setting: use %s", names);
}

bool context_settings_parse(struct arena *arena, struct json_object *json, struct context_settings *settings,
                            struct error *error)
{
    struct reader reader = {.arena = arena, .settings = settings, .error = error};
    *settings = (struct context_settings){.group_items = LIMIT_GROUP_ITEMS, .diversity.relevance = 1};
    if (!json)
        return true;
    if (!json_object_is_type(json, json_type_object))
        return error_field(error, "settings", "must be a JSON object");
    json_object_object_foreach(json, key, value)
    {
        if (!read_setting(&reader, key, value))
            return false;
    }
    return true;
}
