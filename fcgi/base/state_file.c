/* A mapped file of atomic numbers; see state_file.h.
 *
 * Workers are processes that the web server starts and stops as it likes, with no parent of ours that could
 * make an anonymous shared mapping for them before they are born. A file has a name, so each finds it by
 * itself; MAP_SHARED makes all see the same page, and since lock-free atomics are plain instructions they
 * work between processes as they do between threads. A worker that is killed in the middle leaves at most one
 * number not yet written, never a lock held.
 *
 * Two workers may make the file at once: both cut it to the same size and one of them writes the format,
 * which is what the other then finds. Its blocks are allocated at once: a hole that finds no room on the disk
 * when a number is first written there would end the process. The file is not synced: after a crash of the
 * machine its numbers are out of date anyway, which its users notice by the monotonic clock.
 *
 * Who wants a place that is its own for as long as it lives locks the byte of that number. Of the two kinds of
 * locks it is the older one (F_SETLK, of POSIX), which belongs to the process: a child does not inherit it, where
 * a lock of the open file (F_OFD_SETLK) would live on in the child's copy of the descriptor. */
#include "base/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* As long as it must be, with room on the disk for all of it; where a file system cannot promise that, with
 * holes. */
static bool make_room(int fd, size_t size)
{
    return fallocate(fd, 0, 0, (off_t)size) == 0 || (errno == EOPNOTSUPP && ftruncate(fd, (off_t)size) == 0);
}

static void *map_file(int fd, const char *path, size_t size, uint64_t format, char *problem,
                      size_t problem_size)
{
    struct stat status;
    /* A mapping that reaches beyond the file's end would end the process when it is touched (SIGBUS). */
    if (fstat(fd, &status) || !S_ISREG(status.st_mode) ||
        (status.st_size < (off_t)size && !make_room(fd, size))) {
        snprintf(problem, problem_size, "%s: cannot be used as a state file: %s", path, strerror(errno));
        return NULL;
    }
    void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED) {
        snprintf(problem, problem_size, "%s: cannot be mapped: %s", path, strerror(errno));
        return NULL;
    }
    _Atomic uint64_t *written = mapped;
    uint64_t found = 0; /* a new file's */
    if (atomic_compare_exchange_strong(written, &found, format) || found == format)
        return mapped;
    munmap(mapped, size);
    snprintf(problem, problem_size, "%s: is something else than a state file; remove it", path);
    return NULL;
}

void *state_file_open(const char *path, size_t size, uint64_t format, char *problem, size_t problem_size)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    if (fd < 0) {
        snprintf(problem, problem_size, "%s: cannot be opened: %s", path, strerror(errno));
        return NULL;
    }
    void *mapped = map_file(fd, path, size, format, problem, problem_size);
    close(fd); /* the mapping stays */
    return mapped;
}

void state_file_close(void *state, size_t size)
{
    if (state)
        munmap(state, size);
}

int state_file_claim(const char *path, size_t places, size_t *place)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
    for (*place = 0; fd >= 0 && *place < places; ++*place) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)*place, .l_len = 1};
        if (fcntl(fd, F_SETLK, &lock) == 0)
            return fd;
        if (errno != EACCES && errno != EAGAIN)
            break;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

bool state_file_is_claimed(int claim, size_t place)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)place, .l_len = 1};
    return fcntl(claim, F_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

bool state_file_read(const char *path, void *state, size_t size, uint64_t format)
{
    /* O_NONBLOCK: a FIFO of that name must not hold the caller. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, state, size);
    close(fd);
    return got == (ssize_t)size && memcmp(state, &format, sizeof(format)) == 0;
}
