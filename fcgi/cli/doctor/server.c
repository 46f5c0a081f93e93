/* `palate doctor`: what MariaDB is set to, how much it holds, and whether it has room.
 *
 * Palate sets its own sessions, so most of the server's presets do not matter; what is checked is what they
 * cannot set, and whether they have what they set, which a proxy that shares connections among programs takes
 * away again. The disk is only looked at where the server's files are on this machine. */
#include "base/limits.h"
#include "cli/doctor/checks.h"
#include "cli/format.h"
#include "storage/server_facts.h"

#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

/* Below it, connections are dropped between the requests of a quiet hour. */
enum { IDLE_SECONDS_MIN = 60 };

/* The largest statement stays below (storage/bulk.h). */
enum { PACKET_BYTES_MIN = 1024 * 1024 };

/* Less room than this part of the disk, or than this, is little; a tenth of it is none. */
enum { FREE_PERCENT = 10 };
static const uint64_t FREE_BYTES = UINT64_C(2) << 30;

static void check_settings(struct doctor *doctor, const struct server_facts *facts)
{
    static const char what[] = "MariaDB's settings";
    if (facts->packet_bytes < PACKET_BYTES_MIN)
        doctor_report(doctor, DOCTOR_FAIL, what,
                      "max_allowed_packet = 16M below [mariadbd] in MariaDB's configuration, and restart it",
                      "max_allowed_packet is %s: lists of items or events are refused, they need 1 MiB",
                      format_bytes(facts->packet_bytes).text);
    if (facts->idle_seconds < IDLE_SECONDS_MIN)
        doctor_report(
            doctor, DOCTOR_WARN, what,
            "mariadb -e 'SET GLOBAL wait_timeout = 28800', and the same below [mariadbd] in MariaDB's "
            "configuration",
            "wait_timeout is %" PRIu64 " s: workers that wait so long connect again with each request",
            facts->idle_seconds);
    if (facts->packet_bytes >= PACKET_BYTES_MIN && facts->idle_seconds >= IDLE_SECONDS_MIN)
        doctor_report(doctor, DOCTOR_OK, what, NULL, "%s, wait_timeout %" PRIu64 " s, max_allowed_packet %s",
                      facts->version, facts->idle_seconds, format_bytes(facts->packet_bytes).text);
}

/* No time zone tables are needed: a session counts in UTC, by a number. */
static void check_session(struct doctor *doctor, const struct server_facts *facts)
{
    static const char what[] = "session", fix[] = "let Palate reach MariaDB itself, or have the proxy keep "
                                                  "what a session has set (no multiplexing)";
    if (!strstr(facts->sql_mode, "STRICT_ALL_TABLES") || strstr(facts->sql_mode, "ANSI"))
        doctor_report(doctor, DOCTOR_FAIL, what, fix, "sql_mode is not what Palate set: \"%s\"",
                      facts->sql_mode);
    else if (strcmp(facts->time_zone, "+00:00") != 0)
        doctor_report(doctor, DOCTOR_FAIL, what, fix, "time_zone is not what Palate set: \"%s\"",
                      facts->time_zone);
    else if (strcmp(facts->character_set, "utf8mb4") != 0)
        doctor_report(doctor, DOCTOR_FAIL, what, fix, "the character set is not what Palate set: \"%s\"",
                      facts->character_set);
    else
        doctor_report(doctor, DOCTOR_OK, what, NULL, "strict sql_mode, utf8mb4, UTC (time zone tables: %s)",
                      facts->has_time_zones ? "there, and not needed" : "none, and none are needed");
}

static void check_characters(struct doctor *doctor, const struct server_facts *facts)
{
    static const char what[] = "character set";
    const char *name = doctor->config->database_name;
    if (facts->foreign_tables)
        doctor_report(
            doctor, DOCTOR_FAIL, what,
            "for each that SHOW TABLE STATUS names with another collation: ALTER TABLE ... CONVERT TO "
            "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
            "%" PRIu64
            " of the tables do not compare as utf8mb4_nopad_bin does: different ids may be taken for "
            "one",
            facts->foreign_tables);
    else if (strcmp(facts->database_set, "utf8mb4") != 0)
        doctor_report(doctor, DOCTOR_WARN, what,
                      arena_format(doctor->arena,
                                   "ALTER DATABASE %s CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin", name),
                      "the tables' is right, but what else is made in %s gets %s", name, facts->database_set);
    else
        doctor_report(doctor, DOCTOR_OK, what, NULL, "utf8mb4 in %s and all of its tables", name);
}

/* False: the server is another machine, or its directory cannot be looked into. */
static bool read_room(const struct doctor *doctor, const struct server_facts *facts, uint64_t *room,
                      uint64_t *size)
{
    struct statvfs disk;
    if (*doctor->config->database_host || statvfs(facts->directory, &disk))
        return false;
    *room = (uint64_t)disk.f_bavail * disk.f_frsize;
    *size = (uint64_t)disk.f_blocks * disk.f_frsize;
    return true;
}

/* A migration may have to copy the largest table. */
static void check_size(struct doctor *doctor, const struct server_facts *facts)
{
    static const char what[] = "room for the database";
    uint64_t room, size;
    const char *holds =
        arena_format(doctor->arena, "the tables take %s, the largest, %s, %s with %s rows",
                     format_bytes(facts->bytes).text, facts->largest ? facts->largest : "none",
                     format_bytes(facts->largest_bytes).text, format_count(facts->largest_rows).text);
    const char *fix = "make room, or take a larger disk";
    if (!read_room(doctor, facts, &room, &size)) {
        doctor_report(doctor, DOCTOR_OK, what, NULL, "%s; its disk cannot be seen from here", holds);
        return;
    }
    const char *left = arena_format(doctor->arena, "%s of %s are free at %s", format_bytes(room).text,
                                    format_bytes(size).text, facts->directory);
    if (room < FREE_BYTES / 10)
        doctor_report(doctor, DOCTOR_FAIL, what, fix, "%s; %s", left, holds);
    else if (room < FREE_BYTES || room < size / 100 * FREE_PERCENT || room < facts->largest_bytes)
        doctor_report(doctor, DOCTOR_WARN, what, fix, "%s; %s", left, holds);
    else
        doctor_report(doctor, DOCTOR_OK, what, NULL, "%s; %s", left, holds);
}

void doctor_check_server(struct doctor *doctor)
{
    struct server_facts facts;
    struct error error = {0};
    if (!admin_server_read(doctor->db, doctor->arena, &facts, &error)) {
        doctor_report(doctor, DOCTOR_FAIL, "MariaDB's settings", "look at MariaDB's log",
                      "cannot be read: %s", error.detail);
        return;
    }
    check_settings(doctor, &facts);
    check_session(doctor, &facts);
    check_characters(doctor, &facts);
    check_size(doctor, &facts);
}
