/* From texts into the learned space; see item_vector.h.
 *
 * The problem: an item that was added a minute ago has no behaviour, and so no place among the learned
 * vectors, yet look-ups by vector and the `embedding` of answers are to know it at once (the cold start).
 *
 * The idea: training fits a linear map from texts to the learned vectors of the items that have both (ridge
 * regression; as in Gantner et al., "Learning Attribute-to-Feature Mappings for Cold-Start Recommendations",
 * ICDM 2010). A text becomes 1,024 hashed features (text_vector.h); the vector is their product with the map,
 * normalised. Most features of a text are 0, so the product takes 64 multiplications for each that is not, in
 * the order of the features, which makes it the same bits each time.
 *
 * Where nothing was learned from behaviour the map is empty, and the model's vectors are text vectors; then
 * so is this one. Nothing is learned here. */
#include "engine/item_vector.h"

#include "engine/model.h"
#include "engine/text_vector.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static_assert((int)ITEM_VECTOR_FEATURES <= (int)TEXT_VECTOR_DIMENSIONS_MAX, "text_vector_hash() can do it");

void item_vector_normalise(float vector[ENGINE_VECTOR_SIZE])
{
    double squares = 0;
    for (int i = 0; i < ENGINE_VECTOR_SIZE; i++)
        squares += (double)vector[i] * (double)vector[i];
    if (!(squares > 0) || !isfinite(squares)) {
        memset(vector, 0, ENGINE_VECTOR_SIZE * sizeof(*vector));
        return;
    }
    for (int i = 0; i < ENGINE_VECTOR_SIZE; i++)
        vector[i] = (float)((double)vector[i] / sqrt(squares));
}

void item_vector_map(const float *map, const float features[ITEM_VECTOR_FEATURES],
                     float vector[ENGINE_VECTOR_SIZE])
{
    memset(vector, 0, ENGINE_VECTOR_SIZE * sizeof(*vector));
    for (int feature = 0; feature < ITEM_VECTOR_FEATURES; feature++) {
        const float *line = map + (size_t)feature * ENGINE_VECTOR_SIZE;
        if (features[feature] == 0)
            continue;
        for (int i = 0; i < ENGINE_VECTOR_SIZE; i++)
            vector[i] += features[feature] * line[i];
    }
    item_vector_normalise(vector);
}

void item_vector_from_text(const struct model *model, const struct engine_item *item,
                           float text[ENGINE_VECTOR_SIZE], float vector[ENGINE_VECTOR_SIZE])
{
    float features[ITEM_VECTOR_FEATURES];
    const float *map = model ? model_text_map(model) : NULL;
    text_vector_hash_both(item, text, map ? features : NULL, ITEM_VECTOR_FEATURES);
    if (map)
        item_vector_map(map, features, vector);
    else
        memcpy(vector, text, ENGINE_VECTOR_SIZE * sizeof(*vector));
}
