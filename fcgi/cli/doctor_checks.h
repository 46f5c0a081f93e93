/* The parts of `palate doctor`, one file each, and how they report. */
#ifndef PALATE_CLI_DOCTOR_CHECKS_H
#define PALATE_CLI_DOCTOR_CHECKS_H

#include "base/arena.h"
#include "base/config.h"
#include "cli/doctor.h"
#include "storage/admin/tenants.h"
#include "storage/database.h"

#include <stdbool.h>

enum doctor_finding { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL, DOCTOR_FINDING__MAX };

struct doctor {
    struct doctor_options options;
    const char *config_path;
    struct arena *arena;
    struct config *tool, *worker; /* NULL: could not be loaded, which has been reported */
    struct database *db;          /* as the tool; NULL: not reachable, which has been reported */
    struct admin_tenant *tenants; /* of the database */
    size_t tenant_count;
    int count[DOCTOR_FINDING__MAX];
};

/* Prints "ok    what: finding"; with mend (NULL: none) a second line says how to mend it. */
void doctor_report(struct doctor *doctor, enum doctor_finding finding, const char *what, const char *mend,
                   const char *format, ...) __attribute__((format(printf, 5, 6), nonnull(1, 3, 5)));

void doctor_check_config(struct doctor *doctor) __attribute__((nonnull));   /* files, rights, token key */
void doctor_check_database(struct doctor *doctor) __attribute__((nonnull)); /* both users, schema, rights */
void doctor_check_sandbox(struct doctor *doctor) __attribute__((nonnull));  /* what the kernel offers */
void doctor_check_models(struct doctor *doctor) __attribute__((nonnull));
void doctor_check_remote(struct doctor *doctor) __attribute__((nonnull)); /* where one is configured */
void doctor_check_push(struct doctor *doctor) __attribute__((nonnull));   /* where it is used */
void doctor_check_service(struct doctor *doctor)
    __attribute__((nonnull)); /* the running one, at options.url */

#endif
