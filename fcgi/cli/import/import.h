/* `palate import items|events FILE`: what both share: options, the reading loop, bad lines, progress. */
#ifndef PALATE_CLI_IMPORT_IMPORT_H
#define PALATE_CLI_IMPORT_IMPORT_H

#include "cli/import/row.h"
#include "cli/import/source.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/verb.h"

struct bad_lines;

struct import_options {
    const char *file;
    const char *tenant;
    const char *format; /* import_format_parse() */
    const char *map;    /* NULL */
    bool dry_run;
    bool sync, force;     /* what a catalogue's file does not have is switched off */
    int64_t skip_bad;     /* bad lines that are left out and written to a file; -1: none */
    const char *bad_file; /* NULL: FILE.bad */
    const char *on_error; /* "stop" or "skip" */
    int64_t errors_maximum;
    bool plain_categories; /* paths and lists in a cell of categories are one text */
};

/* Fills a struct import_options; argv[0] is "items" or "events". */
enum options_outcome import_options_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

struct import {
    struct import_options options;
    enum import_kind kind;
    struct session *session;
    struct admin_tenant tenant;
    struct import_source *source;
    struct record *record;
    struct arena *rows; /* of the bulk that is being filled */
    struct bulk *bulk;
    struct progress progress;
    const char *conversion; /* that has been said; NULL: none */
    uint64_t read;          /* good rows */
    uint64_t rejected;      /* bad ones */
    uint64_t bad_lines;     /* of the file, in these: one that cannot be read may have several */
    bool again;             /* the file is read a second time: its bad lines are known */
    struct bad_lines *bad;  /* where they are written; NULL: nowhere */
    bool doubtful;          /* the connection was lost in the commit: the rows may be stored */
};

enum import_step {
    IMPORT_ROW,     /* import->record is a row */
    IMPORT_END,     /* the file has ended */
    IMPORT_STOPPED, /* by a bad line, a broken file or a signal; it has been said why */
};

/* The next record; bad ones are reported, counted and passed over as the options say. */
enum import_step import_next(struct import *import) __attribute__((nonnull, warn_unused_result));

/* Reports the current record as bad for record->problem; true when the import is to go on. */
bool import_reject(struct import *import) __attribute__((nonnull, warn_unused_result));

/* Begins the file again, as from its first row, whose bad lines are counted but not reported and kept once more. False
 * after saying why it cannot be read. Not for standard input and pipes. */
bool import_read_again(struct import *import) __attribute__((nonnull, warn_unused_result));

/* One for each kind; return an enum tool_exit. */
int import_items_run(struct import *import) __attribute__((nonnull));
int import_events_run(struct import *import) __attribute__((nonnull));

extern const struct command import_command;

#endif
