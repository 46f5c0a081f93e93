/* The catalogues that a worker keeps; see catalogues.h.
 *
 * The problem: each answer must reflect everything that was committed before its request began, in any of the
 * workers, and yet read nothing that has not changed. The idea is a revision: every change of a tenant's
 * items raises a number in the tenant's row, which each request reads anyway, and every item carries the
 * number of its last change. A catalogue knows up to which revision it is complete. If the tenant's is the
 * same, there is nothing to do; otherwise the items with a greater one are read and applied, in one indexed
 * range.
 *
 * A model says up to which revision it has learned the catalogue, so a new one is mapped in place of the old
 * and the few changes since are applied to it. What changed since is shared, too, in delta files (overlay.c),
 * which bring a worker that is new or has not been asked for long to a late revision at the cost of a mapping.
 * Workers need no messages and no common memory beside the page cache, and may be at different revisions for a
 * moment without harm.
 *
 * What need not be done for an answer is done after it, in catalogues_upkeep(): the next delta is written, the
 * popularity of a tenant without a model is read again, from a sample of its newest events, and a worker that has
 * written many items reads them, so that the delta is never far behind and no request has to read much.
 * Popularity is a minute old at most where requests are frequent; after a longer pause, up to
 * POPULARITY_LATE_SECONDS, one answer is given with the older one, and behind that it is read before. Reading
 * it costs some ten milliseconds, so workers share it in the delta, and for a large delta, which has to be
 * copied for it, it is done less often: a second later for each MiB.
 *
 * Entries are found by a hash of the tenant. They are bounded by number and by the heap that they take together;
 * with delta files each takes little, so that a worker keeps hundreds, and the longest unused goes, after the
 * answer. Without delta files one may take much, and the bound is higher.
 *
 * Cost: one stat() a request; after a change, one for the delta and one query for the changed items; after a
 * training, mapping a file. A model file that is wrong is remembered by inode and ctime, so that it is opened and
 * logged once and not with each request; anything that repairs it changes one of the two. */
#include "recommender/catalogues.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "recommender/model_files.h"
#include "recommender/overlay.h"
#include "recommender/overlay_popularity.h"
#include "storage/tenants.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    /* Popularity for a tenant without a model: how old it may get. */
    POPULARITY_SECONDS = 60,
    POPULARITY_LATE_SECONDS = 600,
    POPULARITY_BYTES_A_SECOND = 1024 * 1024,
    /* Items and revisions that a worker which writes lets pass before it reads them. */
    UNREAD_MOST = 128,
    CHAINS = 256,
};

struct entry {
    struct entry *next; /* of its chain */
    uint32_t tenant_id;
    uint64_t noted;                    /* what the metrics were last told of it; 0: nothing */
    uint64_t used;                     /* for least recently used */
    size_t bytes;                      /* of heap, as they are in the sum */
    bool has_ranked;                   /* since the last upkeep */
    uint64_t unread;                   /* items that this worker has written and not read */
    struct model *model;               /* NULL: none */
    struct overlay changes, withdrawn; /* the latter begun when a search of the whole catalogue wants it */
    ino_t refused; /* inode and ctime of a file that was found wrong, so that it is logged once; 0: none */
    struct timespec refused_changed; /* by a write as by chmod and setfacl, which may repair it */
};

struct catalogues {
    const char *directory;
    struct delta_folder deltas;
    struct catalogue_rooms *rooms;
    uint64_t uses;
    size_t count, bytes; /* of entries, and of heap */
    struct entry *chains[CHAINS];
};

struct catalogues *catalogues_create(const char *directory, const char *state_file)
{
    struct catalogues *catalogues = memory_alloc(1, sizeof(*catalogues));
    catalogues->directory = directory;
    catalogues->deltas =
        (struct delta_folder){.state_file = state_file, .boot = *state_file ? delta_boot() : 0};
    catalogues->rooms = catalogue_rooms_create();
    return catalogues;
}

/* ---- Entries */

