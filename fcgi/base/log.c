/* The log; see log.h. */
#include "base/log.h"

#include "base/clock.h"
#include "base/moment.h"
#include "base/write_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_BYTES = 2000, LOOK_EVERY_US = 1000000 };

/* One log for the process. */
static struct {
    char path[PATH_MAX]; /* "": stderr is the log */
    int fd;              /* of the file; -1 while there is none */
    int64_t looked_us;   /* when its path was last looked at */
    int open_trouble;    /* errno that has been told of; 0: the path could be opened */
    int write_trouble;   /* the same for writing */
} out = {.fd = -1};

/* The whole line with its moment and newline; its length. */
static size_t make_line(char line[static LINE_BYTES + 1], const char *format, va_list arguments)
{
    moment_write(clock_unix_ms(), MOMENT_PRECISE, line);
    line[MOMENT_SIZE - 1] = ' ';
    int length = vsnprintf(line + MOMENT_SIZE, LINE_BYTES - MOMENT_SIZE, format, arguments);
    size_t end = MOMENT_SIZE + (length < 0 ? 0 : (size_t)length);
    if (end > LINE_BYTES - 1)
        end = LINE_BYTES - 1;
    for (size_t i = MOMENT_SIZE; i < end; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F)
            line[i] = '?';
    }
    line[end] = '\n';
    return end + 1;
}

static void tell_here(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One line on stderr: the web server's log. */
static void tell_here(const char *format, ...)
{
    char line[LINE_BYTES + 1];
    va_list arguments;
    va_start(arguments, format);
    size_t length = make_line(line, format, arguments);
    va_end(arguments);
    write_fully(STDERR_FILENO, line, length); /* where that fails, there is nobody else to tell */
}

/* Each reason once, until it is gone. */
static void tell_trouble(int *told, int reason)
{
    if (*told == reason)
        return;
    *told = reason;
    bool opening = told == &out.open_trouble;
    tell_here("palate: cannot %s the log %s ([log] file): %s; it is tried again, and until then lines %s",
              opening ? "open" : "write to", out.path, strerror(reason),
              opening && out.fd >= 0 ? "go on in the old file" : "come here");
}

/* A FIFO that nobody reads must not hold the worker, nor a terminal take it over. */
static void open_file(void)
{
    int fd = open(out.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0640);
    if (fd < 0) {
        tell_trouble(&out.open_trouble, errno);
        return;
    }
    if (out.fd >= 0)
        close(out.fd);
    out.fd = fd;
    out.open_trouble = 0;
}

/* Where no new file can be made, lines are safer in the old one than lost. */
static void follow_path(void)
{
    struct stat held, named;
    int64_t now = clock_monotonic_us();
    if (now - out.looked_us < LOOK_EVERY_US)
        return;
    out.looked_us = now;
    bool same = out.fd >= 0 && fstat(out.fd, &held) == 0 && stat(out.path, &named) == 0 &&
                held.st_dev == named.st_dev && held.st_ino == named.st_ino;
    if (!same)
        open_file();
}

void log_open(const char *path)
{
    if (out.fd >= 0)
        close(out.fd);
    out.fd = -1;
    out.open_trouble = out.write_trouble = 0;
    out.looked_us = clock_monotonic_us();
    if ((size_t)snprintf(out.path, sizeof(out.path), "%s", path) >= sizeof(out.path)) {
        tell_trouble(&out.open_trouble, ENAMETOOLONG);
        out.path[0] = '\0'; /* the part that fits would be another file */
    } else if (*path) {
        open_file();
    }
}

void log_line(const char *format, ...)
{
    char line[LINE_BYTES + 1];
    va_list arguments;
    if (*out.path)
        follow_path();
    va_start(arguments, format);
    size_t length = make_line(line, format, arguments);
    va_end(arguments);
    if (out.fd >= 0 && write_fully(out.fd, line, length)) {
        out.write_trouble = 0;
        return;
    }
    if (out.fd >= 0)
        tell_trouble(&out.write_trouble, errno);
    write_fully(STDERR_FILENO, line, length);
}
