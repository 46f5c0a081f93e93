/* What the claims of a foreign provider's verified token mean here: for us or not, which client, which of our
 * scopes. Verifies no signature and no times. */
#ifndef PALATE_TOKEN_ISSUER_CLAIMS_H
#define PALATE_TOKEN_ISSUER_CLAIMS_H

#include "base/error.h"
#include "token/claims.h"
#include "token/issuers.h"

/* Fills claims, all texts in the arena or in the issuer. client_id becomes the provider's name for the
 * client, which the table client_aliases turns into ours. Refused as any bad token: an audience that is not
 * ours, a required claim that differs, no name for the client. */
bool issuer_read_claims(const struct issuer *issuer, struct arena *arena, struct json_object *payload,
                        struct claims *claims, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
