/* The items of a product feed in XML; see xml_feed.h.
 *
 * The problem: shops give Google and Meta their catalogue as one XML file of any size, an <item> of RSS 2.0 or an
 * <entry> of Atom 1.0 for each product. As a tree it would take many times its size.
 *
 * The idea: expat reads it in pieces and calls back for each tag; what stands between the tags of an item's own
 * children is their text. At the end of an item the parser is suspended, the item is handed out, and the next call
 * resumes it. So memory holds one item. Of the bytes since the item began a copy is kept, which is the item as it
 * stands, for whoever has to mend it.
 *
 * Names: Google's own have a prefix, mostly "g:", which is found by the namespace that it stands for; where a shop has
 * forgotten to declare it, it is "g" all the same. (So the parser does not look at namespaces: it would refuse such a
 * file.) Of one name with the prefix and without, Atom's <id> and <g:id>, that with the prefix counts. Names with
 * another prefix (media:, dc:) are left out, and so are elements that have elements in them (g:shipping). What stands
 * more than once is a list: paths of categories with "|" between them, all else with commas, as in the tables of the
 * same system. The address in an Atom link's attribute is its text.
 *
 * Limits: an item and a single tag have at most LINE_BYTES, elements are XML_FEED_DEPTH deep at most. A DOCTYPE is
 * refused, since with it come entities, which name other files or grow without bound, and no feed needs one.
 * The reader has made UTF-8 of the text, by what the XML declaration says, so expat must not follow it a second time;
 * an encoding that the reader does not know is refused by its name.
 *
 * What RSS and Atom say of an entry, and not of goods, is left out (guid, updated): it would change an item with each
 * new feed. Of what there is only one of, as a title, the first counts. Tags inside a title or a description are
 * HTML that somebody forgot to escape; their text counts.
 *
 * Sources: expat's own documentation; Google's product data specification ("RSS 2.0", "Atom 1.0"); RFC 4287. */
#include "cli/import/xml_feed.h"

#include "base/arena.h"
#include "base/memory.h"
#include "cli/import/xml_names.h"
#include "engine/label.h"

#include <expat.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { CHUNK = 16 * 1024, PARTS = 64, PREFIX_SIZE = 32, ROOT_SIZE = 64 };

static const char google[] = "http://base.google.com/ns/1.0", declares[] = "xmlns:";

/* Bytes of the file from some point on. */
struct window {
    char *bytes;
    size_t length, size;
    int64_t begin; /* place of the first one in the file */
};

struct xml_feed {
    struct line_reader *reader;
    XML_Parser parser;
    char root[ROOT_SIZE], prefix[PREFIX_SIZE];
    struct xml_names names;
    bool declared, suspended, complete; /* Google's prefix; in the middle of a piece; all pieces were given */
    size_t depth, item_depth;           /* 0: outside of items */
    struct arena *arena;                /* of the item */
    struct xml_item item;
    bool of_google[XML_FEED_VALUES];
    size_t parts[XML_FEED_VALUES]; /* of a list, behind the first */
    struct window window;
    int64_t item_begin, last_seen; /* places in the file: of the item, and of what was called back for last */
    bool too_long, done;
    const char *child; /* the element that is open in the item; NULL: one that does not count */
    bool child_of_google;
    char *text; /* of the child, LINE_BYTES and a zero */
    size_t text_length;
    char problem[200];
};

/* ---- Names */

static const char *local_name(const char *name)
{
    const char *colon = strchr(name, ':');
    return colon ? colon + 1 : name;
}

static bool is_item(const char *name)
{
    return !strcmp(name, "item") || !strcmp(name, "entry") || !strcmp(name, "product");
}

static const char *find_attribute(const char **attributes, const char *name)
{
    for (; *attributes; attributes += 2) {
        if (!strcmp(attributes[0], name))
            return attributes[1];
    }
    return NULL;
}

static void note_prefix(struct xml_feed *feed, const char **attributes)
{
    for (; *attributes; attributes += 2) {
        const char *prefix = attributes[0] + sizeof(declares) - 1;
        if (strncmp(attributes[0], declares, sizeof(declares) - 1) || strcmp(attributes[1], google) ||
            strlen(prefix) >= PREFIX_SIZE)
            continue;
        memcpy(feed->prefix, prefix, strlen(prefix) + 1);
        feed->declared = true;
    }
}

/* ---- Values */

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name))
        names++;
    return *names;
}

