/* Which tenant has how many workers; see tenant_share.h.
 *
 * The problem: a worker serves one request at a time, so whoever asks for what takes two seconds, eight times at
 * once, has a pool of eight for two seconds, and everybody else waits. A limit of requests a minute does not help:
 * eight requests are few. A limit of requests at a time would hit the shop with most customers, whose many short
 * requests harm nobody. So what is limited is how many workers a tenant holds with requests that take long.
 *
 * Each worker has a slot in a mapped file and writes into it alone: the tenant and the millisecond when its
 * request began, and, when it ends, whether it was long. Whoever begins a request reads all slots, and so sees
 * of its tenant: h requests that are long already, y young ones, its own included, and the last requests of every
 * worker, of which a part p was long. It is let in when
 *
 *     h < limit   and   h + p y <= limit,     limit = max(1, floor(workers x percent / 100)).
 *
 * Age alone (h) would not do: when one of the long ones ends, all idle workers would let one in at once, and each
 * of them looks young. With p that mistake is made once; p is 0 for a tenant of short requests, which is then
 * never refused for how many it has. What has become long beyond the limit, since the tenant had no past or
 * p was too low, ends itself at its next look (may_go_on): all requests have one order, by the moment they began
 * and then by slot, and only the first `limit` of the long ones stay. One store and one pass over the slots in
 * that order, all sequentially consistent, so of two that begin at once at least one sees the other, and there
 * is never one too many; now and then there is one too few.
 *
 * A tenant that is alone is not limited. Two words say who was at work last: a tenant writes its own once a second
 * at most, in place of one that is older, so with many tenants most requests only read.
 *
 * A worker that is killed cannot free its slot. Its process id would not tell (ids are used again, and it may be
 * of another container), so each worker holds a lock on the byte of its slot's number (fcntl(2), F_SETLK), which
 * the kernel takes back when the process ends, however it ends, and which a fork() does not inherit. Taking the
 * lowest byte that is free is how a worker gets its slot, so they lie close together; once a second one of the
 * workers looks which slots have lost their lock, and clears them. So all system calls are once a second, and
 * the workers there are, are the slots in use.
 *
 * Workers whose parent is the same process are a pool: the web server or its process manager starts them, so
 * each has a parent of its own. Only the slots of the same pool are counted. Were all of a machine's counted
 * together, half of the 40 workers of two web servers would be more than the eight that one of them has.
 *
 * A share of the workers is not a share of the processors: sixteen of 32 workers that compute keep two
 * processors busy, and everybody else's requests wait for a turn. So long requests that compute say so every
 * few ten milliseconds, and only the first max(1, floor(processors x percent / 100)) of a tenant's, in the
 * same order, may go on at full speed (may_compute); the others pause, and have not been refused. This counts
 * all pools, since they have the same processors.
 *
 * Costs: two stores and one pass over some 32 bytes a worker, below a microsecond with 32 workers. What it does
 * not do: end a request that waits in the database (its statement has a deadline of its own), or look beyond
 * the machine. A tenant whose requests have all been short can still hold every worker for TENANT_SHARE_LONG_MS. */
#include "request/tenant_share.h"

#include "base/memory.h"
#include "base/state_file.h"

#include <assert.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#define TENANT_SHARE_FORMAT UINT64_C(0x3145524148535031) /* "1PSHARE1" */

/* Who has computed within TURN_MS still does: it says so every 20 ms, later where there are too many. */
enum { PAST_REQUESTS = 8, SEEN_TENANTS = 2, TURN_MS = 200 };

/* In the upper half of running, past and seen is the tenant; 0 is none. */
struct slot {
    _Atomic uint64_t owner;   /* 0: nobody's; else what no other has been lately */
    _Atomic uint64_t running; /* lower half: the millisecond when it began */
    _Atomic uint64_t past; /* the last requests here: second (16 bits), how many (8), which were long (8) */
    _Atomic uint64_t
        turn; /* upper half: its pool; lower half: the millisecond when it last wanted to compute */
};

