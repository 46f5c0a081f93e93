/* `palate doctor`: a Galera cluster, where the database is one.
 *
 * Each host of [database] host is connected to by itself, as the tool: one that is away is no fault yet, since
 * the others serve, but whoever has to start it wants to know. What the cluster is, the node says that the tool
 * works with. A lock that the tool takes in the database (GET_LOCK) is of one node, so trainings on two machines
 * keep apart only when both come to the same one: the first of the list. */
#include "cli/doctor/checks.h"
#include "storage/cluster_facts.h"

#include "base/host_list.h"

#include <inttypes.h>
#include <string.h>

/* With fewer, the loss of one stops the rest. */
enum { NODES_MIN = 3 };

/* wsrep_sync_wait as storage/connection.c sets it. */
enum { ALL_STATEMENTS_WAIT = 7 };

static void check_host(struct doctor *doctor, char *name)
{
    struct config config = *doctor->tool; /* but for the host, which must stay the only one */
    struct error error = {0};
    const char *what = arena_format(doctor->arena, "database host %s", name);
    config.database_host = name;
    struct database *db = database_create(&config);
    if (!database_connect(db, &error))
        doctor_report(doctor, DOCTOR_WARN, what, "start it, or take it out of [database] host",
                      "is left for the others: %s", error.detail);
    else if (!database_is_in_cluster(db))
        doctor_report(doctor, DOCTOR_FAIL, what,
                      "take it out of [database] host: only nodes of one Galera cluster may stand in a list",
                      "is no node of a Galera cluster, and is never used");
    else
        doctor_report(doctor, DOCTOR_OK, what, NULL, "is ready, as the node %s", database_node(db));
    database_destroy(db);
}

static void check_group(struct doctor *doctor, const struct cluster_facts *facts)
{
    static const char what[] = "Galera cluster";
    const char *node = database_node(doctor->db);
    if (facts->unfit_tables)
        doctor_report(doctor, DOCTOR_FAIL, what,
                      "give each a primary key and ENGINE=InnoDB; information_schema.tables names them",
                      "%" PRIu64
                      " tables of %s have no primary key or are not InnoDB, so nodes differ in them",
                      facts->unfit_tables, doctor->tool->database_name);
    else if (facts->waits != ALL_STATEMENTS_WAIT)
        doctor_report(
            doctor, DOCTOR_FAIL, what,
            "let Palate reach MariaDB itself, or have the proxy keep what a session has set",
            "wsrep_sync_wait is not what Palate set: answers may miss what was acknowledged before");
    else if (strcmp(facts->component, "Primary") != 0 || strcmp(facts->state, "Synced") != 0)
        doctor_report(doctor, DOCTOR_WARN, what, "look at that node's log", "the node %s is %s and %s", node,
                      facts->component, facts->state);
    else if (facts->size < NODES_MIN)
        doctor_report(doctor, DOCTOR_WARN, what,
                      "three nodes or more, or two and an arbitrator (garbd), which does not count here",
                      "has %" PRIu64 " nodes: when one is lost the rest may stop", facts->size);
    else
        doctor_report(doctor, DOCTOR_OK, what, NULL,
                      "%" PRIu64 " nodes, this is %s; statements wait for what others acknowledged; train on "
                      "machines that list the same host first",
                      facts->size, node);
}

void doctor_check_cluster(struct doctor *doctor)
{
    struct host_list hosts;
    struct cluster_facts facts;
    struct error error = {0};
    if (host_list_read(doctor->tool->database_host, &hosts) && hosts.count > 1) {
        for (size_t i = 0; i < hosts.count; i++)
            check_host(doctor, hosts.hosts[i].name);
    }
    if (!database_is_in_cluster(doctor->db))
        return;
    if (admin_cluster_read(doctor->db, doctor->arena, &facts, &error))
        check_group(doctor, &facts);
    else
        doctor_report(doctor, DOCTOR_FAIL, "Galera cluster", "look at MariaDB's log", "cannot be read: %s",
                      error.detail);
}
