/* The files of models in a directory: tenant-<number>.palate. */
#ifndef PALATE_RECOMMENDER_MODEL_FILES_H
#define PALATE_RECOMMENDER_MODEL_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* When a model file was written, and the newest of a directory, in Unix seconds; 0: there is none. */
int64_t model_files_written(const char *path) __attribute__((nonnull, warn_unused_result));
int64_t model_files_newest(const char *directory) __attribute__((nonnull, warn_unused_result));

/* Path of a tenant's model file in a directory, into path. False when it does not fit. */
bool model_files_path(const char *directory, uint32_t tenant_id, char *path, size_t size)
    __attribute__((nonnull, warn_unused_result));

#endif