/* All zero is the state at the beginning. */
struct share_file {
    _Atomic uint64_t format; /* 0: new */
    _Atomic uint64_t top;    /* slots from here on are nobody's */
    _Atomic uint64_t swept;  /* the second of the last look for dead workers */
    uint64_t reserved;
    _Atomic uint64_t seen[SEEN_TENANTS]; /* lower half: the second */
    uint64_t more[2];
    struct slot slots[TENANT_SHARE_WORKERS];
};
static_assert(sizeof(struct share_file) == 64 + 32 * TENANT_SHARE_WORKERS, "the same in every build");

struct tenant_share {
    struct share_file *file;
    struct slot *slot; /* this worker's */
    size_t place;
    int claim; /* descriptor that holds the slot's lock */
    unsigned percent;
    uint32_t pool;       /* the process that started this worker */
    unsigned processors; /* on which a tenant may compute for long */
};

static uint64_t pack(uint32_t tenant_id, uint32_t rest)
{
    return (uint64_t)tenant_id << 32 | rest;
}

static uint32_t tenant_of(uint64_t word)
{
    return (uint32_t)(word >> 32);
}

/* Times are kept modulo 2^32, so only differences are looked at. A start that is a little ahead of the reader's
 * clock is of now. */
static int32_t age_ms(uint64_t running, int64_t now_us)
{
    int32_t age = (int32_t)((uint32_t)(now_us / 1000) - (uint32_t)running);
    return age > 0 ? age : 0;
}

static uint32_t second_of(int64_t now_us)
{
    return (uint32_t)(now_us / 1000000);
}

/* ---- Slots */

static unsigned count_processors(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof(set), &set) ? 1 : (unsigned)CPU_COUNT(&set);
}

static unsigned part_of(unsigned count, unsigned percent)
{
    unsigned part = count * percent / 100;
    return part ? part : 1;
}

static void raise_top(struct share_file *file, uint64_t top)
{
    uint64_t found = atomic_load(&file->top);
    while (found < top && !atomic_compare_exchange_weak(&file->top, &found, top)) {
    }
}

struct tenant_share *tenant_share_open(const char *path, unsigned percent, int64_t now_us, char *problem,
                                       size_t problem_size)
{
    size_t place;
    struct share_file *file =
        state_file_open(path, sizeof(*file), TENANT_SHARE_FORMAT, problem, problem_size);
    if (!file)
        return NULL;
    int claim = state_file_claim(path, TENANT_SHARE_WORKERS, &place);
    if (claim < 0) {
        snprintf(problem, problem_size, "%s: no place of %d can be locked", path, TENANT_SHARE_WORKERS);
        state_file_close(file, sizeof(*file));
        return NULL;
    }
    struct tenant_share *share = memory_alloc(1, sizeof(*share));
    *share = (struct tenant_share){.file = file,
                                   .slot = &file->slots[place],
                                   .place = place,
                                   .claim = claim,
                                   .percent = percent,
                                   .pool = (uint32_t)getppid(),
                                   .processors = part_of(count_processors(), percent)};
    atomic_store(&share->slot->running, 0);
    atomic_store(&share->slot->turn, pack(share->pool, 0));
    atomic_store(&share->slot->past, 0);
    atomic_store(&share->slot->owner, pack((uint32_t)getpid(), (uint32_t)(now_us / 1000)));
    raise_top(file, place + 1);
    return share;
}

void tenant_share_close(struct tenant_share *share)
{
    if (!share)
        return;
    atomic_store(&share->slot->running, 0);
    atomic_store(&share->slot->owner, 0);
    close(share->claim);
    state_file_close(share->file, sizeof(*share->file));
    memory_free(share);
}

/* Clears the slots of the dead. A slot that has a new owner since it was read is left alone: it has locked the
 * byte before it wrote the number. */
