/* What a stored context asks for: its JSON settings, checked. One parser for the tool that stores
 * contexts and the workers that use them. */
#ifndef PALATE_RECOMMENDER_CONTEXT_SETTINGS_H
#define PALATE_RECOMMENDER_CONTEXT_SETTINGS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "engine/filter.h"
#include "recommender/shaping/diversify.h"
#include "recommender/shaping/exploration.h"
#include "recommender/shaping/rotation.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* exclude_viewed_items: none, or items with events of the user not older than `seconds` (0: ever). */
struct viewed_window {
    bool on;
    int64_t seconds;
    int64_t value;    /* as given; 0 for "all time" */
    const char *unit; /* "minutes", "hours", "days", "weeks", "all time" */
    bool impressions; /* what was shown counts as viewed, too */
};

/* What a context says on a matter that the configuration decides otherwise. */
enum context_choice { CONTEXT_UNSAID, CONTEXT_NO, CONTEXT_YES };

struct context_settings {
    int quantity; /* 0: not set */
    struct filter_condition *filters;
    size_t filter_count;
    const char *group_by[LIMIT_GROUP_FIELDS]; /* metadata paths */
    size_t group_count;                       /* 0: no grouping */
    int group_items;                          /* items shown in a group, 1 to LIMIT_GROUP_ITEMS */
    bool strict;                              /* preferences of the request act as filters */
    bool upcoming;                            /* goods of a time to come are the newest */
    struct viewed_window viewed;
    struct diversity diversity;
    struct exploration exploration;
    struct rotation rotation;
    enum context_choice is_remote;  /* "recommender": "remote" */
    enum context_choice may_fail;   /* "on_failure": "embedded" */
    enum context_choice has_shadow; /* "shadow": "remote" */
};

/* The window that holds for a request: its own (NULL: it gives none), else its context's (NULL: none). NULL:
 * what was viewed is not left out. */
const struct viewed_window *viewed_window_choose(const struct viewed_window *own,
                                                 const struct context_settings *context);

/* Reads true, false or {value, unit}. field is its name in errors, which are ERROR_VALIDATION. */
bool viewed_window_parse(struct arena *arena, struct json_object *json, const char *field,
                         struct viewed_window *viewed, struct error *error)
    __attribute__((nonnull(1, 3, 4, 5), warn_unused_result));

/* Reads an object with any of the settings that context_setting_help() lists. Unknown keys and wrong values
 * fail with ERROR_VALIDATION that names the key; null counts as absent. settings NULL means {}. Results live
 * in the arena. */
bool context_settings_parse(struct arena *arena, struct json_object *json, struct context_settings *settings,
                            struct error *error) __attribute__((nonnull(1, 3, 4), warn_unused_result));

/* What the setting of this number is for, on one line, and its name; NULL behind the last one. For help. */
const char *context_setting_help(size_t index, const char **name)
    __attribute__((nonnull, warn_unused_result));

#endif
