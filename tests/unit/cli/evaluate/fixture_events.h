/* Small event sets for the tests of what works on files. */
#ifndef PALATE_TESTS_CLI_FIXTURE_EVENTS_H
#define PALATE_TESTS_CLI_FIXTURE_EVENTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/evaluate/event_set.h"

#include <string.h>

#define FIXTURE      static __attribute__((unused))
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const int64_t day_ms = INT64_C(86400000);

struct planted {
    const char *user, *item;
    int weight;
    int64_t day;
};

FIXTURE struct event_set *plant(const struct planted *events, size_t count)
{
    struct event_set *set = event_set_create();
    for (size_t i = 0; i < count; i++)
        event_set_add(set, &(struct file_event){.user_id = events[i].user,
                                                .item_id = events[i].item,
                                                .weight = events[i].weight,
                                                .occurred_at = events[i].day * day_ms});
    event_set_finish(set);
    return set;
}

FIXTURE uint32_t number_of(const struct intern *texts, const char *text)
{
    uint32_t number = UINT32_MAX;
    assert_true(intern_find(texts, text, strlen(text), &number));
    return number;
}

#endif
