/* Good models are read as written; each way of being wrong gives its own error; nothing wrong crashes. */
#include "model_world.h"

/* Opens what the test broke, then makes all good again. */
static void check_sealed(struct world *world, enum model_error expected)
{
    seal(world);
    assert_int_equal(open_bytes(world, world->size), expected);
    renew(world);
}

static void check_unsealed(struct world *world, enum model_error expected)
{
    assert_int_equal(open_bytes(world, world->size), expected);
    renew(world);
}

static struct model_section *section(struct world *world, uint32_t kind)
{
    for (int i = 0; i < MODEL_SECTION__MAX; i++)
        if (world->sections[i].kind == kind)
            return &world->sections[i];
    fail();
    return NULL;
}

/* ---- good files */

static void a_good_model_is_read_as_written(void **state)
{
    struct world *world = *state;
    struct model *model;
    uint32_t index, column;
    assert_int_equal(model_open(world->path, &model), MODEL_OK);
    assert_int_equal(model_verify(model), MODEL_OK);
    assert_int_equal(model_generation(model), 7);
    assert_int_equal(model_catalogue_revision(model), 42);
    assert_int_equal(model_trained_at(model), fixture_now);
    assert_int_equal(model_item_count(model), 4);
    assert_int_equal(model_event_count(model), 7);
    assert_int_equal(model_user_count(model), 3);
    assert_int_equal(model_bytes(model), world->size);
    assert_true(model_find_item(model, "c", 1, &index));
    assert_int_equal(index, 2);
    assert_string_equal(model_item_name(model, 2), "green lamp");
    assert_true(model_find_column(model, "tags", &column));
    assert_int_equal(model_column_value_count(model, column), 2);
    struct model_codes codes = model_item_codes(model, column, 0);
    assert_int_equal(codes.count, 2);
    assert_string_equal(model_column_text(model, column, codes.codes[0]), "x");
    assert_int_equal(model_item_codes(model, column, 3).count, 0);
    assert_true(model_find_column(model, "price", &column));
    assert_true(model_column_number(model, column, model_item_codes(model, column, 1).codes[0]) == 6);
    assert_false(model_find_column(model, "pric", &column));
    model_close(model);
}

static void an_empty_model_is_good(void **state)
{
    (void)state;
    struct model *model = train_model(NULL, 0, NULL, 0);
    uint32_t number;
    assert_int_equal(model_item_count(model), 0);
    assert_false(model_find_item(model, "a", 1, &number));
    assert_false(model_find_column(model, "a", &number));
    model_close(model);
}

static void sections_may_come_in_any_order(void **state)
{
    struct world *world = *state;
    struct model_section first = world->sections[0];
    world->sections[0] = world->sections[5];
    world->sections[5] = first;
    check_sealed(world, MODEL_OK);
}

static void is_current_sees_a_new_file(void **state)
{
    struct world *world = *state;
    struct model *model;
    char *other = folder_path(world->arena, world->folder, "other");
    assert_int_equal(model_open(world->path, &model), MODEL_OK);
    assert_true(model_is_current(model, world->path));
    assert_false(model_is_current(model, other));
    assert_int_equal(rename(world->path, other), 0);
    assert_true(model_is_current(model, other));
    assert_false(model_is_current(model, world->path));
    write_bytes(world, world->size);
    assert_false(model_is_current(model, world->path)); /* the same bytes, another file */
    struct timespec times[2] = {{.tv_sec = 5}, {.tv_sec = 5}};
    assert_int_equal(utimensat(AT_FDCWD, other, times, 0), 0);
    assert_false(model_is_current(model, other));
    model_close(model);
    unlink(other);
}

/* ---- wrong files */

