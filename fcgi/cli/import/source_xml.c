/* Records of a feed in XML; see source.h.
 *
 * An item is a row of the table that the same system gives: its elements are the columns. The first item stands for
 * the header, so that all rules for columns hold (known names, --map, the systems' own names); an element that comes
 * later gets its name then. An item says all that there is to say of it: what it has no element for is gone. */
#include "cli/import/source_internal.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static bool describe_failure(const struct import_source *source, enum line_outcome outcome, char *problem,
                             size_t size)
{
    if (outcome == LINE_END)
        snprintf(problem, size,
                 "XML whose outermost element is <%s> has no <item> of RSS, <entry> of Atom or <product>",
                 xml_feed_root(source->feed));
    else
        snprintf(problem, size, "%s",
                 outcome == LINE_TOO_LONG ? "the first item is longer than 1 MiB"
                                          : xml_feed_problem(source->feed));
    return false;
}

bool import_open_feed(struct import_source *source, const struct import_source_options *options,
                      char *problem, size_t problem_size)
{
    source->feed = xml_feed_create(source->reader);
    enum line_outcome outcome = xml_feed_next(source->feed, &source->item);
    if (outcome != LINE_OK)
        return describe_failure(source, outcome, problem, problem_size);
    for (size_t i = 0; i < source->item->count; i++) {
        source->elements_of_feed[i] = arena_copy_text(source->arena, source->item->values[i].name);
        source->names[i] = source->elements_of_feed[i];
    }
    source->name_count = source->item->count;
    source->header = arena_copy_text(source->arena, xml_feed_header(source->feed));
    source->footer = xml_feed_footer();
    return import_name_columns(source, options, problem, problem_size);
}

/* An element that the first item did not have. Of two with one name the first stays. */
static const char *name_later(struct import_source *source, const char *element)
{
    char problem[RECORD_PROBLEM_SIZE];
    size_t place = source->name_count;
    if (place == CSV_FIELDS)
        return "";
    source->elements_of_feed[place] = arena_copy_text(source->arena, element);
    const char *name = source->elements_of_feed[place];
    shop_export_name_columns(source->shop, &name, 1);
    if (!table_name_columns(source->arena, source->kind, NULL, &name, 1, problem, sizeof(problem)) ||
        import_source_has_column(source, name))
        name = "";
    source->names[place] = name;
    source->name_count++;
    return name;
}

static const char *name_of(struct import_source *source, const char *element)
{
    for (size_t i = 0; i < source->name_count; i++) {
        if (!strcmp(source->elements_of_feed[i], element))
            return source->names[i];
    }
    return name_later(source, element);
}

static enum record_outcome fill_from_item(struct import_source *source, const struct xml_item *item,
                                          struct record *record)
{
    for (size_t i = 0; i < item->count && record->count < RECORD_VALUES; i++) {
        const char *name = name_of(source, item->values[i].name);
        if (*name)
            record->values[record->count++] =
                (struct record_value){.name = name, .text = item->values[i].text};
    }
    return RECORD_OK;
}

enum record_outcome import_next_item(struct import_source *source, struct record *record)
{
    const struct xml_item *item = source->item;
    enum line_outcome outcome = item ? LINE_OK : xml_feed_next(source->feed, &item);
    source->item = NULL;
    record->format = IMPORT_CSV; /* its values are texts, as cells are */
    record->count = 0;
    record->line = item->line;
    record->raw = outcome == LINE_OK ? item->raw : NULL;
    if (outcome == LINE_OK)
        return fill_from_item(source, item, record);
    if (outcome == LINE_END)
        return RECORD_END;
    record_reject(record, "%s",
                  outcome == LINE_TOO_LONG ? "the item is longer than 1 MiB"
                                           : xml_feed_problem(source->feed));
    return outcome == LINE_TOO_LONG ? RECORD_BAD : RECORD_BROKEN;
}
