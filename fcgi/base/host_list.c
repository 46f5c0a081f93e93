/* Several hosts of one service; see host_list.h.
 *
 * The pause doubles with each failure (binary exponential backoff), up to half a minute: a node that is away
 * for long costs a worker one try in that time, and a node that comes back is found within it. The byte of
 * chance spreads a pool of workers, all of which lost the same node in the same moment. */
#include "base/host_list.h"

#include <string.h>

static bool add_host(struct host_list *list, const char *name, size_t length)
{
    if (!length || length >= HOST_NAME_BYTES || list->count == HOST_LIST_MAX)
        return false;
    struct host *host = &list->hosts[list->count++];
    *host = (struct host){0};
    memcpy(host->name, name, length);
    return true;
}

bool host_list_read(const char *text, struct host_list *list)
{
    static const char spaces[] = " \t";
    *list = (struct host_list){0};
    if (!text[strspn(text, spaces)])
        return true;
    for (;; text++) {
        text += strspn(text, spaces);
        size_t length = strcspn(text, ","), named = length;
        while (named && strchr(spaces, text[named - 1]))
            named--;
        if (!add_host(list, text, named))
            return false;
        text += length;
        if (!*text)
            return true;
    }
}

static bool is_paused(const struct host_list *list, size_t position, int64_t now)
{
    return list->count > 1 && now < list->hosts[position].away_until_us;
}

size_t host_list_order(const struct host_list *list, int64_t now, size_t order[HOST_LIST_MAX])
{
    size_t count = 0, ready = 0;
    for (int paused = 0; paused < 2; paused++) {
        for (size_t i = 0; i < list->count; i++) {
            /* The current one first, and each other in its place. */
            size_t position = i == 0 ? list->current : i <= list->current ? i - 1 : i;
            if (is_paused(list, position, now) == (bool)paused)
                order[count++] = position;
        }
        if (!paused)
            ready = count;
    }
    return ready;
}

void host_list_reached(struct host_list *list, size_t position)
{
    list->current = position;
    list->hosts[position].failures = 0;
    list->hosts[position].away_until_us = 0;
}

void host_list_failed(struct host_list *list, size_t position, int64_t now, unsigned char chance)
{
    struct host *host = &list->hosts[position];
    int64_t pause = HOST_PAUSE_US;
    for (unsigned i = 0; i < host->failures && pause < HOST_PAUSE_MAX_US; i++)
        pause *= 2;
    if (pause > HOST_PAUSE_MAX_US)
        pause = HOST_PAUSE_MAX_US;
    host->failures++;
    host->away_until_us = now + pause * 3 / 4 + pause / 2 * chance / 255;
}
