/* Tests of cli/options and of the options of every command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/accounts/client.h"
#include "cli/accounts/client_alias.h"
#include "cli/accounts/client_secrets.h"
#include "cli/accounts/context.h"
#include "cli/accounts/event_type.h"
#include "cli/accounts/tenant.h"
#include "cli/accounts/token.h"
#include "cli/accounts/user.h"
#include "cli/doctor/doctor.h"
#include "cli/evaluate/compare.h"
#include "cli/evaluate/evaluate.h"
#include "cli/evaluate/recommend.h"
#include "cli/gorse/export.h"
#include "cli/gorse/push.h"
#include "cli/import/import.h"
#include "cli/inspect.h"
#include "cli/migrate.h"
#include "cli/train/train.h"

#include <string.h>

/* getopt_long may reorder argv, so each call gets its own. */
#define WORDS(...)                 ((char *[]){__VA_ARGS__, NULL})
#define COUNT(...)                 ((int)(sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)))
#define PARSE(parse, options, ...) parse(COUNT(__VA_ARGS__), WORDS(__VA_ARGS__), options, &operands)

static struct operands operands;

#define EXPECT_WRONG(reason, parse, options, ...)                                                            \
    do {                                                                                                     \
        assert_int_equal(PARSE(parse, options, __VA_ARGS__), OPTIONS_WRONG);                                 \
        if (!strstr(operands.problem, reason))                                                               \
            fail_msg("\"%s\" is not \"%s\"", operands.problem, reason);                                      \
    } while (0)

static void test_import(void **state)
{
    (void)state;
    struct import_options options;
    assert_int_equal(PARSE(import_options_parse, &options, "items", "f", "--tenant", "t"), OPTIONS_OK);
    assert_string_equal(options.file, "f");
    assert_string_equal(options.tenant, "t");
    assert_string_equal(options.format, "auto");
    assert_string_equal(options.on_error, "stop");
    assert_int_equal(PARSE(import_options_parse, &options, "items", "--on-error=skip", "--max-errors", "0",
                           "--format=csv", "--tenant=t", "-"),
                     OPTIONS_OK);
    assert_string_equal(options.file, "-");
    assert_int_equal(options.errors_maximum, 0);
    assert_int_equal(PARSE(import_options_parse, &options, "items", "--tenant=t", "--", "--odd"), OPTIONS_OK);
    assert_string_equal(options.file, "--odd");
    EXPECT_WRONG("FILE is missing", import_options_parse, &options, "items", "--tenant=t");
    EXPECT_WRONG("--tenant is missing", import_options_parse, &options, "items", "f");
    EXPECT_WRONG("\"g\" is one word too many", import_options_parse, &options, "items", "f", "g",
                 "--tenant=t");
    EXPECT_WRONG("--format must be", import_options_parse, &options, "items", "f", "--tenant=t",
                 "--format=yaml");
    EXPECT_WRONG("--on-error must be", import_options_parse, &options, "items", "f", "--tenant=t",
                 "--on-error=x");
    EXPECT_WRONG("--max-errors needs", import_options_parse, &options, "items", "f", "--tenant=t",
                 "--max-errors=1");
    EXPECT_WRONG("--max-errors must be a whole number", import_options_parse, &options, "items", "f",
                 "--tenant=t", "--on-error=skip", "--max-errors=-1");
    EXPECT_WRONG("--sync is for items", import_options_parse, &options, "events", "f", "--tenant=t",
                 "--sync");
    EXPECT_WRONG("--force belongs", import_options_parse, &options, "items", "f", "--tenant=t", "--force");
    EXPECT_WRONG("--bad-file belongs", import_options_parse, &options, "items", "f", "--tenant=t",
                 "--bad-file=b");
    EXPECT_WRONG("needs --bad-file", import_options_parse, &options, "items", "-", "--tenant=t",
                 "--skip-bad=1");
    EXPECT_WRONG("given twice", import_options_parse, &options, "items", "f", "--tenant=t", "--tenant=u");
    EXPECT_WRONG("unknown option --foo", import_options_parse, &options, "items", "f", "--foo");
    EXPECT_WRONG("--tenant needs a value", import_options_parse, &options, "items", "f", "--tenant");
    assert_int_equal(PARSE(import_options_parse, &options, "items", "--help"), OPTIONS_HELP);
}

