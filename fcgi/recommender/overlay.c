/* One tenant's changes, on the heap and in its delta file; see overlay.h.
 *
 * The problem: every worker held everything that changed since the model, and each new one read it from the
 * database, row by row. The idea is that of a log-structured merge tree with three levels (engine/delta.c): the
 * heap of a worker is the smallest of them, and when it is full, all of the two upper levels is written as the
 * next delta. That is a copy of what is there already, so how often it happens is a choice between memory and
 * work, made in overlay_is_due():
 *
 *   - by bytes: when the heap is a sixteenth of the delta, but at least HEAP_LEAST and at most HEAP_MOST;
 *   - by rows, which cost a new worker a fifth of a millisecond each: a sixteenth of what changed, from ROWS_LEAST
 *     to ROWS_MOST.
 *
 * So a small catalogue is written at little cost and a large one seldom: n single changes of a catalogue with m
 * changed items copy at most n * m / ROWS_MOST of them, and a thousand at once are one copy.
 *
 * Who writes holds a lock for the tenant, a byte of one file (F_OFD_SETLK), which ends with the process; who does
 * not get it goes on with what is on its heap. Others meet the new file when they have to read changes: they look
 * for it before they read the database. A file is looked into once, and known by its inode and ctime.
 *
 * A worker that reads very much at once, as the first after a start of the machine does, would have all of it on
 * its heap until the end. Its heap goes into a file on the way, which has no name as soon as it is mapped: what
 * others may take must be whole up to its revision, and a half-read one is not.
 *
 * It does not: keep a delta from being wrong. Whoever can write the folder can write one, and then answers are
 * wrong; docs/security.md says who can. */
#include "recommender/overlay.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "recommender/item_fields.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HEAP_LEAST = 32 * 1024,
    HEAP_MOST = 3 * 1024 * 1024,
    ROWS_LEAST = 32,
    ROWS_MOST = 128,
    SHARE = 16,
    /* Of the heap within one reading: an eighth of the delta, between these, so that the copies in between are
     * few. */
    SPILL_SHARE = 8,
    SPILL_LEAST = 4 * 1024 * 1024,
    SPILL_MOST = 8 * 1024 * 1024,
    RETRY_SECONDS = 60,
    /* Others may be about to use a younger file, and a younger temporary one may be somebody's. */
    STALE_SECONDS = 60,
    LEFTOVER_SECONDS = 600,
};

/* lint: tables, all of enum delta_kind. */
static const char *const kind_names[DELTA_KIND__MAX] = {
    [DELTA_CHANGES] = "delta", [DELTA_WITHDRAWN] = "withdrawn"};

/* ---- Files */

bool overlay_path(const char *state_file, enum delta_kind kind, uint32_t tenant_id, char *path, size_t size)
{
    int length = snprintf(path, size, "%s.%s-%u", state_file, kind_names[kind], tenant_id);
    return *state_file && length > 0 && (size_t)length < size;
}

/* Whether there may be a file, and its path. */
static bool find_path(const struct overlay_owner *owner, char path[PATH_MAX])
{
    return owner->folder->boot &&
           overlay_path(owner->folder->state_file, owner->kind, owner->tenant->id, path, PATH_MAX);
}

bool overlay_can_write(const struct overlay_owner *owner)
{
    return owner->folder->boot && *owner->folder->state_file && clock_unix() >= owner->folder->retry_at;
}

static struct delta_origin origin_of(const struct overlay_owner *owner)
{
    return delta_origin_of(owner->kind, owner->tenant->catalogue_key, owner->model, owner->folder->boot);
}

void overlay_remove_file(const struct overlay_owner *owner)
{
    char path[PATH_MAX];
    if (find_path(owner, path))
        unlink(path);
}

