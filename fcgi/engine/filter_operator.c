/* The names of filter operators; see filter.h. */
#include "engine/filter.h"

#include "engine/like.h"

#include <string.h>

static const char *const names[FILTER_OPERATOR__MAX] = {
    [FILTER_EQUAL] = "=",
    [FILTER_NOT_EQUAL] = "!=",
    [FILTER_LESS] = "<",
    [FILTER_LESS_EQUAL] = "<=",
    [FILTER_GREATER] = ">",
    [FILTER_GREATER_EQUAL] = ">=",
    [FILTER_LIKE] = "LIKE",
    [FILTER_NOT_LIKE] = "NOT LIKE",
    [FILTER_ILIKE] = "ILIKE",
    [FILTER_NOT_ILIKE] = "NOT ILIKE",
    [FILTER_IN] = "IN",
    [FILTER_NOT_IN] = "NOT IN",
    [FILTER_IN_FOLD] = "IN",
    [FILTER_EXISTS] = "EXISTS",
    [FILTER_NOT_EXISTS] = "NOT EXISTS",
};

const char *filter_operator_name(enum filter_operator op)
{
    return (unsigned)op < FILTER_OPERATOR__MAX ? names[op] : "?";
}

static bool is_space(char letter)
{
    return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

/* Copies text with words in upper case and one blank between them; false when it does not fit. */
static bool fold_words(const char *text, char *folded, size_t size)
{
    size_t length = 0;
    while (*text) {
        bool space = is_space(*text);
        if (space && (length == 0 || folded[length - 1] == ' ')) {
            text++;
            continue;
        }
        if (length + 1 == size)
            return false;
        unsigned char lower = like_fold((unsigned char)*text++);
        folded[length++] = space                          ? ' '
                           : lower >= 'a' && lower <= 'z' ? (char)(lower - 'a' + 'A')
                                                          : (char)lower;
    }
    if (length && folded[length - 1] == ' ')
        length--;
    folded[length] = '\0';
    return true;
}

bool filter_operator_parse(const char *text, enum filter_operator *op)
{
    char folded[sizeof("NOT EXISTS ")];
    if (!fold_words(text, folded, sizeof(folded)))
        return false;
    for (unsigned i = 0; i < FILTER_OPERATOR__MAX; i++) {
        if (i != FILTER_IN_FOLD && strcmp(names[i], folded) == 0) {
            *op = (enum filter_operator)i;
            return true;
        }
    }
    return false;
}
