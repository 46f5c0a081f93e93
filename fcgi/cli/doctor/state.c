/* `palate doctor`: the file that the workers of a machine share.
 *
 * Without it workers run, and each by itself: limits of clients are not counted, and GET /metrics tells what
 * one worker has done, another one with each scrape. Nothing else shows that, so it is a failure here. */
#include "cli/doctor/checks.h"

void doctor_check_state(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    if (!*config->limits_state_file)
        doctor_report(
            doctor, DOCTOR_FAIL, "shared state",
            "set [limits] state_file to a file in a directory of the workers, as setup makes it: install "
            "-d -o palate -g www-data -m 2770 /var/lib/palate/state; state_file = "
            "/var/lib/palate/state/limits",
            "[limits] state_file is not set: workers count alone, so clients have no limits and metrics "
            "are one worker's");
    else if (!*config->metrics_token_sha256)
        doctor_report(
            doctor, DOCTOR_OK, "shared state", NULL,
            "%s; GET /metrics refuses everybody until [metrics] token_sha256 is set (`palate metrics "
            "token`)",
            config->limits_state_file);
    else
        doctor_report(doctor, DOCTOR_OK, "shared state", NULL,
                      "%s; GET /metrics wants the token of [metrics]", config->limits_state_file);
}
