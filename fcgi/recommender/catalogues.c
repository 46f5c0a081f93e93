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
 * and the few changes since are applied to it; that also is how the overlay shrinks. Workers need no
 * messages, no locks and no common memory beside the page cache, and may be at different revisions for a
 * moment without harm.
 *
 * A tenant without a model gets its popularity from a sample of its newest events, at most a minute old.
 *
 * Cost: one stat() a request; after a change, one query for the changed items; after a training, mapping a
 * file. Entries are few (LIMIT_MAPPED_TENANTS), so they are searched one by one, and the least recently used
 * one makes room. A file that is wrong is remembered by inode and ctime, so that it is opened and logged once
 * and not with each request; anything that repairs it changes one of the two. */
#include "recommender/catalogues.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "recommender/item_fields.h"
#include "storage/items.h"
#include "storage/tenants.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
    /* Popularity for a tenant without a model: how much is read, and how old it may get. */
    POPULARITY_EVENTS = 20000,
    POPULARITY_SECONDS = 60,
    RECENT_SECONDS = 30 * 86400,
};

struct entry {
    uint32_t tenant_id; /* 0: free */
    uint64_t noted;     /* what the metrics were last told of it; 0: nothing */
    uint64_t used;      /* for least recently used */
    char path[PATH_MAX];
    struct model *model; /* NULL: none */
    struct catalogue *catalogue;
    uint64_t revision;           /* changes up to it are in the catalogue */
    bool is_full;                /* new items beyond the limit were left out */
    struct catalogue *withdrawn; /* NULL until a search of the whole catalogue wants it */
    uint64_t withdrawn_revision;
    bool withdrawn_is_full;
    int64_t popularity_read_at;
    ino_t refused; /* inode and ctime of a file that was found wrong, so that it is logged once; 0: none */
    struct timespec refused_changed; /* by a write as by chmod and setfacl, which may repair it */
};

struct catalogues {
    const char *directory;
    uint64_t uses;
    struct entry entries[LIMIT_MAPPED_TENANTS];
};

struct catalogues *catalogues_create(const char *directory)
{
    struct catalogues *catalogues = memory_alloc(1, sizeof(*catalogues));
    catalogues->directory = directory;
    return catalogues;
}

static void release_entry(struct entry *entry)
{
    catalogue_destroy(entry->catalogue);
    catalogue_destroy(entry->withdrawn);
    if (entry->model)
        model_close(entry->model);
    memset(entry, 0, sizeof(*entry));
}

void catalogues_destroy(struct catalogues *catalogues)
{
    if (!catalogues)
        return;
    for (size_t i = 0; i < LIMIT_MAPPED_TENANTS; i++)
        release_entry(&catalogues->entries[i]);
    memory_free(catalogues);
}

bool catalogues_model_path(const char *directory, uint32_t tenant_id, char *path, size_t size)
{
    int length = snprintf(path, size, "%s/tenant-%u.palate", directory, tenant_id);
    return length > 0 && (size_t)length < size;
}

int64_t catalogues_model_written(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (int64_t)status.st_mtim.tv_sec : 0;
}

int64_t catalogues_newest_model(const char *directory)
{
    static const char begin[] = "tenant-", end[] = ".palate";
    char path[PATH_MAX];
    int64_t newest = 0;
    DIR *folder = opendir(directory);
    for (struct dirent *file; folder && (file = readdir(folder));) {
        const char *dot = strrchr(file->d_name, '.');
        if (strncmp(file->d_name, begin, sizeof(begin) - 1) || !dot || strcmp(dot, end) ||
            (size_t)snprintf(path, sizeof(path), "%s/%s", directory, file->d_name) >= sizeof(path))
            continue;
        int64_t written = catalogues_model_written(path);
        newest = written > newest ? written : newest;
    }
    if (folder)
        closedir(folder);
    return newest;
}

static struct entry *find_entry(struct catalogues *catalogues, uint32_t tenant_id)
{
    struct entry *oldest = &catalogues->entries[0];
    for (size_t i = 0; i < LIMIT_MAPPED_TENANTS; i++) {
        struct entry *entry = &catalogues->entries[i];
        if (entry->tenant_id == tenant_id)
            return entry;
        if (entry->used < oldest->used)
            oldest = entry;
    }
    release_entry(oldest);
    oldest->tenant_id = tenant_id;
    if (!catalogues_model_path(catalogues->directory, tenant_id, oldest->path, sizeof(oldest->path)))
        oldest->path[0] = '\0';
    return oldest;
}

static void use_model(struct entry *entry, struct model *model)
{
    catalogue_destroy(entry->catalogue);
    if (entry->model && entry->model != model)
        model_close(entry->model);
    entry->model = model;
    entry->catalogue = catalogue_create(model, NULL);
    entry->revision = model ? model_catalogue_revision(model) : 0;
    entry->is_full = false;
    entry->popularity_read_at = 0;
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
static void log_refused(const struct entry *entry, enum model_error code, int reason)
{
    if (code == MODEL_CANNOT_OPEN)
        log_line("palate: model %s is not used: %s; let the workers' user read it, as root `palate doctor` "
                 "says how",
                 entry->path, strerror(reason));
    else
        log_line("palate: model %s is not used: %s; run `palate train`", entry->path, model_error_text(code));
}

/* Maps a new generation when there is one. */
static void refresh_model(struct entry *entry)
{
    struct stat status;
    struct model *model = NULL;
    if (entry->model && model_is_current(entry->model, entry->path))
        return;
    if (stat(entry->path, &status) == 0 && !is_refused(entry, &status)) {
        enum model_error code = model_open(entry->path, &model);
        if (code != MODEL_OK) {
            log_refused(entry, code, errno);
            refuse_file(entry, &status);
        }
    }
    if (model || !entry->catalogue)
        use_model(entry, model);
}

/* Drops a model that was not made from this tenant's data. The file of another tenant or installation would
 * show what is not this tenant's: its catalogue key differs. And one that knows more revisions than the
 * database was trained before an older backup was restored, so what it learned may never have happened here.
 */
static bool refuse_foreign_model(struct entry *entry, struct database *db, const struct tenant *tenant,
                                 struct error *error)
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
    if (stat(entry->path, &status) == 0)
        refuse_file(entry, &status);
    log_line("palate: model %s is not used: it was made from other data; run `palate train`", entry->path);
    use_model(entry, NULL);
    return true;
}

