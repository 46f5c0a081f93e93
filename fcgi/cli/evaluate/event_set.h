/* Events of a file in memory: users and items as numbers, events by user and time.
 *
 * Owns everything in it. 24 bytes an event, and the texts of the ids once. Does not read files. */
#ifndef PALATE_CLI_EVALUATE_EVENT_SET_H
#define PALATE_CLI_EVALUATE_EVENT_SET_H

#include "cli/import/event_files.h"
#include "engine/intern.h"

#include <stddef.h>

struct set_event {
    uint32_t user, item; /* numbers in users and items */
    int16_t weight;      /* -100 to 100 */
    uint16_t kind;       /* enum event_kind */
    uint32_t arrival;    /* place in the file, from 0 */
    int64_t occurred_at; /* Unix ms */
};

struct event_set {
    struct intern *users, *items;
    struct set_event *events; /* after event_set_finish(): by user, then time, then arrival */
    size_t count, capacity;
    size_t *starts; /* where the events of a user begin; one more than users */
    int64_t oldest, newest;
};

struct event_set *event_set_create(void) __attribute__((returns_nonnull, warn_unused_result));
void event_set_destroy(struct event_set *set); /* NULL is fine */

/* Copies the event. Before event_set_finish() alone. At most UINT32_MAX events. */
void event_set_add(struct event_set *set, const struct file_event *event) __attribute__((nonnull));

/* Sorts what was added; also after events were taken out of the array. */
void event_set_finish(struct event_set *set) __attribute__((nonnull));

/* Takes out the events of users that are no people (base/robot.h), and finishes; the number of such users, and in
 * *events of their events. */
uint32_t event_set_leave_out_robots(struct event_set *set, uint64_t *events)
    __attribute__((nonnull, warn_unused_result));

/* Reads a file and finishes. NULL after saying why. */
struct event_set *event_set_read(const char *path) __attribute__((nonnull, warn_unused_result));

#endif
