/* Namespaces of XML; see xml_names.h.
 *
 * A feed may call Google's names g:price, gm:price or, by a declaration without a prefix, price; what counts is the
 * address that the prefix is declared with. expat can find that out itself, but then refuses a document that uses
 * "g:" without a declaration, which Google takes and shops therefore send. So it is done here: a stack of
 * declarations, each of which holds for the element that made it and for what is inside, the last one first.
 *
 * Source: W3C, Namespaces in XML 1.0. What it does not do: it tells no two foreign namespaces apart, and it does not
 * look at the namespaces of attributes, of which none means anything here. */
#include "cli/import/xml_names.h"

#include <string.h>
#include <strings.h>

/* The address counts without its scheme and without slashes at the end: some write https. */
static bool is_address(const char *address, const char *known)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t length = strlen(schemes[i]);
        if (!strncasecmp(address, schemes[i], length)) {
            address += length;
            break;
        }
    }
    size_t length = strlen(known);
    return !strncasecmp(address, known, length) && address[length + strspn(address + length, "/")] == '\0';
}

static enum xml_space find_space(const char *address)
{
    static const struct {
        const char *address;
        enum xml_space space;
    } known[] = {{"base.google.com/ns/1.0", XML_GOOGLE},
                 {"base.google.com/cns/1.0", XML_CUSTOM},
                 {"www.w3.org/2005/Atom", XML_PLAIN},
                 {"purl.org/atom/ns#", XML_PLAIN},
                 {"purl.org/rss/1.0", XML_PLAIN},
                 {"backend.userland.com/rss2", XML_PLAIN},
                 {"www.w3.org/1999/02/22-rdf-syntax-ns#", XML_PLAIN}};
    if (!*address)
        return XML_PLAIN; /* xmlns="" takes a declaration back */
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (is_address(address, known[i].address))
            return known[i].space;
    }
    return XML_FOREIGN;
}

bool xml_names_open(struct xml_names *names, size_t depth, const char *const *attributes)
{
    for (; attributes[0]; attributes += 2) {
        if (strncmp(attributes[0], "xmlns", strlen("xmlns")) ||
            (attributes[0][strlen("xmlns")] != ':' && attributes[0][strlen("xmlns")] != '\0'))
            continue;
        const char *prefix = attributes[0] + strlen("xmlns");
        prefix += *prefix == ':';
        if (names->count == XML_BINDINGS || strlen(prefix) >= XML_PREFIX_BYTES)
            return false;
        struct xml_binding *binding = &names->bindings[names->count++];
        memcpy(binding->prefix, prefix, strlen(prefix) + 1);
        binding->space = find_space(attributes[1]);
        binding->depth = depth;
    }
    return true;
}

void xml_names_close(struct xml_names *names, size_t depth)
{
    while (names->count && names->bindings[names->count - 1].depth >= depth)
        names->count--;
}

enum xml_space xml_names_find(const struct xml_names *names, const char *name, const char **local)
{
    const char *colon = strchr(name, ':');
    size_t length = colon ? (size_t)(colon - name) : 0;
    *local = colon ? colon + 1 : name;
    for (size_t i = names->count; i--;) {
        const struct xml_binding *binding = &names->bindings[i];
        if (strlen(binding->prefix) == length && !memcmp(binding->prefix, name, length))
            return binding->space;
    }
    if (!colon)
        return XML_PLAIN;
    return length == 1 && (*name == 'g' || *name == 'G') ? XML_GOOGLE : XML_FOREIGN;
}
