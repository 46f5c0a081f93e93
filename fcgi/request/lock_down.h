/* What a worker keeps of the file system when it enters the sandbox (base/sandbox.h). */
#ifndef PALATE_REQUEST_LOCK_DOWN_H
#define PALATE_REQUEST_LOCK_DOWN_H

#include "base/arena.h"
#include "base/config.h"
#include "token/claims.h"

/* After this the worker can do what it is for and little else: it keeps what the configuration names for use
 * at any time. Only the first call does something, since it cannot be undone. Where requests bring their
 * configuration (no PALATE_CONFIG in the environment) the file system is left alone: the next site has files
 * of its own. False, with a sentence, when the configuration requires more than the system has. */
bool lock_down(struct arena *arena, const struct config *config, const struct token_verifier *verifier,
               char *problem, size_t problem_size) __attribute__((nonnull, warn_unused_result));

#endif
