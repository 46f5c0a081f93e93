/* Ctrl-C as a flag; see interrupt.h. */
#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>

/* Set by the signal handler, which can be given nothing. */
static volatile sig_atomic_t happened;

static void on_signal(int number)
{
    (void)number;
    happened = 1;
}

void interrupt_catch(void)
{
    /* No SA_RESTART: a read from a pipe must end, too. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool interrupt_happened(void)
{
    return happened;
}
