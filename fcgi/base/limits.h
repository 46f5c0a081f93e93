/* Every maximum of Palate, with its reason. At the limit it works; above it a clear 4xx. */
#ifndef PALATE_BASE_LIMITS_H
#define PALATE_BASE_LIMITS_H

enum {
    /* mod_fcgid refuses bodies above 131,072 bytes with an HTML page of status 500, and shared hosting
     * cannot raise that. 1 KiB less leaves room to say 413 ourselves, everywhere alike. */
    LIMIT_BODY_BYTES = 128 * 1024 - 1024,

    /* Bodies of the routes that take lists: 1,000 items or 200 events with their texts fit. Where a
     * server's own limit is smaller (mod_fcgid's default), smaller lists have to be sent. */
    LIMIT_LIST_BODY_BYTES = 6 * 1024 * 1024,

    /* The body of a request for a token, which anybody may send: an id, a secret and scopes. */
    LIMIT_CREDENTIALS_BYTES = 16 * 1024,

    /* A refused body is still read, up to here, because mod_fcgid answers 500 when a worker hangs up
     * on it. The same as FcgidMaxRequestLen and max-request-size in our server examples. */
    LIMIT_DRAIN_BYTES = 64 * 1024 * 1024,

    /* Apache refuses request lines above 8,190 bytes. */
    LIMIT_URI_BYTES = 8190,

    /* Our deepest document has 4 levels; metadata may have more. json-c recurses, so not many. */
    LIMIT_JSON_DEPTH = 32,

    /* What one tree of JSON may weigh: a value and a key one each, an object eight. json-c takes 72 to 104 bytes
     * for a number or a text, 150 for a list, 790 for `{}`, so this is 5 MiB, whatever the text is made for. The
     * largest request that other limits allow, 50 conditions of 500 values, weighs half of it. */
    LIMIT_JSON_WEIGHT = 50000,
    JSON_OBJECT_WEIGHT = 8,

    /* One entry of a list, and a body that could be a list and is none: an item's texts, each letter escaped. */
    LIMIT_ENTRY_BYTES = 1024 * 1024,

    /* Identity providers stay below 4 KiB; Apache's header line limit is 8,190 bytes. */
    LIMIT_TOKEN_BYTES = 8000,

    /* Key sets of identity providers have two to five keys of about 500 bytes. */
    LIMIT_JWKS_BYTES = 128 * 1024,
    LIMIT_JWKS_KEYS = 32,

    /* Foreign identity providers of one installation, and the file that lists them. */
    LIMIT_ISSUERS = 32,
    LIMIT_ISSUERS_FILE_BYTES = 128 * 1024,

    /* Tokens that a worker remembers as verified: a page of clients with theirs, 2 KiB each at most. */
    LIMIT_REMEMBERED_TOKENS = 256,
    LIMIT_REMEMBERED_BYTES = 2048,

    /* What the columns hold; in characters (utf8mb4) or, for JSON, bytes. */
    LIMIT_ID_CHARACTERS = 128,
    LIMIT_NAME_CHARACTERS = 500,
    LIMIT_DESCRIPTION_CHARACTERS = 10000,
    LIMIT_METADATA_BYTES = 65536,
    LIMIT_TASK_CHARACTERS = 100,
    LIMIT_CONTEXT_KEY_CHARACTERS = 64,
    LIMIT_EVENT_TYPE_CHARACTERS = 64,

    /* What clients use as a key is a UUID or a URL; only its hash is stored. */
    LIMIT_DEDUPLICATION_CHARACTERS = 255,

    /* Ids in browsing_history and purchase_history: more than a person looks at in a season. */
    LIMIT_HISTORY_IDS = 1000,
    LIMIT_PREFERENCE_CATEGORIES = 100,

    /* Events of a user that steer a ranking: the newest, by index, never the whole history. */
    LIMIT_RECENT_EVENTS = 200,
    LIMIT_VIEWED_ITEMS = 100000,

    /* What GET /v1/items/search takes; of its words, as of every search's, TEXT_SEARCH_WORDS count. */
    LIMIT_SEARCH_CHARACTERS = 500,

    /* The longest category that lists can be filtered by: what the index holds. */
    LIMIT_CATEGORY_CHARACTERS = 255,

