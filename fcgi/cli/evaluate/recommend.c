/* `palate recommend`: lists for many users from a model file and files; see recommend.h.
 *
 * For newsletters, other channels and experiments, where a list for each of a million users is wanted at
 * once and no service should be queried a million times. Users are read first, then the events, then the
 * model is mapped; each list is one call of the engine.
 *
 * One line a user with ids between spaces, because every tool reads that; an id that holds a space would
 * be two ids there, so it stops the run rather than give somebody else's items. The file is there only
 * when it is complete. */
#include "cli/evaluate/recommend.h"

#include "base/arena.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/evaluate/file_ranker.h"
#include "cli/format.h"
#include "cli/import/line_reader.h"
#include "cli/output_file.h"
#include "cli/progress.h"

#include <inttypes.h>
#include <string.h>

static const char help[] =
    "usage: palate recommend --model FILE --events FILE --users FILE --output FILE [-k 20] [--include-seen]\n"
    "\n"
    "Writes one line for each user: \"user item item ...\", best first. Needs neither a configuration nor a\n"
    "database; the ranking is the service's.\n"
    "\n"
    "  --model FILE     from `palate train`\n"
    "  --events FILE    what the users did, as for `palate train`; the newest 200 purchases, 200 other "
    "events\n"
    "                   that weigh more than a view, and 200 views of a user count\n"
    "  --users FILE     one user id a line; plain, .gz or .xz; who has no events gets the list that is best\n"
    "                   for everybody\n"
    "  --output FILE    the lists; the file is there only when it is complete\n"
    "  -k 20            length of the lists, 1 to 10000\n"
    "  --include-seen   also items that the user has an event with; default: they are left out\n"
    "\n"
    "example: palate recommend --model shop.model --events purchases.csv.xz --users users.txt --output "
    "recs.txt\n"
    "\n"
    "exit codes: 0 done, 1 failed, 2 wrong usage\n";

static const struct option_rule rules[] = {
    {"model", OPTION_TEXT, offsetof(struct recommend_options, model), true, 0, 0},
    {"events", OPTION_TEXT, offsetof(struct recommend_options, events), true, 0, 0},
    {"users", OPTION_TEXT, offsetof(struct recommend_options, users), true, 0, 0},
    {"output", OPTION_TEXT, offsetof(struct recommend_options, output), true, 0, 0},
    {"k", OPTION_NUMBER, offsetof(struct recommend_options, k), false, 1, FILE_RANKER_LIST_MAXIMUM},
    {"include-seen", OPTION_FLAG, offsetof(struct recommend_options, include_seen), false, 0, 0},
};
static const struct options_shape shape = {rules, sizeof(rules) / sizeof(rules[0]), 0, 0, ""};

enum options_outcome recommend_options_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct recommend_options *options = given;
    *options = (struct recommend_options){.k = 20};
    return options_parse(&shape, argc, argv, options, operands);
}

struct listing {
    const struct recommend_options *options;
    const struct event_set *set;
    struct file_ranker *ranker;
    struct arena *texts; /* of the user ids */
    const char **users;
    size_t user_count, user_capacity;
    struct output_file output;
    struct progress progress;
    uint32_t *indices; /* of one list */
    uint64_t unknown_count;
};

static void add_user(struct listing *listing, const char *line)
{
    if (listing->user_count == listing->user_capacity) {
        listing->user_capacity = listing->user_capacity * 2 + 1024;
        listing->users = memory_resize(listing->users, listing->user_capacity, sizeof(*listing->users));
    }
    listing->users[listing->user_count++] = arena_copy_text(listing->texts, line);
}

static bool read_lines(struct listing *listing, struct line_reader *reader)
{
    enum line_outcome outcome;
    char *line;
    size_t length;
    while ((outcome = line_reader_next(reader, &line, &length)) == LINE_OK) {
        if (length)
            add_user(listing, line);
    }
    if (outcome == LINE_TOO_LONG)
        command_say("%s:%" PRIu64 ": the line is longer than 1 MiB", listing->options->users,
                    line_reader_number(reader));
    else if (outcome == LINE_BROKEN)
        command_say("%s", line_reader_problem(reader));
    else if (!listing->user_count)
        command_say("%s names no user", listing->options->users);
    return outcome == LINE_END && listing->user_count;
}

