/* `palate doctor`: the remote recommender, queried once, as a worker would but past the circuit breaker; and
 * how far `palate push` is behind, for each tenant and the server of [remote].
 *
 * The breaker is left out because doctor is to find out what is wrong now: a breaker that is open would
 * answer for the service. Its state is reported on a line of its own. */
#include "remote/remote.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/random.h"
#include "cli/doctor/checks.h"
#include "cli/format.h"
#include "storage/push_rows.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

static const char *fix_of(enum remote_outcome outcome)
{
    switch (outcome) {
    case REMOTE_NO_LIBRARY:
        return "apt-get install libcurl4";
    case REMOTE_UNRESOLVED:
        return "correct the host in [remote] url, or this machine's resolver";
    case REMOTE_UNREACHABLE:
        return "start the service, correct the port in [remote] url, or open the firewall";
    case REMOTE_TLS:
        return "[remote] ca_file must name the authority that signed the service's certificate, which must "
               "be "
               "valid and carry the host's name";
    case REMOTE_TIMEOUT:
        return "make the service faster, or raise [remote] connect_timeout_ms and timeout_ms: your callers "
               "wait "
               "as long";
    case REMOTE_TOO_LARGE:
        return "let the service send no more than the quantity that was asked for, or raise [remote] "
               "reply_bytes";
    case REMOTE_REDIRECT:
        return "write the final address into [remote] url";
    case REMOTE_LIMITED:
        return "raise the service's own limit";
    case REMOTE_STATUS:
        return "correct the path in [remote] url and the key in api_key_file, and look into the service's "
               "log";
    default:
        return "the service must answer as docs/remote-protocol.md says; look into its log";
    }
}

/* How far it came: "resolved 0.1 ms, connected 0.3 ms, ..." */
static const char *steps(struct arena *arena, const struct remote_probe *probe)
{
    const struct {
        const char *name;
        int64_t moment;
    } moments[] = {{"resolved", probe->resolved_us},
                   {"connected", probe->connected_us},
                   {"TLS", probe->secured_us},
                   {"done", probe->answered_us}};
    const char *text = "";
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        if (moments[i].moment)
            text = arena_format(arena, "%s%s%s %.1f ms", text, *text ? ", " : "", moments[i].name,
                                (double)moments[i].moment / 1000);
    }
    return text;
}

/* Gorse has lists for sessions only where it is told to make them, and they are empty until an item has been sent
 * again behind its first training. */
static void check_sessions(struct doctor *doctor, const struct config *config, struct remote *remote,
                           struct remote_query query)
{
    struct remote_probe probe;
    const struct remote_event event = {.item_id = "palate-doctor", .at = clock_unix()};
    query.user_id = NULL;
    query.history = &event;
    query.history_count = 1;
    remote_try(remote, &query, doctor->arena, &probe);
    const struct remote_reply *reply = &probe.reply;
    if (reply->outcome == REMOTE_ANSWERED && reply->count)
        doctor_report(doctor, DOCTOR_OK, "lists for sessions", NULL, "%zu ids", reply->count);
    else
        doctor_report(
            doctor, DOCTOR_WARN, "lists for sessions",
            "configure an item-to-item recommender in Gorse, and send the items once more behind its first "
            "training; until then visitors without a user id get the embedded recommender's lists",
            "%s has none (%s%s)", config->remote_url,
            reply->outcome == REMOTE_ANSWERED ? "no ids" : remote_outcome_name(reply->outcome),
            reply->status == 404 ? ", 404" : "");
}

/* The same query with a key that nobody has: who answers it asks for none, and takes and forgets what anybody sends.
 * Seen in gorse-in-one without a user for its dashboard, which passes over keys. */
static void check_key(struct doctor *doctor, const struct config *config, const struct remote_query *query)
{
    char key[UUID_TEXT_SIZE];
    struct remote_probe probe;
    struct config other = *config;
    if (!*config->remote_api_key)
        return;
    random_uuid(key);
    other.remote_api_key = key;
    struct remote *remote = remote_create(&other);
    remote_try(remote, query, doctor->arena, &probe);
    remote_destroy(remote);
    if (probe.reply.outcome == REMOTE_ANSWERED)
        doctor_report(doctor, DOCTOR_WARN, "key of Gorse",
                      "set [server] api_key in Gorse; gorse-in-one looks at keys only where [master] "
                      "dashboard_user_name and dashboard_password are set, too",
                      "%s answers to any key, so whoever reaches it can read and change what it knows",
                      config->remote_url);
    else if (probe.reply.outcome == REMOTE_STATUS && (probe.reply.status == 401 || probe.reply.status == 403))
        doctor_report(doctor, DOCTOR_OK, "key of Gorse", NULL, "a wrong one is refused");
}

/* One real exchange, with the deadlines of a worker, as a user that no shop has. How far it came, step by
 * step in milliseconds, is part of the finding: a name server that is slow looks like a service that is
 * slow. */
