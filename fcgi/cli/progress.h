/* How far a long command is: one line that moves on a terminal, a plain line every few seconds elsewhere.
 *
 * Writes to stderr alone. */
#ifndef PALATE_CLI_PROGRESS_H
#define PALATE_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    const char *what;
    const char *unit; /* "rows" */
    bool terminal;
    bool shown;         /* a moving line stands on the terminal */
    int64_t started_us; /* monotonic */
    int64_t next_show_us;
};

/* Shows nothing from now on, whatever the command: cron mails what is printed. */
void progress_silence(void);

/* what and unit must outlive it. */
void progress_start(struct progress *progress, const char *what, const char *unit) __attribute__((nonnull));

/* done of total (0: unknown) says the share, count says how many units; shows at most ten times a second. */
void progress_update(struct progress *progress, uint64_t done, uint64_t total, uint64_t count)
    __attribute__((nonnull));

/* Takes the moving line away, so that something else can be printed. */
void progress_clear(struct progress *progress) __attribute__((nonnull));

/* Seconds since the start. */
double progress_seconds(const struct progress *progress) __attribute__((nonnull));

/* Writes the line without any positioning; for progress_update() and tests. */
void progress_line(const struct progress *progress, uint64_t done, uint64_t total, uint64_t count,
                   double seconds, char *line, size_t size) __attribute__((nonnull));

#endif