static struct entry **chain_of(struct catalogues *catalogues, uint32_t tenant_id)
{
    return &catalogues->chains[tenant_id % CHAINS]; /* numbers of ours, one after the other */
}

static struct entry *find_entry(struct catalogues *catalogues, uint32_t tenant_id)
{
    struct entry *entry = *chain_of(catalogues, tenant_id);
    while (entry && entry->tenant_id != tenant_id)
        entry = entry->next;
    return entry;
}

static void remove_entry(struct catalogues *catalogues, struct entry *entry)
{
    struct entry **link = chain_of(catalogues, entry->tenant_id);
    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    catalogues->count--;
    catalogues->bytes -= entry->bytes;
    overlay_release(&entry->changes);
    overlay_release(&entry->withdrawn);
    if (entry->model)
        model_close(entry->model);
    memory_free(entry);
}

/* The longest unused but for one; NULL: there is no other. */
static struct entry *find_oldest(struct catalogues *catalogues, const struct entry *but)
{
    struct entry *oldest = NULL;
    for (size_t i = 0; i < CHAINS; i++) {
        for (struct entry *entry = catalogues->chains[i]; entry; entry = entry->next) {
            if (entry != but && (!oldest || entry->used < oldest->used))
                oldest = entry;
        }
    }
    return oldest;
}

static struct entry *make_entry(struct catalogues *catalogues, uint32_t tenant_id)
{
    struct entry *entry = find_entry(catalogues, tenant_id);
    if (!entry) {
        struct entry *oldest =
            catalogues->count < LIMIT_MAPPED_TENANTS ? NULL : find_oldest(catalogues, NULL);
        if (oldest)
            remove_entry(catalogues, oldest);
        struct entry **chain = chain_of(catalogues, tenant_id);
        entry = memory_alloc(1, sizeof(*entry));
        *entry = (struct entry){.tenant_id = tenant_id, .next = *chain};
        *chain = entry;
        catalogues->count++;
    }
    entry->used = ++catalogues->uses;
    return entry;
}

static void count_bytes(struct catalogues *catalogues, struct entry *entry)
{
    size_t bytes = sizeof(*entry) + overlay_bytes(&entry->changes) + overlay_bytes(&entry->withdrawn);
    catalogues->bytes = catalogues->bytes - entry->bytes + bytes;
    entry->bytes = bytes;
}

void catalogues_destroy(struct catalogues *catalogues)
{
    for (struct entry *entry; catalogues && (entry = find_oldest(catalogues, NULL));)
        remove_entry(catalogues, entry);
    if (catalogues)
        catalogue_rooms_destroy(catalogues->rooms);
    memory_free(catalogues);
}

static struct overlay_owner owner_of(struct catalogues *catalogues, const struct entry *entry,
                                     const struct tenant *tenant, enum delta_kind kind)
{
    return (struct overlay_owner){.folder = &catalogues->deltas,
                                  .tenant = tenant,
                                  .model = kind == DELTA_CHANGES ? entry->model : NULL,
                                  .kind = kind,
                                  .rooms = catalogues->rooms};
}

/* ---- Models */

/* Makes the overlay begin anew on it. */
static void use_model(struct catalogues *catalogues, struct entry *entry, const struct tenant *tenant,
                      struct model *model)
{
    struct model *before = entry->model;
    entry->model = model;
    struct overlay_owner owner = owner_of(catalogues, entry, tenant, DELTA_CHANGES);
    overlay_begin(&entry->changes, &owner);
    if (before && before != model)
        model_close(before);
}

static void refuse_file(struct entry *entry, const struct stat *status)
{
    entry->refused = status->st_ino;
    entry->refused_changed = status->st_ctim;
}

static bool is_refused(const struct entry *entry, const struct stat *status)
{
    return entry->refused == status->st_ino && entry->refused_changed.tv_sec == status->st_ctim.tv_sec &&
           entry->refused_changed.tv_nsec == status->st_ctim.tv_nsec;
}

