/* What the database knows of one item that a catalogue in memory does not: whether it is gone or only off. */
#ifndef PALATE_STORAGE_ITEM_STATES_H
#define PALATE_STORAGE_ITEM_STATES_H

#include "storage/database.h"

enum item_state { ITEM_STATE_UNKNOWN, ITEM_STATE_DELETED, ITEM_STATE_INACTIVE, ITEM_STATE_ACTIVE };

bool item_states_read(struct database *db, uint32_t tenant_id, const char *item_id, enum item_state *state,
                      struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
