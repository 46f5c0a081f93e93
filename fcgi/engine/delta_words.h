/* Writes the search words of a catalogue's changes into a delta; private to delta_write.c. */
#ifndef PALATE_ENGINE_DELTA_WORDS_H
#define PALATE_ENGINE_DELTA_WORDS_H

#include "engine/catalogue.h"
#include "engine/delta_stream.h"

/* At most how many words there will be, and items of them. */
uint64_t delta_words_count_most(const struct catalogue *catalogue) __attribute__((nonnull));
uint64_t delta_words_postings_most(const struct catalogue *catalogue) __attribute__((nonnull));

/* Puts the sections of words, and their texts into the strings. */
void delta_words_write(const struct catalogue *catalogue, struct delta_stream *stream)
    __attribute__((nonnull));

#endif
