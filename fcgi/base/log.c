/* The log; see log.h. */
#include "base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { LINE_BYTES = 2000 };

/* One log for the process. */
static int log_fd = STDERR_FILENO;

bool log_open(const char *path)
{
    int fd = STDERR_FILENO;
    if (*path && (fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640)) < 0)
        return false;
    if (log_fd != STDERR_FILENO)
        close(log_fd);
    log_fd = fd;
    return true;
}

void log_line(const char *format, ...)
{
    char line[LINE_BYTES + 1];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, LINE_BYTES, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    if (length >= LINE_BYTES)
        length = LINE_BYTES - 1;
    for (int i = 0; i < length; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F)
            line[i] = '?';
    }
    line[length] = '\n';
    ssize_t ignored = write(log_fd, line, (size_t)length + 1);
    (void)ignored;
}
