/* Optimal string alignment; see word_distance.h. */
#include "engine/word_distance.h"

#include "engine/search_words.h"

#include <stdlib.h>

uint32_t word_mask(const char *text)
{
    uint32_t mask = 0;
    for (; *text; text++)
        mask |= UINT32_C(1) << ((unsigned char)*text & 31);
    return mask;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

bool words_are_near(const char *left, size_t left_length, const char *right, size_t right_length, int limit)
{
    int rows[3][SEARCH_WORD_BYTES + 1], *before = rows[0], *above = rows[1], *row = rows[2];
    if (left_length > SEARCH_WORD_BYTES || right_length > SEARCH_WORD_BYTES)
        return false;
    if (labs((long)left_length - (long)right_length) > limit)
        return false;
    for (size_t j = 0; j <= right_length; j++)
        above[j] = (int)j;
    for (size_t i = 1; i <= left_length; i++) {
        int best = row[0] = (int)i;
        for (size_t j = 1; j <= right_length; j++) {
            bool same = left[i - 1] == right[j - 1];
            row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + !same);
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
            best = least(best, row[j]);
        }
        if (best > limit)
            return false;
        int *next = before;
        before = above;
        above = row;
        row = next;
    }
    return above[right_length] <= limit;
}