static void what_is_no_file_is_refused(void **state)
{
    struct world *world = *state;
    struct model *model = (struct model *)1;
    char *path = folder_path(world->arena, world->folder, "other");
    assert_int_equal(model_open(path, &model), MODEL_CANNOT_OPEN);
    assert_int_equal(errno, ENOENT);
    assert_null(model);
    assert_int_equal(model_open(world->folder, &model), MODEL_NOT_A_FILE);
    assert_int_equal(model_open("/dev/null", &model), MODEL_NOT_A_FILE);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(model_open(path, &model), MODEL_NOT_A_FILE); /* and does not hang */
    unlink(path);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(descriptor, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(model_open(path, &model), MODEL_NOT_A_FILE);
    close(descriptor);
    unlink(path);
}

static void every_truncation_is_refused(void **state)
{
    struct world *world = *state;
    for (size_t size = 0; size < world->size; size++) {
        enum model_error expected = size < HEADER_BYTES ? MODEL_TOO_SHORT : MODEL_SIZE_MISMATCH;
        if (size < HEADER_BYTES + 200 || size % 61 == 0 || size + 70 > world->size)
            assert_int_equal(open_bytes(world, size), expected);
    }
}

static void a_longer_file_is_refused(void **state)
{
    struct world *world = *state;
    FILE *file = fopen(world->path, "ab");
    struct model *model;
    fputc('x', file);
    fclose(file);
    assert_int_equal(model_open(world->path, &model), MODEL_SIZE_MISMATCH);
}

static void header_errors(void **state)
{
    struct world *world = *state;
    world->header->magic[6] = 'N';
    check_sealed(world, MODEL_BAD_MAGIC);
    world->header->magic[7] = 'x';
    check_sealed(world, MODEL_BAD_MAGIC);
    world->header->byte_order = __builtin_bswap32(MODEL_BYTE_ORDER);
    check_sealed(world, MODEL_WRONG_BYTE_ORDER);
    world->header->version = MODEL_FORMAT_VERSION + 1;
    check_sealed(world, MODEL_UNSUPPORTED_VERSION);
    for (uint32_t version = 0; version < MODEL_FORMAT_VERSION; version++) { /* older ones too */
        world->header->version = version;
        check_sealed(world, MODEL_UNSUPPORTED_VERSION);
    }
    world->header->header_bytes += 24;
    check_sealed(world, MODEL_BAD_HEADER_SIZE);
    world->header->header_bytes = UINT32_MAX;
    check_sealed(world, MODEL_BAD_HEADER_SIZE);
    world->header->section_count = 0;
    check_sealed(world, MODEL_BAD_HEADER_SIZE);
    world->header->total_bytes++;
    check_sealed(world, MODEL_SIZE_MISMATCH);
    world->header->total_bytes = UINT64_MAX;
    check_sealed(world, MODEL_SIZE_MISMATCH);
    world->header->vector_size = 63;
    check_sealed(world, MODEL_BAD_VECTOR_SIZE);
}

static void every_byte_of_the_header_is_covered(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < HEADER_BYTES; i++) {
        world->bytes[i] ^= 0x10;
        enum model_error error = open_bytes(world, world->size);
        if (i >= offsetof(struct model_header, total_bytes))
            assert_int_equal(error, MODEL_BAD_HEADER_CHECKSUM);
        assert_int_not_equal(error, MODEL_OK);
        renew(world);
    }
}

static void section_table_errors(void **state)
{
    struct world *world = *state;
    section(world, MODEL_SECTION_EVENTS)->kind = MODEL_SECTION__MAX;
    check_sealed(world, MODEL_UNKNOWN_SECTION);
    section(world, MODEL_SECTION_EVENTS)->kind = UINT32_MAX;
    check_sealed(world, MODEL_UNKNOWN_SECTION);
    section(world, MODEL_SECTION_EVENTS)->kind = MODEL_SECTION_RECENT;
    check_sealed(world, MODEL_DUPLICATE_SECTION);
    section(world, MODEL_SECTION_EVENTS)->offset += 4;
    check_sealed(world, MODEL_SECTION_MISALIGNED);
    section(world, MODEL_SECTION_EVENTS)->offset = 0;
    check_sealed(world, MODEL_SECTION_OUT_OF_BOUNDS);
    section(world, MODEL_SECTION_EVENTS)->offset = (world->size + 63) / 64 * 64;
    check_sealed(world, MODEL_SECTION_OUT_OF_BOUNDS);
    section(world, MODEL_SECTION_EVENTS)->bytes = world->size;
    check_sealed(world, MODEL_SECTION_OUT_OF_BOUNDS);
    section(world, MODEL_SECTION_EVENTS)->bytes = UINT64_MAX - 64; /* offset + bytes wraps round */
    check_sealed(world, MODEL_SECTION_OUT_OF_BOUNDS);
    section(world, MODEL_SECTION_EVENTS)->offset = UINT64_MAX - 63;
    check_sealed(world, MODEL_SECTION_OUT_OF_BOUNDS);
    section(world, MODEL_SECTION_EVENTS)->offset = section(world, MODEL_SECTION_RECENT)->offset;
    check_sealed(world, MODEL_SECTION_OVERLAP);
}