static void test_tenant(void **state)
{
    (void)state;
    struct tenant_options options;
    assert_int_equal(PARSE(tenant_create_parse, &options, "create", "Gift Shop"), OPTIONS_OK);
    assert_string_equal(options.name, "Gift Shop");
    assert_string_equal(options.key, "gift-shop");
    assert_int_equal(PARSE(tenant_create_parse, &options, "create", "N", "--key", "k-1"), OPTIONS_OK);
    assert_string_equal(options.key, "k-1");
    EXPECT_WRONG("NAME is missing", tenant_create_parse, &options, "create");
    EXPECT_WRONG("--key must", tenant_create_parse, &options, "create", "N", "--key", "K 1");
    EXPECT_WRONG("--key must", tenant_create_parse, &options, "create", "N", "--key", "");
    EXPECT_WRONG("no key can be made", tenant_create_parse, &options, "create", "\xE6\x97\xA5");
    EXPECT_WRONG("NAME must not be empty", tenant_create_parse, &options, "create", "");
    EXPECT_WRONG("NAME must not hold control", tenant_create_parse, &options, "create", "a\nb");
}

static void test_client(void **state)
{
    (void)state;
    struct client_options options;
    assert_int_equal(PARSE(client_create_parse, &options, "create", "--tenant", "t"), OPTIONS_OK);
    assert_null(options.id);
    assert_string_equal(options.scopes, "neuronsearchlab-api/read neuronsearchlab-api/write");
    assert_int_equal(PARSE(client_create_parse, &options, "create", "--tenant", "t", "--id", "web",
                           "--scopes", "", "--name", "W"),
                     OPTIONS_OK);
    assert_string_equal(options.id, "web");
    assert_string_equal(options.scopes, "");
    EXPECT_WRONG("--tenant is missing", client_create_parse, &options, "create");
    EXPECT_WRONG("--id must not be empty", client_create_parse, &options, "create", "--tenant", "t", "--id",
                 "");
    EXPECT_WRONG("--scopes must", client_create_parse, &options, "create", "--tenant", "t", "--scopes",
                 "a\"b");
    EXPECT_WRONG("too many", client_create_parse, &options, "create", "--tenant", "t", "web");
}

static void test_client_rotate(void **state)
{
    (void)state;
    static char wrong[][12] = {"7", "d", "", "7w", "-1d", "1.5h", "91d", "99999999d", "d7", "7 d"};
    struct rotate_options options;
    assert_int_equal(PARSE(client_rotate_parse, &options, "rotate", "web"), OPTIONS_OK);
    assert_int_equal(options.overlap, 0);
    assert_int_equal(PARSE(client_rotate_parse, &options, "rotate", "web", "--overlap", "7d"), OPTIONS_OK);
    assert_int_equal(options.overlap, 7 * 86400);
    assert_int_equal(PARSE(client_rotate_parse, &options, "rotate", "web", "--overlap", "90m"), OPTIONS_OK);
    assert_int_equal(options.overlap, 90 * 60);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        EXPECT_WRONG("--overlap must", client_rotate_parse, &options, "rotate", "web", "--overlap", wrong[i]);
    EXPECT_WRONG("ID", client_rotate_parse, &options, "rotate");
}

