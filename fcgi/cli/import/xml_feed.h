/* The items of a product feed in XML (RSS and Atom as Google Merchant and Meta take them, and the like), one at a
 * time, as names and texts. Does not look at what they mean. */
#ifndef PALATE_CLI_IMPORT_XML_FEED_H
#define PALATE_CLI_IMPORT_XML_FEED_H

#include "cli/import/line_reader.h"

enum { XML_FEED_VALUES = 256, XML_FEED_DEPTH = 64 };

struct xml_feed;

struct xml_value {
    const char *name; /* of the element, without its prefix */
    char *text;       /* without blanks around it, never empty */
};

struct xml_item {
    struct xml_value values[XML_FEED_VALUES];
    size_t count;
    uint64_t line;   /* where it begins, from 1 */
    const char *raw; /* as it stands in the file; NULL: it is too long to be kept */
};

/* For a file whose first character that is no blank is '<'. The reader must outlive it. */
struct xml_feed *xml_feed_create(struct line_reader *reader)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
/* NULL is fine. */
void xml_feed_destroy(struct xml_feed *feed);

/* The next item, valid until the next call. LINE_END behind the last; LINE_TOO_LONG for one of more than LINE_BYTES,
 * which is passed over: only item->line and raw are set; LINE_BROKEN where the file cannot be read any further:
 * xml_feed_problem() says where and why. */
enum line_outcome xml_feed_next(struct xml_feed *feed, const struct xml_item **item)
    __attribute__((nonnull, warn_unused_result));

const char *xml_feed_problem(const struct xml_feed *feed) __attribute__((nonnull));

/* "an RSS feed", as far as it has been read, and the name of the outermost element. */
const char *xml_feed_kind(const struct xml_feed *feed) __attribute__((nonnull, returns_nonnull));
const char *xml_feed_root(const struct xml_feed *feed) __attribute__((nonnull, returns_nonnull));

/* Whether it has declared Google's names for products. */
bool xml_feed_is_google(const struct xml_feed *feed) __attribute__((nonnull));

/* What belongs before and behind items (raw) so that they are a feed again. The first is in the feed. */
const char *xml_feed_header(struct xml_feed *feed) __attribute__((nonnull, returns_nonnull));
const char *xml_feed_footer(void) __attribute__((returns_nonnull, const));

#endif
