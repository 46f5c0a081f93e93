/* LIKE in one pass over the text; see filter_like.h.
 *
 * The problem: pattern and text are a caller's, up to 1,000 characters and 64 KiB. The matcher that everyone
 * writes first steps back to the last % and tries again one character later, which takes text length x
 * pattern length where both are made of one letter ('%aaa...b'), and as much with a row of _: 60 million
 * steps for one value, where the same shop's other patterns take a few thousand.
 *
 * The idea: to follow all ways of matching at once. A pattern of m characters and _ is a chain of m + 1
 * states, "so much of it stands before here", and a state is one bit of a word, so that one text character
 * moves 64 states with a shift and two ANDs (Shift-And: Baeza-Yates and Gonnet, "A New Approach to Text
 * Searching", CACM 1992; with gaps as in Navarro and Raffinot, "Flexible Pattern Matching in Strings", 2002):
 *
 *   states' = (states AND accepts[c]) << 1  OR  states AND gaps
 *
 * accepts[c] has a bit for each place of the pattern where c may stand, so _ has its bit in all of them and
 * costs nothing; gaps has one for each state before a %, which any character leaves where it is. The text
 * matches when the last state is reached at its end.
 *
 * Once a state before a % is reached, all earlier ones are forgotten: whatever they could still lead to leads
 * through this one, which stays. So only the states from one % to the next are moved, mostly one word of
 * them. While none but the first of these is reached, and it waits for one certain byte, memchr() finds where
 * to go on.
 *
 * Characters, not bytes, are what moves states. They are numbered in the order in which the pattern first
 * has them, 0 being every other character, so that accepts is a small table. Without regard to case (ILIKE) a
 * character beyond ASCII is put into lower case before its number is looked up, and an ASCII letter has its
 * number under both spellings. Cost: a word operation for each
 * character of the text and 64 of the longest stretch between two %, at most 16 with patterns of 1,000
 * characters, whatever stands in either. Memory: (different characters + 1) x (m / 64 + 1) words, at most 128
 * KiB for such a pattern. */
#include "engine/filter_like.h"

#include "base/work_budget.h"
#include "engine/letter.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    ASCII = 128,
    WORD = 64,         /* states in a word */
    STEP_WORDS = 8,    /* word operations in a step of work */
    ANY_CHARACTER = 0, /* the number of all that the pattern does not name */
};

/* A character beyond ASCII: its bytes as one number, and the number that stands for it here. */
struct named {
    uint32_t code, number;
};

struct filter_like {
    bool fold;     /* letters match in both cases, in any script */
    size_t length; /* places: characters and _; state `length` is the last */
    size_t words;  /* of a set of states */
    uint32_t ascii[ASCII];
    struct named *named; /* by code */
    size_t named_count;
    size_t number_count;
    uint64_t *accepts; /* words for each number, one after the other */
    uint64_t *gaps;    /* states before a % */
    uint32_t *ends;    /* of a state before a %, and of 0: the next one before a %, or the last state */
    char *waits;       /* of a state before a %: the only byte that leads on; 0: several do */
    uint64_t *states;  /* working memory */
};

/* ---- Characters */

/* Reads one, which is there: its bytes as a number. As many continuation bytes as the first byte announces
 * belong to it, or it is a byte by itself. */
static inline uint32_t read_character(const char **text)
{
    const unsigned char *at = (const unsigned char *)*text;
    uint32_t first = at[0], code = first;
    size_t length = first < 0xc2 || first >= 0xf8 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            ++*text;
            return first;
        }
        code = code << 8 | at[i];
    }
    *text += length;
    return code;
}

/* A character beyond ASCII in lower case, in any script. */
static uint32_t lower_code(uint32_t code)
{
    char bytes[LETTER_BYTES + 1] = "", lower[LETTER_BYTES + 1] = "";
    const char *from = bytes, *to = lower;
    size_t length = code > 0xFFFFFF ? 4 : code > 0xFFFF ? 3 : code > 0xFF ? 2 : 1;
    if (length == 1) /* a byte that is no character */
        return code;
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)(code >> 8 * (length - 1 - i));
    lower[letter_write(letter_lower(letter_read(&from)), lower)] = '\0';
    return read_character(&to);
}

static bool is_letter(uint32_t code)
{
    return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
}

static int compare_named(const void *left, const void *right)
{
    uint32_t a = ((const struct named *)left)->code, b = ((const struct named *)right)->code;
    return (a > b) - (a < b);
}

static uint32_t number_of(const struct filter_like *like, uint32_t code)
{
    if (like->fold && code >= ASCII)
        code = lower_code(code);
    if (code < ASCII)
        return like->ascii[code];
    const struct named wanted = {.code = code};
    const struct named *found =
        like->named_count ? bsearch(&wanted, like->named, like->named_count, sizeof(wanted), compare_named)
                          : NULL;
    return found ? found->number : ANY_CHARACTER;
}

/* ---- Compiling */

/* One place of the pattern. */
struct place {
    uint32_t code;
    bool is_any;    /* _ */
    bool after_gap; /* one % or more stand before it */
};

/* Reads up to the next place, over %; false at the end, with after_gap as for a place there. */
static bool read_place(const char **pattern, struct place *place)
{
    place->after_gap = **pattern == '%';
    while (**pattern == '%')
        ++*pattern;
    if (!**pattern)
        return false;
    place->is_any = **pattern == '_';
    if (**pattern == '\\' && (*pattern)[1])
        ++*pattern;
    place->code = read_character(pattern);
    return true;
}

