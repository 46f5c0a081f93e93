/* `enable` and `disable`; see switch_verb.h. */
#include "cli/accounts/switch_verb.h"

#include "cli/options.h"

int switch_verb_run(const struct switch_verb *verb, bool active, const struct tool *tool, int argc,
                    char **argv)
{
    const struct options_shape shape = {NULL, 0, 1, 1, verb->operand};
    struct operands operands;
    struct session session;
    char none = 0;
    enum options_outcome outcome = options_parse(&shape, argc, argv, &none, &operands);
    if (outcome == OPTIONS_HELP)
        return command_help(verb->help);
    if (outcome == OPTIONS_WRONG)
        return command_misused(verb->command, operands.problem);
    int code = TOOL_FAILED;
    if (session_open(&session, tool))
        code = verb->set_active(&session, operands.values[0], active);
    session_close(&session);
    return code;
}