/* Training replaces a file that is wrong; one that this user may not read needs other rights. */
static void log_refused(const char *path, enum model_error code, int reason)
{
    if (code == MODEL_CANNOT_OPEN)
        log_line("palate: model %s is not used: %s; let the workers' user read it, as root `palate doctor` "
                 "says how",
                 path, strerror(reason));
    else
        log_line("palate: model %s is not used: %s; run `palate train`", path, model_error_text(code));
}

/* Maps a new generation when there is one. */
static void refresh_model(struct catalogues *catalogues, struct entry *entry, const struct tenant *tenant,
                          const char *path)
{
    struct stat status;
    struct model *model = NULL;
    if (entry->model && model_is_current(entry->model, path))
        return;
    if (stat(path, &status) == 0 && !is_refused(entry, &status)) {
        enum model_error code = model_open(path, &model);
        if (code != MODEL_OK) {
            log_refused(path, code, errno);
            refuse_file(entry, &status);
        }
    }
    if (model || !entry->changes.catalogue)
        use_model(catalogues, entry, tenant, model);
}

/* Drops a model that was not made from this tenant's data. The file of another tenant or installation would
 * show what is not this tenant's: its catalogue key differs. And one that knows more revisions than the
 * database was trained before an older backup was restored, so what it learned may never have happened here.
 */
static bool refuse_foreign_model(struct catalogues *catalogues, struct entry *entry, struct database *db,
                                 const struct tenant *tenant, const char *path, struct error *error)
{
    if (!entry->model)
        return true;
    uint64_t known = model_catalogue_revision(entry->model);
    uint64_t now = tenant->catalogue_revision;
    bool own = model_catalogue_key(entry->model) == tenant->catalogue_key;
    struct stat status;
    /* The tenant was read before a training that has ended since: look again. */
    if (own && known > now && !tenants_read_revision(db, tenant->id, &now, error))
        return false;
    if (own && known <= now)
        return true;
    if (stat(path, &status) == 0)
        refuse_file(entry, &status);
    log_line("palate: model %s is not used: it was made from other data; run `palate train`", path);
    use_model(catalogues, entry, tenant, NULL);
    return true;
}

static bool bring_model(struct catalogues *catalogues, struct entry *entry, struct database *db,
                        const struct tenant *tenant, struct error *error)
{
    char path[PATH_MAX];
    if (!model_files_path(catalogues->directory, tenant->id, path, sizeof(path)))
        path[0] = '\0';
    refresh_model(catalogues, entry, tenant, path);
    return refuse_foreign_model(catalogues, entry, db, tenant, path, error);
}

/* ---- Items */

/* Takes what others wrote, up to the tenant's revision `now`. A file that is ahead of it is of a time that a backup
 * which was put back has undone, unless the tenant was read before it came: then it is looked at again. */
static bool take_newer(struct overlay *overlay, const struct overlay_owner *owner, struct database *db,
                       uint64_t now, struct error *error)
{
    if (overlay_look(overlay, owner, now) != OVERLAY_AHEAD)
        return true;
    if (!tenants_read_revision(db, owner->tenant->id, &now, error))
        return false;
    if (overlay_look(overlay, owner, now) == OVERLAY_AHEAD)
        overlay_remove_file(owner);
    return true;
}

/* What the overlay itself has may be undone in the same way. */
static bool drop_undone(struct overlay *overlay, const struct overlay_owner *owner, struct database *db,
                        struct error *error)
{
    uint64_t now = owner->tenant->catalogue_revision;
    if (overlay->revision <= now)
        return true;
    if (!tenants_read_revision(db, owner->tenant->id, &now, error))
        return false;
    if (overlay->revision > now)
        overlay_begin(overlay, owner);
    return true;
}

