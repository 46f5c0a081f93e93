/* The rules of [recommender] and [remote]: texts with few allowed values, and which address may be asked. */
#ifndef PALATE_BASE_CONFIG_REMOTE_H
#define PALATE_BASE_CONFIG_REMOTE_H

#include "base/config.h"

/* Checks the settings and sets what is made from them. On failure one sentence in problem. */
bool config_remote_check(struct config *config, char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));

#endif