struct application {
    struct catalogue *catalogue;
    uint64_t revision; /* of the last row */
    bool full;
};

/* New items beyond the limit are left out, so that memory is bounded; changes of known ones never are, since
 * an item that was withdrawn or re-priced must not slip. */
static void apply_item(void *context, struct arena *scratch, const struct item_row *row)
{
    struct application *application = context;
    uint32_t index;
    application->revision = row->revision;
    bool known = catalogue_find(application->catalogue, row->id, strlen(row->id), &index);
    if (!known &&
        (!row->active || catalogue_change_count(application->catalogue) >= LIMIT_CATALOGUE_CHANGES)) {
        application->full = application->full || row->active;
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
    catalogue_apply(application->catalogue, &item);
}

static bool refresh_items(struct entry *entry, struct database *db, const struct tenant *tenant,
                          struct error *error)
{
    if (entry->revision >= tenant->catalogue_revision)
        return true;
    struct application application = {.catalogue = entry->catalogue};
    uint64_t count;
    if (!items_visit_changed(db, tenant->id, entry->revision, UINT32_MAX, apply_item, &application, &count,
                             error)) {
        /* Half applied: forget all of it, so that the next request starts from the model again. */
        use_model(entry, entry->model);
        return false;
    }
    entry->revision =
        application.revision > tenant->catalogue_revision ? application.revision : tenant->catalogue_revision;
    entry->is_full = entry->is_full || application.full;
    if (application.full)
        log_line("palate: tenant %u has more than %d new items since its model; run `palate train`",
                 tenant->id, LIMIT_CATALOGUE_CHANGES);
    return true;
}

static void apply_popularity(void *context, const struct popularity_row *row)
{
    struct catalogue *catalogue = context;
    uint32_t index;
    if (catalogue_find(catalogue, row->item_id, strlen(row->item_id), &index))
        catalogue_set_popularity(catalogue, index, (float)row->all_time, (float)row->recent);
}

/* Only for a tenant without a model: a model holds popularity itself. */
static bool refresh_popularity(struct entry *entry, struct database *db, const struct tenant *tenant,
                               struct error *error)
{
    int64_t now = clock_unix();
    if (entry->model || now - entry->popularity_read_at < POPULARITY_SECONDS)
        return true;
    if (!items_visit_popularity(db, tenant->id, (now - RECENT_SECONDS) * 1000, POPULARITY_EVENTS,
                                apply_popularity, entry->catalogue, error))
        return false;
    entry->popularity_read_at = now;
    return true;
}

/* Tells the metrics where model or overlay are others than they were told last. */
static void note_state(struct entry *entry, const struct tenant *tenant)
{
    uint64_t generation = entry->model ? model_generation(entry->model) : 0;
    uint64_t changed = catalogue_change_count(entry->catalogue);
    uint64_t state = hash_finish(generation << 32 ^ changed) + 1;
    if (entry->noted == state)
        return;
    entry->noted = state;
    metrics_note_tenant(tenant->key, tenant->id, generation, changed);
}

struct catalogue *catalogues_get(struct catalogues *catalogues, struct database *db,
                                 const struct tenant *tenant, struct error *error)
{
    struct entry *entry = find_entry(catalogues, tenant->id);
    entry->used = ++catalogues->uses;
    refresh_model(entry);
    if (!refuse_foreign_model(entry, db, tenant, error))
        return NULL;
    if (!refresh_items(entry, db, tenant, error) || !refresh_popularity(entry, db, tenant, error))
        return NULL;
    note_state(entry, tenant);
    return entry->catalogue;
}

/* As catalogue_apply() has it, what is withdrawn is active here: it belongs to this catalogue. */
struct catalogue *catalogues_get_withdrawn(struct catalogues *catalogues, struct database *db,
                                           const struct tenant *tenant, bool *all, struct error *error)
{
    struct entry *entry = find_entry(catalogues, tenant->id);
    if (entry->withdrawn_revision > tenant->catalogue_revision) { /* a backup was put back */
        catalogue_destroy(entry->withdrawn);
        entry->withdrawn = NULL;
    }
    if (!entry->withdrawn) {
        entry->withdrawn = catalogue_create(NULL, NULL);
        entry->withdrawn_revision = 0;
        entry->withdrawn_is_full = false;
    }
    struct application application = {.catalogue = entry->withdrawn};
    if (entry->withdrawn_revision < tenant->catalogue_revision) {
        if (!items_visit_withdrawn(db, tenant->id, entry->withdrawn_revision, apply_item, &application,
                                   error)) {
            catalogue_destroy(entry->withdrawn); /* half applied */
            entry->withdrawn = NULL;
            return NULL;
        }
        entry->withdrawn_revision = tenant->catalogue_revision;
        entry->withdrawn_is_full = entry->withdrawn_is_full || application.full;
    }
    *all = !entry->is_full && !entry->withdrawn_is_full;
    return entry->withdrawn;
}