static bool visit_changes(struct overlay_reading *reading, struct database *db, uint64_t known,
                          struct error *error)
{
    const struct overlay_owner *owner = reading->owner;
    uint64_t count;
    return owner->kind == DELTA_CHANGES
               ? items_visit_changed(db, owner->tenant->id, known, UINT32_MAX, overlay_apply, reading, &count,
                                     error)
               : items_visit_withdrawn(db, owner->tenant->id, known, overlay_apply, reading, error);
}

/* From the delta file what is in it, from the database the rest. */
static bool refresh_items(struct overlay *overlay, const struct overlay_owner *owner, struct database *db,
                          struct error *error)
{
    struct overlay_reading reading = {.overlay = overlay, .owner = owner};
    uint64_t now = owner->tenant->catalogue_revision;
    if (!drop_undone(overlay, owner, db, error))
        return false;
    if (overlay->revision >= now)
        return true;
    if (!take_newer(overlay, owner, db, now, error))
        return false;
    if (overlay->revision >= now)
        return true;
    if (!visit_changes(&reading, db, overlay->revision, error)) {
        overlay_begin(overlay, owner); /* half applied */
        return false;
    }
    overlay_end_reading(&reading, owner->tenant->catalogue_revision);
    return true;
}

/* ---- Popularity, only for a tenant without a model: a model holds it itself */

static bool is_older(const struct entry *entry, int64_t seconds)
{
    return !entry->model && entry->changes.catalogue &&
           clock_unix() - entry->changes.popularity_read_at >= seconds;
}

/* For an answer only what is missing, or much too old. */
static bool need_popularity(struct entry *entry, struct database *db, const struct tenant *tenant,
                            struct error *error)
{
    return !is_older(entry, POPULARITY_LATE_SECONDS) ||
           overlay_read_popularity(&entry->changes, db, tenant, error);
}

static bool popularity_is_due(const struct entry *entry)
{
    const struct delta *delta = entry->changes.delta;
    int64_t more = delta ? (int64_t)(delta_bytes(delta) / POPULARITY_BYTES_A_SECOND) : 0;
    return entry->has_ranked && is_older(entry, POPULARITY_SECONDS + more);
}

/* ---- What a request gets */

/* Tells the metrics where model or overlay are others than they were told last. */
static void note_state(struct entry *entry, const struct tenant *tenant)
{
    uint64_t generation = entry->model ? model_generation(entry->model) : 0;
    uint64_t changed = catalogue_change_count(entry->changes.catalogue);
    uint64_t state = hash_finish(generation << 32 ^ changed) + 1;
    if (entry->noted == state)
        return;
    entry->noted = state;
    metrics_note_tenant(tenant->key, tenant->id, generation, changed);
}

struct catalogue *catalogues_get(struct catalogues *catalogues, struct database *db,
                                 const struct tenant *tenant, struct error *error)
{
    struct entry *entry = make_entry(catalogues, tenant->id);
    bool done = bring_model(catalogues, entry, db, tenant, error);
    struct overlay_owner owner = owner_of(catalogues, entry, tenant, DELTA_CHANGES);
    done = done && refresh_items(&entry->changes, &owner, db, error) &&
           need_popularity(entry, db, tenant, error);
    count_bytes(catalogues, entry);
    if (!done)
        return NULL;
    entry->has_ranked = true;
    note_state(entry, tenant);
    return entry->changes.catalogue;
}

/* As catalogue_apply() has it, what is withdrawn is active here: it belongs to this catalogue. */
struct catalogue *catalogues_get_withdrawn(struct catalogues *catalogues, struct database *db,
                                           const struct tenant *tenant, bool *all, struct error *error)
{
    struct entry *entry = make_entry(catalogues, tenant->id);
    struct overlay_owner owner = owner_of(catalogues, entry, tenant, DELTA_WITHDRAWN);
    if (!entry->withdrawn.catalogue)
        overlay_begin(&entry->withdrawn, &owner);
    bool done = refresh_items(&entry->withdrawn, &owner, db, error);
    count_bytes(catalogues, entry);
    *all = !entry->changes.is_full && !entry->withdrawn.is_full;
    return done ? entry->withdrawn.catalogue : NULL;
}

