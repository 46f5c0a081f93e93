/* `palate client limit`; see client_limit.h. */
#include "cli/accounts/client_limit.h"

#include "cli/accounts/client.h"

#include <inttypes.h>
#include <stdio.h>

enum { PER_MINUTE_MAXIMUM = 1000000, BURST_MINUTES = 60 /* a bucket holds at most an hour's worth */ };

enum options_outcome client_limit_parse(int argc, char **argv, struct limit_options *options,
                                        struct operands *operands)
{
    static const struct option_rule rules[] = {{"per-minute", OPTION_NUMBER,
                                                offsetof(struct limit_options, per_minute), true, 0,
                                                PER_MINUTE_MAXIMUM},
                                               {"burst", OPTION_NUMBER, offsetof(struct limit_options, burst),
                                                false, 1, (int64_t)PER_MINUTE_MAXIMUM * BURST_MINUTES}};
    static const struct options_shape shape = {rules, 2, 1, 1, "ID"};
    *options = (struct limit_options){.burst = -1};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome != OPTIONS_OK || options->burst <= options->per_minute * BURST_MINUTES)
        return outcome;
    snprintf(operands->problem, sizeof(operands->problem),
             "--burst must be at most what an hour allows, %" PRId64, options->per_minute * BURST_MINUTES);
    return OPTIONS_WRONG;
}

static int set_limit(struct session *session, const char *id, const struct limit_options *options)
{
    struct admin_client client;
    struct error error = {0};
    int64_t burst = options->burst >= 0 ? options->burst : options->per_minute;
    if (!client_find(session, id, &client))
        return TOOL_FAILED;
    if (!admin_client_set_rate(session->db, &client, (uint32_t)options->per_minute, (uint32_t)burst, &error))
        return session_failed(session, &error, "store the limit");
    if (!options->per_minute) {
        printf("%s may ask as often as it likes\n", id);
        return TOOL_DONE;
    }
    printf("%s may ask %" PRId64 " times a minute, %" PRId64 " at once\n", id, options->per_minute, burst);
    if (!*session->config->limits_state_file)
        command_say("nobody counts yet: set [limits] state_file in %s", session->config->path);
    return TOOL_DONE;
}

int client_limit_run(const struct tool *tool, int argc, char **argv)
{
    struct limit_options options;
    struct operands operands;
    struct session session;
    enum options_outcome outcome = client_limit_parse(argc, argv, &options, &operands);
    if (outcome == OPTIONS_HELP)
        return command_help(client_help);
    if (outcome == OPTIONS_WRONG)
        return command_misused("client", operands.problem);
    int code = session_open(&session, tool) ? set_limit(&session, operands.values[0], &options) : TOOL_FAILED;
    session_close(&session);
    return code;
}
