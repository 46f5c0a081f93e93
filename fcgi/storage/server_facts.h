/* What the database's server is set to and holds, for the command line tool. */
#ifndef PALATE_STORAGE_SERVER_FACTS_H
#define PALATE_STORAGE_SERVER_FACTS_H

#include "storage/database.h"

struct server_facts {
    const char *version;
    uint64_t idle_seconds; /* what other programs' connections get: global wait_timeout */
    uint64_t packet_bytes; /* max_allowed_packet */
    const char *sql_mode;  /* of this session; so are the next two */
    const char *time_zone;
    const char *character_set;
    bool has_time_zones;      /* its tables of time zones are filled */
    const char *directory;    /* where its data lies, on its machine */
    const char *database_set; /* character set of what is made in the database without naming one */
    uint64_t foreign_tables;  /* tables of ours whose texts do not compare as the schema has it */
    uint64_t bytes, rows;     /* of all tables, about */
    const char *largest;      /* table; NULL: there is none */
    uint64_t largest_bytes, largest_rows;
};

/* Texts live in the arena. */
bool admin_server_read(struct database *db, struct arena *arena, struct server_facts *facts,
                       struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