/* A process that was killed while it wrote leaves a file of its own name, with a dot behind the delta's. */
static void remove_leftovers(struct delta_folder *folder)
{
    char path[PATH_MAX];
    const char *slash = strrchr(folder->state_file, '/');
    size_t directory_length = slash ? (size_t)(slash - folder->state_file) : 0;
    if (folder->is_tidied || !slash || directory_length >= sizeof(path))
        return;
    folder->is_tidied = true;
    memcpy(path, folder->state_file, directory_length);
    path[directory_length] = '\0';
    DIR *directory = opendir(path);
    for (struct dirent *file; directory && (file = readdir(directory));) {
        struct stat status;
        size_t base_length = strlen(slash + 1);
        const char *kind = file->d_name + base_length + 1;
        if (strncmp(file->d_name, slash + 1, base_length) != 0 || file->d_name[base_length] != '.' ||
            (strncmp(kind, "delta-", 6) != 0 && strncmp(kind, "withdrawn-", 10) != 0) || !strchr(kind, '.'))
            continue;
        if (fstatat(dirfd(directory), file->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            status.st_mtim.tv_sec < clock_unix() - LEFTOVER_SECONDS)
            unlinkat(dirfd(directory), file->d_name, 0);
    }
    if (directory)
        closedir(directory);
}

/* Said once a minute at most, since nothing is tried before. */
static void note_failure(const struct overlay_owner *owner, const char *path)
{
    owner->folder->retry_at = clock_unix() + RETRY_SECONDS;
    log_line("palate: what changed since the model is kept by each worker for itself: %s: %s", path,
             strerror(errno));
}

/* ---- The levels */

void overlay_release(struct overlay *overlay)
{
    catalogue_destroy(overlay->catalogue);
    delta_close(overlay->delta);
    *overlay = (struct overlay){0};
}

void overlay_begin(struct overlay *overlay, const struct overlay_owner *owner)
{
    overlay_release(overlay);
    overlay->catalogue = catalogue_create(owner->model, NULL);
    catalogue_share_rooms(overlay->catalogue, owner->rooms);
    overlay->revision = owner->model ? model_catalogue_revision(owner->model) : 0;
}

/* An empty heap on that delta, which has all that was on the heap, or more. */
static void use_delta(struct overlay *overlay, const struct overlay_owner *owner, struct delta *delta)
{
    catalogue_destroy(overlay->catalogue);
    delta_close(overlay->delta);
    overlay->delta = delta;
    overlay->catalogue = catalogue_create(owner->model, delta);
    catalogue_share_rooms(overlay->catalogue, owner->rooms);
    overlay->rows = 0;
    overlay->is_spilled = false;
}

static void use_state(struct overlay *overlay, const struct delta_state *state)
{
    overlay->revision = state->revision;
    overlay->is_full = state->is_full;
    overlay->popularity_read_at = state->popularity_read_at;
}

static void note_seen(struct overlay *overlay, const struct stat *status)
{
    overlay->seen = status->st_ino;
    overlay->seen_changed = status->st_ctim;
}

static bool is_seen(const struct overlay *overlay, const struct stat *status)
{
    return overlay->seen == status->st_ino && overlay->seen_changed.tv_sec == status->st_ctim.tv_sec &&
           overlay->seen_changed.tv_nsec == status->st_ctim.tv_nsec;
}

/* Of the same revision the one whose popularity is not older. */
static bool has_more(const struct delta_state *state, const struct overlay *overlay)
{
    return state->revision > overlay->revision ||
           (state->revision == overlay->revision && state->popularity_read_at >= overlay->popularity_read_at);
}

enum overlay_found overlay_look(struct overlay *overlay, const struct overlay_owner *owner, uint64_t now)
{
    char path[PATH_MAX];
    struct stat status;
    struct delta *delta;
    if (!find_path(owner, path) || lstat(path, &status) != 0 || status.st_uid != geteuid() ||
        is_seen(overlay, &status))
        return OVERLAY_NOTHING;
    struct delta_origin origin = origin_of(owner);
    enum delta_error code = delta_open(path, &origin, &delta);
    if (code != DELTA_OK) {
        note_seen(overlay, &status);
        if (code != DELTA_CANNOT_OPEN && status.st_mtim.tv_sec < clock_unix() - STALE_SECONDS)
            unlink(path);
        return OVERLAY_NOTHING;
    }
    struct delta_state state = delta_state(delta);
    if (state.revision > now) {
        delta_close(delta);
        return OVERLAY_AHEAD;
    }
    note_seen(overlay, &status);
    if (!has_more(&state, overlay)) {
        delta_close(delta);
        return OVERLAY_NOTHING;
    }
    use_delta(overlay, owner, delta);
    use_state(overlay, &state);
    return OVERLAY_TAKEN;
}

size_t overlay_bytes(const struct overlay *overlay)
{
    return overlay->catalogue ? catalogue_bytes(overlay->catalogue) : 0;
}

/* ---- Reading */

static uint64_t between(uint64_t least, uint64_t value, uint64_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* Into a file without a name. A failure leaves everything on the heap. */
static void spill(struct overlay *overlay, const struct overlay_owner *owner)
{
    char path[PATH_MAX], own[PATH_MAX + 16];
    struct delta *delta;
    struct delta_origin origin = origin_of(owner);
    struct delta_state state = {.revision = overlay->revision};
    if (!find_path(owner, path))
        return;
    snprintf(own, sizeof(own), "%s.%d", path, (int)getpid());
    bool done =
        delta_write(own, overlay->catalogue, &origin, &state) && delta_open(own, &origin, &delta) == DELTA_OK;
    if (!done)
        note_failure(owner, own);
    unlink(own);
    if (!done)
        return;
    use_delta(overlay, owner, delta);
    overlay->is_spilled = true;
}

static bool is_too_large(const struct overlay *overlay, const struct overlay_owner *owner)
{
    size_t bytes = overlay_bytes(overlay);
    uint64_t below = overlay->delta ? delta_bytes(overlay->delta) : 0;
    return bytes > between(SPILL_LEAST, below / SPILL_SHARE, SPILL_MOST) && overlay_can_write(owner);
}

/* New items beyond the limits are left out, so that memory and disk are bounded; changes of known ones never are,
 * since an item that was withdrawn or re-priced must not slip. */
static bool has_room(const struct overlay *overlay)
{
    return catalogue_change_count(overlay->catalogue) < LIMIT_CATALOGUE_CHANGES &&
           overlay_bytes(overlay) < LIMIT_CATALOGUE_HEAP_BYTES &&
           (!overlay->delta || delta_bytes(overlay->delta) < LIMIT_DELTA_BYTES);
}

void overlay_apply(void *context, struct arena *scratch, const struct item_row *row)
{
    struct overlay_reading *reading = context;
    struct overlay *overlay = reading->overlay;
    uint32_t index;
    reading->revision = row->revision;
    overlay->rows++; /* also one that is left out, which every reader gets again */
    bool known = catalogue_find(overlay->catalogue, row->id, strlen(row->id), &index);
    if (!known && (!row->active || !has_room(overlay))) {
        reading->is_full = reading->is_full || row->active;
        return;
    }
    struct engine_item item = {.id = row->id,
                               .name = row->name,
                               .description = row->description,
                               .metadata = row->metadata,
                               .created = row->created_at,
                               .updated = row->updated_at,
                               .active = row->active};
    item_fields_parse(scratch, row->metadata, &item);
    catalogue_apply(overlay->catalogue, &item);
    if (is_too_large(overlay, reading->owner))
        spill(overlay, reading->owner);
}

void overlay_end_reading(const struct overlay_reading *reading, uint64_t revision)
{
    struct overlay *overlay = reading->overlay;
    overlay->revision = reading->revision > revision ? reading->revision : revision;
    overlay->is_full = overlay->is_full || reading->is_full;
    if (reading->is_full)
        log_line("palate: tenant %u has more than %d new items since its model, or more than fit in its "
                 "delta; run "
                 "`palate train`",
                 reading->owner->tenant->id, LIMIT_CATALOGUE_CHANGES);
}

/* ---- Writing */

bool overlay_is_due(const struct overlay *overlay, const struct overlay_owner *owner)
{
    if (!overlay->catalogue || !overlay_can_write(owner))
        return false;
    uint64_t below = overlay->delta ? delta_bytes(overlay->delta) : 0;
    uint64_t changes = overlay->delta ? delta_change_count(overlay->delta) : 0;
    return overlay->is_spilled || overlay_bytes(overlay) > between(HEAP_LEAST, below / SHARE, HEAP_MOST) ||
           overlay->rows >= between(ROWS_LEAST, changes / SHARE, ROWS_MOST);
}

int overlay_lock(const struct overlay_owner *owner)
{
    char path[PATH_MAX];
    struct flock range = {.l_type = F_WRLCK,
                          .l_whence = SEEK_SET,
                          .l_start = (off_t)owner->tenant->id * DELTA_KIND__MAX + owner->kind,
                          .l_len = 1};
    int length = snprintf(path, sizeof(path), "%s.deltas", owner->folder->state_file);
    if (!overlay_can_write(owner) || length < 0 || (size_t)length >= sizeof(path))
        return -1;
    int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) {
        note_failure(owner, path);
        return -1;
    }
    if (fcntl(descriptor, F_OFD_SETLK, &range) == 0)
        return descriptor;
    close(descriptor);
    return -1;
}

void overlay_write(struct overlay *overlay, const struct overlay_owner *owner)
{
    char path[PATH_MAX];
    struct stat status;
    struct delta *delta;
    struct delta_origin origin = origin_of(owner);
    struct delta_state state = {.revision = overlay->revision,
                                .is_full = overlay->is_full,
                                .popularity_read_at = overlay->popularity_read_at};
    if (!find_path(owner, path))
        return;
    remove_leftovers(owner->folder);
    if (!delta_write(path, overlay->catalogue, &origin, &state)) {
        note_failure(owner, path);
        return;
    }
    bool is_there = stat(path, &status) == 0;
    if (delta_open(path, &origin, &delta) != DELTA_OK)
        return;
    use_delta(overlay, owner, delta);
    memory_trim();
    if (is_there)
        note_seen(overlay, &status);
}
