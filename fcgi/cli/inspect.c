/* `palate inspect`: what a model file holds; see inspect.h.
 *
 * Reads the model through the same functions as a worker, so that a file which is refused here is refused
 * there, with the same reason. Opening checks header and sizes; --verify also reads every byte and
 * compares the checksum, which a worker leaves out because it would read the whole file on each start.
 *
 * For each kind of rows two numbers are printed: how many items have any, and how many entries there are
 * in all. A model in which few items have neighbours was made from few events or from events on other
 * items, which is the usual reason for lists that are the same for everybody.
 *
 * --near answers "does it know what goes together?" without a service: the items nearest to one by their
 * learned vectors. */
#include "cli/inspect.h"

#include "base/memory.h"
#include "base/moment.h"
#include "cli/format.h"
#include "engine/item.h"
#include "engine/model.h"
#include "engine/text_vector.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] = "usage: palate inspect --model FILE [--verify] [--near ITEM [-k 10]]\n"
                           "\n"
                           "Says what a model file holds. A file that cannot be used is refused with "
                           "the reason.\n"
                           "\n"
                           "  --model FILE   from `palate train`\n"
                           "  --verify       read the whole file and compare its checksum\n"
                           "  --near ITEM    instead, the items whose learned vectors are nearest to this\n"
                           "                 one's: cosine, id and name\n"
                           "  -k 10          so many, 1 to 1000\n"
                           "\n"
                           "example: palate inspect --model shop.model --verify\n"
                           "\n"
                           "exit codes: 0 the model is good, 1 it is damaged or cannot be read, 2 "
                           "wrong usage\n";

enum { NEAR_DEFAULT = 10, NEAR_MAXIMUM = 1000 };

static const struct option_rule rules[] = {
    {"model", OPTION_TEXT, offsetof(struct inspect_options, model), true, 0, 0},
    {"verify", OPTION_FLAG, offsetof(struct inspect_options, verify), false, 0, 0},
    {"near", OPTION_TEXT, offsetof(struct inspect_options, near), false, 0, 0},
    {"k", OPTION_NUMBER, offsetof(struct inspect_options, k), false, 1, NEAR_MAXIMUM},
};
static const struct options_shape shape = {rules, sizeof(rules) / sizeof(rules[0]), 0, 0, ""};

enum options_outcome inspect_options_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct inspect_options *options = given;
    *options = (struct inspect_options){.k = NEAR_DEFAULT};
    return options_parse(&shape, argc, argv, options, operands);
}

static void print_head(const char *path, const struct model *model)
{
    char moment[MOMENT_SIZE] = "at an unknown time";
    int64_t trained = model_trained_at(model); /* seconds, by whatever clock the trainer had */
    bool known = trained >= 0 && trained <= INT64_MAX / 1000;
    if (known)
        moment_write(trained * 1000, MOMENT_SQL, moment);
    printf("%s: %s\n", path, format_bytes(model_bytes(model)).text);
    printf("  trained          %s%s, generation %" PRIu64 ", catalogue revision %" PRIu64 "\n", moment,
           known ? " UTC" : "", model_generation(model), model_catalogue_revision(model));
    printf("  learned from     %s items, %s users, %s events\n", format_count(model_item_count(model)).text,
           format_count(model_user_count(model)).text, format_count(model_event_count(model)).text);
}

/* What the items hold, summed. */
struct sums {
    uint64_t with_events, with_vectors;
    uint64_t with[3], entries[3]; /* of rows, by kind */
};

static bool has_vector(const float *vector)
{
    for (int i = 0; i < ENGINE_VECTOR_SIZE; i++) {
        if (vector[i] != 0)
            return true;
    }
    return false;
}

typedef struct model_row row_of_item(const struct model *model, uint32_t index);
static row_of_item *const kinds[3] = {model_item_row, model_item_transitions, model_item_contents};

/* One walk over the items: how many have events, vectors and rows of each kind, and how many entries these
 * have. */
