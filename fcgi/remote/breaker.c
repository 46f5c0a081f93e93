/* A circuit breaker in a shared file; see breaker.h.
 *
 * The problem: a model server that hangs makes every request wait for its timeout, and with some tens of
 * workers the whole shop waits. Nygard's circuit breaker (Release It!, 2007, chapter 5) stops asking after
 * some failures, and lets one request at a time find out whether the server is back. Here the state is shared
 * by all workers of a machine, so that what one has learned, all know, and it is kept without a lock, so that
 * a worker that dies can hold up no other.
 *
 * The outcomes are one number: the last 32 as bits, the newest in bit 0, and the second of the newest in the
 * upper half. An outcome is recorded by shifting it in with compare-and-swap; the failures among the last 2 x
 * failures are counted with a mask and popcount. Good outcomes after good ones change nothing, so the usual
 * case writes nothing at all, and the page stays in the cache of every processor.
 *
 * open_until and probe_until are moments of the monotonic clock. A moment further ahead than any worker would
 * write is of an earlier boot, when that clock began again, and counts as past. Whoever sets probe_until by
 * compare-and-swap is the one who may try; if it dies, the moment passes and the next one tries.
 *
 * The places bound how many workers wait at once (a semaphore). A place holds its owner's process id and the
 * moment, in milliseconds modulo 2^32, until which it may wait: it is free again when that has passed or the
 * process is gone, which kill(pid, 0) shows. A reused process id costs a place for at most hold_us.
 *
 * Costs: a few atomic reads a call, and up to 64 places looked at. What it does not do: count in a span of
 * time (a rate of failures needs a number of requests that small shops do not have), or distinguish kinds of
 * failures. */
#include "remote/breaker.h"

#include "base/memory.h"
#include "base/state_file.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#define BREAKER_FORMAT UINT64_C(0x314b414552425031) /* "1PBREAK1" */

/* All zero is the state at the beginning: closed, without outcomes. */
struct breaker_file {
    _Atomic uint64_t format;     /* 0: new */
    _Atomic uint64_t outcomes;   /* upper half: second of the newest; lower: newest in bit 0, 1 is bad */
    _Atomic int64_t open_until;  /* 0: closed */
    _Atomic int64_t probe_until; /* somebody is trying until then */
    _Atomic uint64_t places[BREAKER_WAITING_MAX]; /* 0: free; else process id and the ms when it ends */
};
static_assert(sizeof(struct breaker_file) == 32 + 8 * BREAKER_WAITING_MAX, "the same in every build");

struct breaker {
    struct breaker_rules rules;
    struct breaker_file *file;
};

struct breaker *breaker_open(const char *path, const struct breaker_rules *rules, char *problem,
                             size_t problem_size)
{
    struct breaker_file *file = state_file_open(path, sizeof(*file), BREAKER_FORMAT, problem, problem_size);
    if (!file)
        return NULL;
    struct breaker *breaker = memory_alloc(1, sizeof(*breaker));
    breaker->rules = *rules;
    breaker->file = file;
    return breaker;
}

void breaker_close(struct breaker *breaker)
{
    if (!breaker)
        return;
    state_file_close(breaker->file, sizeof(*breaker->file));
    memory_free(breaker);
}

/* A moment in the file that is still to come; what lies further ahead than anybody writes is of an earlier
 * boot. */
static bool is_ahead(int64_t moment, int64_t now_us, int64_t longest)
{
    return moment > now_us && moment - now_us <= longest;
}

static int64_t longest_pause(const struct breaker_rules *rules)
{
    return rules->open_us > BREAKER_PAUSE_MAX_US ? rules->open_us : BREAKER_PAUSE_MAX_US;
}

/* ---- Places
 *
 * The process id in the upper half, the end in milliseconds, modulo 2^32, in the lower: a difference of two
 * such times is right as a signed number as long as they are less than 24 days apart. */

static uint64_t place_mark(int64_t until_us)
{
    return (uint64_t)(uint32_t)getpid() << 32 | (uint32_t)(until_us / 1000);
}

static bool is_taken(uint64_t mark, int64_t now_us, int64_t hold_us)
{
    int32_t left_ms = (int32_t)((uint32_t)mark - (uint32_t)(now_us / 1000));
    if (!mark || left_ms < 0 || left_ms > hold_us / 1000 + 1)
        return false;
    return kill((pid_t)(mark >> 32), 0) == 0 || errno != ESRCH;
}

static bool take_place(struct breaker *breaker, int64_t now_us, struct breaker_ticket *ticket)
{
    int64_t hold_us = breaker->rules.hold_us;
    for (unsigned i = 0; i < breaker->rules.waiting; i++) {
        uint64_t found = atomic_load(&breaker->file->places[i]), mark = place_mark(now_us + hold_us);
        if (is_taken(found, now_us, hold_us) ||
            !atomic_compare_exchange_strong(&breaker->file->places[i], &found, mark))
            continue;
        ticket->place = i;
        ticket->mark = mark;
        return true;
    }
    return false;
}

/* Whoever finds it taken by another has lost it, and leaves it alone. */
static void free_place(struct breaker *breaker, const struct breaker_ticket *ticket)
{
    uint64_t mark = ticket->mark;
    atomic_compare_exchange_strong(&breaker->file->places[ticket->place], &mark, 0);
}

/* ---- State */

