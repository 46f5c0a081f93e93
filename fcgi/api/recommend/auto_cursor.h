/* The cursor of auto mode: base64url of {"v": 1, "window_days": 14, "served": ["recent_activity", ...]}.
 *
 * It comes back from the client, so nothing in it is trusted: it only says which sections not to show again.
 */
#ifndef PALATE_API_RECOMMEND_AUTO_CURSOR_H
#define PALATE_API_RECOMMEND_AUTO_CURSOR_H

#include "base/arena.h"
#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct auto_cursor {
    int64_t window_days;
    const char *served[LIMIT_SECTIONS]; /* section ids, in the order in which they were shown */
    size_t served_count;
};

/* Reads a cursor into the arena. False when it is not well-formed. */
bool auto_cursor_read(struct arena *arena, const char *text, struct auto_cursor *cursor)
    __attribute__((nonnull, warn_unused_result));

/* The text of a cursor. */
const char *auto_cursor_write(struct arena *arena, const struct auto_cursor *cursor)
    __attribute__((nonnull, returns_nonnull));

/* Whether it says that the section was shown. */
bool auto_cursor_has(const struct auto_cursor *cursor, const char *section_id) __attribute__((nonnull));

#endif