static void check_exchange(struct doctor *doctor, const struct config *config)
{
    char id[UUID_TEXT_SIZE];
    struct remote_probe probe;
    struct remote *remote = remote_create(config);
    random_uuid(id);
    struct remote_query query = {.request_id = id,
                                 .tenant = doctor->tenant_count ? doctor->tenants[0].key : "doctor",
                                 .task = "product_recommendation",
                                 .template_name = "personalized",
                                 .user_id = "palate-doctor",
                                 .sequence_data = "{}",
                                 .quantity = 10};
    remote_try(remote, &query, doctor->arena, &probe);
    const struct remote_reply *reply = &probe.reply;
    const char *how = steps(doctor->arena, &probe);
    if (reply->outcome == REMOTE_ANSWERED && !reply->count && config->remote_protocol == REMOTE_GORSE)
        doctor_report(
            doctor, DOCTOR_WARN, "remote recommender",
            "send it the shop with `palate push`, or the files of `palate export gorse`, and wait for its "
            "first training (minutes); then it has fallbacks for everybody",
            "%s answers with no ids (%s)", config->remote_url, how);
    else if (reply->outcome == REMOTE_ANSWERED)
        doctor_report(doctor, DOCTOR_OK, "remote recommender", NULL, "%s answers with %zu ids (%s)",
                      config->remote_url, reply->count, how);
    else
        doctor_report(doctor, DOCTOR_FAIL, "remote recommender", fix_of(reply->outcome), "%s: %s: %s%s%s%s",
                      config->remote_url, remote_outcome_name(reply->outcome), reply->detail,
                      *how ? " (" : "", how, *how ? ")" : "");
    if (reply->outcome == REMOTE_ANSWERED && config->remote_protocol == REMOTE_GORSE) {
        check_sessions(doctor, config, remote, query);
        check_key(doctor, config, &query);
    }
    remote_destroy(remote);
}

/* Doctor must not make the file: it would belong to the wrong user. */
static void check_state(struct doctor *doctor, const struct config *config)
{
    char state[200];
    struct stat status;
    char *folder = arena_copy_text(doctor->arena, config->remote_state_file);
    *strrchr(folder, '/') = '\0';
    if (remote_describe_breaker(config, REMOTE_OF_SESSION, state, sizeof(state)))
        doctor_report(doctor, DOCTOR_OK, "circuit breaker of sessions", NULL, "%s", state);
    if (remote_describe_breaker(config, REMOTE_OF_USER, state, sizeof(state)))
        doctor_report(doctor, DOCTOR_OK, "circuit breaker", NULL, "%s", state);
    else if (stat(config->remote_state_file, &status) == 0)
        doctor_report(doctor, DOCTOR_FAIL, "circuit breaker",
                      "remove the file; the workers make a new one. Run doctor as a user that may read it",
                      "%s cannot be read, or is no state file", config->remote_state_file);
    else if (!doctor->web.name && stat(*folder ? folder : "/", &status))
        doctor_report(doctor, DOCTOR_FAIL, "circuit breaker",
                      "make the directory, and give it to the workers' user: install -d -o www-data DIR",
                      "%s: %s", folder, strerror(errno));
    else
        doctor_report(doctor, DOCTOR_OK, "circuit breaker", NULL,
                      "%s is not there yet: workers make it with their first query",
                      config->remote_state_file);
}

void doctor_check_remote(struct doctor *doctor)
{
    const struct config *config = doctor->worker;
    if (!config || !*config->remote_url)
        return;
    signal(SIGPIPE, SIG_IGN); /* the service may hang up during the query */
    check_state(doctor, config);
    check_exchange(doctor, config);
}

/* ---- palate push */

/* A cron job that pushes less often than once a day is as good as none. */
enum { LATE_SECONDS = 86400 };

/* Only tenants that were pushed at least once are looked at: the others are not meant to be. True when this one
 * was, or when that is not known. */
static bool check_tenant(struct doctor *doctor, const struct admin_tenant *tenant)
{
    struct push_position position;
    uint64_t items, events;
    struct error error = {0};
    if (!push_position_read(doctor->db, doctor->arena, tenant->id, doctor->tool->remote_url, &position,
                            &error) ||
        (position.found && !push_position_lag(doctor->db, tenant->id, &position, &items, &events, &error))) {
        doctor_report(doctor, DOCTOR_FAIL, "push", "palate migrate", "%s: cannot be read: %s", tenant->key,
                      error.detail);
        return true;
    }
    if (!position.found)
        return false;
    bool behind = items || events;
    bool late = !position.complete || (behind && position.age > LATE_SECONDS);
    doctor_report(doctor, late ? DOCTOR_WARN : DOCTOR_OK, "push",
                  "run `palate push` for the tenant and see what it says; let cron run it",
                  "%s: %s items and %s events behind; the last complete run was %s%s", tenant->key,
                  format_count(items).text, format_count(events).text,
                  position.complete ? position.complete : "never", position.complete ? " UTC" : "");
    return true;
}

void doctor_check_push(struct doctor *doctor)
{
    const struct config *config = doctor->tool;
    bool any = false, active = false;
    for (size_t i = 0; *config->remote_url && i < doctor->tenant_count; i++) {
        if (!doctor->tenants[i].active)
            continue;
        active = true;
        any = check_tenant(doctor, &doctor->tenants[i]) || any;
    }
    if (active && !any && config->remote_protocol == REMOTE_GORSE)
        doctor_report(
            doctor, DOCTOR_WARN, "push",
            "run `palate push --tenant KEY` for the tenant that this Gorse is for, and let cron run it",
            "nothing was ever pushed to %s: it does not learn what happens in the shop", config->remote_url);
}
