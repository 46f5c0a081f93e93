/* How far a long command is; see progress.h.
 *
 * On a terminal one line is rewritten in place ten times a second; elsewhere a plain line is written every
 * five seconds, so that the log of a job shows that it lives without being filled by it. Short commands
 * show nothing elsewhere, since the first line comes after five seconds. The time left is the time so far,
 * scaled by the share that is left: it is said only when there is enough to go by.
 *
 * Callers report every row and need not think about the cost: between two lines a call reads the clock and
 * returns. Messages of a command must not be written into a moving line, so that everything that prints
 * calls progress_clear() first. */
#include "cli/progress.h"

#include "base/clock.h"
#include "cli/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 24, TERMINAL_EVERY_US = 100 * 1000, PLAIN_EVERY_US = 5 * 1000 * 1000 };

static bool silent; /* for the whole process, as its command line says */

void progress_silence(void)
{
    silent = true;
}

void progress_start(struct progress *progress, const char *what, const char *unit)
{
    *progress = (struct progress){
        .what = what, .unit = unit, .terminal = isatty(STDERR_FILENO), .started_us = clock_monotonic_us()};
    const char *kind = getenv("TERM");
    if (!kind || !strcmp(kind, "dumb"))
        progress->terminal = false;
    progress->next_show_us = progress->started_us + (progress->terminal ? 0 : PLAIN_EVERY_US);
}

double progress_seconds(const struct progress *progress)
{
    return (double)(clock_monotonic_us() - progress->started_us) / 1e6;
}

static void draw_bar(char bar[BAR_WIDTH + 3], double share)
{
    int full = (int)(share * BAR_WIDTH + 0.5);
    bar[0] = '[';
    for (int i = 0; i < BAR_WIDTH; i++)
        bar[i + 1] = i < full ? '#' : '.';
    bar[BAR_WIDTH + 1] = ']';
    bar[BAR_WIDTH + 2] = '\0';
}

void progress_line(const struct progress *progress, uint64_t done, uint64_t total, uint64_t count,
                   double seconds, char *line, size_t size)
{
    char share_text[BAR_WIDTH + 20] = "", left[48] = "";
    if (total) {
        double share = done < total ? (double)done / (double)total : 1.0;
        char bar[BAR_WIDTH + 3];
        draw_bar(bar, share);
        snprintf(share_text, sizeof(share_text), " %s %3.0f%%", bar, share * 100);
        /* Before that the first steps, which are often slower, would be taken for the speed of all. */
        if (share > 0.01 && share < 1 && seconds > 0.5)
            snprintf(left, sizeof(left), ", %s left", format_seconds(seconds * (1 - share) / share).text);
    }
    snprintf(line, size, "%s%s  %s %s, %s/s%s", progress->what, share_text, format_count(count).text,
             progress->unit, format_count(seconds > 0 ? (uint64_t)((double)count / seconds) : 0).text, left);
}

void progress_update(struct progress *progress, uint64_t done, uint64_t total, uint64_t count)
{
    int64_t now = clock_monotonic_us();
    if (silent || now < progress->next_show_us)
        return;
    char line[200];
    progress_line(progress, done, total, count, (double)(now - progress->started_us) / 1e6, line,
                  sizeof(line));
    if (progress->terminal)
        fprintf(stderr, "\r%s\033[K", line);
    else
        fprintf(stderr, "%s\n", line);
    fflush(stderr);
    progress->shown = progress->terminal;
    progress->next_show_us = now + (progress->terminal ? TERMINAL_EVERY_US : PLAIN_EVERY_US);
}

void progress_clear(struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}
