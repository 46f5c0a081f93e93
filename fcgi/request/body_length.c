/* The promised length of a body; see body_length.h.
 *
 * Apart from transport.c, which uses it, because the fuzz targets have a transport of their own and must meet
 * the same reading of the header. CONTENT_LENGTH is the web server's word, but under plain CGI it is the
 * client's text, passed on as it came. */
#include "request/body_length.h"

#include "base/text.h"

int64_t body_length(const struct transport *transport)
{
    const char *text = transport_variable(transport, "CONTENT_LENGTH");
    const char *coding = transport_variable(transport, "HTTP_TRANSFER_ENCODING");
    int64_t length;
    if (!text || !*text)
        return coding && *coding ? BODY_LENGTH_UNKNOWN : 0;
    return text_to_int64(text, &length) && length >= 0 ? length : BODY_LENGTH_BROKEN;
}
