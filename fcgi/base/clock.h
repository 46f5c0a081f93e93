/* The clocks. Every room but the engine may read them; the engine gets the time as an argument. */
#ifndef PALATE_BASE_CLOCK_H
#define PALATE_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Microseconds since some moment; never goes back. For durations. */
static inline int64_t clock_monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Microseconds of a processor that this thread has used; a system call. */
static inline int64_t clock_thread_us(void)
{
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

/* Unix milliseconds. */
static inline int64_t clock_unix_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Unix seconds. */
static inline int64_t clock_unix(void)
{
    return (int64_t)time(NULL);
}

#endif
