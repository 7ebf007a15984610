/* Semaphores, conditions, locks and threads, whose time-outs are moments of a clock. */
#define _GNU_SOURCE
#include "warp.h"

#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

EXPORT int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until)
{
    struct timespec place;
    return REAL(sem_timedwait)(semaphore, warp_deadline_at(CLOCK_REALTIME, until, &place));
}

EXPORT int sem_clockwait(sem_t *restrict semaphore, clockid_t clock, const struct timespec *restrict until)
{
    struct timespec place;
    return REAL(sem_clockwait)(semaphore, clock, warp_deadline_at(clock, until, &place));
}

/* Bit 1 of this field, since glibc 2.25; no function tells it. The self-test waits on conditions of both kinds. */
static clockid_t clock_of(pthread_cond_t *condition)
{
    return __atomic_load_n(&condition->__data.__wrefs, __ATOMIC_RELAXED) & 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

EXPORT int pthread_cond_clockwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, clockid_t clock,
                                  const struct timespec *restrict until)
{
    struct timespec place;
    return REAL(pthread_cond_clockwait)(condition, mutex, clock, warp_deadline_at(clock, until, &place));
}

/* Its symbol has an old version with another structure: the function with a clock has none. */
EXPORT int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                                  const struct timespec *restrict until)
{
    return pthread_cond_clockwait(condition, mutex, clock_of(condition), until);
}

EXPORT int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict until)
{
    struct timespec place;
    return REAL(pthread_mutex_timedlock)(mutex, warp_deadline_at(CLOCK_REALTIME, until, &place));
}

EXPORT int pthread_mutex_clocklock(pthread_mutex_t *restrict mutex, clockid_t clock,
                                   const struct timespec *restrict until)
{
    struct timespec place;
    return REAL(pthread_mutex_clocklock)(mutex, clock, warp_deadline_at(clock, until, &place));
}

EXPORT int pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict lock, const struct timespec *restrict until)
{
    struct timespec place;
    return REAL(pthread_rwlock_timedrdlock)(lock, warp_deadline_at(CLOCK_REALTIME, until, &place));
}

EXPORT int pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict lock, const struct timespec *restrict until)
{
    struct timespec place;
    return REAL(pthread_rwlock_timedwrlock)(lock, warp_deadline_at(CLOCK_REALTIME, until, &place));
}

EXPORT int pthread_rwlock_clockrdlock(pthread_rwlock_t *restrict lock, clockid_t clock,
                                      const struct timespec *restrict until)
{
    struct timespec place;
    return REAL(pthread_rwlock_clockrdlock)(lock, clock, warp_deadline_at(clock, until, &place));
}

EXPORT int pthread_rwlock_clockwrlock(pthread_rwlock_t *restrict lock, clockid_t clock,
                                      const struct timespec *restrict until)
{
    struct timespec place;
    return REAL(pthread_rwlock_clockwrlock)(lock, clock, warp_deadline_at(clock, until, &place));
}

EXPORT int pthread_timedjoin_np(pthread_t thread, void **result, const struct timespec *until)
{
    struct timespec place;
    return REAL(pthread_timedjoin_np)(thread, result, warp_deadline_at(CLOCK_REALTIME, until, &place));
}

EXPORT int pthread_clockjoin_np(pthread_t thread, void **result, clockid_t clock, const struct timespec *until)
{
    struct timespec place;
    return REAL(pthread_clockjoin_np)(thread, result, clock, warp_deadline_at(clock, until, &place));
}

EXPORT int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict until)
{
    struct timespec place;
    return REAL(cnd_timedwait)(condition, mutex, warp_deadline_at(CLOCK_REALTIME, until, &place));
}

EXPORT int mtx_timedlock(mtx_t *restrict mutex, const struct timespec *restrict until)
{
    struct timespec place;
    return REAL(mtx_timedlock)(mutex, warp_deadline_at(CLOCK_REALTIME, until, &place));
}
