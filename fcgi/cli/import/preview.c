/* Rows as they would be stored; see preview.h. They are JSON lines, the form in which the command reads them, so
 * that what a table was taken for can be seen, corrected and imported. */
#include "cli/import/preview.h"

#include "base/json_write.h"
#include "base/moment.h"
#include "cli/command.h"
#include "cli/format.h"

#include <stdio.h>

enum { SHOWN = 5 };

static void print_line(struct json_writer *out)
{
    json_writer_end(out);
    printf("%s\n", json_writer_result(out));
}

void preview_item(const struct import *import, const struct admin_item *item)
{
    char created[MOMENT_SIZE];
    if (import->read > SHOWN)
        return;
    struct json_writer *out = json_writer_create(import->rows);
    json_writer_object(out, NULL);
    json_writer_text(out, "id", item->id);
    json_writer_text(out, "name", item->name);
    if (*item->description)
        json_writer_text(out, "description", item->description);
    json_writer_boolean(out, "active", item->active);
    if (item->created) {
        (void)moment_write(item->created * 1000, MOMENT_SECONDS, created);
        json_writer_text(out, "created", created);
    }
    json_writer_stored(out, "metadata", item->metadata);
    print_line(out);
}

void preview_event(const struct import *import, const struct admin_event *event, const char *type)
{
    char occurred[MOMENT_SIZE];
    if (import->read > SHOWN)
        return;
    struct json_writer *out = json_writer_create(import->rows);
    (void)moment_write(event->occurred_at, MOMENT_PRECISE, occurred);
    json_writer_object(out, NULL);
    json_writer_text(out, "user_id", event->user_id);
    json_writer_text(out, "item_id", event->item_id);
    json_writer_text(out, "type", type);
    json_writer_text(out, "occurred_at", occurred);
    json_writer_integer(out, "quantity", event->quantity);
    print_line(out);
}

int preview_end_events(const struct import *import)
{
    if (!import->read)
        return command_failed("%s holds no events", import->options.file);
    printf("%s events would be read%s, %s rejected; nothing was stored\n", format_count(import->read).text,
           import->read > SHOWN ? ", the first 5 as above" : "", format_count(import->rejected).text);
    return import->rejected ? TOOL_REJECTED : TOOL_DONE;
}
