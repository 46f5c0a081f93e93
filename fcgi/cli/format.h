/* Numbers, sizes and times for people: in columns, messages and progress. */
#ifndef PALATE_CLI_FORMAT_H
#define PALATE_CLI_FORMAT_H

#include <stdint.h>

struct format_text {
    char text[32];
};

/* 395182 -> "395,182" */
struct format_text format_count(uint64_t count);

/* 1174420 -> "1.1 MiB" */
struct format_text format_bytes(uint64_t bytes);

/* 4.2 -> "4.2 s", 75 -> "1 min 15 s", 7500 -> "2 h 5 min" */
struct format_text format_seconds(double seconds);

#endif
