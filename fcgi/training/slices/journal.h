/* A file of records, one behind the other, read and written in one order: what a training that is done in
 * slices keeps of its work.
 *
 * Owns the file, which is locked while it is open. Each record has a tag and a checksum, so whatever a kill
 * or a power cut leaves of the last one is seen and dropped. One place in the file: reading moves it on,
 * writing cuts off all that is behind it. For the tool only. */
#ifndef PALATE_TRAINING_SLICES_JOURNAL_H
#define PALATE_TRAINING_SLICES_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trainer_journal;

/* Opens or makes the file, mode 0600, at its first record. NULL: *error is an errno; EWOULDBLOCK: another
 * process has it open. */
struct trainer_journal *journal_open(const char *path, int *error)
    __attribute__((nonnull, warn_unused_result));

/* Syncs and closes. NULL is fine. */
void journal_close(struct trainer_journal *journal);

/* The same, and the file is gone. */
void journal_remove(struct trainer_journal *journal) __attribute__((nonnull));

/* The current place, and back to one that journal_place() returned before. */
uint64_t journal_place(const struct trainer_journal *journal) __attribute__((nonnull));
void journal_go_back(struct trainer_journal *journal, uint64_t place) __attribute__((nonnull));

/* Is there a whole record with this tag at the place? Then it is entered, and *size is set. */
bool journal_enter(struct trainer_journal *journal, uint64_t tag, uint64_t *size)
    __attribute__((nonnull, warn_unused_result));

/* Reads the next bytes of the record that was entered; zeros, and an error, when they cannot be read. */
void journal_read(struct trainer_journal *journal, void *bytes, size_t size) __attribute__((nonnull(1)));

/* Begins a record at the place; all that is behind it is lost. Then its bytes, then its end. */
void journal_begin(struct trainer_journal *journal, uint64_t tag) __attribute__((nonnull));
void journal_write(struct trainer_journal *journal, const void *bytes, size_t size)
    __attribute__((nonnull(1)));
void journal_end(struct trainer_journal *journal) __attribute__((nonnull));

/* An errno of what went wrong since the opening, or 0. After an error nothing more is written. */
int journal_error(const struct trainer_journal *journal) __attribute__((nonnull, pure));

#endif