static void test_client_alias(void **state)
{
    (void)state;
    struct alias_options options;
    assert_int_equal(PARSE(client_alias_parse, &options, "add", "--client", "web", "--issuer", "https://i/",
                           "--name", "abc@clients"),
                     OPTIONS_OK);
    assert_string_equal(options.client, "web");
    assert_string_equal(options.issuer, "https://i/");
    assert_string_equal(options.name, "abc@clients");
    assert_int_equal(PARSE(client_alias_parse, &options, "list", "--tenant", "t"), OPTIONS_OK);
    assert_int_equal(PARSE(client_alias_parse, &options, "remove", "--issuer", "i", "--name", "n"),
                     OPTIONS_OK);
    EXPECT_WRONG("--client is missing", client_alias_parse, &options, "add", "--issuer", "i", "--name", "n");
    EXPECT_WRONG("--name must not be empty", client_alias_parse, &options, "remove", "--issuer", "i",
                 "--name", "");
}

static void test_client_limit(void **state)
{
    (void)state;
    struct limit_options options;
    assert_int_equal(PARSE(client_limit_parse, &options, "limit", "web", "--per-minute=60"), OPTIONS_OK);
    assert_string_equal(operands.values[0], "web");
    assert_int_equal(options.per_minute, 60);
    assert_int_equal(options.burst, -1);
    assert_int_equal(
        PARSE(client_limit_parse, &options, "limit", "web", "--per-minute=60", "--burst", "3600"),
        OPTIONS_OK);
    assert_int_equal(options.burst, 3600);
    assert_int_equal(PARSE(client_limit_parse, &options, "limit", "web", "--per-minute=0"), OPTIONS_OK);
    EXPECT_WRONG("an hour allows, 3600", client_limit_parse, &options, "limit", "web", "--per-minute=60",
                 "--burst=3601");
    EXPECT_WRONG("--burst", client_limit_parse, &options, "limit", "web", "--per-minute=60", "--burst=0");
    EXPECT_WRONG("--per-minute", client_limit_parse, &options, "limit", "web", "--per-minute=1000001");
    EXPECT_WRONG("--per-minute is missing", client_limit_parse, &options, "limit", "web");
    EXPECT_WRONG("ID is missing", client_limit_parse, &options, "limit", "--per-minute=60");
}

static void test_user(void **state)
{
    (void)state;
    struct user_options options;
    assert_int_equal(PARSE(user_options_parse, &options, "export", "--tenant=t", "u 1"), OPTIONS_OK);
    assert_string_equal(options.tenant, "t");
    assert_string_equal(options.user_id, "u 1");
    EXPECT_WRONG("--tenant is missing", user_options_parse, &options, "erase", "u");
    EXPECT_WRONG("USER is missing", user_options_parse, &options, "erase", "--tenant=t");
    EXPECT_WRONG("USER must", user_options_parse, &options, "erase", "--tenant=t", "");
    EXPECT_WRONG("USER must", user_options_parse, &options, "erase", "--tenant=t", "a\nb");
}

static void test_token(void **state)
{
    (void)state;
    struct token_options options;
    assert_int_equal(PARSE(token_options_parse, &options, "token", "--client", "web"), OPTIONS_OK);
    assert_null(options.subject);
    assert_null(options.scope);
    assert_int_equal(options.ttl, 3600);
    assert_int_equal(PARSE(token_options_parse, &options, "token", "--client", "web", "--sub", "u", "--scope",
                           "", "--ttl", "1"),
                     OPTIONS_OK);
    assert_string_equal(options.subject, "u");
    assert_string_equal(options.scope, "");
    assert_int_equal(options.ttl, 1);
    EXPECT_WRONG("--client is missing", token_options_parse, &options, "token");
    EXPECT_WRONG("--ttl must be", token_options_parse, &options, "token", "--client", "w", "--ttl", "0");
    EXPECT_WRONG("--ttl must be", token_options_parse, &options, "token", "--client", "w", "--ttl", "1h");
    EXPECT_WRONG("--ttl must be", token_options_parse, &options, "token", "--client", "w", "--ttl",
                 "315360001");
    EXPECT_WRONG("--sub and --scope", token_options_parse, &options, "token", "--client", "w", "--sub",
                 "a\nb");
}

