/* Builds the model's index of words for search: see engine/model_format.h for what goes into the file and
 * engine/text_weight.h for the weights. Part of the trainer; pure. */
#ifndef PALATE_TRAINING_BUILD_WORDS_H
#define PALATE_TRAINING_BUILD_WORDS_H

#include <stddef.h>
#include <stdint.h>

struct trainer;

/* Words in bytewise order. */
struct trained_words {
    struct intern *texts; /* of the words, in another order */
    uint32_t *order;      /* number in texts by place */
    uint32_t count;
    uint32_t *masks;  /* word_mask() by place */
    uint64_t *starts; /* count + 1: where the items of a word start */
    uint32_t *items;  /* by rank, rising within a word */
    uint8_t *weights; /* 1 to 255: text_weight_of() x 255 */
};

/* Of all items, by their rank in trainer->trained.order. */
void trainer_words_build(const struct trainer *trainer, struct trained_words *words) __attribute__((nonnull));
void trainer_words_free(struct trained_words *words) __attribute__((nonnull));

#endif