static void sweep(struct tenant_share *share, int64_t now_us)
{
    struct share_file *file = share->file;
    uint64_t second = second_of(now_us), last = atomic_load(&file->swept), top = 0;
    if (last == second || !atomic_compare_exchange_strong(&file->swept, &last, second))
        return;
    for (size_t i = 0; i < TENANT_SHARE_WORKERS; i++) {
        uint64_t owner = atomic_load(&file->slots[i].owner);
        bool dead = owner && i != share->place && !state_file_is_claimed(share->claim, i);
        if (dead && atomic_compare_exchange_strong(&file->slots[i].owner, &owner, 0))
            owner = 0;
        if (owner)
            top = i + 1;
    }
    atomic_store(&file->top, top); /* one that came meanwhile is seen again within a second */
}

/* ---- Who is at work */

static bool is_at_work(uint64_t seen, uint32_t second)
{
    return tenant_of(seen) && second - (uint32_t)seen <= TENANT_SHARE_AT_WORK_S;
}

static bool others_are_at_work(struct share_file *file, uint32_t tenant_id, uint32_t second)
{
    bool others = false;
    for (size_t i = 0; i < SEEN_TENANTS; i++) {
        uint64_t seen = atomic_load(&file->seen[i]);
        others = others || (tenant_of(seen) != tenant_id && is_at_work(seen, second));
    }
    return others;
}

/* Where two others have been seen within this second, the tenant itself need not be: there are several. */
static void note_tenant(struct share_file *file, uint32_t tenant_id, uint32_t second)
{
    size_t oldest = 0;
    uint64_t seen[SEEN_TENANTS];
    for (size_t i = 0; i < SEEN_TENANTS; i++) {
        seen[i] = atomic_load(&file->seen[i]);
        if (tenant_of(seen[i]) == tenant_id && (uint32_t)seen[i] == second)
            return;
    }
    for (size_t i = 0; i < SEEN_TENANTS; i++) {
        if (tenant_of(seen[i]) == tenant_id) {
            oldest = i;
            break;
        }
        if (second - (uint32_t)seen[i] > second - (uint32_t)seen[oldest])
            oldest = i;
    }
    if (tenant_of(seen[oldest]) == tenant_id || (uint32_t)seen[oldest] != second || !tenant_of(seen[oldest]))
        atomic_compare_exchange_strong(&file->seen[oldest], &seen[oldest], pack(tenant_id, second));
}

/* ---- Counting */

struct tally {
    unsigned workers;
    unsigned held, young;        /* requests of the tenant that are long, and that are not yet */
    unsigned before;             /* of the long ones, those that began before this worker's */
    unsigned samples, long_ones; /* its last requests at all workers */
};

static uint64_t past_of(uint32_t tenant_id, uint32_t second, unsigned count, unsigned bits)
{
    return pack(tenant_id, (second & 0xFFFF) << 16 | count << 8 | bits);
}

static bool is_past_of(uint64_t past, uint32_t tenant_id, uint32_t second)
{
    return tenant_of(past) == tenant_id &&
           (uint16_t)(second - (uint32_t)(past >> 16 & 0xFFFF)) <= TENANT_SHARE_AT_WORK_S;
}

static bool began_before(uint64_t running, size_t place, uint64_t mine, size_t my_place)
{
    int32_t earlier = (int32_t)((uint32_t)mine - (uint32_t)running);
    return earlier > 0 || (!earlier && place < my_place);
}

static struct tally count_slots(const struct tenant_share *share, uint32_t tenant_id, int64_t now_us)
{
    struct tally tally = {0};
    uint64_t mine = atomic_load(&share->slot->running), top = atomic_load(&share->file->top);
    for (size_t i = 0; i < top && i < TENANT_SHARE_WORKERS; i++) {
        struct slot *slot = &share->file->slots[i];
        if (!atomic_load(&slot->owner) || tenant_of(atomic_load(&slot->turn)) != share->pool)
            continue;
        uint64_t running = atomic_load(&slot->running), past = atomic_load(&slot->past);
        tally.workers++;
        if (tenant_of(running) == tenant_id) {
            bool is_long = age_ms(running, now_us) >= TENANT_SHARE_LONG_MS;
            tally.held += is_long;
            tally.young += !is_long;
            tally.before += is_long && i != share->place && began_before(running, i, mine, share->place);
        }
        if (is_past_of(past, tenant_id, second_of(now_us))) {
            tally.samples += (unsigned)(past >> 8 & 0xFF);
            tally.long_ones += (unsigned)__builtin_popcountll(past & 0xFF);
        }
    }
    return tally;
}

