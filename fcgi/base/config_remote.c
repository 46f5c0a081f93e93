/* The rules of [recommender] and [remote]; see config_remote.h. */
#include "base/config_remote.h"

#include "base/url.h"

#include <string.h>

/* Longer ones would not leave room for a path and a user's id; see LIMIT_REMOTE_URL_BYTES. */
enum { URL_LENGTH_MAX = 180, CHOICES_MAX = 3 };

struct rule {
    const char *section, *name, *value;
    const char *choices[CHOICES_MAX]; /* NULL: no more */
};

/* The place of the value among the choices, -1 when it is none of them. */
static int choose(const struct rule *rule)
{
    for (int i = 0; i < CHOICES_MAX && rule->choices[i]; i++) {
        if (!strcmp(rule->value, rule->choices[i]))
            return i;
    }
    return -1;
}

static bool refuse(const struct config *config, const struct rule *rule, char *problem, size_t size)
{
    snprintf(problem, size, "%s: [%s] %s must be %s%s%s%s%s, not \"%s\"", config->path, rule->section,
             rule->name, rule->choices[0], rule->choices[2] ? ", " : " or ", rule->choices[1],
             rule->choices[2] ? " or " : "", rule->choices[2] ? rule->choices[2] : "", rule->value);
    return false;
}

static bool check_url(const struct config *config, char *problem, size_t size)
{
    struct url url;
    if (!*config->remote_url) {
        if (!config->recommender_is_remote && !config->remote_in_shadow)
            return true;
        snprintf(problem, size, "%s: [remote] url is needed when the remote recommender is to be asked",
                 config->path);
    } else if (strlen(config->remote_url) > URL_LENGTH_MAX || !url_read(config->remote_url, &url)) {
        snprintf(problem, size,
                 "%s: [remote] url must be https://HOST[:PORT][/PATH] without user, query and fragment",
                 config->path);
    } else if (!url_is_allowed(&url, config->remote_http_hosts)) {
        snprintf(problem, size,
                 "%s: [remote] url must begin with https://, or its host be listed in http_hosts",
                 config->path);
    } else if (*config->remote_state_file != '/') {
        snprintf(problem, size,
                 "%s: [remote] state_file is needed with url: an absolute path in a directory where the "
                 "workers may make files",
                 config->path);
    } else {
        return true;
    }
    return false;
}

bool config_remote_check(struct config *config, char *problem, size_t problem_size)
{
    const struct rule rules[] = {
        {"recommender", "kind", config->recommender_kind, {"embedded", "remote"}},
        {"remote", "protocol", config->remote_protocol_name, {"palate", "gorse"}},
        {"remote", "fill", config->remote_fill_name, {"embedded", "trending", "none"}},
        {"remote", "allow_redirects", config->remote_redirects, {"no", "yes"}},
        {"remote", "on_failure", config->remote_on_failure, {"error", "embedded"}},
        {"remote", "shadow", config->remote_shadow, {"none", "remote"}},
    };
    enum { COUNT = sizeof(rules) / sizeof(rules[0]) };
    int chosen[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        chosen[i] = choose(&rules[i]);
        if (chosen[i] < 0)
            return refuse(config, &rules[i], problem, problem_size);
    }
    config->recommender_is_remote = chosen[0];
    config->remote_protocol = (enum remote_protocol)chosen[1];
    config->remote_fill = (enum remote_fill)chosen[2];
    config->remote_follows_redirects = chosen[3];
    config->remote_may_fail = chosen[4];
    config->remote_in_shadow = chosen[5];
    return check_url(config, problem, problem_size);
}
