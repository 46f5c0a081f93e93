/* The hash of a receipt against one that Python's hmac made, and the key's file: read as it is, refused when it is
 * no key, never made anew in place of one that is there. */
#include "../../base/fixture.h"

#include "base/config.h"
#include "base/text.h"
#include "cli/accounts/receipt.h"

#define KEY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct world {
    struct arena *arena;
    const char *folder;
    struct config config;
    struct session session;
};

static int setup(void **state)
{
    static struct world world;
    world = (struct world){.arena = arena_create()};
    world.folder = folder_create(world.arena);
    world.config.model_directory = (char *)world.folder;
    world.config.tool_receipt_key_file = "";
    world.session = (struct session){.config = &world.config, .arena = world.arena};
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"receipt.key", "other"};
    struct world *world = *state;
    folder_remove(world->arena, world->folder, names, COUNT(names));
    arena_destroy(world->arena);
    return 0;
}

#define RECEIPT_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const char *hash_of(struct arena *arena, const char *tenant_key, const char *user_id)
{
    const struct receipt_key key = {KEY};
    unsigned char hash[ERASURE_HASH_BYTES];
    char *text = arena_alloc(arena, 2 * sizeof(hash) + 1, 1);
    receipt_hash(&key, arena, tenant_key, user_id, hash);
    text_encode_hex(hash, sizeof(hash), text);
    return text;
}

/* hmac.new(KEY, sha256(b"shop\0ann").digest(), "sha256").hexdigest() */
static void the_hash_is_an_hmac_of_tenant_and_user(void **state)
{
    struct world *world = *state;
    assert_string_equal(hash_of(world->arena, "shop", "ann"),
                        "58ff22510c2d59b144d42378788f4876ce96bde633056dd6e3080b3c9e6b9bbb");
    assert_string_not_equal(hash_of(world->arena, "shop", "ann"), hash_of(world->arena, "shopa", "nn"));
    assert_string_not_equal(hash_of(world->arena, "", "shopann"), hash_of(world->arena, "shop", "ann"));
}

static void the_key_is_the_first_line_of_its_file(void **state)
{
    struct world *world = *state;
    struct receipt_key key;
    text_write(world->arena, world->folder, "receipt.key", KEY "\nsomething else\n");
    assert_true(receipt_key_load(&world->session, &key));
    assert_string_equal(key.text, KEY);
    world->config.tool_receipt_key_file = (char *)text_write(world->arena, world->folder, "other", KEY);
    assert_true(receipt_key_load(&world->session, &key));
}

/* With a key that is damaged no receipt would be found again, so it must not be replaced in silence. */
static void what_is_no_key_is_refused(void **state)
{
    static const char *const bad[] = {"", "\n", "short\n", KEY "0\n"};
    struct world *world = *state;
    struct receipt_key key;
    for (size_t i = 0; i < COUNT(bad); i++) {
        text_write(world->arena, world->folder, "receipt.key", bad[i]);
        assert_false(receipt_key_load(&world->session, &key));
        assert_string_equal(key.text, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECEIPT_TEST(the_hash_is_an_hmac_of_tenant_and_user),
        RECEIPT_TEST(the_key_is_the_first_line_of_its_file),
        RECEIPT_TEST(what_is_no_key_is_refused),
    };
    return cmocka_run_group_tests_name("cli/accounts/receipt", tests, NULL, NULL);
}
