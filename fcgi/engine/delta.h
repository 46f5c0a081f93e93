/* A delta file, mapped read-only: what changed in a catalogue since its model, for all workers of a machine.
 *
 * It is a catalogue's changes as catalogue.c has them on its heap, flat, with offsets in place of pointers; a
 * catalogue is then made of three levels, of which an upper one hides a lower one: the model, the delta, and
 * what was applied since to its own heap. Nothing in it is lost with it, as the database has all of it: a
 * delta that is damaged, foreign, old or gone costs time only.
 *
 * Owns the mapping. delta_open() proves every size before the file is mapped; what is read later is checked at
 * each use. So a file with a wrong inside can give wrong answers but can never crash or be read past its end,
 * unless it is changed or cut in place while it is mapped: delta_write() replaces it by rename().
 * Safe for concurrent readers. */
#ifndef PALATE_ENGINE_DELTA_H
#define PALATE_ENGINE_DELTA_H

#include "engine/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct catalogue;
struct delta;

enum delta_error {
    DELTA_OK,
    DELTA_CANNOT_OPEN,  /* open, stat, read or mmap failed: errno has the reason */
    DELTA_NOT_A_FILE,   /* a folder, socket, device ... */
    DELTA_NOT_A_DELTA,  /* another kind of file, or of another version of Palate */
    DELTA_DAMAGED,      /* its sizes contradict each other, or the checksum of its header is wrong */
    DELTA_OTHER_BOOT,   /* written before the machine was started, so that it may be written in part only */
    DELTA_OTHER_ORIGIN, /* of another catalogue, or of another model */
    DELTA_ERROR__MAX
};

/* A sentence for people, without the path; never NULL, also for values outside the enumeration. */
const char *delta_error_text(enum delta_error error) __attribute__((returns_nonnull, const));

enum delta_kind {
    DELTA_CHANGES,   /* what changed since the model, or all items where there is none */
    DELTA_WITHDRAWN, /* a catalogue of withdrawn items */
    DELTA_KIND__MAX
};

/* What a delta belongs to: all of it must be the same for it to be used. */
struct delta_origin {
    uint64_t catalogue_key;  /* of the tenant */
    uint64_t model_identity; /* model_identity(); 0: there is none */
    uint64_t boot;           /* delta_boot() */
    uint32_t model_items;    /* of the model: indices of added items follow it */
    uint32_t kind;           /* enum delta_kind */
};

/* For a catalogue on the model, which may be NULL; boot is delta_boot(). */
struct delta_origin delta_origin_of(enum delta_kind kind, uint64_t catalogue_key, const struct model *model,
                                    uint64_t boot) __attribute__((warn_unused_result));

/* A number of this start of the machine, 0 where it cannot be told: then deltas are neither written nor used.
 * Reads a file of the kernel's: call it once. */
uint64_t delta_boot(void) __attribute__((warn_unused_result));

/* What its maker wants to know of it; the engine does not look at it. */
struct delta_state {
    uint64_t revision; /* changes of the tenant's catalogue up to this one are inside */
    bool is_full;      /* new items were left out */
    int64_t popularity_read_at;
};

/* Opens, checks and maps the file; costs the same whatever its size. On DELTA_OK the caller owns *delta
 * (delta_close); else it is NULL. */
enum delta_error delta_open(const char *path, const struct delta_origin *origin, struct delta **delta)
    __attribute__((nonnull, warn_unused_result));

/* NULL is fine. Of a catalogue that reads it only after the catalogue's end. */
void delta_close(struct delta *delta);

/* Is the file at path still the one that is mapped (same device, inode, size, mtime)? One stat(). */
bool delta_is_current(const struct delta *delta, const char *path)
    __attribute__((nonnull, warn_unused_result));

uint64_t delta_bytes(const struct delta *delta) __attribute__((nonnull, pure)); /* of the file */
uint32_t delta_change_count(const struct delta *delta) __attribute__((nonnull, pure));
struct delta_state delta_state(const struct delta *delta) __attribute__((nonnull));

/* Writes all changes of the catalogue, those of its own delta, too, beside path under a temporary name, and
 * renames it. Not synced: after a crash of the machine it is of another boot. Indices of items stay what they
 * are in this catalogue. Needs about 1 MiB of heap and 4 bytes for each added item and each word on the heap.
 * Only one process should do so at a time, or work is done twice. False with errno; then path is as it was.
 * Readable for its owner alone. */
bool delta_write(const char *path, const struct catalogue *catalogue, const struct delta_origin *origin,
                 const struct delta_state *state) __attribute__((nonnull, warn_unused_result));

#endif
