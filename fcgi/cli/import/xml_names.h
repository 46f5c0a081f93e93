/* Namespaces of XML: what a prefix stands for at a place of a document. Bounded memory. */
#ifndef PALATE_CLI_IMPORT_XML_NAMES_H
#define PALATE_CLI_IMPORT_XML_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* The namespaces that a product feed's names come from; of two names that say the same the greater one counts. */
enum xml_space {
    XML_FOREIGN, /* what else there is: its names mean nothing here */
    XML_CUSTOM,  /* Google's "c:", a shop's own attributes */
    XML_PLAIN,   /* none, RSS 1.0 or Atom */
    XML_GOOGLE,  /* Google's "g:" */
};

enum { XML_PREFIX_BYTES = 32, XML_BINDINGS = 64 };

/* {0} at the start of a document. */
struct xml_names {
    struct xml_binding {
        char prefix[XML_PREFIX_BYTES]; /* "": of names without one */
        enum xml_space space;
        size_t depth;
    } bindings[XML_BINDINGS];
    size_t count;
};

/* An element begins: takes the xmlns attributes of it, names and values in turn with NULL behind. False when
 * there are more declarations at a time than XML_BINDINGS, or a prefix is too long. */
bool xml_names_open(struct xml_names *names, size_t depth, const char *const *attributes)
    __attribute__((nonnull, warn_unused_result));

/* An element has ended: forgets what it declared. */
void xml_names_close(struct xml_names *names, size_t depth) __attribute__((nonnull));

/* The namespace of an element's name, and its name there. "g:" that is declared nowhere is Google's: shops do so. */
enum xml_space xml_names_find(const struct xml_names *names, const char *name, const char **local)
    __attribute__((nonnull, warn_unused_result));

#endif
