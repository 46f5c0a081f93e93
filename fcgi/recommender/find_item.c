/* Ids with and without prefixes; see find_item.h. */
#include "recommender/find_item.h"

#include <string.h>

const char *find_item_without_prefix(const char *id)
{
    static const char *const prefixes[] = {"rec_itm_", "itm_", "rec_"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t length = strlen(prefixes[i]);
        if (!strncmp(id, prefixes[i], length) && id[length])
            return id + length;
    }
    return NULL;
}

bool find_item(const struct catalogue *catalogue, const char *id, uint32_t *index)
{
    const char *plain = find_item_without_prefix(id);
    return catalogue_find(catalogue, id, strlen(id), index) ||
           (plain && catalogue_find(catalogue, plain, strlen(plain), index));
}
