/* `palate doctor`: what this kernel offers of the workers' sandbox. */
#include "base/sandbox.h"
#include "cli/doctor/checks.h"

void doctor_check_sandbox(struct doctor *doctor)
{
    struct sandbox_report kernel;
    enum sandbox_mode mode = doctor->config->worker_sandbox;
    sandbox_probe(&kernel);
    if (mode == SANDBOX_OFF)
        doctor_report(doctor, DOCTOR_WARN, "sandbox", "[worker] sandbox = best-effort", "it is switched off");
    else if (kernel.landlock && kernel.seccomp)
        doctor_report(doctor, DOCTOR_OK, "sandbox", NULL, "this kernel has seccomp and Landlock");
    else
        doctor_report(doctor, mode == SANDBOX_REQUIRED ? DOCTOR_FAIL : DOCTOR_WARN, "sandbox",
                      "a kernel with both (Linux 5.13 and later); containers may hide them",
                      "this kernel has%s%s", kernel.seccomp ? " seccomp" : " no seccomp",
                      kernel.landlock ? " and Landlock" : " and no Landlock");
}
