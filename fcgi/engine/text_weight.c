/* BM25F with fixed fields; see text_weight.h. */
#include "engine/text_weight.h"

#include "engine/search_words.h"

#include <math.h>

/* length: words of an ordinary one; slope: how much a longer one weighs less. */
struct text_field {
    float weight, length, slope;
};

static const struct text_field field_name = {3, 6, 0.4F};
static const struct text_field field_value = {1.5F, 3, 0.3F};
static const struct text_field field_description = {1, 60, 0.6F};

struct visit {
    text_weight_visit *each;
    void *context;
    float frequency;
};

static void count_word(void *context, const char *word, size_t length)
{
    size_t *count = context;
    (void)word;
    (void)length;
    ++*count;
}

static void visit_word(void *context, const char *word, size_t length)
{
    const struct visit *visit = context;
    visit->each(visit->context, word, length, visit->frequency);
}

static void visit_text(const struct text_field *field, const char *text, struct visit *visit)
{
    size_t count = 0;
    if (!text || !*text)
        return;
    search_words_split(text, count_word, &count);
    float share = 1 - field->slope + field->slope * (float)count / field->length;
    visit->frequency = field->weight / share;
    search_words_split(text, visit_word, visit);
}

void text_weight_visit_item(const struct engine_item *item, text_weight_visit *each, void *context)
{
    struct visit visit = {each, context, 0};
    visit_text(&field_name, item->name, &visit);
    for (size_t i = 0; i < item->field_count; i++) {
        if (isnan(item->fields[i].number))
            visit_text(&field_value, item->fields[i].text, &visit);
    }
    visit_text(&field_description, item->description, &visit);
}

float text_weight_of(float frequency)
{
    const float saturation = 1.2F; /* the k1 of BM25 */
    return frequency / (saturation + frequency);
}
