/* The work of one request; see work_budget.h.
 *
 * The problem: a caller chooses filters, texts and the size of a catalogue, and their product is time. No
 * limit on each of them alone is both generous to honest callers and safe against the worst product. So time
 * itself is limited, which must cost next to nothing where it is not reached.
 *
 * The idea is a count-down, as virtual machines and databases have it for runaway code (Erlang's reductions,
 * SQLite's progress handler): loops subtract what they have done, and only every 16,384 steps, some hundred
 * microseconds, the clocks are read. An ordinary answer takes fewer steps and reads no clock at all.
 *
 * Two clocks, because two things can be wrong. What the thread has used of a processor is the request's own
 * doing: as much as the budget, and it will be as expensive when it is tried again (400, and no client
 * retries that). What has passed on the wall is also other people's doing: where five times the budget has
 * passed and the request got less than its budget of the processor, the machine is overloaded or the database
 * slow, and the same request may do well in a moment (503 with Retry-After). Five times, so that a request
 * that gets a fifth of a processor or more is judged by what it uses: with a worker's usual neighbours at
 * work, too. Up to that a busy machine only makes an answer late, as ever.
 *
 * At the same look, but no oftener than every 20 ms, since it takes a system call, the web server's connection
 * is looked at: a worker whose client has gone stops and takes the next request. So does one whose request has
 * become long when its tenant has its share of long ones (request/tenant_share.h).
 *
 * It does not interrupt anything: a loop that takes no steps is not stopped. Nor does it limit memory, or
 * statements of the database, which have a limit of their own. */
#include "base/work_budget.h"

#include "base/clock.h"

enum { LOOK_AT_OTHERS_US = 20000, PATIENCE = 5 /* budgets of time on the wall */ };

/* What one request may still do. */
struct budget {
    bool is_set, counts, thread_counts; /* counts: between start and stop; thread_counts: since a look */
    int64_t limit_us;
    work_refusal *refusal;
    void *context;
    size_t left; /* steps to the next look */
    uint64_t taken;
    int64_t wall_us, thread_us;             /* used in earlier stretches of start and stop */
    int64_t wall_begin_us, thread_begin_us; /* of this one */
    int64_t others_seen_us;                 /* when refusal was last asked */
    enum error_code spent;                  /* ERROR_NONE: goes on */
};

/* One request at a time, so one place for it. */
static struct budget budget;

void work_budget_set(long milliseconds, work_refusal *refusal, void *context)
{
    budget = (struct budget){.is_set = true,
                             .limit_us = milliseconds * INT64_C(1000),
                             .refusal = refusal,
                             .context = context,
                             .left = WORK_STEPS_BETWEEN_LOOKS};
}

void work_budget_clear(void)
{
    budget = (struct budget){0};
}

void work_budget_start(void)
{
    if (!budget.is_set || budget.counts)
        return;
    budget.counts = true;
    budget.wall_begin_us = budget.others_seen_us = clock_monotonic_us();
}

static void look_at_others(int64_t now)
{
    if (!budget.refusal || now - budget.others_seen_us < LOOK_AT_OTHERS_US)
        return;
    budget.others_seen_us = now;
    budget.spent = budget.refusal(budget.context);
}

/* The thread's clock is a system call, the wall's is not. So it is read at the first look only, which most
 * requests do not come to, and then where enough time has passed on the wall. */
static void look_at_clocks(int64_t now)
{
    int64_t wall = budget.wall_us + now - budget.wall_begin_us;
    if (!budget.thread_counts) {
        budget.thread_counts = true;
        budget.thread_begin_us = clock_thread_us();
    }
    if (wall < budget.limit_us || budget.spent != ERROR_NONE)
        return;
    if (budget.thread_us + clock_thread_us() - budget.thread_begin_us >= budget.limit_us)
        budget.spent = ERROR_TOO_EXPENSIVE;
    else if (wall >= PATIENCE * budget.limit_us)
        budget.spent = ERROR_OVERLOADED;
}

bool work_budget_take(size_t steps)
{
    if (!budget.counts)
        return true;
    budget.taken += steps;
    if (steps < budget.left) {
        budget.left -= steps;
        return true;
    }
    if (budget.spent == ERROR_NONE) {
        int64_t now = clock_monotonic_us();
        look_at_others(now);
        look_at_clocks(now);
        budget.left = budget.spent == ERROR_NONE ? WORK_STEPS_BETWEEN_LOOKS : 0;
    }
    return budget.spent == ERROR_NONE;
}

static const char *explain(enum error_code code)
{
    switch (code) {
    case ERROR_TOO_EXPENSIVE:
        return "The request takes more work than one request may: use fewer or shorter conditions";
    case ERROR_OVERLOADED:
        return "The service is busy; try again in a moment";
    case ERROR_TENANT_BUSY:
        return TENANT_BUSY_MESSAGE;
    default:
        return "The client has gone";
    }
}

bool work_budget_stop(struct error *error)
{
    if (budget.counts) {
        budget.wall_us += clock_monotonic_us() - budget.wall_begin_us;
        budget.thread_us += budget.thread_counts ? clock_thread_us() - budget.thread_begin_us : 0;
        budget.counts = budget.thread_counts = false;
    }
    if (budget.spent == ERROR_NONE)
        return true;
    error_set(error, budget.spent, "%s", explain(budget.spent));
    return error_detail(error, "ms=%lld cpu_ms=%lld steps=%llu", (long long)(budget.wall_us / 1000),
                        (long long)(budget.thread_us / 1000), (unsigned long long)budget.taken);
}

uint64_t work_budget_taken(void)
{
    return budget.taken;
}
