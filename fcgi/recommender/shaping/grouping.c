/* Cuts a ranked list into groups; see grouping.h.
 *
 * One pass in rank order: an item joins the group of its key, or opens a new one while fewer than wanted are
 * open. So groups are ranked by their best item, and the items within each are in rank order, without
 * sorting. The key is the first value of each field, joined by " | "; items without any share the key
 * "(none)". Keys of categories are compared as labels ("Kitchen" and "kitchen " are one group), and shown as
 * the best item has them.
 *
 * A group that is full takes no more, and the items of further keys are passed over: how long the ranked list
 * must be is found by the caller, with grouping_is_complete(). Memory: one result for each item that is kept.
 */
#include "recommender/shaping/grouping.h"

#include "base/work_budget.h"
#include "engine/label.h"

#include <string.h>

/* Of work: for making a key, and groups that one step compares it with. */
enum { STEPS_A_KEY = 8, STEP_GROUPS = 8 };

static const char *find_value(const struct catalogue *catalogue, uint32_t item, const char *field)
{
    const char *text;
    return catalogue_first_text(catalogue, item, field, &text) ? text : GROUPING_NO_VALUE;
}

/* *same is the key as it is compared: values of categories as labels. */
static const char *make_key(struct arena *arena, const struct catalogue *catalogue,
                            const struct context_settings *context, uint32_t item, const char **same)
{
    const char *key = NULL;
    for (size_t i = 0; i < context->group_count; i++) {
        const char *value = find_value(catalogue, item, context->group_by[i]);
        const char *folded = label_is_category(context->group_by[i]) ? label_fold(arena, value) : value;
        *same = key ? arena_format(arena, "%s | %s", *same, folded) : folded;
        key = key ? arena_format(arena, "%s | %s", key, value) : value;
    }
    return key;
}

/* quantity is at most LIMIT_QUANTITY, so looking along the list beats hashing. */
static struct group *find_group(struct group *groups, size_t count, const char *same)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(groups[i].same, same))
            return &groups[i];
    }
    return NULL;
}

size_t grouping_cut(struct arena *arena, const struct catalogue *catalogue,
                    const struct context_settings *context, const struct engine_result *results, size_t count,
                    size_t quantity, struct group **groups)
{
    size_t found = 0, room = (size_t)context->group_items;
    *groups = arena_alloc(arena, quantity, sizeof(**groups));
    for (size_t i = 0; i < count && work_budget_take(STEPS_A_KEY + found / STEP_GROUPS); i++) {
        const char *same = "", *key = make_key(arena, catalogue, context, results[i].item, &same);
        struct group *group = find_group(*groups, found, same);
        if (!group && found < quantity) {
            group = &(*groups)[found++];
            *group = (struct group){
                .key = key, .same = same, .results = arena_alloc(arena, room, sizeof(*group->results))};
        }
        if (group && group->count < room)
            group->results[group->count++] = results[i];
    }
    return found;
}

bool grouping_is_complete(const struct group *groups, size_t count, size_t quantity,
                          const struct context_settings *context)
{
    for (size_t i = 0; i < count; i++) {
        if (groups[i].count < (size_t)context->group_items)
            return false;
    }
    return count >= quantity;
}
