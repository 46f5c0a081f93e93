/* `palate settings`; see settings.h. */
#include "cli/settings.h"

#include "base/config.h"
#include "cli/options.h"

static const char help[] =
    "usage: palate settings\n"
    "\n"
    "Prints every setting with its default, its bounds and what it is for, as a configuration\n"
    "file to begin with. Needs no configuration itself.\n"
    "\n"
    "example: palate settings > /etc/palate/palate.conf\n"
    "\n"
    "exit codes: 0 done, 2 wrong usage\n";

int settings_run(const struct tool *tool, int argc, char **argv)
{
    static const struct options_shape shape = {.operands = ""};
    struct operands operands;
    char none = 0;
    (void)tool;
    switch (options_parse(&shape, argc, argv, &none, &operands)) {
    case OPTIONS_HELP:
        return command_help(help);
    case OPTIONS_WRONG:
        return command_misused("settings", operands.problem);
    default:
        config_describe(stdout);
        return TOOL_DONE;
    }
}