static struct sums sum_items(const struct model *model)
{
    struct sums sums = {0};
    for (uint32_t i = 0; i < model_item_count(model); i++) {
        for (int kind = 0; kind < 3; kind++) {
            size_t row = kinds[kind](model, i).count;
            sums.with[kind] += row > 0;
            sums.entries[kind] += row;
        }
        sums.with_events += model_item_events(model, i) > 0;
        sums.with_vectors += has_vector(model_item_vector(model, i));
    }
    return sums;
}

static void print_share(const char *what, uint64_t count, uint32_t total, uint64_t entries)
{
    printf("  %-16s %s of %s items", what, format_count(count).text, format_count(total).text);
    if (entries)
        printf(", %s entries", format_count(entries).text);
    putchar('\n');
}

static void print_sections(const struct model *model)
{
    printf("sections, in bytes:\n");
    for (unsigned kind = 0; kind < model_section_count(); kind++)
        printf("  %-24s %14" PRIu64 "  %s\n", model_section_name(kind), model_section_bytes(model, kind),
               format_bytes(model_section_bytes(model, kind)).text);
}

static void print_body(const struct model *model)
{
    struct sums sums = sum_items(model);
    uint32_t items = model_item_count(model);
    print_share("with events", sums.with_events, items, 0);
    print_share("with text", sums.with_vectors, items, 0);
    for (int kind = 0; kind < 3; kind++) {
        static const char *const names[3] = {"with neighbours", "with followers", "with likenesses"};
        print_share(names[kind], sums.with[kind], items, sums.entries[kind]);
    }
    print_sections(model);
    size_t length;
    /* Written by the trainer: which configurations were tried on held-out events, and with what result. */
    const char *evidence = model_evidence(model, &length);
    if (length)
        printf("how it was chosen:\n%.*s\n", (int)length, evidence);
}

struct neighbour {
    float cosine;
    uint32_t item;
};

static int compare_neighbours(const void *left, const void *right)
{
    const struct neighbour *a = left, *b = right;
    if (a->cosine != b->cosine)
        return a->cosine > b->cosine ? -1 : 1;
    return (a->item > b->item) - (a->item < b->item);
}

/* The cosine to every item, then a sort: fast enough for a person, and exact. */
static int print_near(const struct model *model, const char *id, size_t k)
{
    uint32_t own, count = model_item_count(model), found = 0;
    if (!model_find_item(model, id, strlen(id), &own))
        return command_failed("the model holds no item \"%s\"", id);
    struct neighbour *neighbours = memory_alloc(count, sizeof(*neighbours));
    for (uint32_t i = 0; i < count; i++) {
        float cosine = text_vector_cosine(model_item_embedding(model, own), model_item_embedding(model, i));
        if (i != own && cosine > 0)
            neighbours[found++] = (struct neighbour){cosine, i};
    }
    if (found)
        qsort(neighbours, found, sizeof(*neighbours), compare_neighbours);
    for (uint32_t i = 0; i < found && i < k; i++)
        printf("%.4f %s  %s\n", (double)neighbours[i].cosine, model_item_id(model, neighbours[i].item),
               model_item_name(model, neighbours[i].item));
    memory_free(neighbours);
    return TOOL_DONE;
}

static int refuse_model(const char *path, enum model_error problem)
{
    if (problem == MODEL_CANNOT_OPEN)
        return command_failed("cannot open the model %s: %s", path, strerror(errno));
    return command_failed("the model %s cannot be used: %s", path, model_error_text(problem));
}

static int inspect_model(struct session *session, const void *given)
{
    const struct inspect_options *options = given;
    (void)session;
    struct model *model;
    enum model_error problem = model_open(options->model, &model);
    if (problem == MODEL_OK && options->verify)
        problem = model_verify(model);
    if (problem != MODEL_OK) {
        int code = refuse_model(options->model, problem);
        model_close(model);
        return code;
    }
    if (options->near) {
        int code = print_near(model, options->near, (size_t)options->k);
        model_close(model);
        return code;
    }
    print_head(options->model, model);
    print_body(model);
    if (options->verify)
        printf("  %-16s every byte is as it was written\n", "checksum");
    model_close(model);
    return TOOL_DONE;
}

static const struct verb verbs[] = {{NULL, inspect_options_parse, sizeof(struct inspect_options),
                                     .work = inspect_model, .without_session = true}};
const struct command inspect_command = {"inspect", help, VERBS(verbs)};
