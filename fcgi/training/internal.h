/* The state of a training, shared by the trainer's own files and by nobody else.
 *
 * trainer.c collects; training/build/columns.c, training/learn/popularity.c and training/build/rows.c (with
 * the files that it calls) each compute one part of struct trained; training/build/write.c writes it. */
#ifndef PALATE_TRAINING_INTERNAL_H
#define PALATE_TRAINING_INTERNAL_H

#include "base/arena.h"
#include "engine/intern.h"
#include "engine/model_format.h"
#include "training/slices/steps.h"
#include "training/trainer.h"

#include <stddef.h>

struct trainer_item {
    const char *name, *description, *metadata; /* in the trainer's arena */
    int64_t created, updated;
    size_t field_first; /* in trainer.fields */
    size_t field_count;
    float vector[ENGINE_VECTOR_SIZE];
};

struct trainer_field {
    uint32_t path; /* in trainer.paths */
    uint32_t text; /* in trainer.texts */
    double number;
};

struct trainer_event {
    uint32_t item; /* in order of arrival */
    float weight;  /* > 0 */
    int64_t time;
};

/* An event of a weight below 0, which takes back others of the same user and item. */
struct trainer_withdrawal {
    const char *user_id; /* who may have no other events */
    uint32_t user;       /* in trainer.users, once the events are grouped */
    uint32_t item;       /* in order of arrival */
    float weight;        /* < 0 */
};

struct trained_rows {
    uint64_t *starts; /* items + 1 */
    uint32_t *targets;
    float *weights;
};

/* What goes into the file; items are counted by rank, their place in the order of ids. */
struct trained {
    uint32_t *order; /* item by rank */
    uint32_t *ranks; /* rank by item */
    float *popularity;
    float *recent;
    uint32_t *events;
    int64_t *first_events;
    uint32_t column_count;
    uint32_t *column_paths;        /* in trainer.paths */
    uint64_t *column_first_values; /* column_count + 1 */
    uint32_t *value_texts;         /* in trainer.texts */
    double *value_numbers;
    uint64_t *code_starts; /* column_count x (items + 1) */
    uint32_t *codes;
    size_t code_count;
    struct trained_rows rows;        /* blended */
    struct trained_rows transitions; /* by order */
    struct trained_rows contents;    /* by texts */
    float *trend;
    float *item_vectors; /* items x ENGINE_VECTOR_SIZE */
    float *text_map;     /* NULL: none */
    struct model_settings settings;
    char *evidence;
};

struct trainer {
    struct trainer_options options;
    struct arena *arena; /* texts */
    struct intern *ids;
    struct intern *users; /* while events are added; NULL when they are grouped */
    struct intern *paths;
    struct intern *texts;
    struct trainer_item *items;
    size_t item_capacity;
    struct trainer_field *fields;
    size_t field_count, field_capacity;
    struct trainer_event *events; /* in the order of arrival; when grouped by user, and in it within a user */
    uint32_t *event_users;        /* of each event, in trainer.users; NULL when they are grouped */
    size_t *event_starts;         /* user_count + 1; NULL until they are grouped */
    uint32_t user_count;          /* when grouped */
    size_t event_count, event_capacity;
    struct trainer_withdrawal *withdrawals; /* until the events are grouped */
    size_t withdrawal_count, withdrawal_capacity;
    uint64_t ignored_events;
    uint64_t robots, robot_events; /* left out, once the events are grouped */
    uint64_t uncounted_events;     /* for which there is no memory */
    uint64_t bytes_written;
    struct trainer_steps steps;
    struct trained trained;
};

/* How long ago an event was, in days before the reference time of the data. Never negative. */
double trainer_age_in_days(int64_t reference, int64_t time) __attribute__((const));

/* The newest event, or now when that is earlier; 0 without events. */
int64_t trainer_reference_time(const struct trainer *trainer) __attribute__((nonnull));

/* Puts the events of each user together and forgets the users' names; nothing when that was done. */
void trainer_group_events(struct trainer *trainer) __attribute__((nonnull));

/* Notes an event of a weight below 0. */
void trainer_add_withdrawal(struct trainer *trainer, const char *user_id, uint32_t item, float weight)
    __attribute__((nonnull));

/* Leaves out the grouped events of each user and item of which nothing is left, and forgets the withdrawals. users:
 * whose numbers the groups have. */
void trainer_withdraw_events(struct trainer *trainer, const struct intern *users) __attribute__((nonnull));

/* Leaves out the grouped events of users that are no people, and counts both. */
void trainer_leave_out_robots(struct trainer *trainer) __attribute__((nonnull));

void trainer_build_columns(struct trainer *trainer) __attribute__((nonnull));
void trainer_build_popularity(struct trainer *trainer) __attribute__((nonnull));
void trainer_build_rows(struct trainer *trainer) __attribute__((nonnull));

#endif
