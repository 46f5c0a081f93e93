/* Fuzzes the cursors that come back from clients: of sections (base64url of JSON) and of events (an id).
 *
 * The first byte chooses: the text of a cursor, JSON that is made one, an event's id. What must hold: what is
 * taken is within its limits, and says the same when it is written and read again.
 *
 * Covers: fcgi/api/recommend/auto_cursor.c
 * Dictionary: json */
#include "fixture.h"

#include "api/events/list.h"
#include "api/recommend/auto_cursor.h"

#include <inttypes.h>

static void fuzz_sections(struct arena *arena, const char *text)
{
    struct auto_cursor cursor, again;
    if (!auto_cursor_read(arena, text, &cursor))
        return;
    must(cursor.window_days >= 1 && cursor.window_days <= LIMIT_WINDOW_DAYS, "a window within its limits");
    must(cursor.served_count <= LIMIT_SECTIONS, "no more sections than the limit");
    for (size_t i = 0; i < cursor.served_count; i++) {
        check_length(cursor.served[i], LIMIT_ID_CHARACTERS + 8);
        must(auto_cursor_has(&cursor, cursor.served[i]), "a section that was shown");
    }
    must(auto_cursor_read(arena, auto_cursor_write(arena, &cursor), &again),
         "a cursor that can be read again");
    must(cursor.window_days == again.window_days && cursor.served_count == again.served_count,
         "the same cursor");
    for (size_t i = 0; i < cursor.served_count; i++)
        must(!strcmp(cursor.served[i], again.served[i]), "the same sections");
}

static void fuzz_event(struct arena *arena, const char *text)
{
    uint64_t id, again;
    if (!event_id_parse(text, &id))
        return;
    const char *digits = arena_format(arena, "%" PRIu64, id);
    must(id && !strcmp(digits, strncmp(text, "evt_", 4) ? text : text + 4), "the digits of the id");
    must(event_id_parse(digits, &again) && id == again, "the same id when it is read again");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create();
    struct input input = {.bytes = (const char *)data, .length = size};
    unsigned which = input_byte(&input) % 3;
    char *text = input_text(&input, arena);
    if (which == 1) {
        char *encoded = arena_alloc(arena, input.length * 4 / 3 + 4, 1);
        text_encode_base64url((const unsigned char *)text, strlen(text), encoded);
        text = encoded;
    }
    if (which == 2)
        fuzz_event(arena, text);
    else
        fuzz_sections(arena, text);
    arena_destroy(arena);
    return 0;
}
