/* The stored context that a request names; see find_context.h.
 *
 * Read from the database with each request and parsed again: a change of a context holds from the next answer
 * on, in every worker. Settings that do not parse are an error of the installation (500), never a list
 * without the context's filters, which might show what the shop has excluded. */
#include "api/recommend/find_context.h"

#include "base/id_prefix.h"
#include "base/json.h"
#include "base/text.h"
#include "request/parameters.h"

#include <string.h>

bool find_context_read_name(struct request *request, const char **name)
{
    static const char *const names[] = {"context_id", "context_key", "contextId", "contextKey", NULL};
    const char *field;
    struct json_object *value = parameter_first(request->merged, names, &field);
    if (json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double)) {
        int64_t number = 0;
        if (!parameter_integer(value, field, 1, UINT32_MAX, &number, &request->error))
            return false;
        *name = arena_format(request->arena, "%lld", (long long)number);
        return true;
    }
    return parameter_text(value, field, TEXT_LINE, LIMIT_CONTEXT_KEY_CHARACTERS, name, &request->error);
}

static bool find_row(struct worker *worker, struct request *request, const char *name,
                     struct context_row *row, bool *found)
{
    int64_t number;
    /* No key is a number, with or without "ctx_" (cli/accounts/context.c sees to it). */
    if (text_to_int64(id_without_prefix(ID_OF_CONTEXT, name), &number)) {
        *found = false;
        if (number < 1 || number > UINT32_MAX)
            return true;
        return contexts_find_id(worker->db, request->arena, request->tenant.id, (uint32_t)number, row, found,
                                &request->error);
    }
    return contexts_find_key(worker->db, request->arena, request->tenant.id, name, row, found,
                             &request->error);
}

bool find_context(struct worker *worker, struct request *request, const char *name,
                  struct found_context **context)
{
    struct context_row row;
    struct json_object *settings;
    const char *problem;
    bool found = false;
    *context = NULL;
    if (!find_row(worker, request, name, &row, &found))
        return false;
    if (!found)
        return true;
    struct found_context *made = arena_alloc(request->arena, 1, sizeof(*made));
    struct error wrong = {0};
    made->id = row.id;
    if (!json_parse_arena(request->arena, row.settings, strlen(row.settings), &settings, &problem) ||
        !context_settings_parse(request->arena, settings, &made->settings, &wrong)) {
        error_set(&request->error, ERROR_CONFIGURATION, "The stored context is damaged");
        return error_detail(&request->error, "context %u: %s", row.id,
                            wrong.code ? wrong.message : "not JSON");
    }
    *context = made;
    return true;
}