static bool is_prose(const char *name)
{
    static const char *const names[] = {"title", "description", "summary", "content", NULL};
    return is_one_of(name, names);
}

static bool is_of_entry(const char *name)
{
    static const char *const names[] = {"guid",   "pubDate",     "updated",   "published",
                                        "author", "comments",    "enclosure", "source",
                                        "rights", "contributor", NULL};
    return is_one_of(name, names);
}

static char *trim(char *text)
{
    static const char blanks[] = " \t\r\n";
    text += strspn(text, blanks);
    size_t length = strlen(text);
    while (length && strchr(blanks, text[length - 1]))
        length--;
    text[length] = '\0';
    return text;
}

/* Of a name that stands with Google's prefix and without, the first counts; else both are a list. */
static void join_value(struct xml_feed *feed, size_t place, const char *text, bool of_google)
{
    static const char *const once[] = {
        "id",    "item_group_id", "title", "name",    "description", "link",         "image_link",
        "price", "sale_price",    "brand", "summary", "content",     "availability", NULL};
    struct xml_value *value = &feed->item.values[place];
    if (of_google == feed->of_google[place] && is_one_of(value->name, once))
        return;
    if (of_google == feed->of_google[place] && ++feed->parts[place] <= PARTS)
        value->text = arena_format(feed->arena, "%s%s%s", value->text,
                                   label_is_category(value->name) ? "|" : ",", text);
    else if (of_google)
        value->text = arena_copy_text(feed->arena, text);
    feed->of_google[place] = feed->of_google[place] || of_google;
}

static void add_value(struct xml_feed *feed, const char *name, const char *text, bool of_google)
{
    struct xml_item *item = &feed->item;
    size_t place = 0;
    while (place < item->count && strcmp(item->values[place].name, name))
        place++;
    if (place < item->count) {
        join_value(feed, place, text, of_google);
    } else if (place < XML_FEED_VALUES) {
        feed->of_google[place] = of_google;
        feed->parts[place] = 0;
        item->values[item->count++] = (struct xml_value){.name = arena_copy_text(feed->arena, name),
                                                         .text = arena_copy_text(feed->arena, text)};
    }
}

static void add_text(struct xml_feed *feed, const char *bytes, size_t length)
{
    if (length > LINE_BYTES - feed->text_length)
        length = LINE_BYTES - feed->text_length; /* then the item is too long as well */
    memcpy(feed->text + feed->text_length, bytes, length);
    feed->text_length += length;
}

/* ---- What expat calls */

/* The first one stays. */
static void note_problem(struct xml_feed *feed, const char *problem, const char *more)
{
    if (!*feed->problem)
        snprintf(feed->problem, sizeof(feed->problem), "line %lu: %s%s",
                 (unsigned long)XML_GetCurrentLineNumber(feed->parser), problem, more);
}

static void fail(struct xml_feed *feed, const char *problem)
{
    note_problem(feed, problem, "");
    XML_StopParser(feed->parser, XML_FALSE);
}

static void note_place(struct xml_feed *feed)
{
    feed->last_seen = XML_GetCurrentByteIndex(feed->parser);
}

static void begin_item(struct xml_feed *feed, const char **attributes)
{
    const char *id = find_attribute(attributes, "id");
    arena_reset(feed->arena);
    feed->item.count = 0;
    feed->item.line = XML_GetCurrentLineNumber(feed->parser);
    feed->item.raw = NULL;
    feed->item_depth = feed->depth;
    feed->item_begin = feed->last_seen;
    feed->too_long = false;
    feed->child = NULL;
    if (id && *id)
        add_value(feed, "id", id, false);
}

static void begin_child(struct xml_feed *feed, const char *name, const char **attributes)
{
    const char *address = find_attribute(attributes, "href"), *relation = find_attribute(attributes, "rel");
    const char *local;
    enum xml_space space = xml_names_find(&feed->names, name, &local);
    feed->child_of_google = space == XML_GOOGLE;
    bool counts = space != XML_FOREIGN && (feed->child_of_google || !is_of_entry(local));
    feed->child = counts ? arena_copy_text(feed->arena, local) : NULL;
    feed->text_length = 0;
    if (counts && address && !strcmp(local, "link") && (!relation || !strcmp(relation, "alternate")))
        add_text(feed, address, strlen(address));
}