static bool read_users(struct listing *listing)
{
    char problem[400];
    struct line_reader *reader = line_reader_open(listing->options->users, problem, sizeof(problem));
    if (!reader) {
        command_say("%s", problem);
        return false;
    }
    bool done = read_lines(listing, reader);
    line_reader_close(reader);
    return done;
}

/* A space would make two ids of one. */
static bool write_id(struct listing *listing, const char *id, char before)
{
    if (strpbrk(id, " \t")) {
        progress_clear(&listing->progress);
        command_say("the id \"%s\" holds a space, which lines of ids with spaces between cannot show", id);
        return false;
    }
    if (before)
        putc_unlocked(before, listing->output.stream);
    fputs_unlocked(id, listing->output.stream);
    return true;
}

/* Lists of users that the events do not know are those for everybody; how many there were is said at the
 * end, since a wrong column of ids would show as all of them. */
static bool write_list(struct listing *listing, const char *user_id)
{
    const struct catalogue *catalogue = file_ranker_catalogue(listing->ranker);
    uint32_t user = FILE_RANKER_NOBODY;
    if (!intern_find(listing->set->users, user_id, strlen(user_id), &user))
        listing->unknown_count++;
    size_t count = file_ranker_rank(listing->ranker, user, (size_t)listing->options->k,
                                    listing->options->include_seen, listing->indices);
    if (!write_id(listing, user_id, '\0'))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!write_id(listing, catalogue_id(catalogue, listing->indices[i]), ' '))
            return false;
    }
    putc_unlocked('\n', listing->output.stream);
    return true;
}

static bool write_lists(struct listing *listing)
{
    for (size_t i = 0; i < listing->user_count; i++) {
        progress_update(&listing->progress, i, listing->user_count, i);
        if (command_is_interrupted()) {
            progress_clear(&listing->progress);
            command_say("interrupted; nothing was written");
            return false;
        }
        if (!write_list(listing, listing->users[i]))
            return false;
    }
    progress_clear(&listing->progress);
    return true;
}

static bool report_lists(struct listing *listing)
{
    double seconds = progress_seconds(&listing->progress);
    if (!output_file_commit(&listing->output))
        return false;
    /* Not on stdout, where the lists may be. */
    fprintf(stderr, "%s users in %s (%s users/s)", format_count(listing->user_count).text,
            format_seconds(seconds).text,
            format_count((uint64_t)((double)listing->user_count / (seconds > 1e-6 ? seconds : 1e-6))).text);
    if (listing->unknown_count)
        fprintf(stderr, ", of them %s without events", format_count(listing->unknown_count).text);
    fprintf(stderr, ": %s\n", listing->options->output);
    return true;
}

static bool write_all(struct listing *listing)
{
    if (!output_file_open(&listing->output, listing->options->output))
        return false;
    listing->indices = memory_alloc((size_t)listing->options->k, sizeof(*listing->indices));
    progress_start(&listing->progress, "recommending", "users");
    if (write_lists(listing))
        return report_lists(listing);
    output_file_abandon(&listing->output);
    return false;
}

/* The output's place is checked and the users are read before the events, which may take minutes. */
static int recommend_users(struct session *session, const void *given)
{
    const struct recommend_options *options = given;
    (void)session;
    struct listing listing = {.options = options, .texts = arena_create()};
    struct event_set *set = NULL;
    bool done = false;
    command_catch_interrupt();
    if (output_file_check(options->output, false) && read_users(&listing))
        set = event_set_read(options->events);
    if (set) {
        listing.set = set;
        listing.ranker = file_ranker_open(options->model, set);
    }
    if (listing.ranker)
        done = write_all(&listing);
    memory_free(listing.indices);
    memory_free(listing.users);
    arena_destroy(listing.texts);
    file_ranker_close(listing.ranker);
    event_set_destroy(set);
    return done ? TOOL_DONE : TOOL_FAILED;
}

static const struct verb verbs[] = {{NULL, recommend_options_parse, sizeof(struct recommend_options),
                                     .work = recommend_users, .without_session = true}};
const struct command recommend_command = {"recommend", help, VERBS(verbs)};
