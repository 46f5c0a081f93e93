/* Threads that take the next piece until none is left; see parallel.h. */
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

static void *run(void *argument)
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
        workers[i].started = pthread_create(&workers[i].handle, NULL, run, &workers[i]) == 0;
    if (threads)
        run(&workers[0]);
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
