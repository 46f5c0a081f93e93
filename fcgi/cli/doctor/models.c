/* `palate doctor`: the model file of each tenant.
 *
 * A model can be missing, damaged, another tenant's, newer than the database (a database that was restored
 * from a backup) or simply old. What counts most is how many items changed since it was made: workers keep
 * these in memory beside the model, at most LIMIT_CATALOGUE_CHANGES of them, and above that they go on
 * without a model. So more than half of the limit is a warning and more than all of it a failure. The
 * checksum of the whole file is compared, which workers do not take the time for. */
#include "base/clock.h"
#include "base/limits.h"
#include "cli/doctor/checks.h"
#include "cli/format.h"
#include "engine/model.h"
#include "storage/items.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { OLD_SECONDS = 7 * 86400, WHAT_SIZE = 100 };

static const char train_fix[] = "palate train";

char *doctor_model_path(const struct doctor *doctor, uint32_t tenant_id)
{
    return arena_format(doctor->arena, "%s/tenant-%" PRIu32 ".palate", doctor->config->model_directory,
                        tenant_id);
}

static bool count_changes(struct doctor *doctor, const struct admin_tenant *tenant, const char *what,
                          uint64_t revision, uint64_t *changes)
{
    struct error error = {0};
    if (admin_items_count_since(doctor->db, tenant->id, revision, changes, &error))
        return true;
    doctor_report(doctor, DOCTOR_FAIL, what, "palate migrate", "changed items cannot be counted: %s",
                  error.detail);
    return false;
}

/* Without a model a small catalogue still works, from the database alone; a large one does not. */
static void report_missing(struct doctor *doctor, const struct admin_tenant *tenant, const char *what,
                           const char *path, enum model_error problem, int reason)
{
    uint64_t items;
    if (problem != MODEL_CANNOT_OPEN) {
        doctor_report(doctor, DOCTOR_FAIL, what, train_fix, "%s: %s", path, model_error_text(problem));
    } else if (reason != ENOENT) {
        doctor_report(doctor, DOCTOR_FAIL, what,
                      "let this user read the file and enter its directory, as the workers must", "%s: %s",
                      path, strerror(reason));
    } else if (count_changes(doctor, tenant, what, 0, &items)) {
        bool many = items > LIMIT_CATALOGUE_CHANGES;
        doctor_report(
            doctor, many ? DOCTOR_FAIL : DOCTOR_WARN, what, train_fix,
            many ? "there is none, and workers keep no more than %s of the %s items without one"
                 : "there is none: workers know only what is in the database (at most %s items; %s now)",
            format_count(LIMIT_CATALOGUE_CHANGES).text, format_count(items).text);
    }
}

/* *generation: that of a model which workers use. */
static void check_lag(struct doctor *doctor, const struct admin_tenant *tenant, const char *what,
                      const struct model *model, uint64_t *generation)
{
    uint64_t changes;
    uint64_t revision = model_catalogue_revision(model);
    if (model_catalogue_key(model) != tenant->catalogue_key) {
        doctor_report(doctor, DOCTOR_FAIL, what, train_fix, "was made for another tenant or installation");
        return;
    }
    /* Such a model would hide every change until the database's revision has caught up. */
    if (revision > tenant->revision) {
        doctor_report(doctor, DOCTOR_FAIL, what, train_fix,
                      "is of catalogue revision %" PRIu64 ", but the database is at %" PRIu64
                      ": it belongs to another database",
                      revision, tenant->revision);
        return;
    }
    if (!count_changes(doctor, tenant, what, revision, &changes))
        return;
    double days = (double)(clock_unix() - model_trained_at(model)) / 86400;
    bool too_many = changes > LIMIT_CATALOGUE_CHANGES;
    *generation = too_many ? 0 : model_generation(model);
    bool old = days * 86400 > OLD_SECONDS || changes > LIMIT_CATALOGUE_CHANGES / 2;
    doctor_report(doctor,
                  too_many ? DOCTOR_FAIL
                  : old    ? DOCTOR_WARN
                           : DOCTOR_OK,
                  what,
                  too_many ? "palate train: workers keep at most 50,000 changed items beside a model"
                           : "palate train, best every night from cron",
                  "generation %" PRIu64 ", %s items, %.1f days old, %s items changed since",
                  model_generation(model), format_count(model_item_count(model)).text, days > 0 ? days : 0,
                  format_count(changes).text);
}

static void check_model(struct doctor *doctor, const struct admin_tenant *tenant, uint64_t *generation)
{
    char what[WHAT_SIZE];
    const char *path = doctor_model_path(doctor, tenant->id);
    struct model *model;
    snprintf(what, sizeof(what), "model of %s", tenant->key);
    errno = 0;
    enum model_error problem = model_open(path, &model);
    int reason = errno;
    if (problem != MODEL_OK) {
        report_missing(doctor, tenant, what, path, problem, reason);
        return;
    }
    problem = model_verify(model);
    if (problem != MODEL_OK)
        doctor_report(doctor, DOCTOR_FAIL, what, train_fix, "%s: %s", path, model_error_text(problem));
    else
        check_lag(doctor, tenant, what, model, generation);
    model_close(model);
}

void doctor_check_models(struct doctor *doctor)
{
    size_t active = 0;
    for (size_t i = 0; i < doctor->tenant_count; i++) {
        if (!doctor->tenants[i].active)
            continue;
        check_model(doctor, &doctor->tenants[i], &doctor->generations[i]);
        active++;
    }
    if (!active)
        doctor_report(doctor, DOCTOR_WARN, "tenants", "palate tenant create NAME", "there is no active one");
}