static void test_event_type(void **state)
{
    (void)state;
    struct event_type_options options;
    assert_int_equal(PARSE(event_type_set_parse, &options, "set", "dislike", "--tenant", "t", "--weight",
                           "-100", "--number=4294967295", "--purchase", "no"),
                     OPTIONS_OK);
    assert_string_equal(options.name, "dislike");
    assert_int_equal(options.weight, -100);
    assert_int_equal(options.number, 4294967295);
    assert_int_equal(PARSE(event_type_set_parse, &options, "set", "like", "--tenant", "t"), OPTIONS_OK);
    assert_int_equal(options.weight, EVENT_TYPE_NO_WEIGHT);
    assert_int_equal(options.number, 0);
    assert_null(options.purchase);
    EXPECT_WRONG("--weight must be", event_type_set_parse, &options, "set", "x", "--tenant", "t", "--weight",
                 "101");
    EXPECT_WRONG("--number must be", event_type_set_parse, &options, "set", "x", "--tenant", "t", "--number",
                 "0");
    EXPECT_WRONG("--purchase must", event_type_set_parse, &options, "set", "x", "--tenant", "t", "--purchase",
                 "maybe");
    EXPECT_WRONG("NAME must", event_type_set_parse, &options, "set", "12", "--tenant", "t");
    EXPECT_WRONG("NAME must", event_type_set_parse, &options, "set", "a\nb", "--tenant", "t");
    EXPECT_WRONG("--tenant is missing", event_type_set_parse, &options, "set", "x");
}

static void test_context(void **state)
{
    (void)state;
    struct context_options options;
    assert_int_equal(PARSE(context_set_parse, &options, "set", "--tenant", "t", "--id", "4294967295",
                           "--settings", "{}", "--key", "Home_page"),
                     OPTIONS_OK);
    assert_int_equal(options.id, 4294967295);
    assert_null(options.name);
    EXPECT_WRONG("--id must be", context_set_parse, &options, "set", "--tenant", "t", "--settings", "{}",
                 "--id", "0");
    EXPECT_WRONG("--id must be", context_set_parse, &options, "set", "--tenant", "t", "--settings", "{}",
                 "--id", "4294967296");
    EXPECT_WRONG("--settings is missing", context_set_parse, &options, "set", "--tenant", "t", "--id", "1");
    EXPECT_WRONG("--id is missing", context_set_parse, &options, "set", "--tenant", "t", "--settings", "{}");
    EXPECT_WRONG("--key must", context_set_parse, &options, "set", "--tenant", "t", "--settings", "{}",
                 "--id", "1", "--key", "a/b");
    EXPECT_WRONG("built-in template", context_set_parse, &options, "set", "--tenant", "t", "--settings", "{}",
                 "--id", "1", "--key", "similar");
    EXPECT_WRONG("not be a number", context_set_parse, &options, "set", "--tenant", "t", "--settings", "{}",
                 "--id", "1", "--key", "ctx_12");
    EXPECT_WRONG("not be a number", context_set_parse, &options, "set", "--tenant", "t", "--settings", "{}",
                 "--id", "1", "--key", "12");
    assert_int_equal(PARSE(context_pick_parse, &options, "show", "--tenant", "t", "--id", "7"), OPTIONS_OK);
    assert_int_equal(options.id, 7);
    EXPECT_WRONG("--id is missing", context_pick_parse, &options, "show", "--tenant", "t");
    EXPECT_WRONG("unknown option", context_pick_parse, &options, "show", "--tenant", "t", "--id=1",
                 "--settings={}");
}

