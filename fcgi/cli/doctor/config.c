/* `palate doctor`: the configuration, as the tool and as the workers read it. */
#include "cli/doctor/checks.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROBLEM_SIZE = 500 };

static const char fix[] =
    "correct the file, or name another with --config; `palate settings` lists every setting";

/* A file that is there, but not for this user: as it was said, the problem ends with that. */
static const char *fix_for(struct doctor *doctor, const char *problem)
{
    const char *denied = strerror(EACCES);
    size_t length = strlen(problem), size = strlen(denied);
    if (length < size || strcmp(problem + length - size, denied) != 0)
        return fix;
    const struct passwd *self = getpwuid(geteuid());
    return arena_format(
        doctor->arena,
        "let %s read it; sudo palate doctor says by which command (as setup makes them: the configuration "
        "root's and 0644, workers' secrets palate:www-data and 0640)",
        self ? self->pw_name : "this user");
}

/* The web server's user may not read the tool's password, nor may others: then the workers' part is checked.
 */
static bool is_private_to_tool(const struct doctor *doctor)
{
    const char *file = doctor->worker ? doctor->worker->tool_database_password_file : "";
    return *file && geteuid() && access(file, R_OK) && errno == EACCES;
}

static void report_tool(struct doctor *doctor, const char *problem)
{
    if (is_private_to_tool(doctor))
        doctor_report(doctor, DOCTOR_WARN, "the tool's part",
                      "run doctor also as the tool's user, or as root: sudo palate doctor",
                      "not checked (schema, tenants, models, a real request): %s", problem);
    else
        doctor_report(doctor, DOCTOR_FAIL, "configuration for the tool", fix_for(doctor, problem), "%s",
                      problem);
}

void doctor_check_config(struct doctor *doctor)
{
    char tool_problem[PROBLEM_SIZE], worker_problem[PROBLEM_SIZE];
    doctor->tool = config_load(doctor->config_path, CONFIG_TOOL, tool_problem, sizeof(tool_problem));
    doctor->worker = config_load(doctor->config_path, CONFIG_WORKER, worker_problem, sizeof(worker_problem));
    doctor->config = doctor->tool ? doctor->tool : doctor->worker;
    if (!doctor->config && !strcmp(tool_problem, worker_problem)) {
        doctor_report(doctor, DOCTOR_FAIL, "configuration", fix_for(doctor, worker_problem), "%s",
                      worker_problem);
        return;
    }
    if (doctor->config)
        doctor_report(doctor, DOCTOR_OK, "configuration", NULL, "%s", doctor->config_path);
    if (!doctor->tool)
        report_tool(doctor, tool_problem);
    if (!doctor->worker)
        doctor_report(doctor, DOCTOR_FAIL, "configuration for workers",
                      "correct it, or run doctor as a user that may read the workers' files", "%s",
                      worker_problem);
    const struct config *worker = doctor->worker;
    doctor->one_user = worker && !strcmp(worker->database_user, worker->tool_database_user);
}
