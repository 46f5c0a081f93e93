/* POST /oauth2/token and /auth/token (RFC 6749, 4.4): a token for a client that shows its secret. And GET
 * /.well-known/jwks.json: the key that such tokens are verified with. */
#ifndef PALATE_API_TOKEN_H
#define PALATE_API_TOKEN_H

#include "request/request.h"

bool token_check(struct worker *worker, struct request *request) __attribute__((nonnull));
bool token_answer(struct worker *worker, struct request *request) __attribute__((nonnull));

/* Nothing to read. */
bool jwks_check(struct worker *worker, struct request *request) __attribute__((nonnull));

/* 404 where tokens are signed with a shared secret. */
bool jwks_answer(struct worker *worker, struct request *request) __attribute__((nonnull));

#endif