static void test_train_and_doctor(void **state)
{
    (void)state;
    struct train_options train;
    struct doctor_options doctor;
    assert_int_equal(PARSE(train_options_parse, &train, "train"), OPTIONS_OK);
    assert_null(train.tenant);
    assert_int_equal(PARSE(train_options_parse, &train, "train", "--tenant", "t"), OPTIONS_OK);
    assert_string_equal(train.tenant, "t");
    EXPECT_WRONG("too many", train_options_parse, &train, "train", "t");
    assert_int_equal(PARSE(doctor_options_parse, &doctor, "doctor"), OPTIONS_OK);
    assert_null(doctor.url);
    assert_int_equal(PARSE(doctor_options_parse, &doctor, "doctor", "--url", "https://h"), OPTIONS_OK);
    EXPECT_WRONG("--url must begin", doctor_options_parse, &doctor, "doctor", "--url", "file:///etc/passwd");
    assert_int_equal(PARSE(doctor_options_parse, &doctor, "doctor", "--url", "http://h", "--connect",
                           "[::1]:80", "--web-user", "web", "--worker", "/w"),
                     OPTIONS_OK);
    assert_string_equal(doctor.connect, "[::1]:80");
    assert_string_equal(doctor.web_user, "web");
    assert_string_equal(doctor.worker, "/w");
    EXPECT_WRONG("--connect needs --url", doctor_options_parse, &doctor, "doctor", "--connect", "127.0.0.1");
    EXPECT_WRONG("--connect must be", doctor_options_parse, &doctor, "doctor", "--url", "http://h",
                 "--connect", "127.0.0.1:http");
}

static void test_train_on_files(void **state)
{
    (void)state;
    struct train_options train;
    assert_int_equal(PARSE(train_options_parse, &train, "train", "--events", "e.csv", "--model", "m"),
                     OPTIONS_OK);
    assert_string_equal(train.events, "e.csv");
    assert_null(train.items);
    assert_in_range(train.resources.threads, 1, 256);
    assert_true(train.resources.memory_bytes >= UINT64_C(64) << 20); /* half of the machine's */
    assert_int_equal(train.budget_us, 0);
    assert_int_equal(train.resources.seed, 1);
    assert_int_equal(PARSE(train_options_parse, &train, "train", "--events=-", "--items=i", "--model=m",
                           "--threads=3", "--memory=300M", "--seed=0"),
                     OPTIONS_OK);
    assert_int_equal(PARSE(train_options_parse, &train, "train", "--events=-", "--model=m"), OPTIONS_OK);
    assert_int_equal(PARSE(train_options_parse, &train, "train", "--events=-", "--items=i", "--model=m",
                           "--threads=3", "--memory=300M", "--seed=0"),
                     OPTIONS_OK);
    assert_int_equal(train.resources.threads, 3);
    assert_int_equal(train.resources.memory_bytes, UINT64_C(300) << 20);
    assert_int_equal(train.resources.seed, 0);
    EXPECT_WRONG("--events needs --model", train_options_parse, &train, "train", "--events=e");
    EXPECT_WRONG("--model needs --events", train_options_parse, &train, "train", "--model=m");
    EXPECT_WRONG("--items needs --events", train_options_parse, &train, "train", "--items=i");
    EXPECT_WRONG("exclude each other", train_options_parse, &train, "train", "--events=e", "--model=m",
                 "--tenant=t");
    EXPECT_WRONG("read again", train_options_parse, &train, "train", "--events=-", "--model=m",
                 "--time-budget=50s");
    assert_int_equal(PARSE(train_options_parse, &train, "train", "--time-budget=50s"), OPTIONS_OK);
    assert_int_equal(train.budget_us, INT64_C(50) * 1000000);
    assert_int_equal(PARSE(train_options_parse, &train, "train", "--time-budget=2h"), OPTIONS_OK);
    assert_int_equal(train.budget_us, INT64_C(7200) * 1000000);
    assert_int_equal(PARSE(train_options_parse, &train, "train", "--time-budget=1ms"), OPTIONS_OK);
    assert_int_equal(train.budget_us, 1000);
    assert_int_equal(PARSE(train_options_parse, &train, "train", "--time-budget=100h"), OPTIONS_OK);
    assert_int_equal(train.budget_us, INT64_C(360000) * 1000000);
    static const char *const budgets[] = {
        "",   "s",    "50",          "0s", "-5s", "1.5m", "50S", "101h", "5 s", "0ms",
        "ms", "5msx", "360000001ms", "m5", "5sm", "0x5s", "+5s", " 5s",  "1us", "99999999999999999999s"};
    for (size_t i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++)
        EXPECT_WRONG("--time-budget must be", train_options_parse, &train, "train", "--time-budget",
                     (char *)budgets[i]);
    EXPECT_WRONG("--threads must be", train_options_parse, &train, "train", "--threads=0");
    EXPECT_WRONG("--seed must be", train_options_parse, &train, "train", "--seed=-1");
    static const char *const sizes[] = {"",    "4",   "G",    "-4G",         "4g",
                                        "4GB", "63M", "1.5G", "9999999999T", "4 G"};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        EXPECT_WRONG("--memory must be", train_options_parse, &train, "train", "--memory", (char *)sizes[i]);
}

