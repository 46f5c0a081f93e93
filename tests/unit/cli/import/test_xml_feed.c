/* Tests of cli/xml_feed: what an item is made of, where it stands, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "cli/import/xml_feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GOOGLE "xmlns:g=\"http://base.google.com/ns/1.0\""

static char path[] = "/tmp/palate-xml-feed-XXXXXX";
static struct line_reader *reader;
static struct xml_feed *feed;
static const struct xml_item *item;

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? 1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void open_text(const char *text)
{
    char problem[200];
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    reader = line_reader_open(path, problem, sizeof(problem));
    assert_non_null(reader);
    feed = xml_feed_create(reader);
}

static void close_text(void)
{
    xml_feed_destroy(feed);
    line_reader_close(reader);
}

/* The next item as "name=text;" for each value. */
static void expect_item(const char *expected)
{
    char said[1000] = "";
    assert_int_equal(xml_feed_next(feed, &item), LINE_OK);
    for (size_t i = 0, length = 0; i < item->count; i++)
        length += (size_t)snprintf(said + length, sizeof(said) - length, "%s=%s;", item->values[i].name,
                                   item->values[i].text);
    assert_string_equal(said, expected);
}

static void expect_end(void)
{
    assert_int_equal(xml_feed_next(feed, &item), LINE_END);
    assert_int_equal(xml_feed_next(feed, &item), LINE_END);
    close_text();
}

static void expect_broken(const char *text, uint64_t line, const char *problem)
{
    enum line_outcome outcome;
    open_text(text);
    do
        outcome = xml_feed_next(feed, &item);
    while (outcome == LINE_OK);
    assert_int_equal(outcome, LINE_BROKEN);
    assert_int_equal(item->line, line);
    if (!strstr(xml_feed_problem(feed), problem))
        fail_msg("%s, not %s", xml_feed_problem(feed), problem);
    assert_int_equal(xml_feed_next(feed, &item), LINE_BROKEN);
    close_text();
}

static void test_rss(void **state)
{
    (void)state;
    open_text(
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<!-- made by a shop --><rss " GOOGLE
        "><channel><title>All</title>\n<item><g:id> 1 </g:id><title><![CDATA[A <b> & c]]></title><empty/>"
        "<g:shipping><g:price>4</g:price></g:shipping><media:title>other</media:title></item><x/>\n\n"
        "<item>\n<title>Tom &amp; &#x263A;</title></item></channel></rss>\n");
    expect_item("id=1;title=A <b> & c;");
    assert_int_equal(item->line, 3);
    expect_item("title=Tom & \xE2\x98\xBA;");
    assert_int_equal(item->line, 5);
    assert_string_equal(item->raw, "<item>\n<title>Tom &amp; &#x263A;</title></item>");
    assert_string_equal(xml_feed_kind(feed), "an RSS feed");
    assert_true(xml_feed_is_google(feed));
    expect_end();
}

/* Google's names go before others of the same name, whatever their prefix; an address of a link is its text. */
static void test_atom(void **state)
{
    (void)state;
    open_text(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:p=\"http://base.google.com/ns/1.0\"><id>x</id>"
        "<entry><id>tag:1</id><p:id>7</p:id><p:title>T</p:title><title>other</title>"
        "<link rel=\"edit\" href=\"e\"/><link href=\"u\"/></entry></feed>");
    expect_item("id=7;title=T;link=u;");
    assert_string_equal(xml_feed_kind(feed), "an Atom feed");
    assert_non_null(strstr(xml_feed_header(feed), "xmlns:p="));
    expect_end();
}

/* What counts is what a prefix stands for, also without one, and where it was declared. */
static void test_namespaces(void **state)
{
    (void)state;
    open_text(
        "<a:feed xmlns:a=\"http://www.w3.org/2005/Atom\" xmlns=\"http://base.google.com/ns/1.0\">"
        "<a:entry><id>7</id><a:id>tag</a:id><a:title>T</a:title><a:link href=\"u\"/></a:entry></a:feed>");
    expect_item("id=7;title=T;link=u;");
    expect_end();
    open_text("<rss xmlns:g=\"http://other.example/\"><item><g:id>no</g:id>"
              "<x:id xmlns:x=\"https://base.google.com/ns/1.0/\">1</x:id><x:id>no</x:id></item></rss>");
    expect_item("id=1;");
    expect_end();
}

