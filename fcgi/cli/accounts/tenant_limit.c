/* `palate tenant limit`; see tenant_limit.h.
 *
 * One call sets what it names and leaves the rest, so that a script can raise one limit without knowing the
 * others. The tenant's row is locked in between: of two calls at a time none undoes the other's.
 *
 * A limit may be set below what is there. Nothing is removed then; the tenant can add nothing until it is below
 * again, and the list that is printed shows it. */
#include "cli/accounts/tenant_limit.h"

#include "base/clock.h"
#include "cli/format.h"

#include <inttypes.h>
#include <stdio.h>

/* A petabyte of metadata, or as many items as bytes: a bound for typing errors alone. */
static const int64_t most_of_all = INT64_C(1) << 50;

enum options_outcome tenant_limit_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct tenant_limit_options *options = given;
    const struct option_rule rules[] = {
        {"items", OPTION_NUMBER, offsetof(struct tenant_limit_options, most[QUOTA_ITEMS]), false, 0,
         most_of_all},
        {"metadata-bytes", OPTION_NUMBER, offsetof(struct tenant_limit_options, most[QUOTA_METADATA_BYTES]),
         false, 0, most_of_all},
        {"event-types", OPTION_NUMBER, offsetof(struct tenant_limit_options, most[QUOTA_EVENT_TYPES]), false,
         0, most_of_all},
        {"contexts", OPTION_NUMBER, offsetof(struct tenant_limit_options, most[QUOTA_CONTEXTS]), false, 0,
         most_of_all},
        {"lists", OPTION_NUMBER, offsetof(struct tenant_limit_options, most[QUOTA_LISTS]), false, 0,
         most_of_all}};
    const struct options_shape shape = {rules, sizeof(rules) / sizeof(rules[0]), 1, 1, "KEY"};
    for (int quota = 0; quota < QUOTA__MAX; quota++)
        options->most[quota] = -1;
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome == OPTIONS_OK)
        options->key = operands->values[0];
    return outcome;
}

bool tenant_limit_allows(const struct admin_tenant *tenant, enum quota quota, uint64_t amount)
{
    uint64_t most = quota_of(tenant->quotas, quota);
    if (!most || amount <= most)
        return true;
    command_say("%s may have %s %s, and would have %s; `palate tenant limit %s` shows and sets that",
                tenant->key, format_count(most).text, quota_words(quota), format_count(amount).text,
                tenant->key);
    return false;
}

static int print_limits(struct session *session, const struct admin_tenant *tenant,
                        const uint64_t most[QUOTA__MAX])
{
    uint64_t used[QUOTA__MAX] = {0};
    struct error error = {0};
    if (!quotas_measure(session->db, tenant->id, clock_unix(), used, &error))
        return session_failed(session, &error, "count what the tenant has");
    printf("%-26s  %15s  %15s\n", "WHAT", "HAS", "MAY HAVE");
    for (int quota = 0; quota < QUOTA__MAX; quota++)
        printf("%-26s  %15s  %15s%s\n", quota_words((enum quota)quota), format_count(used[quota]).text,
               most[quota] ? format_count(most[quota]).text : "any number",
               most[quota] && used[quota] > most[quota] ? "  more than it may" : "");
    return TOOL_DONE;
}

int tenant_limit_set(struct session *session, const void *given)
{
    const struct tenant_limit_options *options = given;
    struct admin_tenant tenant;
    struct error error = {0};
    uint64_t most[QUOTA__MAX], revision;
    bool changes = false;
    if (!session_find_tenant(session, options->key, &tenant) || !session_begin(session))
        return TOOL_FAILED;
    if (!admin_tenant_lock_revision(session->db, tenant.id, &revision, &error))
        return session_failed(session, &error, "lock the tenant");
    if (!session_find_tenant(session, options->key, &tenant))
        return TOOL_FAILED;
    for (int quota = 0; quota < QUOTA__MAX; quota++) {
        most[quota] = options->most[quota] < 0 ? quota_of(tenant.quotas, (enum quota)quota)
                                               : (uint64_t)options->most[quota];
        changes = changes || options->most[quota] >= 0;
    }
    if (changes && !admin_quotas_store(session->db, session->arena, tenant.id, most, &error))
        return session_failed(session, &error, "store the limits");
    int code = session_commit(session, "the limits");
    return code == TOOL_DONE ? print_limits(session, &tenant, most) : code;
}
