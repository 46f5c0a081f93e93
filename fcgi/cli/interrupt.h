/* Ctrl-C and SIGTERM as a flag, for commands that must end in order. Process-wide. */
#ifndef PALATE_CLI_INTERRUPT_H
#define PALATE_CLI_INTERRUPT_H

#include <stdbool.h>

/* From now on the first signal only sets the flag; a second one ends the process as usual. */
void interrupt_catch(void);

bool interrupt_happened(void);

#endif