static void on_start(void *context, const char *name, const char **attributes)
{
    struct xml_feed *feed = context;
    note_place(feed);
    if (++feed->depth > XML_FEED_DEPTH)
        return fail(feed, "elements are nested more than 64 deep");
    if (!xml_names_open(&feed->names, feed->depth, attributes))
        return fail(feed, "there are more than 64 namespaces, or one with a prefix of more than 31 bytes");
    if (feed->depth == 1)
        snprintf(feed->root, sizeof(feed->root), "%s", name);
    if (!feed->item_depth)
        note_prefix(feed, attributes);
    if (!feed->item_depth && feed->depth > 1 && is_item(local_name(name)))
        begin_item(feed, attributes);
    else if (feed->item_depth && feed->depth == feed->item_depth + 1)
        begin_child(feed, name, attributes);
    else if (feed->child && !is_prose(feed->child))
        feed->child = NULL; /* what has elements in it is no text */
}

static void on_text(void *context, const char *bytes, int length)
{
    struct xml_feed *feed = context;
    note_place(feed);
    if (feed->child && feed->depth > feed->item_depth && !feed->too_long)
        add_text(feed, bytes, (size_t)length);
}

/* The bytes of the item that ends here are still in the window. */
static void end_item(struct xml_feed *feed)
{
    int64_t end = feed->last_seen + XML_GetCurrentByteCount(feed->parser);
    feed->too_long = feed->too_long || end - feed->item_begin > LINE_BYTES;
    if (!feed->too_long)
        feed->item.raw =
            arena_copy_bytes(feed->arena, feed->window.bytes + (feed->item_begin - feed->window.begin),
                             (size_t)(end - feed->item_begin));
    feed->item_depth = 0;
    feed->done = true;
    XML_StopParser(feed->parser, XML_TRUE);
}

static void on_end(void *context, const char *name)
{
    struct xml_feed *feed = context;
    (void)name;
    note_place(feed);
    if (feed->item_depth && feed->depth == feed->item_depth + 1 && feed->child && !feed->too_long) {
        feed->text[feed->text_length] = '\0';
        char *text = trim(feed->text);
        if (*text)
            add_value(feed, feed->child, text, feed->child_of_google);
    }
    if (feed->depth == feed->item_depth)
        end_item(feed);
    if (feed->child && feed->depth > feed->item_depth + 1)
        add_text(feed, " ", 1); /* <p>one</p><p>two</p> are two words */
    else
        feed->child = NULL;
    xml_names_close(&feed->names, feed->depth--);
}

static void on_doctype(void *context, const char *name, const char *system, const char *public, int internal)
{
    (void)system;
    (void)public;
    (void)internal;
    fail(context, strcasecmp(name, "html") ? "it has a DOCTYPE, which no feed needs and which is not read"
                                           : "it is a web page (HTML), no feed");
}

static void on_declaration(void *context, const char *version, const char *encoding, int standalone)
{
    struct xml_feed *feed = context;
    (void)version;
    (void)standalone;
    if (!encoding || text_encoding_is_known(encoding))
        return;
    note_problem(
        feed, "convert the file to UTF-8 (iconv), and say so in this line; not known here is the encoding ",
        encoding);
    XML_StopParser(feed->parser, XML_FALSE);
}

static void on_comment(void *context, const char *text)
{
    (void)text;
    note_place(context);
}

static void on_instruction(void *context, const char *target, const char *data)
{
    (void)target;
    (void)data;
    note_place(context);
}

/* ---- Reading */

struct xml_feed *xml_feed_create(struct line_reader *reader)
{
    struct xml_feed *feed = memory_alloc(1, sizeof(*feed));
    *feed = (struct xml_feed){.reader = reader,
                              .parser = XML_ParserCreate("UTF-8"),
                              .prefix = "g",
                              .arena = arena_create(),
                              .text = memory_alloc(LINE_BYTES + 1, 1)};
    if (!feed->parser)
        memory_exhausted();
    XML_SetUserData(feed->parser, feed);
    XML_SetElementHandler(feed->parser, on_start, on_end);
    XML_SetCharacterDataHandler(feed->parser, on_text);
    XML_SetStartDoctypeDeclHandler(feed->parser, on_doctype);
    XML_SetXmlDeclHandler(feed->parser, on_declaration);
    XML_SetCommentHandler(feed->parser, on_comment);
    XML_SetProcessingInstructionHandler(feed->parser, on_instruction);
    return feed;
}

void xml_feed_destroy(struct xml_feed *feed)
{
    if (!feed)
        return;
    XML_ParserFree(feed->parser);
    arena_destroy(feed->arena);
    memory_free(feed->window.bytes);
    memory_free(feed->text);
    memory_free(feed);
}

