/* The one error type; see error.h. */
#include "base/error.h"

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
    [ERROR_CONTEXT_NOT_FOUND] = {400, "context_not_found"},
    [ERROR_INVALID_TOKEN] = {401, "invalid_token"},
    [ERROR_EXPIRED_TOKEN] = {401, "expired_token"},
    [ERROR_UNKNOWN_CLIENT] = {401, "unknown_client"},
    [ERROR_INSUFFICIENT_SCOPE] = {403, "insufficient_scope"},
    [ERROR_NOT_FOUND] = {404, "not_found"},
    [ERROR_METHOD_NOT_ALLOWED] = {405, "method_not_allowed"},
    [ERROR_BODY_TOO_LARGE] = {413, "body_too_large"},
    [ERROR_URI_TOO_LONG] = {414, "uri_too_long"},
    [ERROR_UNSUPPORTED_TYPE] = {415, "unsupported_media_type"},
    [ERROR_DATABASE] = {500, "internal_error"},
    [ERROR_DATABASE_RETRY] = {500, "internal_error"},
    [ERROR_CONFIGURATION] = {500, "internal_error"},
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

bool error_set(struct error *error, enum error_code code, const char *format, ...)
{
    if (error->code != ERROR_NONE)
        return false;
    error->code = code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof(error->message), format, arguments);
    va_end(arguments);
    return false;
}

bool error_detail(struct error *error, const char *format, ...)
{
    if (error->detail[0])
        return false;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->detail, sizeof(error->detail), format, arguments);
    va_end(arguments);
    return false;
}

bool error_field(struct error *error, const char *field, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char problem[sizeof(error->problems[0].problem)];
    vsnprintf(problem, sizeof(problem), format, arguments);
    va_end(arguments);
    error_set(error, ERROR_VALIDATION, "%s %s", field, problem);
    if (error->code == ERROR_VALIDATION && error->problem_count < LIMIT_PROBLEMS) {
        struct error_problem *entry = &error->problems[error->problem_count++];
        entry->field = field;
        memcpy(entry->problem, problem, sizeof(problem));
    }
    return false;
}

void error_clear(struct error *error)
{
    *error = (struct error){0};
}