    /* What somebody types into a search box. */
    LIMIT_QUERY_CHARACTERS = 500,

    /* An event that is told to have happened longer than this after its arrival comes of a wrong clock, and
     * counts as of its arrival. A day is more than what time zones put wrong. */
    LIMIT_CLOCK_AHEAD_MS = 24 * 3600 * 1000,

    /* Entries of one call. The published clients send at most 200 events. */
    LIMIT_ITEM_BATCH = 1000,
    LIMIT_EVENT_BATCH = 200,

    /* Items that one search event says it has shown: a page of results. */
    LIMIT_RESULT_ITEMS = 100,

    /* Event types of a tenant, where events of unknown types are accepted: each request reads them all. */
    LIMIT_EVENT_TYPES = 500,

    /* A page of a list; more is lowered to it. */
    LIMIT_PAGE = 100,
    DEFAULT_PAGE = 20,

    /* What a page shows. More is asked for page by page. */
    LIMIT_QUANTITY = 100,
    DEFAULT_QUANTITY_RECOMMEND = 10,
    DEFAULT_QUANTITY_RECOMMENDATIONS = 20,

    /* A recommendation id is decision id x 128 + rank, so that it leads back to both; 2^53 - 1, the
     * largest integer that JavaScript keeps, leaves room for 2^46 decisions. */
    RECOMMENDATION_ID_RANKS = 128,

    /* Filters of one context, and values of one IN list. */
    LIMIT_FILTER_CONDITIONS = 50,
    LIMIT_FILTER_VALUES = 500,
    /* A pattern costs a step for each 64 of its characters and each one of the item's text. */
    LIMIT_FILTER_TEXT_CHARACTERS = 1000,
    LIMIT_FILTER_COLUMN_CHARACTERS = 500,
    LIMIT_GROUP_FIELDS = 3,
    LIMIT_GROUP_ITEMS = 10,

    /* Ids that a request does not want to see. */
    LIMIT_EXCLUDE_IDS = 500,

    /* What is kept of a ranked list for its later pages, and how long: 500 ids are 15 KiB. */
    LIMIT_RANKED_ITEMS = 500,
    LIMIT_RANKED_GROUPS = 250,
    RANKED_LIST_SECONDS = 300,

    /* Auto mode: how far back, how many anchors, how many sections in one chain of cursors. A chain also ends
     * where its cursor would not fit a request line any more. */
    LIMIT_WINDOW_DAYS = 36500,
    DEFAULT_WINDOW_DAYS = 14,
    LIMIT_SECTION_ANCHORS = 1000,
    DEFAULT_SECTION_ANCHORS = 50,
    LIMIT_SECTIONS = 100,
    DEFAULT_SECTIONS = 50,
    LIMIT_CURSOR_BYTES = 6000,

    /* Changed items that workers lay over a model before they want a new one; also the catalogue of a tenant that
     * has none. New items beyond are left out. They are in a delta file of at most about so many bytes (of which one
     * worker's heap has at most a few MiB), and where none can be written on each worker's heap. */
    LIMIT_CATALOGUE_CHANGES = 50000,
    LIMIT_DELTA_BYTES = 1024 * 1024 * 1024,
    LIMIT_CATALOGUE_HEAP_BYTES = 256 * 1024 * 1024,

    /* Tenants whose catalogues one worker keeps, and heap for all of them together when they have delta files. */
    LIMIT_MAPPED_TENANTS = 1000,
    LIMIT_CATALOGUES_BYTES = 6 * 1024 * 1024,

    /* Entries of a remote recommender's reply that are read: what a grouping context may need. */
    LIMIT_REMOTE_ENTRIES = 1000,

    /* Headers of its reply: eight times what Apache lets a client send. */
    LIMIT_REMOTE_HEADER_BYTES = 65536,

    /* Its address with a user's id in it, 128 characters of at most 4 bytes, each written as %XX. */
    LIMIT_REMOTE_URL_BYTES = 4096,

    /* What the log keeps of a request's parameters: a history of some 500 ids, or any ordinary request whole. */
    LIMIT_LOGGED_BYTES = 8192,

    /* Problems that one error answer lists. */
    LIMIT_PROBLEMS = 8,
};

#endif
