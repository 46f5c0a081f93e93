/* Bar plots as SVG; see plot.h.
 *
 * Panels stand side by side and share one column of names; each panel has an axis of its own, because
 * recall, NDCG and hit rate have different ranges. The first row is ours and stands out in colour and
 * weight. Everything is laid out with fixed sizes in pixels: the number of rows and panels is known, and a
 * text that measures itself would need a font. SVG is text, so nothing is linked for it, and it scales in
 * a browser and in a document.
 *
 * Texts come from file names and tenants' names, so that &, < and > are escaped and control characters are
 * dropped. */
#include "cli/evaluate/plot.h"

#include <math.h>

/* All in pixels. */
enum {
    MARGIN = 24,
    NAMES_WIDTH = 160,
    PANEL_WIDTH = 230,
    PANEL_GAP = 30,
    HEAD_HEIGHT = 96,
    ROW_HEIGHT = 42,
    BAR_HEIGHT = 26,
    FOOT_HEIGHT = 74,
};
static const double VALUE_ROOM = 1.28; /* the axis is this much longer than the longest bar: its value fits */

static void write_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '>')
            fputs("&gt;", out);
        else if (*text == '&')
            fputs("&amp;", out);
        else if ((unsigned char)*text >= ' ')
            fputc(*text, out);
    }
}

/* The step of the axis: 1, 2 or 5 times a power of ten, so that there are at most five steps and their
 * labels are round. */
double plot_tick_step(double maximum)
{
    double power = pow(10, floor(log10(maximum / 5)));
    double share = maximum / 5 / power; /* 1 up to 10 */
    return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
}

static void write_head(FILE *out, const struct plot *plot, int width, int height)
{
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
            "role=\"img\" font-family=\"DejaVu Sans, Verdana, Arial, sans-serif\" font-size=\"14\">\n<title>",
            width, height, width, height);
    write_text(out, plot->title);
    fprintf(out,
            "</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n"
            "<text x=\"%d\" y=\"40\" font-size=\"20\" font-weight=\"bold\" fill=\"#1d2733\">",
            MARGIN);
    write_text(out, plot->title);
    fprintf(out, "</text>\n<text x=\"%d\" y=\"66\" fill=\"#4a5563\">", MARGIN);
    write_text(out, plot->subtitle);
    fputs("</text>\n", out);
}

static double row_middle(size_t row)
{
    return HEAD_HEIGHT + ROW_HEIGHT * ((double)row + 0.5);
}

static void write_names(FILE *out, const struct plot *plot)
{
    for (size_t i = 0; i < plot->name_count; i++) {
        fprintf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" fill=\"#1d2733\"%s>",
                MARGIN + NAMES_WIDTH - 12, row_middle(i) + 5, i ? "" : " font-weight=\"bold\"");
        write_text(out, plot->names[i]);
        fputs("</text>\n", out);
    }
}

static double find_longest(const struct plot *plot, const struct plot_panel *panel)
{
    double maximum = 0;
    for (size_t i = 0; i < plot->name_count; i++)
        maximum = fmax(maximum, panel->values[i]);
    return maximum > 0 ? maximum : 1;
}

static void write_axis(FILE *out, double left, double bottom, double maximum)
{
    double step = plot_tick_step(maximum);
    for (int i = 0; step * i <= maximum * (1 + 1e-9); i++) {
        double x = left + step * i / maximum * PANEL_WIDTH;
        fprintf(out,
                "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n"
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" font-size=\"12\" "
                "fill=\"#4a5563\">%g</text>\n",
                x, HEAD_HEIGHT, x, bottom, i ? "#e3e7ec" : "#4a5563", x, bottom + 20, step * i);
    }
}

/* Bars are scaled by the longest one of their panel, with room for the value behind it. */
static void write_panel(FILE *out, const struct plot *plot, const struct plot_panel *panel, double left)
{
    double bottom = row_middle(plot->name_count) - ROW_HEIGHT / 2.0;
    double maximum = find_longest(plot, panel) * VALUE_ROOM;
    write_axis(out, left, bottom, maximum);
    for (size_t i = 0; i < plot->name_count; i++) {
        double width = panel->values[i] / maximum * PANEL_WIDTH;
        fprintf(out,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n"
                "<text x=\"%.1f\" y=\"%.1f\" font-size=\"13\" fill=\"#1d2733\"%s>%.4f</text>\n",
                left, row_middle(i) - BAR_HEIGHT / 2.0, width, BAR_HEIGHT, i ? "#a9b4c0" : "#1b6ca8",
                left + width + 6, row_middle(i) + 5, i ? "" : " font-weight=\"bold\"", panel->values[i]);
    }
    fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" fill=\"#1d2733\">",
            left + PANEL_WIDTH / 2.0, bottom + 46);
    write_text(out, panel->label);
    fputs("</text>\n", out);
}

void plot_write(FILE *out, const struct plot *plot)
{
    int panels = (int)plot->panel_count, rows = (int)plot->name_count;
    int width = 2 * MARGIN + NAMES_WIDTH + panels * PANEL_WIDTH + (panels - 1) * PANEL_GAP;
    write_head(out, plot, width, HEAD_HEIGHT + rows * ROW_HEIGHT + FOOT_HEIGHT);
    write_names(out, plot);
    for (int i = 0; i < panels; i++)
        write_panel(out, plot, &plot->panels[i], MARGIN + NAMES_WIDTH + i * (PANEL_WIDTH + PANEL_GAP));
    fputs("</svg>\n", out);
}
