/* The API's own description; see openapi.h. */
#include "api/openapi.h"

#include "base/memory.h"
#include "request/entity_tag.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

/* A part of the program, so that it is always there, and of the same version; make builds this file again
 * when the document changes. */
__asm__(".pushsection .rodata\n"
        "openapi_document:\n"
        ".incbin \"fcgi/api/openapi.json\"\n"
        ".byte 0\n"
        ".popsection\n");
extern const char openapi_document[];

enum { TAG_BYTES = 16, TAG_SIZE = 2 * TAG_BYTES + 3 };

/* A hash of the document in quotes; made once. */
static const char *document_tag(void)
{
    static char tag[TAG_SIZE]; /* the document never changes */
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (*tag)
        return tag;
    if (!EVP_Digest(openapi_document, strlen(openapi_document), digest, NULL, EVP_sha256(), NULL))
        memory_exhausted();
    for (size_t i = 0; i < TAG_BYTES; i++)
        snprintf(tag + 1 + 2 * i, 3, "%02x", digest[i]);
    tag[0] = tag[TAG_SIZE - 2] = '"';
    return tag;
}

bool openapi_check(struct worker *worker, struct request *request)
{
    (void)worker;
    (void)request;
    return true;
}

bool openapi_answer(struct worker *worker, struct request *request)
{
    (void)worker;
    request->etag = document_tag();
    request->cache_control = "public, max-age=3600";
    if (entity_tag_is_known(request, request->etag))
        request->answer_status = STATUS_NOT_MODIFIED;
    else
        request->answer = openapi_document;
    return true;
}
