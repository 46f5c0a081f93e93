/* A whole small file in memory; see read_file.h.
 *
 * For configuration, keys and lists of providers: files that an operator writes. The descriptor that is
 * checked is the one that is read, so the file cannot be exchanged in between; O_NONBLOCK keeps a FIFO of
 * that name from holding the caller for ever before it is found to be no regular file. The size is taken
 * once: a file that grows while it is read gives its beginning, one that shrinks is refused. */
#include "base/read_file.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t read_all(int fd, char *text, size_t size)
{
    size_t total = 0;
    while (total < size) {
        ssize_t got = read(fd, text + total, size - total);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        total += (size_t)got;
    }
    return total;
}

char *read_file(const char *path, size_t limit, size_t *length, char *problem, size_t problem_size)
{
    char *text = NULL;
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        snprintf(problem, problem_size, "cannot read %s: %s", path, strerror(errno));
        return NULL;
    }
    if (fstat(fd, &status) || !S_ISREG(status.st_mode)) {
        snprintf(problem, problem_size, "cannot read %s: not a regular file", path);
    } else if ((size_t)status.st_size > limit) {
        snprintf(problem, problem_size, "cannot read %s: larger than %zu bytes", path, limit);
    } else {
        text = memory_alloc((size_t)status.st_size + 1, 1);
        *length = read_all(fd, text, (size_t)status.st_size);
        text[*length] = '\0';
        if (*length < (size_t)status.st_size) {
            snprintf(problem, problem_size, "cannot read %s: it ended early", path);
            memory_free(text);
            text = NULL;
        }
    }
    close(fd);
    return text;
}
