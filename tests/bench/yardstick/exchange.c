/* A recorded exchange; see exchange.h. */
#include "exchange.h"

#include <stdio.h>
#include <string.h>

static void cut(struct exchange *exchange, enum exchange_part part, char *line)
{
    exchange->parts[part] = *line ? line : NULL;
    exchange->lengths[part] = strlen(line);
}

bool exchange_read(struct exchange *exchange, const char *path)
{
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(exchange->bytes, 1, EXCHANGE_BYTES - 1, file) : 0;
    bool complete = file && feof(file) && !ferror(file);
    if (file)
        fclose(file);
    exchange->bytes[length] = '\0';
    char *rest = exchange->bytes;
    for (int part = 0; part < EXCHANGE__MAX; part++) {
        if (!rest)
            return false;
        cut(exchange, (enum exchange_part)part, strsep(&rest, "\n"));
    }
    return complete;
}
