/* `palate doctor`: the delta files by which workers share what changed since a model (recommender/overlay.h).
 *
 * They make and remove them by themselves, so there is nothing here to be put right by hand: it says what room they
 * take, and how far the furthest is behind its catalogue, which is what a new worker has to read. One that
 * workers would refuse, as after a training, counts for its room only. */
#include "cli/doctor/checks.h"
#include "cli/format.h"
#include "engine/delta.h"
#include "recommender/overlay.h"

#include <limits.h>
#include <sys/stat.h>

struct found {
    size_t files;
    uint64_t bytes, behind; /* items */
    uint64_t boot;
};

/* Items that changed since the delta; 0 where workers would refuse it. */
static uint64_t count_behind(struct doctor *doctor, const struct admin_tenant *tenant, const char *path,
                             uint64_t boot)
{
    struct error error = {0};
    struct model *model = NULL;
    struct delta *delta = NULL;
    uint64_t behind = 0;
    if (model_open(doctor_model_path(doctor, tenant->id), &model) != MODEL_OK)
        model = NULL;
    struct delta_origin origin = delta_origin_of(DELTA_CHANGES, tenant->catalogue_key, model, boot);
    if (delta_open(path, &origin, &delta) == DELTA_OK) {
        if (!admin_items_count_since(doctor->db, tenant->id, delta_state(delta).revision, &behind, &error))
            behind = 0;
        delta_close(delta);
    }
    if (model)
        model_close(model);
    return behind;
}

static void add_tenant(struct doctor *doctor, const struct admin_tenant *tenant, struct found *found)
{
    for (int kind = 0; kind < DELTA_KIND__MAX; kind++) {
        char path[PATH_MAX];
        struct stat status;
        if (!overlay_path(doctor->config->limits_state_file, (enum delta_kind)kind, tenant->id, path,
                          sizeof(path)) ||
            stat(path, &status) != 0)
            continue;
        uint64_t behind = kind == DELTA_CHANGES ? count_behind(doctor, tenant, path, found->boot) : 0;
        found->files++;
        found->bytes += (uint64_t)status.st_size;
        found->behind = behind > found->behind ? behind : found->behind;
    }
}

void doctor_check_deltas(struct doctor *doctor)
{
    struct found found = {.boot = delta_boot()};
    if (!*doctor->config->limits_state_file)
        return; /* which has been reported */
    for (size_t i = 0; i < doctor->tenant_count; i++)
        add_tenant(doctor, &doctor->tenants[i], &found);
    doctor_report(doctor, DOCTOR_OK, "deltas", NULL,
                  "%s files beside %s, %s; the furthest is %s items behind its catalogue",
                  format_count(found.files).text, doctor->config->limits_state_file,
                  format_bytes(found.bytes).text, format_count(found.behind).text);
}