static void each_section_must_fit_its_count(void **state)
{
    struct world *world = *state;
    for (uint32_t kind = 0; kind < MODEL_SECTION__MAX; kind++) {
        if (kind == MODEL_SECTION_STRINGS || kind == MODEL_SECTION_COLUMN_CODES ||
            kind == MODEL_SECTION_EVIDENCE)
            continue; /* of any length; their own tests follow */
        if (kind == MODEL_SECTION_TRANSITION_WORDS || kind == MODEL_SECTION_CONTENT_WORDS ||
            kind == MODEL_SECTION_ROW_WORDS || kind == MODEL_SECTION_POSTING_ITEMS) {
            if (section(world, kind)->bytes) { /* of any number of words */
                section(world, kind)->bytes -= 1;
                check_sealed(world, MODEL_COUNT_MISMATCH);
            }
            continue;
        }
        assert_true(section(world, kind)->bytes > 0);
        section(world, kind)->bytes -= 4;
        check_sealed(world, MODEL_COUNT_MISMATCH);
        section(world, kind)->bytes = 0;
        check_sealed(world, kind == MODEL_SECTION_TEXT_MAP ? MODEL_OK : MODEL_COUNT_MISMATCH);
    }
    section(world, MODEL_SECTION_COLUMN_CODES)->bytes -= 1;
    check_sealed(world, MODEL_COUNT_MISMATCH);
    section(world, MODEL_SECTION_STRINGS)->bytes = 0;
    check_sealed(world, MODEL_COUNT_MISMATCH);
    world->header->item_count++;
    check_sealed(world, MODEL_COUNT_MISMATCH);
    world->header->item_count = UINT32_MAX;
    check_sealed(world, MODEL_COUNT_MISMATCH);
    world->header->column_count--;
    check_sealed(world, MODEL_COUNT_MISMATCH);
    world->header->column_count = UINT32_MAX;
    check_sealed(world, MODEL_COUNT_MISMATCH);
}

static void strings_must_end(void **state)
{
    struct world *world = *state;
    const struct model_section *strings = section(world, MODEL_SECTION_STRINGS);
    world->bytes[strings->offset + strings->bytes - 1] = 'x';
    check_unsealed(world, MODEL_STRINGS_NOT_TERMINATED);
    section(world, MODEL_SECTION_STRINGS)->bytes--;
    check_sealed(world, MODEL_STRINGS_NOT_TERMINATED);
}

static void every_byte_of_the_body_is_verified(void **state)
{
    struct world *world = *state;
    const struct model_section *strings = section(world, MODEL_SECTION_STRINGS);
    for (size_t i = HEADER_BYTES; i < world->size; i += 7) {
        struct model *model;
        if (i == strings->offset + strings->bytes - 1)
            continue; /* is found when opening */
        world->bytes[i] ^= 1;
        write_bytes(world, world->size);
        assert_int_equal(model_open(world->path, &model), MODEL_OK);
        assert_int_equal(model_verify(model), MODEL_BAD_BODY_CHECKSUM);
        model_close(model);
        world->bytes[i] ^= 1;
    }
}

static void every_error_has_its_text(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MODEL_ERROR__MAX; i++)
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(model_error_text((enum model_error)i),
                                    model_error_text((enum model_error)j));
    assert_non_null(model_error_text(MODEL_ERROR__MAX));
}

/* ---- files with a right header and a wrong inside */