/* Half-open with nobody trying: *probe is what stands in probe_until then. */
static bool may_try(const struct breaker *breaker, int64_t open_until, int64_t now_us, int64_t *probe)
{
    *probe = atomic_load(&breaker->file->probe_until);
    return !is_ahead(open_until, now_us, longest_pause(&breaker->rules)) &&
           !is_ahead(*probe, now_us, breaker->rules.hold_us);
}

/* Whether this one may ask; the one who may try gets ticket->probe. */
static bool may_pass(struct breaker *breaker, int64_t now_us, struct breaker_ticket *ticket)
{
    struct breaker_file *file = breaker->file;
    int64_t until = atomic_load(&file->open_until), probe;
    if (!until)
        return true;
    if (!may_try(breaker, until, now_us, &probe))
        return false;
    ticket->probe = now_us + breaker->rules.hold_us;
    return atomic_compare_exchange_strong(&file->probe_until, &probe, ticket->probe);
}

enum breaker_verdict breaker_preview(const struct breaker *breaker, int64_t now_us)
{
    int64_t until = atomic_load(&breaker->file->open_until), probe;
    if (until && !may_try(breaker, until, now_us, &probe))
        return BREAKER_REFUSED;
    for (unsigned i = 0; i < breaker->rules.waiting; i++) {
        if (!is_taken(atomic_load(&breaker->file->places[i]), now_us, breaker->rules.hold_us))
            return BREAKER_ADMITTED;
    }
    return BREAKER_FULL;
}

static void end_probe(struct breaker *breaker, const struct breaker_ticket *ticket)
{
    int64_t mine = ticket->probe;
    if (mine)
        atomic_compare_exchange_strong(&breaker->file->probe_until, &mine, 0);
}

enum breaker_verdict breaker_enter(struct breaker *breaker, int64_t now_us, struct breaker_ticket *ticket)
{
    *ticket = (struct breaker_ticket){0};
    if (!may_pass(breaker, now_us, ticket))
        return BREAKER_REFUSED;
    if (take_place(breaker, now_us, ticket))
        return BREAKER_ADMITTED;
    end_probe(breaker, ticket);
    return BREAKER_FULL;
}

static unsigned count_failures(uint64_t outcomes, const struct breaker_rules *rules)
{
    uint64_t last = outcomes & ((UINT64_C(1) << 2 * rules->failures) - 1) & UINT32_MAX;
    return (unsigned)__builtin_popcountll(last);
}

/* The second is kept modulo 2^32, so only the unsigned difference is looked at. */
static bool is_fresh(uint64_t outcomes, int64_t now_us, const struct breaker_rules *rules)
{
    uint32_t age = (uint32_t)(now_us / 1000000) - (uint32_t)(outcomes >> 32);
    return age <= rules->window_us / 1000000;
}

/* Returns the number of failures among the last. Good outcomes after good ones need not be written. */
static unsigned record_outcome(struct breaker *breaker, int64_t now_us, bool good)
{
    uint64_t old = atomic_load(&breaker->file->outcomes), next;
    do {
        uint64_t bits = is_fresh(old, now_us, &breaker->rules) ? old & UINT32_MAX : 0;
        if (good && !bits)
            return 0;
        next = (uint64_t)(uint32_t)(now_us / 1000000) << 32 | ((bits << 1 | !good) & UINT32_MAX);
    } while (!atomic_compare_exchange_weak(&breaker->file->outcomes, &old, next));
    return count_failures(next, &breaker->rules);
}

static void open_for(struct breaker *breaker, int64_t now_us, int64_t pause_us)
{
    atomic_store(&breaker->file->outcomes, 0);
    atomic_store(&breaker->file->open_until, now_us + pause_us);
}

void breaker_leave(struct breaker *breaker, const struct breaker_ticket *ticket, int64_t now_us, bool good,
                   int64_t pause_us)
{
    struct breaker_file *file = breaker->file;
    free_place(breaker, ticket);
    unsigned failures = record_outcome(breaker, now_us, good);
    int64_t closed = 0;
    if (pause_us > 0) {
        open_for(breaker, now_us, pause_us < BREAKER_PAUSE_MAX_US ? pause_us : BREAKER_PAUSE_MAX_US);
    } else if (ticket->probe && good) {
        atomic_store(&file->outcomes, 0);
        atomic_store(&file->open_until, 0);
    } else if (ticket->probe) {
        open_for(breaker, now_us, breaker->rules.open_us);
    } else if (failures >= breaker->rules.failures &&
               /* Those who failed after it had opened do not make it last longer. */
               atomic_compare_exchange_strong(&file->open_until, &closed, now_us + breaker->rules.open_us)) {
        atomic_store(&file->outcomes, 0);
    }
    end_probe(breaker, ticket);
}

bool breaker_inspect(const char *path, const struct breaker_rules *rules, int64_t now_us,
                     struct breaker_view *view)
{
    struct breaker_file file;
    if (!state_file_read(path, &file, sizeof(file), BREAKER_FORMAT))
        return false;
    int64_t until = file.open_until;
    *view = (struct breaker_view){.open = until != 0};
    if (is_ahead(until, now_us, longest_pause(rules)))
        view->left_us = until - now_us;
    if (is_fresh(file.outcomes, now_us, rules))
        view->failures = count_failures(file.outcomes, rules);
    for (unsigned i = 0; i < BREAKER_WAITING_MAX; i++)
        view->waiting += is_taken(file.places[i], now_us, rules->hold_us);
    return true;
}
