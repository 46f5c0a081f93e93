/* JSON text so plain that it may be passed on without being parsed. */
#ifndef PALATE_BASE_JSON_PLAIN_H
#define PALATE_BASE_JSON_PLAIN_H

#include <stdbool.h>

/* Whether a text is one JSON object by the rules of json_parse(), in a form so plain that it may be passed on
 * as it is: without escapes, exponents and white space. What is refused here may still be good JSON. */
bool json_is_plain_object(const char *text) __attribute__((nonnull, warn_unused_result));

#endif