/* ---- What is done after an answer */

/* Who writes many items reads them, so that the delta has them. */
static void read_written(struct catalogues *catalogues, struct entry *entry, struct database *db,
                         const struct tenant *tenant)
{
    struct error error = {0};
    struct tenant now = *tenant;
    uint64_t known = entry->changes.catalogue ? entry->changes.revision : tenant->catalogue_revision;
    uint64_t behind = tenant->catalogue_revision > known ? tenant->catalogue_revision - known : 0;
    if (!entry->unread || entry->unread + behind < UNREAD_MOST)
        return;
    entry->unread = 0;
    if (!bring_model(catalogues, entry, db, tenant, &error) ||
        !tenants_read_revision(db, tenant->id, &now.catalogue_revision, &error))
        return;
    struct overlay_owner owner = owner_of(catalogues, entry, &now, DELTA_CHANGES);
    if (!refresh_items(&entry->changes, &owner, db, &error))
        log_line("palate: what tenant %u has written cannot be read: %s", tenant->id, error.detail);
}

/* With the lock: another worker may have done it meanwhile. */
static void write_due(struct entry *entry, struct overlay *overlay, const struct overlay_owner *owner,
                      struct database *db)
{
    struct error error = {0};
    bool is_changes = owner->kind == DELTA_CHANGES;
    if (!take_newer(overlay, owner, db, overlay->revision, &error))
        return;
    bool is_old = is_changes && popularity_is_due(entry);
    if (is_old && !overlay_read_popularity(overlay, db, owner->tenant, &error))
        return;
    if (is_old || overlay_is_due(overlay, owner))
        overlay_write(overlay, owner);
}

static void keep_up(struct catalogues *catalogues, struct entry *entry, struct database *db,
                    const struct tenant *tenant, enum delta_kind kind)
{
    struct error error = {0};
    struct overlay *overlay = kind == DELTA_CHANGES ? &entry->changes : &entry->withdrawn;
    struct overlay_owner owner = owner_of(catalogues, entry, tenant, kind);
    bool has_old = kind == DELTA_CHANGES && popularity_is_due(entry);
    if (!has_old && !overlay_is_due(overlay, &owner))
        return;
    int lock = overlay_lock(&owner);
    if (lock >= 0) {
        write_due(entry, overlay, &owner, db);
        close(lock);
    } else if (has_old && !overlay_can_write(&owner)) {
        if (!overlay_read_popularity(overlay, db, tenant, &error))
            log_line("palate: popularity of tenant %u cannot be read: %s", tenant->id, error.detail);
    }
}

/* The longest unused go, but for the one that was used just now. Where no deltas can be written a catalogue is
 * expensive to make, and more is kept. */
static void keep_within(struct catalogues *catalogues, struct entry *used)
{
    bool has_deltas = catalogues->deltas.boot && clock_unix() >= catalogues->deltas.retry_at;
    size_t most = has_deltas ? LIMIT_CATALOGUES_BYTES : LIMIT_CATALOGUE_HEAP_BYTES;
    while (catalogues->bytes > most) {
        struct entry *oldest = find_oldest(catalogues, used);
        if (!oldest)
            return;
        remove_entry(catalogues, oldest);
    }
}

void catalogues_upkeep(struct catalogues *catalogues, struct database *db, const struct tenant *tenant,
                       uint64_t written)
{
    struct entry *entry = find_entry(catalogues, tenant->id);
    if (written && catalogues->deltas.boot)
        entry = make_entry(catalogues, tenant->id);
    if (!entry)
        return;
    entry->unread += written;
    if (catalogues->deltas.boot)
        read_written(catalogues, entry, db, tenant);
    keep_up(catalogues, entry, db, tenant, DELTA_CHANGES);
    keep_up(catalogues, entry, db, tenant, DELTA_WITHDRAWN);
    entry->has_ranked = false;
    count_bytes(catalogues, entry);
    keep_within(catalogues, entry);
}