/* Reads all there is and asks every kind of question: must neither crash nor give what is not allowed. */
static void use_everything(struct world *world)
{
    struct model *model;
    write_bytes(world, world->size);
    if (model_open(world->path, &model) != MODEL_OK)
        return;
    struct arena *arena = arena_create();
    struct catalogue *catalogue = catalogue_create(model, NULL);
    struct filter_value value = {.text = "mugs", .number = (double)NAN};
    struct filter_condition conditions[] = {
        {.column = "category", .operator= FILTER_EQUAL, .values = &value, .value_count = 1},
        {.column = "tags",
         .operator= FILTER_ILIKE,
         .values = &value,
         .value_count = 1,
         .or_with_previous = true},
        {.column = "name", .operator= FILTER_NOT_LIKE, .values = &value, .value_count = 1},
        {.column = "price",
         .operator= FILTER_LESS,
         .values = &value,
         .value_count = 1,
         .or_with_previous = true},
    };
    const struct filter *filter = filter_compile(arena, catalogue, conditions, COUNT(conditions));
    struct engine_history_entry history[] = {{0, 1}, {1, -0.5f}, {2, 3}, {3, 1}};
    for (unsigned strategy = 0; strategy < ENGINE_STRATEGY__MAX; strategy++) {
        struct engine_result results[8];
        struct engine_query query = {
            .catalogue = catalogue,
            .strategy = (enum engine_strategy)strategy,
            .history = history,
            .history_count = strategy == ENGINE_SIMILAR ? 1 : 4,
            .preferences = &filter,
            .preference_count = strategy % 2,
            .limit = 8,
            .now = fixture_now,
        };
        size_t count = engine_recommend(&query, arena, results);
        assert_int_equal(count, strategy == ENGINE_SIMILAR ? 3 : 4);
        for (size_t i = 0; i < count; i++) {
            const char *text = "";
            assert_true(results[i].item < 4);
            assert_true(results[i].score >= 0 && results[i].score <= 1 && isfinite(results[i].raw));
            assert_true(i == 0 || results[i].score <= results[i - 1].score);
            if (!catalogue_first_text(catalogue, results[i].item, "category", &text))
                assert_string_equal(text, "");
            assert_true(strlen(text) + strlen(catalogue_id(catalogue, results[i].item)) < world->size);
        }
    }
    catalogue_destroy(catalogue);
    model_close(model);
    arena_destroy(arena);
}

static void a_section_of_noise_never_crashes(void **state)
{
    struct world *world = *state;
    for (uint32_t kind = 0; kind < MODEL_SECTION__MAX; kind++) {
        for (unsigned fill = 0; fill < 4; fill++) {
            static const unsigned char fills[] = {0x00, 0xff, 0x7f, 0x80};
            const struct model_section *broken = section(world, kind);
            memset(world->bytes + broken->offset, fills[fill], broken->bytes);
            const struct model_section *strings = section(world, MODEL_SECTION_STRINGS);
            world->bytes[strings->offset + strings->bytes - 1] = 0;
            use_everything(world);
            renew(world);
        }
    }
}

/* With each kind of number in the scales of all rows. */
static void damaged_weights_say_nothing(void **state)
{
    struct world *world = *state;
    const float scales[] = {NAN, INFINITY, -INFINITY, 3e38F, -3e38F};
    for (size_t k = 0; k < COUNT(scales); k++) {
        const struct model_section *words = section(world, MODEL_SECTION_ROW_WORDS);
        uint64_t start;
        struct model *model;
        for (size_t i = 0; i < 4; i++) {
            memcpy(&start,
                   world->bytes + section(world, MODEL_SECTION_ROW_STARTS)->offset + i * sizeof(start),
                   sizeof(start));
            if (start < words->bytes / sizeof(float))
                memcpy(world->bytes + words->offset + start * sizeof(float), &scales[k], sizeof(float));
        }
        write_bytes(world, world->size);
        assert_int_equal(model_open(world->path, &model), MODEL_OK);
        struct catalogue *catalogue = catalogue_create(model, NULL);
        struct engine_history_entry history[] = {{.item = 0, .weight = 1}, {.item = 1, .weight = 1}};
        struct engine_query query = {
            .catalogue = catalogue, .history = history, .history_count = 2, .limit = 4};
        struct engine_result results[4];
        assert_int_equal(engine_recommend(&query, world->arena, results), 4);
        for (int i = 0; i < 4; i++) {
            assert_true(isfinite(results[i].raw) && results[i].score >= 0 && results[i].score <= 1);
            assert_true(k > 0 || results[i].source != ENGINE_SOURCE_MODEL);
        }
        catalogue_destroy(catalogue);
        model_close(model);
        renew(world);
    }
}