/* What lies before the item that is open, or else before the tag that is being read, is not needed any more. */
static void shift_window(struct window *window, int64_t begin)
{
    size_t gone = (size_t)(begin - window->begin);
    if (gone > window->length)
        gone = window->length;
    if (gone)
        memmove(window->bytes, window->bytes + gone, window->length - gone);
    window->length -= gone;
    window->begin += (int64_t)gone;
}

/* Reads a piece of the file into the window: its length, 0 at the end. False after noting the problem. */
static bool read_piece(struct xml_feed *feed, size_t *length)
{
    struct window *window = &feed->window;
    int byte = 0;
    if (window->size - window->length < CHUNK) {
        window->size = window->length + 2 * (size_t)CHUNK;
        window->bytes = memory_resize(window->bytes, window->size, 1);
    }
    for (*length = 0; *length < CHUNK && (byte = line_reader_byte(feed->reader)) >= 0; ++*length)
        window->bytes[window->length + *length] = (char)byte;
    window->length += *length;
    if (byte == LINE_READER_BROKEN)
        snprintf(feed->problem, sizeof(feed->problem), "%s", line_reader_problem(feed->reader));
    feed->complete = byte == LINE_READER_END;
    return byte != LINE_READER_BROKEN;
}

/* Also keeps the window as small as it may be: an item that is too long is read on, but not kept. */
static bool is_bounded(struct xml_feed *feed)
{
    int64_t end = feed->window.begin + (int64_t)feed->window.length;
    if (end - feed->last_seen > LINE_BYTES + CHUNK) {
        note_problem(feed, "a tag or comment is longer than 1 MiB", "");
        return false;
    }
    feed->too_long = feed->too_long || (feed->item_depth && end - feed->item_begin > LINE_BYTES + CHUNK);
    shift_window(&feed->window, feed->item_depth && !feed->too_long ? feed->item_begin : feed->last_seen);
    return true;
}

static const char *describe_error(enum XML_Error code)
{
    bool ended = code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN ||
                 code == XML_ERROR_PARTIAL_CHAR || code == XML_ERROR_UNCLOSED_CDATA_SECTION;
    return ended ? "it ends too early, as if the file were cut short" : XML_ErrorString(code);
}

/* Goes on until an item is complete or the file has ended; false after noting the problem. */
static bool parse_on(struct xml_feed *feed)
{
    enum XML_Status status = XML_STATUS_OK;
    feed->done = false;
    while (!feed->done && status != XML_STATUS_ERROR && (feed->suspended || !feed->complete)) {
        if (feed->suspended) {
            status = XML_ResumeParser(feed->parser);
        } else {
            size_t length;
            if (!is_bounded(feed) || !read_piece(feed, &length))
                return false;
            status = XML_Parse(feed->parser, feed->window.bytes + feed->window.length - length, (int)length,
                               feed->complete);
        }
        feed->suspended = status == XML_STATUS_SUSPENDED;
    }
    if (status == XML_STATUS_ERROR)
        note_problem(feed, "the XML is broken: ", describe_error(XML_GetErrorCode(feed->parser)));
    return status != XML_STATUS_ERROR;
}

enum line_outcome xml_feed_next(struct xml_feed *feed, const struct xml_item **item)
{
    *item = &feed->item;
    if (!*feed->problem && parse_on(feed))
        return !feed->done ? LINE_END : feed->too_long ? LINE_TOO_LONG : LINE_OK;
    feed->item.line = XML_GetCurrentLineNumber(feed->parser);
    return LINE_BROKEN;
}

/* ---- What it is */

const char *xml_feed_problem(const struct xml_feed *feed)
{
    return feed->problem;
}

const char *xml_feed_kind(const struct xml_feed *feed)
{
    const char *root = local_name(feed->root);
    return !strcmp(root, "rss") || !strcmp(root, "RDF") ? "an RSS feed"
           : !strcmp(root, "feed")                      ? "an Atom feed"
                                                        : "an XML file";
}

const char *xml_feed_root(const struct xml_feed *feed)
{
    return feed->root;
}

bool xml_feed_is_google(const struct xml_feed *feed)
{
    return feed->declared;
}

const char *xml_feed_header(struct xml_feed *feed)
{
    return arena_format(
        feed->arena,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:%s=\"%s\"><channel>",
        feed->prefix, google);
}

const char *xml_feed_footer(void)
{
    return "</channel></rss>";
}
