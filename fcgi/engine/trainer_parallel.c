/* Threads that take the next piece until none is left; see trainer_parallel.h. */
#include "engine/trainer_parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

struct job {
    trainer_piece *work;
    void *context;
    size_t count;
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
    for (size_t piece; (piece = atomic_fetch_add(&job->next, 1)) < job->count;)
        job->work(job->context, piece, worker->thread);
    return NULL;
}

void trainer_parallel(unsigned threads, size_t count, trainer_piece *work, void *context)
{
    struct job job = {.work = work, .context = context, .count = count};
    struct worker workers[TRAINER_THREADS_MAX];
    if (threads > TRAINER_THREADS_MAX)
        threads = TRAINER_THREADS_MAX;
    if (threads > count)
        threads = (unsigned)count;
    for (unsigned i = 0; i < threads; i++)
        workers[i] = (struct worker){.job = &job, .thread = i};
    for (unsigned i = 1; i < threads; i++)
        workers[i].started = pthread_create(&workers[i].handle, NULL, run, &workers[i]) == 0;
    if (threads)
        run(&workers[0]);
    for (unsigned i = 1; i < threads; i++)
        if (workers[i].started)
            pthread_join(workers[i].handle, NULL);
}

unsigned trainer_thread_count(unsigned wanted)
{
    long online = wanted ? (long)wanted : sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : online > TRAINER_THREADS_MAX ? TRAINER_THREADS_MAX : (unsigned)online;
}
