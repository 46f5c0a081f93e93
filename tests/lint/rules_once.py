"""One place for one thing. Each row names what there is once, where, and a pattern that fails on the second place.

A row's example is a line that the pattern must find; test_check_sources.py plays it. A place that ends with / is a folder.
"""
import os
import re

from sources import blank, c_files, line_of, read


class Once:
    def __init__(self, what, places, pattern, example, strings=False):
        self.what, self.example, self.strings = what, example, strings
        self.places = (places,) if isinstance(places, str) else places
        self.pattern = re.compile(pattern, re.MULTILINE)


ONCE = [
    Once("the list of prefixes in front of ids", "fcgi/base/id_prefix.c", r'"(itm|rec_itm|rec|evt|ctx)_"', 'static const char *const prefix = "itm_";', strings=True),
    Once("what a search hands to the engine", "fcgi/recommender/search.c", r"(?<![\w>])\.preferences = ",
         "struct engine_query query = {.preferences = &search->preference};"),
    Once("whose window of viewed items holds", "fcgi/recommender/context_settings.c", r"(->|\.)viewed\s*\?", "return query->viewed ? query->viewed : NULL;"),
    Once("passing all filters", "fcgi/engine/filter.c", r"\bfilter_matches\([\w.>-]*filters\[", "if (!filter_matches(search->filters[i], item))"),
    Once("reading a tenant's event types", "fcgi/storage/event_types.c",
         r"SELECT event_type_id, (name|weight)", 'static const char SQL[] = "SELECT event_type_id, name FROM event_types";', strings=True),
    Once("folding letters", "fcgi/engine/letter.c", r"\butf8proc_\w+\s*\(", "utf8proc_category(letter);"),
    Once("searching items by words", "fcgi/engine/text_search.c", r"\bMATCH\s*\([^\n]*\bAGAINST|= model_word_postings\(",
         'static const char SQL[] = "SELECT item_id FROM items WHERE MATCH (words) AGAINST (?)";', strings=True),
    Once("a hash (FNV, SplitMix)", "fcgi/base/hash.h", r"(?i)0x9e3779b97f4a7c15|0xbf58476d1ce4e5b9|0xcbf29ce484222325|\b14695981039346656037|0x100000001b3|\b1099511628211",
         "hash = (hash ^ byte) * 0x100000001b3u;"),
    Once("writing a moment", "fcgi/base/moment.c", r"\b(strftime|gmtime|gmtime_r|localtime|localtime_r|timegm|mktime|strptime)\s*\(",
         "gmtime_r(&at, &parts);"),
    Once("writing under a temporary name", "fcgi/base/write_file.c", r"\b(rename|mkstemp|mkostemp)\s*\(", "if (rename(part, path))"),
    Once("writing all bytes to a descriptor", "fcgi/base/write_file.c", r"(?<!ignored) = write\s*\(",
         "ssize_t written = write(fd, bytes, length);"),
    Once("mapping a file that workers share", "fcgi/base/state_file.c", r"\bmmap\s*\([^;]*PROT_WRITE", "mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);"),
    Once("reading a setting among words", "fcgi/base/config.c", r"strcmp\(\w*config->\w+, \"", 'if (!strcmp(config->ids_json, "integer"))', strings=True),
    # Answers, log columns and requests to others are written by base/json_write; a tree is built where it is read or merged again.
    Once("a tree of JSON that is built", ("fcgi/base/json.c", "fcgi/request/read_parameters.c", "fcgi/recommender/filter_parse.c",
         "fcgi/token/issuers.c", "fcgi/api/events/json.c", "fcgi/api/events/parse.c", "fcgi/api/recommend/recommendations_json.c", "fcgi/api/recommend/request_filters.c",
         "fcgi/cli/import/row_item.c"), r"\bjson_object_new_\w+\s*\(", "list = json_object_new_array();"),
    Once("writing a tree as JSON text", "fcgi/base/json.c", r"\bjson_object_to_json_string\w*\s*\(", "json_object_to_json_string_ext(tree, flags);"),
    Once("preparing a statement", "fcgi/storage/database.c", r"\bmysql_stmt_prepare\s*\(", "mysql_stmt_prepare(handle, sql, length);"),
    Once("reading a column", "fcgi/storage/query.c", r"\bmysql_stmt_fetch_column\s*\(", "mysql_stmt_fetch_column(handle, &bind, 0, 0);"),
    Once("reading JSON text into a tree", "fcgi/base/json.c", r"\bjson_tokener_parse_ex\s*\(", "tree = json_tokener_parse_ex(reader, text, length);"),
    Once("what a request is about", "fcgi/base/entity.h", r"^(struct entity|enum entity_type) \{", "struct entity {"),
    Once("the names of the types of entities", "fcgi/base/entity.h", r'"(User|Item)"', 'return item ? "Item" : "User";', strings=True),
    Once("running a command: its options, --help, its session", "fcgi/cli/verb.c", r"\bOPTIONS_HELP:|[!=]= OPTIONS_HELP\b", "    if (outcome == OPTIONS_HELP)"),
]


def check_once():
    for path in c_files("fcgi"):
        source = read(path)
        for row in ONCE:
            if path.startswith(row.places):
                continue
            text = blank(source, keep_strings=row.strings)
            for match in row.pattern.finditer(text):
                yield f"{path}:{line_of(text, match.start())}: {row.what} has its one place: {', '.join(row.places)}"


VERSION = re.compile(r'^#define PALATE_VERSION "(\d+\.\d+\.\d+)"$', re.MULTILINE)
# What else names the version, and how; a file that is not there names none.
VERSIONED = {
    "fcgi/api/openapi.json": re.compile(r'^    "version": "([^"]*)"', re.MULTILINE),
    "CHANGELOG.md": re.compile(r"^## \[?v?(\d[^\s\]]*)", re.MULTILINE),
}


def check_version():
    place = "fcgi/base/version.h"
    if not os.path.exists(place):
        return
    version = VERSION.search(read(place))
    if not version:
        yield f"{place}:1: PALATE_VERSION must be three numbers"
        return
    for path, pattern in VERSIONED.items():
        if not os.path.exists(path):
            continue
        found = pattern.search(read(path))
        if not found or found.group(1) != version.group(1):
            line = line_of(read(path), found.start()) if found else 1
            yield f"{path}:{line}: must name the version of {place}, {version.group(1)}, first"


RULES = {
    "once": ("one place for one thing", check_once),
    "version": ("one version number", check_version),
}
