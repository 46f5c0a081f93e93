/* Bar plots as SVG: one panel for each measure, one bar for each method.
 *
 * Owns nothing; knows nothing of what is measured. */
#ifndef PALATE_CLI_EVALUATE_PLOT_H
#define PALATE_CLI_EVALUATE_PLOT_H

#include <stddef.h>
#include <stdio.h>

struct plot_panel {
    const char *label;    /* of the axis */
    const double *values; /* one for each bar, not negative */
};

struct plot {
    const char *title, *subtitle; /* any UTF-8; subtitle may be "" */
    const char *const *names;     /* of the bars; the first one is set off by its colour */
    size_t name_count;
    const struct plot_panel *panels;
    size_t panel_count;
};

/* Writes a whole SVG document. Errors show in ferror(). */
void plot_write(FILE *out, const struct plot *plot) __attribute__((nonnull));

/* The distance of ticks: 1, 2 or 5 times a power of ten, so that 3 to 6 of them go up to maximum (above 0).
 */
double plot_tick_step(double maximum) __attribute__((const));

#endif