static void older_versions_are_refused(void **state)
{
    struct world *world = *state;
    for (uint32_t version = 0; version < MODEL_FORMAT_VERSION + 2; version++) {
        world->header->version = version;
        check_sealed(world, version == MODEL_FORMAT_VERSION ? MODEL_OK : MODEL_UNSUPPORTED_VERSION);
    }
}

static void sections_have_names_and_sizes(void **state)
{
    struct world *world = *state;
    struct model *model;
    uint64_t sum = 0;
    assert_int_equal(model_open(world->path, &model), MODEL_OK);
    for (unsigned kind = 0; kind < MODEL_SECTION__MAX; kind++) {
        assert_int_equal(model_section_bytes(model, kind), section(world, kind)->bytes);
        assert_string_not_equal(model_section_name(kind), "unnamed");
        sum += model_section_bytes(model, kind);
    }
    assert_true(sum < model_bytes(model));
    assert_int_equal(model_section_bytes(model, MODEL_SECTION__MAX), 0);
    assert_string_equal(model_section_name(MODEL_SECTION__MAX), "unnamed");
    model_close(model);
}

static void values_are_sorted_and_have_their_items(void **state)
{
    struct world *world = *state;
    struct model *model;
    assert_int_equal(model_open(world->path, &model), MODEL_OK);
    const char *const paths[] = {"category", "price", "tags"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        uint32_t column;
        assert_true(model_find_column(model, paths[i], &column));
        for (uint32_t value = 0; value < model_column_value_count(model, column); value++) {
            struct model_codes found = model_column_items(model, column, value, value + 1);
            double number = model_column_number(model, column, value);
            assert_true(value == 0 || number > model_column_number(model, column, value - 1) ||
                        strcmp(model_column_text(model, column, value),
                               model_column_text(model, column, value - 1)) > 0);
            assert_true(found.count > 0);
            for (size_t k = 0; k < found.count; k++) {
                struct model_codes codes = model_item_codes(model, column, found.codes[k]);
                bool has = false;
                for (size_t n = 0; n < codes.count; n++)
                    has = has || codes.codes[n] == value;
                assert_true(has && (k == 0 || found.codes[k] > found.codes[k - 1]));
            }
        }
    }
    model_close(model);
}

static void random_flips_never_crash(void **state)
{
    struct world *world = *state;
    uint64_t random = 88172645463325252u; /* xorshift64, Marsaglia 2003 */
    for (int round = 0; round < 1500; round++) {
        for (int flips = 0; flips < 1 + round % 40; flips++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            size_t place = HEADER_BYTES + (size_t)(random >> 8) % (world->size - HEADER_BYTES);
            world->bytes[place] ^= (unsigned char)(1 << (random & 7));
        }
        use_everything(world);
        renew(world);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_good_model_is_read_as_written),
        TEST(an_empty_model_is_good),
        TEST(sections_may_come_in_any_order),
        TEST(is_current_sees_a_new_file),
        TEST(what_is_no_file_is_refused),
        TEST(every_truncation_is_refused),
        TEST(a_longer_file_is_refused),
        TEST(header_errors),
        TEST(every_byte_of_the_header_is_covered),
        TEST(section_table_errors),
        TEST(each_section_must_fit_its_count),
        TEST(strings_must_end),
        TEST(every_byte_of_the_body_is_verified),
        TEST(every_error_has_its_text),
        TEST(a_section_of_noise_never_crashes),
        TEST(damaged_weights_say_nothing),
        TEST(older_versions_are_refused),
        TEST(sections_have_names_and_sizes),
        TEST(values_are_sorted_and_have_their_items),
        TEST(random_flips_never_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
