/* `palate settings`; see settings.h.
 *
 * Both forms are made from the table in base/config.c, which is also what the parser goes by. So neither
 * etc/palate.conf.example nor docs/configuration.md is ever written by hand: a test compares each with what
 * is printed here, and a setting that somebody adds is documented by the line that adds it. */
#include "cli/settings.h"

#include "base/config.h"

#include <stdbool.h>
#include <string.h>

enum { PAGE_WIDTH = 109 /* and the full stop at the end of a sentence */ };

static const char help[] =
    "usage: palate settings [--markdown]\n"
    "\n"
    "Prints every setting with its default, its bounds and what it is for, as a configuration\n"
    "file to begin with. Needs no configuration itself.\n"
    "\n"
    "  --markdown   as the page docs/configuration.md\n"
    "\n"
    "example: palate settings > /etc/palate/palate.conf\n"
    "\n"
    "exit codes: 0 done, 2 wrong usage\n";

void settings_write_file(FILE *out)
{
    size_t count;
    const struct setting *settings = config_settings(&count);
    const char *section = "";
    fputs("# Palate's configuration: every setting with its default. Remove the ; in front of those you "
          "change.\n"
          "# Paths are absolute. Unknown settings and wrong values keep Palate from starting, with their "
          "line.\n\n",
          out);
    for (size_t i = 0; i < count; i++) {
        const struct setting *setting = &settings[i];
        if (strcmp(section, setting->section))
            fprintf(out, "%s[%s]\n", i ? "\n" : "", setting->section);
        section = setting->section;
        fprintf(out, "# %s", setting->help);
        if (setting->type == SETTING_NUMBER)
            fprintf(out, " (%ld to %ld)", setting->minimum, setting->maximum);
        fprintf(out, "\n;%s =%s%s\n", setting->name, *setting->preset ? " " : "", setting->preset);
    }
}

/* Words separated by single spaces, on lines of at most PAGE_WIDTH that are indented below a list's mark.
 * column: where the line stands. A * is Markdown's emphasis and list mark, so it is written with a \. */
static void write_wrapped(FILE *out, size_t column, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, " "), stars = 0;
        for (size_t i = 0; i < length; i++)
            stars += text[i] == '*';
        if (column + 1 + length + stars > PAGE_WIDTH) {
            fputs("\n ", out);
            column = 1;
        }
        fputc(' ', out);
        for (size_t i = 0; i < length; i++)
            fprintf(out, "%s%c", text[i] == '*' ? "\\" : "", text[i]);
        column += 1 + length + stars;
        text += length + (text[length] == ' ');
    }
}

void settings_write_markdown(FILE *out)
{
    size_t count;
    const struct setting *settings = config_settings(&count);
    const char *section = "";
    fputs("# Configuration\n\n"
          "This page is the output of `palate settings --markdown`; `palate settings` prints the same as a\n"
          "configuration file to begin with, which is also `etc/palate.conf.example`.\n\n"
          "Workers and the tool read one file in INI form: `[section]`, then `name = value`, and comments\n"
          "that begin with `#` or `;`. Its path is the environment variable `PALATE_CONFIG`, else\n"
          "`" CONFIG_DEFAULT_PATH "`; the tool also takes `--config FILE`. Paths are absolute, and a line\n"
          "has at most 190 bytes. Unknown settings and wrong values keep Palate from starting, with the\n"
          "number of their line.\n",
          out);
    for (size_t i = 0; i < count; i++) {
        const struct setting *setting = &settings[i];
        if (strcmp(section, setting->section))
            fprintf(out, "\n## [%s]\n\n", setting->section);
        section = setting->section;
        /* fprintf() says how many columns it took, as all of it is ASCII. */
        int column = fprintf(out, "- **`%s`**", setting->name);
        if (*setting->preset)
            column += fprintf(out, " = `%s`", setting->preset);
        if (setting->type == SETTING_NUMBER)
            column += fprintf(out, " (%ld to %ld)", setting->minimum, setting->maximum);
        column += fprintf(out, ":");
        write_wrapped(out, (size_t)column, setting->help);
        fputs(".\n", out);
    }
}

static enum options_outcome parse_form(int argc, char **argv, void *markdown, struct operands *operands)
{
    static const struct option_rule rules[] = {{"markdown", OPTION_FLAG, 0, false, 0, 0}};
    static const struct options_shape shape = {rules, 1, 0, 0, ""};
    return options_parse(&shape, argc, argv, markdown, operands);
}

static int print_settings(struct session *session, const void *markdown)
{
    (void)session;
    if (*(const bool *)markdown)
        settings_write_markdown(stdout);
    else
        settings_write_file(stdout);
    return TOOL_DONE;
}

static const struct verb verbs[] = {
    {NULL, parse_form, sizeof(bool), .work = print_settings, .without_session = true}};
const struct command settings_command = {"settings", help, VERBS(verbs)};
