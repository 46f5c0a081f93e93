/* The log; see log.h.
 *
 * Each line is made whole in memory and written with one write() to a file that is open for appending: then
 * lines of several workers do not mix, without a lock. The line begins with its moment, which the web
 * server's log would add but a file of ours would not have; bytes that could end a line or move a terminal's
 * cursor become "?".
 *
 * logrotate renames the file without any sign to those who write to it. So the path is looked at before a
 * line, at most once a second, and opened again when it is another file than the one that is held; between
 * two looks lines go to the renamed file, which logrotate's delaycompress leaves in peace. A log that cannot
 * be opened or written to must not end the service, nor fill another log with the same complaint: each reason
 * is written once, to stderr, and lines go there as long. */
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
    int open_trouble;    /* errno that has been reported; 0: the path could be opened */
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

static void write_here(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One line on stderr: the web server's log. */
static void write_here(const char *format, ...)
{
    char line[LINE_BYTES + 1];
    va_list arguments;
    va_start(arguments, format);
    size_t length = make_line(line, format, arguments);
    va_end(arguments);
    write_fully(STDERR_FILENO, line, length); /* where that fails, there is no other place to report to */
}

/* Each reason once, until it is gone. */
static void report_trouble(int *reported, int reason)
{
    if (*reported == reason)
        return;
    *reported = reason;
    bool opening = reported == &out.open_trouble;
    write_here("palate: cannot %s the log %s ([log] file): %s; it is tried again, and until then lines %s",
               opening ? "open" : "write to", out.path, strerror(reason),
               opening && out.fd >= 0 ? "go on in the old file" : "come here");
}

/* A FIFO without a reader must not hold the worker, nor a terminal become its controlling one. */
static void open_file(void)
{
    int fd = open(out.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0640);
    if (fd < 0) {
        report_trouble(&out.open_trouble, errno);
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
        report_trouble(&out.open_trouble, ENAMETOOLONG);
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
        report_trouble(&out.write_trouble, errno);
    write_fully(STDERR_FILENO, line, length);
}
