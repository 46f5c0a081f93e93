/* Threads that take the next piece until none is left; see parallel.h.
 *
 * One atomic counter is the whole scheduler: each thread adds one to it and does the piece of the number that
 * it got, so a slow piece delays no other and no queue is needed. The calling thread works, too, and is
 * always thread 0, which is how progress can be reported from one thread only.
 *
 * Which thread does which piece is chance. The results must not depend on it, so a piece writes only memory
 * that belongs to its number, and sums that go across pieces are added up afterwards in the order of the
 * pieces. That is why no part of the training sums into shared memory or uses a reduction of a library.
 *
 * Cost: one thread is created per thread and call; pieces are made large enough to outweigh that. */
#include "training/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

struct job {
    trainer_piece *work;
    trainer_halt *halt; /* NULL: never */
    void *context;
    size_t first, count;
    atomic_size_t next;
};

struct worker {
    struct job *job;
    unsigned thread;
    pthread_t handle;
    bool started;
};

/* The halt is not consulted before the first piece, so that every call makes progress, however late it is. */
static void *run_worker(void *argument)
{
    struct worker *worker = argument;
    struct job *job = worker->job;
    for (;;) {
        if (job->halt && atomic_load(&job->next) > job->first && job->halt(job->context))
            break;
        size_t piece = atomic_fetch_add(&job->next, 1);
        if (piece >= job->count)
            break;
        job->work(job->context, piece, worker->thread);
    }
    return NULL;
}

static void run_job(unsigned threads, struct job *job)
{
    struct worker workers[TRAINER_THREADS_MAX];
    if (threads > TRAINER_THREADS_MAX)
        threads = TRAINER_THREADS_MAX;
    if (threads > job->count - job->first)
        threads = (unsigned)(job->count - job->first);
    for (unsigned i = 0; i < threads; i++)
        workers[i] = (struct worker){.job = job, .thread = i};
    for (unsigned i = 1; i < threads; i++)
        workers[i].started = pthread_create(&workers[i].handle, NULL, run_worker, &workers[i]) == 0;
    if (threads)
        run_worker(&workers[0]);
    /* A thread that could not be started (a limit of processes) leaves its pieces to the others. */
    for (unsigned i = 1; i < threads; i++)
        if (workers[i].started)
            pthread_join(workers[i].handle, NULL);
}

void trainer_parallel(unsigned threads, size_t count, trainer_piece *work, void *context)
{
    struct job job = {.work = work, .context = context, .count = count};
    run_job(threads, &job);
}

size_t trainer_parallel_until(unsigned threads, size_t first, size_t count, trainer_piece *work,
                              trainer_halt *halt, void *context)
{
    struct job job = {
        .work = work, .halt = halt, .context = context, .first = first, .count = count, .next = first};
    run_job(threads, &job);
    size_t next = atomic_load(&job.next);
    return next < count ? next : count;
}

unsigned trainer_thread_count(unsigned wanted)
{
    long online = wanted ? (long)wanted : sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : online > TRAINER_THREADS_MAX ? TRAINER_THREADS_MAX : (unsigned)online;
}