static void test_recommend_and_inspect(void **state)
{
    (void)state;
    struct recommend_options recommend;
    struct inspect_options inspect;
    assert_int_equal(PARSE(recommend_options_parse, &recommend, "recommend", "--model=m", "--events=e",
                           "--users=u", "--output=o"),
                     OPTIONS_OK);
    assert_int_equal(recommend.k, 20);
    assert_false(recommend.include_seen);
    assert_int_equal(PARSE(recommend_options_parse, &recommend, "recommend", "--model=m", "--events=e",
                           "--users=u", "--output=o", "-k", "300", "--include-seen"),
                     OPTIONS_OK);
    assert_int_equal(recommend.k, 300);
    assert_true(recommend.include_seen);
    assert_int_equal(PARSE(recommend_options_parse, &recommend, "recommend", "--model=m", "--events=e",
                           "--users=u", "--output=o", "-k7"),
                     OPTIONS_OK);
    assert_int_equal(recommend.k, 7);
    EXPECT_WRONG("--output is missing", recommend_options_parse, &recommend, "recommend", "--model=m",
                 "--events=e", "--users=u");
    EXPECT_WRONG("-k must be a whole number from 1", recommend_options_parse, &recommend, "recommend", "-k",
                 "0");
    EXPECT_WRONG("-k is given twice", recommend_options_parse, &recommend, "recommend", "-k", "1", "-k", "2");
    EXPECT_WRONG("-k needs a value", recommend_options_parse, &recommend, "recommend", "-k");
    EXPECT_WRONG("misused option -x", recommend_options_parse, &recommend, "recommend", "-x");
    assert_int_equal(PARSE(inspect_options_parse, &inspect, "inspect", "--model", "m"), OPTIONS_OK);
    assert_false(inspect.verify);
    EXPECT_WRONG("--model is missing", inspect_options_parse, &inspect, "inspect", "--verify");
}

static void test_evaluate(void **state)
{
    (void)state;
    struct evaluate_options evaluate;
    assert_int_equal(PARSE(evaluate_options_parse, &evaluate, "evaluate", "--events=e"), OPTIONS_OK);
    assert_int_equal(evaluate.split.kind, SPLIT_AUTOMATIC);
    assert_int_equal(evaluate.k, 20);
    assert_int_equal(PARSE(evaluate_options_parse, &evaluate, "evaluate", "--events=e", "--split=last-7d",
                           "-k", "5", "--plot=p", "--json=j", "--seed=9"),
                     OPTIONS_OK);
    assert_int_equal(evaluate.split.kind, SPLIT_DAYS);
    assert_int_equal(evaluate.split.amount, 7);
    EXPECT_WRONG("--events is missing", evaluate_options_parse, &evaluate, "evaluate");
    EXPECT_WRONG("--split must be", evaluate_options_parse, &evaluate, "evaluate", "--events=e",
                 "--split=half");
    EXPECT_WRONG("-k must be", evaluate_options_parse, &evaluate, "evaluate", "--events=e", "-k", "1001");
    EXPECT_WRONG("--memory must be", evaluate_options_parse, &evaluate, "evaluate", "--events=e",
                 "--memory=1");
}

