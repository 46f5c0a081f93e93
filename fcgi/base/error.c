/* The one error type; see error.h.
 *
 * The table gives each code its HTTP status and its public name, which clients branch on: a name, once
 * published, is never changed. Several codes may share one (what the database did, and what the configuration
 * lacks, is one and the same to a client), but each has its own place for the log and for code that decides
 * by it.
 *
 * The first error wins: what fails later mostly fails because of it. So functions report without looking
 * whether somebody already has, and the deepest one, which knows most, is heard. All of them return false,
 * which lets a check end with `return error_set(...)`. */
#include "base/error.h"

#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int status;
    const char *name;
} codes[] = {
    [ERROR_NONE] = {200, "ok"},
    [ERROR_INVALID_REQUEST] = {400, "invalid_request"},
    [ERROR_INVALID_JSON] = {400, "invalid_json"},
    [ERROR_VALIDATION] = {400, "validation_error"},
    [ERROR_PARAMETER_MISSING] = {400, "parameter_missing"},
    [ERROR_INVALID_ID] = {400, "invalid_id"},
    [ERROR_INVALID_LIMIT] = {400, "invalid_limit"},
    [ERROR_INVALID_CURSOR] = {400, "invalid_cursor"},
    [ERROR_INVALID_FILTER] = {400, "invalid_filter"},
    [ERROR_INVALID_SCOPE_JSON] = {400, "invalid_scope_json"},
    [ERROR_BATCH_SIZE] = {400, "batch_size_exceeded"},
    [ERROR_EMPTY_UPDATE] = {400, "empty_update"},
    [ERROR_UNKNOWN_EVENT_TYPE] = {400, "unknown_event_type"},
    [ERROR_UNKNOWN_ITEM] = {400, "unknown_item"},
    [ERROR_CONTEXT_NOT_FOUND] = {400, "context_not_found"},
    [ERROR_TOO_EXPENSIVE] = {400, "too_expensive"},
    [ERROR_OAUTH_REQUEST] = {400, "invalid_request"},
    [ERROR_OAUTH_GRANT_TYPE] = {400, "unsupported_grant_type"},
    [ERROR_OAUTH_SCOPE] = {400, "invalid_scope"},
    [ERROR_OAUTH_CLIENT] = {401, "invalid_client"},
    [ERROR_INVALID_TOKEN] = {401, "invalid_token"},
    [ERROR_EXPIRED_TOKEN] = {401, "expired_token"},
    [ERROR_UNKNOWN_CLIENT] = {401, "unknown_client"},
    [ERROR_INSUFFICIENT_SCOPE] = {403, "insufficient_scope"},
    [ERROR_PERSON_TOKEN] = {403, "person_token"},
    [ERROR_QUOTA_EXCEEDED] = {403, "quota_exceeded"},
    [ERROR_NOT_FOUND] = {404, "not_found"},
    [ERROR_ITEM_NOT_FOUND] = {404, "item_not_found"},
    [ERROR_EVENT_NOT_FOUND] = {404, "event_not_found"},
    [ERROR_METHOD_NOT_ALLOWED] = {405, "method_not_allowed"},
    [ERROR_ITEM_EXISTS] = {409, "item_already_exists"},
    [ERROR_EVENT_CONFLICT] = {409, "deduplication_conflict"},
    [ERROR_BODY_TOO_LARGE] = {413, "body_too_large"},
    [ERROR_URI_TOO_LONG] = {414, "uri_too_long"},
    [ERROR_UNSUPPORTED_TYPE] = {415, "unsupported_media_type"},
    [ERROR_RATE_LIMITED] = {429, "rate_limited"},
    [ERROR_DATABASE] = {500, "internal_error"},
    [ERROR_DATABASE_RETRY] = {500, "internal_error"},
    [ERROR_CONFIGURATION] = {500, "internal_error"},
    [ERROR_NOT_READY] = {503, "not_ready"},
    [ERROR_REMOTE] = {500, "internal_error"},
    [ERROR_TENANT_BUSY] = {503, "tenant_busy"},
    [ERROR_OVERLOADED] = {503, "overloaded"},
    [ERROR_CLIENT_GONE] = {503, "client_gone"},
};
static_assert(sizeof(codes) / sizeof(codes[0]) == ERROR__MAX, "each code has a status and a name");

int error_status(enum error_code code)
{
    return code < ERROR__MAX ? codes[code].status : 500;
}

const char *error_name(enum error_code code)
{
    return code < ERROR__MAX ? codes[code].name : "internal_error";
}

/* Texts of callers are cut to fit, maybe in the middle of a character, which no answer could hold. */
static void write_text(char *to, size_t size, const char *format, va_list arguments)
{
    vsnprintf(to, size, format, arguments);
    text_repair_utf8(to);
}

bool error_set(struct error *error, enum error_code code, const char *format, ...)
{
    if (error->code != ERROR_NONE)
        return false;
    error->code = code;
    va_list arguments;
    va_start(arguments, format);
    write_text(error->message, sizeof(error->message), format, arguments);
    va_end(arguments);
    return false;
}

bool error_detail(struct error *error, const char *format, ...)
{
    if (error->detail[0])
        return false;
    va_list arguments;
    va_start(arguments, format);
    write_text(error->detail, sizeof(error->detail), format, arguments);
    va_end(arguments);
    return false;
}

static bool add_problem(struct error *error, const char *field, const char *problem)
{
    bool lists = error->code == ERROR_VALIDATION || error->code == ERROR_PARAMETER_MISSING;
    if (lists && error->problem_count < LIMIT_PROBLEMS) {
        struct error_problem *entry = &error->problems[error->problem_count++];
        entry->field = field;
        snprintf(entry->problem, sizeof(entry->problem), "%s", problem);
    }
    return false;
}

/* The first problem makes the message; all of them, up to LIMIT_PROBLEMS, make the list, so that a client can
 * correct its request in one go. */
bool error_field(struct error *error, const char *field, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char problem[sizeof(error->problems[0].problem)];
    write_text(problem, sizeof(problem), format, arguments);
    va_end(arguments);
    error_set(error, ERROR_VALIDATION, "%s %s", field, problem);
    return add_problem(error, field, problem);
}

bool error_missing(struct error *error, const char *field)
{
    error_set(error, ERROR_PARAMETER_MISSING, "%s is missing", field);
    return add_problem(error, field, "is missing");
}

void error_clear(struct error *error)
{
    *error = (struct error){0};
}
