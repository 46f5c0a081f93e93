/* GET and HEAD /openapi.json: the description of this API, fcgi/api/openapi.json, to the byte. It is kept by
 * hand; tests/api/test_openapi.py holds it to the route table and to every answer of the tests. */
#ifndef PALATE_API_OPENAPI_H
#define PALATE_API_OPENAPI_H

#include "request/request.h"

bool openapi_check(struct worker *worker, struct request *request) __attribute__((nonnull));
bool openapi_answer(struct worker *worker, struct request *request) __attribute__((nonnull));

#endif