static unsigned limit_of(const struct tenant_share *share, const struct tally *tally)
{
    return part_of(tally->workers, share->percent);
}

/* How many long requests of the same tenant compute, on the whole machine, and began before this worker's. */
static unsigned count_earlier_computing(const struct tenant_share *share, uint64_t mine, int64_t now_us)
{
    unsigned earlier = 0;
    uint64_t top = atomic_load(&share->file->top);
    for (size_t i = 0; i < top && i < TENANT_SHARE_WORKERS; i++) {
        struct slot *slot = &share->file->slots[i];
        uint64_t running = atomic_load(&slot->running);
        earlier += i != share->place && atomic_load(&slot->owner) && tenant_of(running) == tenant_of(mine) &&
                   age_ms(running, now_us) >= TENANT_SHARE_LONG_MS &&
                   age_ms(atomic_load(&slot->turn), now_us) <= TURN_MS &&
                   began_before(running, i, mine, share->place);
    }
    return earlier;
}

/* ---- A request */

static bool has_share(const struct tenant_share *share, uint32_t tenant_id, int64_t now_us)
{
    struct tally tally = count_slots(share, tenant_id, now_us);
    unsigned limit = limit_of(share, &tally);
    return tally.held >= limit ||
           tally.held * tally.samples + tally.young * tally.long_ones > limit * tally.samples;
}

bool tenant_share_begin(struct tenant_share *share, uint32_t tenant_id, int64_t now_us)
{
    uint32_t second = second_of(now_us);
    sweep(share, now_us);
    note_tenant(share->file, tenant_id, second);
    atomic_store(&share->slot->turn, pack(share->pool, (uint32_t)(now_us / 1000) - TURN_MS - 1));
    atomic_store(&share->slot->running, pack(tenant_id, (uint32_t)(now_us / 1000)));
    if (!others_are_at_work(share->file, tenant_id, second) || !has_share(share, tenant_id, now_us))
        return true;
    atomic_store(&share->slot->running, 0);
    return false;
}

/* Whether this worker has a long request of a tenant that is not alone. */
static bool is_shared(const struct tenant_share *share, uint64_t running, int64_t now_us)
{
    uint32_t tenant_id = tenant_of(running);
    return tenant_id && age_ms(running, now_us) >= TENANT_SHARE_LONG_MS &&
           others_are_at_work(share->file, tenant_id, second_of(now_us));
}

bool tenant_share_may_go_on(const struct tenant_share *share, int64_t now_us)
{
    uint64_t running = atomic_load(&share->slot->running);
    if (!is_shared(share, running, now_us))
        return true;
    struct tally tally = count_slots(share, tenant_of(running), now_us);
    return tally.before < limit_of(share, &tally);
}

bool tenant_share_may_compute(struct tenant_share *share, int64_t now_us)
{
    uint64_t running = atomic_load(&share->slot->running);
    if (!is_shared(share, running, now_us))
        return true;
    atomic_store(&share->slot->turn, pack(share->pool, (uint32_t)(now_us / 1000)));
    return count_earlier_computing(share, running, now_us) < share->processors;
}

void tenant_share_end(struct tenant_share *share, int64_t now_us)
{
    uint64_t running = atomic_load(&share->slot->running), past = atomic_load(&share->slot->past);
    uint32_t tenant_id = tenant_of(running), second = second_of(now_us);
    unsigned is_long = age_ms(running, now_us) >= TENANT_SHARE_LONG_MS, count = 1, bits = is_long;
    if (!tenant_id)
        return;
    if (is_past_of(past, tenant_id, second)) {
        count = (unsigned)(past >> 8 & 0xFF) + 1;
        count = count < PAST_REQUESTS ? count : PAST_REQUESTS;
        bits = ((unsigned)past << 1 | is_long) & 0xFF;
    }
    atomic_store(&share->slot->past, past_of(tenant_id, second, count, bits));
    atomic_store(&share->slot->running, 0);
}
