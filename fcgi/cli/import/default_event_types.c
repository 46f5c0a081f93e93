/* The usual event types; see default_event_types.h. */
#include "cli/import/default_event_types.h"

#include <string.h>

const struct admin_event_type default_event_types[DEFAULT_EVENT_TYPES] = {
    {1, "view", 10, false},        {2, "click", 10, false},    {3, "like", 50, false},
    {4, "add_to_cart", 30, false}, {5, "purchase", 100, true}, {6, "conversion", 100, true},
    {7, "impression", 1, false},   {8, "search", 0, false},
};

int default_event_weight(const char *type)
{
    for (size_t i = 0; type && i < DEFAULT_EVENT_TYPES; i++) {
        if (!strcmp(default_event_types[i].name, type))
            return default_event_types[i].weight;
    }
    return UNKNOWN_EVENT_WEIGHT;
}
