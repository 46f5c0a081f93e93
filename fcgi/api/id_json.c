/* An id as answers print it; see id_json.h. */
#include "api/id_json.h"

#include "base/text.h"

#include <string.h>

static const int64_t largest_exact = (INT64_C(1) << 53) - 1;

struct json_object *id_json(const struct config *config, const char *id)
{
    int64_t number;
    bool digits = id[0] >= '1' && id[0] <= '9' && text_to_int64(id, &number) && number <= largest_exact;
    return config->ids_are_integers && digits ? json_object_new_int64(number) : json_object_new_string(id);
}