static void add_number(struct filter_like *like, uint32_t code)
{
    if (like->fold && code >= ASCII)
        code = lower_code(code);
    if (number_of(like, code) != ANY_CHARACTER)
        return;
    uint32_t number = (uint32_t)like->number_count++;
    if (code >= ASCII) {
        /* By insertion: patterns name few characters beyond ASCII, and are short. */
        size_t place = like->named_count++;
        for (; place && like->named[place - 1].code > code; place--)
            like->named[place] = like->named[place - 1];
        like->named[place] = (struct named){code, number};
        return;
    }
    like->ascii[code] = number;
    if (like->fold && is_letter(code))
        like->ascii[code ^ ('a' ^ 'A')] = number;
}

static void set_bit(uint64_t *states, size_t state)
{
    states[state / WORD] |= UINT64_C(1) << state % WORD;
}

/* Numbers the characters and counts the places. */
static void read_characters(struct arena *arena, struct filter_like *like, const char *pattern)
{
    struct place place;
    like->named = arena_alloc(arena, strlen(pattern) + 1, sizeof(*like->named));
    like->number_count = ANY_CHARACTER + 1;
    for (; read_place(&pattern, &place); like->length++)
        if (!place.is_any)
            add_number(like, place.code);
    like->words = like->length / WORD + 1;
}

/* From this state on leads what stands at the place. */
static void accept_place(struct filter_like *like, const struct place *place, size_t state)
{
    size_t first = place->is_any ? ANY_CHARACTER : number_of(like, place->code);
    size_t end = place->is_any ? like->number_count : first + 1;
    for (size_t number = first; number < end; number++)
        set_bit(like->accepts + number * like->words, state);
}

/* The one byte that the place takes, or 0. */
static char only_byte(const struct place *place, bool fold)
{
    bool one = !place->is_any && place->code < ASCII && !(fold && is_letter(place->code));
    return one ? (char)place->code : '\0';
}

struct filter_like *filter_like_compile(struct arena *arena, const char *pattern, bool fold)
{
    struct filter_like *like = arena_alloc(arena, 1, sizeof(*like));
    struct place place;
    size_t begin = 0; /* of the stretch since the last % */
    like->fold = fold;
    read_characters(arena, like, pattern);
    like->accepts = arena_alloc(arena, like->number_count * like->words, sizeof(*like->accepts));
    like->gaps = arena_alloc(arena, like->words, sizeof(*like->gaps));
    like->states = arena_alloc(arena, like->words, sizeof(*like->states));
    like->ends = arena_alloc(arena, like->length + 1, sizeof(*like->ends));
    like->waits = arena_alloc(arena, like->length + 1, 1);
    for (size_t state = 0; state <= like->length; state++) {
        bool more = read_place(&pattern, &place);
        if (place.after_gap) {
            set_bit(like->gaps, state);
            like->ends[begin] = (uint32_t)state;
            begin = state;
        }
        if (more && place.after_gap)
            like->waits[state] = only_byte(&place, fold);
        if (more)
            accept_place(like, &place, state);
    }
    like->ends[begin] = (uint32_t)like->length;
    return like;
}

/* ---- Matching */

static bool has_bit(const uint64_t *states, size_t state)
{
    return states[state / WORD] >> state % WORD & 1;
}

/* Moves the states of the words from first to last by one character; whether any is left. */
static inline bool move_states(const struct filter_like *like, uint32_t number, size_t first, size_t last)
{
    const uint64_t *accepts = like->accepts + number * like->words;
    uint64_t carry = 0, left = 0;
    for (size_t i = first; i <= last; i++) {
        uint64_t moved = like->states[i] & accepts[i];
        like->states[i] = moved << 1 | carry | (like->states[i] & like->gaps[i]);
        carry = moved >> (WORD - 1);
        left |= like->states[i];
    }
    return left;
}

/* Goes through the text from the state begin on, which alone is reached, up to the first character behind
 * which the state end is (with a % behind it), or up to the text's end. Returns where it stopped; *dead:
 * nothing can match any more. */
static const char *match_stretch(const struct filter_like *like, const char *text, size_t begin, size_t end,
                                 bool *dead)
{
    size_t first = begin / WORD, last = end / WORD;
    bool is_open = has_bit(like->gaps, end);
    memset(like->states + first, 0, (last - first + 1) * sizeof(*like->states));
    set_bit(like->states, begin);
    while (*text && !(is_open && has_bit(like->states, end))) {
        if (like->waits[begin] && last == first && like->states[first] == UINT64_C(1) << begin % WORD) {
            text = strchrnul(text, like->waits[begin]);
            if (!*text)
                break;
        }
        if (!move_states(like, number_of(like, read_character(&text)), first, last)) {
            *dead = true;
            break;
        }
    }
    return text;
}

bool filter_like_matches(const struct filter_like *like, const char *text)
{
    bool dead = false;
    if (strnlen(text, like->length) < like->length) /* each place takes a byte at least */
        return false;
    for (size_t begin = 0;;) {
        const char *from = text;
        size_t end = like->ends[begin], words = end / WORD - begin / WORD + 1;
        text = match_stretch(like, text, begin, end, &dead);
        work_budget_take(1 + (size_t)(text - from) * words / STEP_WORDS);
        if (dead || !has_bit(like->states, end))
            return false;
        if (end == like->length)
            return !*text || has_bit(like->gaps, end);
        begin = end;
    }
}