static void test_lists(void **state)
{
    (void)state;
    open_text("<rss><item><g:product_type>a &gt; b</g:product_type><g:image>1</g:image><g:product_type>c"
              "</g:product_type><g:image>2</g:image><g:image> </g:image></item></rss>");
    expect_item("product_type=a > b|c;image=1,2;");
    assert_false(xml_feed_is_google(feed)); /* but "g" is taken for its prefix */
    expect_end();
    open_text("<products><product id=\"5\"><name>N</name></product><product/></products>");
    expect_item("id=5;name=N;");
    expect_item("");
    expect_end();
}

/* What is of the entry is left out, of titles the first counts, and forgotten HTML is text. */
static void test_what_counts(void **state)
{
    (void)state;
    open_text(
        "<rss " GOOGLE "><item><guid>x</guid><pubDate>y</pubDate><g:title>A</g:title><g:title>B</g:title>"
        "<description><p>one <b>two</b></p><p>three</p></description><g:author>Z</g:author></item></rss>");
    expect_item("title=A;description=one two  three;author=Z;");
    expect_end();
}

static void test_refused(void **state)
{
    (void)state;
    expect_broken("<?xml version='1.0' encoding='KOI8-R'?><rss/>", 1, "KOI8-R");
    expect_broken("<?xml version='1.0' encoding='UTF-8'?>\n<rss>K\xFC</rss>", 2, "not well-formed");
    expect_broken("", 1, "too early");
    expect_broken("<rss>\n<item><id>1</id></item>\n<item>", 3, "cut short");
    expect_broken("<rss>\n<item><id>1</name></item></rss>", 2, "mismatched tag");
    expect_broken("<!DOCTYPE rss [<!ENTITY a \"aa\">]><rss><item><id>&a;</id></item></rss>", 1, "DOCTYPE");
    expect_broken("<!DOCTYPE html><html/>", 1, "web page");
    expect_broken("<rss><item><id>&nbsp;</id></item></rss>", 1, "undefined entity");
    char *deep = memory_alloc(4 * XML_FEED_DEPTH + 8, 1);
    for (size_t i = 0; i <= XML_FEED_DEPTH; i++)
        memcpy(deep + 3 * i, "<a>", 3);
    expect_broken(deep, 1, "64 deep");
    memory_free(deep);
}

/* Text and a long run of x and more text. */
static char *long_text(const char *before, const char *behind)
{
    const size_t run = 3 * (size_t)LINE_BYTES, begin = strlen(before);
    char *text = memory_alloc(begin + run + strlen(behind) + 1, 1);
    memcpy(text, before, begin);
    memset(text + begin, 'x', run);
    memcpy(text + begin + run, behind, strlen(behind));
    return text;
}

/* Behind an item that is too long reading goes on; a tag has to fit. */
static void test_long(void **state)
{
    (void)state;
    char *text = long_text("<rss><item><id>0</id></item>\n<item><id>1</id><a>",
                           "</a><b>2</b></item>\n<item><id>3</id></item></rss>");
    open_text(text);
    memory_free(text);
    expect_item("id=0;");
    assert_int_equal(xml_feed_next(feed, &item), LINE_TOO_LONG);
    assert_int_equal(item->line, 2);
    assert_null(item->raw);
    expect_item("id=3;");
    assert_string_equal(item->raw, "<item><id>3</id></item>");
    expect_end();
    text = long_text("<rss><item><id a=\"", "\"/></item></rss>");
    expect_broken(text, 1, "longer than 1 MiB");
    memory_free(text);
}

/* Items lie anywhere in the pieces that are read. */
static void test_pieces(void **state)
{
    (void)state;
    enum { ITEMS = 2000, SIZE = ITEMS * 40 };
    char *text = memory_alloc(SIZE, 1), expected[40];
    size_t length = (size_t)snprintf(text, SIZE, "<rss>");
    for (int i = 0; i < ITEMS; i++)
        length += (size_t)snprintf(text + length, SIZE - length, "<item><id>%d</id></item>%.*s", i, i % 7,
                                   "       ");
    snprintf(text + length, SIZE - length, "</rss>");
    open_text(text);
    memory_free(text);
    for (int i = 0; i < ITEMS; i++) {
        snprintf(expected, sizeof(expected), "id=%d;", i);
        expect_item(expected);
        snprintf(expected, sizeof(expected), "<item><id>%d</id></item>", i);
        assert_string_equal(item->raw, expected);
    }
    expect_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rss),         cmocka_unit_test(test_atom),
                                       cmocka_unit_test(test_namespaces),  cmocka_unit_test(test_lists),
                                       cmocka_unit_test(test_what_counts), cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_long),        cmocka_unit_test(test_pieces)};
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
