/* `palate doctor`: order and report of the checks; see doctor.h. */
#include "cli/doctor.h"

#include "cli/doctor_checks.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: palate doctor [--url URL] [--dir DIR]\n"
    "\n"
    "Checks configuration, token key, database, schema, rights, models and the remote recommender, which it\n"
    "asks once, and with --url also whether the running service is reached and the web server hands on\n"
    "Authorization, GET bodies and large bodies. Changes nothing. Each finding is a line of ok, warn or\n"
    "FAIL; below warn and FAIL stands how to mend it.\n"
    "\n"
    "  --url URL   address of the service, with [http] base_path: http://127.0.0.1:5051\n"
    "  --dir DIR   where the schema files are, as for `palate migrate`\n"
    "\n"
    "Run it as a user that can read the files of both the tool and the workers.\n"
    "\n"
    "example: palate doctor --url http://127.0.0.1:5051\n"
    "\n"
    "exit codes: 0 nothing fails, 1 something fails, 2 wrong usage\n";

static const struct option_rule rules[] = {
    {"url", OPTION_TEXT, offsetof(struct doctor_options, url), false, 0, 0},
    {"dir", OPTION_TEXT, offsetof(struct doctor_options, sql_directory), false, 0, 0},
};
static const struct options_shape shape = {rules, sizeof(rules) / sizeof(rules[0]), 0, 0, ""};

enum options_outcome doctor_options_parse(int argc, char **argv, struct doctor_options *options,
                                          struct operands *operands)
{
    *options = (struct doctor_options){.sql_directory = ""};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome != OPTIONS_OK || !options->url)
        return outcome;
    if (!strncmp(options->url, "http://", 7) || !strncmp(options->url, "https://", 8))
        return OPTIONS_OK;
    snprintf(operands->problem, sizeof(operands->problem), "--url must begin with http:// or https://");
    return OPTIONS_WRONG;
}

void doctor_report(struct doctor *doctor, enum doctor_finding finding, const char *what, const char *mend,
                   const char *format, ...)
{
    static const char *const words[DOCTOR_FINDING__MAX] = {
        [DOCTOR_OK] = "ok  ", [DOCTOR_WARN] = "warn", [DOCTOR_FAIL] = "FAIL"};
    va_list arguments;
    va_start(arguments, format);
    printf("%s  %s: ", words[finding], what);
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    if (mend && finding != DOCTOR_OK)
        printf("      mend: %s\n", mend);
    fflush(stdout);
    doctor->count[finding]++;
}

static void examine(struct doctor *doctor)
{
    doctor_check_config(doctor);
    if (!doctor->tool)
        return;
    doctor_check_sandbox(doctor);
    doctor_check_database(doctor);
    if (doctor->db)
        doctor_check_models(doctor);
    doctor_check_remote(doctor);
    if (doctor->db)
        doctor_check_push(doctor);
    if (doctor->options.url)
        doctor_check_service(doctor);
}

int doctor_run(const struct tool *tool, int argc, char **argv)
{
    struct doctor doctor = {.config_path = tool->config_path};
    struct operands operands;
    enum options_outcome outcome = doctor_options_parse(argc, argv, &doctor.options, &operands);
    if (outcome == OPTIONS_HELP)
        return command_help(help);
    if (outcome == OPTIONS_WRONG)
        return command_misused("doctor", operands.problem);
    doctor.arena = arena_create();
    examine(&doctor);
    printf("%d ok, %d to look at, %d failed\n", doctor.count[DOCTOR_OK], doctor.count[DOCTOR_WARN],
           doctor.count[DOCTOR_FAIL]);
    database_destroy(doctor.db);
    arena_destroy(doctor.arena);
    config_free(doctor.tool);
    config_free(doctor.worker);
    return doctor.count[DOCTOR_FAIL] ? TOOL_FAILED : TOOL_DONE;
}