static void test_migrate(void **state)
{
    (void)state;
    struct migrate_options options;
    assert_int_equal(PARSE(migrate_options_parse, &options, "migrate"), OPTIONS_OK);
    assert_false(options.dry_run);
    assert_int_equal(PARSE(migrate_options_parse, &options, "migrate", "--dir", "d", "--dry-run"),
                     OPTIONS_OK);
    assert_true(options.dry_run);
    assert_string_equal(options.directory, "d");
    EXPECT_WRONG("misused option", migrate_options_parse, &options, "migrate", "--dry-run=yes");
}

static void test_schema_file_names(void **state)
{
    (void)state;
    assert_int_equal(schema_file_version("001-initial.sql"), 1);
    assert_int_equal(schema_file_version("120-x.sql"), 120);
    assert_int_equal(schema_file_version("000-x.sql"), 0);
    assert_int_equal(schema_file_version("grants.sql"), 0);
    assert_int_equal(schema_file_version("0001-x.sql"), 0);
    assert_int_equal(schema_file_version("001-.sql"), 0);
    assert_int_equal(schema_file_version("001-x.sql~"), 0);
    assert_int_equal(schema_file_version("001_x.sql"), 0);
}

static void test_gorse(void **state)
{
    (void)state;
    struct export_options files;
    assert_int_equal(PARSE(export_options_parse, &files, "gorse", "--tenant=t", "--dir", "d"), OPTIONS_OK);
    assert_string_equal(files.directory, "d");
    EXPECT_WRONG("--dir is missing", export_options_parse, &files, "gorse", "--tenant=t");
    struct push_options push;
    assert_int_equal(PARSE(push_options_parse, &push, "push", "--tenant=t"), OPTIONS_OK);
    assert_int_equal(push.batch, 0);
    assert_int_equal(push.timeout_s, 60);
    assert_null(push.since_text);
    assert_int_equal(PARSE(push_options_parse, &push, "push", "--tenant=t", "--since", "1970-01-02",
                           "--batch=1", "--dry-run"),
                     OPTIONS_OK);
    assert_int_equal(push.since, 86400000);
    assert_true(push.dry_run);
    EXPECT_WRONG("--since must be a moment", push_options_parse, &push, "push", "--tenant=t",
                 "--since=monday");
    EXPECT_WRONG("--batch", push_options_parse, &push, "push", "--tenant=t", "--batch=10001");
    EXPECT_WRONG("--timeout", push_options_parse, &push, "push", "--tenant=t", "--timeout=0");
    struct compare_options compare;
    assert_int_equal(PARSE(compare_options_parse, &compare, "compare", "--tenant=t", "-k", "5"), OPTIONS_OK);
    assert_int_equal(compare.k, 5);
    assert_int_equal(compare.days, 7);
    assert_int_equal(compare.hours, 24);
    EXPECT_WRONG("--days", compare_options_parse, &compare, "compare", "--tenant=t", "--days=0");
    EXPECT_WRONG("-k", compare_options_parse, &compare, "compare", "--tenant=t", "-k", "101");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gorse),
        cmocka_unit_test(test_import),
        cmocka_unit_test(test_tenant),
        cmocka_unit_test(test_client),
        cmocka_unit_test(test_client_rotate),
        cmocka_unit_test(test_client_alias),
        cmocka_unit_test(test_client_limit),
        cmocka_unit_test(test_user),
        cmocka_unit_test(test_token),
        cmocka_unit_test(test_context),
        cmocka_unit_test(test_event_type),
        cmocka_unit_test(test_train_and_doctor),
        cmocka_unit_test(test_train_on_files),
        cmocka_unit_test(test_recommend_and_inspect),
        cmocka_unit_test(test_evaluate),
        cmocka_unit_test(test_migrate),
        cmocka_unit_test(test_schema_file_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
