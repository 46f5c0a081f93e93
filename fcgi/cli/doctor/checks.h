/* The parts of `palate doctor`, one file each, and how they report. */
#ifndef PALATE_CLI_DOCTOR_CHECKS_H
#define PALATE_CLI_DOCTOR_CHECKS_H

#include "base/arena.h"
#include "base/config.h"
#include "cli/doctor/access.h"
#include "cli/doctor/doctor.h"
#include "storage/database.h"
#include "storage/tenants.h"

#include <stdbool.h>

/* Where `make install` puts the worker. */
#define PALATE_WORKER_PATH PALATE_PREFIX "/lib/palate/palate.fcgi"

enum doctor_finding { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL, DOCTOR_FINDING__MAX };

struct doctor {
    struct doctor_options options;
    const char *config_path;
    struct arena *arena;
    struct config *tool, *worker; /* NULL: could not be loaded, which has been reported */
    const struct config *config;  /* the tool's, else the workers'; NULL: neither */
    struct web_user web;          /* whose access is checked; its name is NULL where nobody's can be */
    const char *worker_path;      /* palate.fcgi; NULL: not found, which has been reported */
    bool is_worker_gone;          /* it is not where it was installed, which has been reported */
    bool is_reached;              /* the web user reaches all that workers need */
    struct database *db;          /* as the tool; NULL: not reachable, which has been reported */
    unsigned tool_fault;          /* MariaDB's code of why not; 0: none */
    bool one_user;                /* tool and workers are the same user of the database */
    bool is_migrated;             /* the schema is there, and what needs it can be checked */
    struct admin_tenant *tenants; /* of the database */
    size_t tenant_count;
    uint64_t *generations; /* of each tenant's model file as it should be in use; 0: none */
    int count[DOCTOR_FINDING__MAX];
};

/* Prints "ok    what: finding"; with fix (NULL: none) a second line says how to fix it. */
void doctor_report(struct doctor *doctor, enum doctor_finding finding, const char *what, const char *fix,
                   const char *format, ...) __attribute__((format(printf, 5, 6), nonnull(1, 3, 5)));

void doctor_check_config(struct doctor *doctor) __attribute__((nonnull));        /* both sides' */
void doctor_check_files(struct doctor *doctor) __attribute__((nonnull));         /* who else may read them */
void doctor_check_key(struct doctor *doctor) __attribute__((nonnull));           /* of tokens, and issuers */
void doctor_check_tool_database(struct doctor *doctor) __attribute__((nonnull)); /* and the schema */
void doctor_check_server(struct doctor *doctor) __attribute__((nonnull));  /* of the database; needs db */
void doctor_check_cluster(struct doctor *doctor) __attribute__((nonnull)); /* the same, where it is one */
void doctor_check_worker_database(struct doctor *doctor) __attribute__((nonnull));
void doctor_check_rights(struct doctor *doctor, struct database *db) /* of the connected worker */
    __attribute__((nonnull));
void doctor_check_state(struct doctor *doctor) __attribute__((nonnull));   /* that workers share */
void doctor_check_workers(struct doctor *doctor) __attribute__((nonnull)); /* what the web user reaches */
void doctor_find_worker(struct doctor *doctor) __attribute__((nonnull));   /* sets worker_path */
void doctor_check_start(struct doctor *doctor) __attribute__((nonnull));   /* does palate.fcgi run? */
void doctor_check_sandbox(struct doctor *doctor) __attribute__((nonnull)); /* what the kernel offers */
void doctor_check_models(struct doctor *doctor) __attribute__((nonnull));
void doctor_check_deltas(struct doctor *doctor) __attribute__((nonnull)); /* and how far they are behind */
void doctor_check_growth(struct doctor *doctor) __attribute__((nonnull)); /* of the database, and pruning */
void doctor_check_quotas(struct doctor *doctor) __attribute__((nonnull)); /* of the tenants that have any */
void doctor_check_robots(struct doctor *doctor) __attribute__((nonnull)); /* among each tenant's users */
void doctor_check_remote(struct doctor *doctor) __attribute__((nonnull)); /* where one is configured */
void doctor_check_push(struct doctor *doctor) __attribute__((nonnull));   /* where it is used */
void doctor_check_service(struct doctor *doctor)
    __attribute__((nonnull)); /* the running one, at options.url */

/* The file that workers map for a tenant. */
char *doctor_model_path(const struct doctor *doctor, uint32_t tenant_id)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* How the database's administrator gives the workers their rights. */
char *doctor_grants_fix(const struct doctor *doctor)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

#endif
