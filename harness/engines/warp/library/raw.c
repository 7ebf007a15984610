/* System calls by number: how Rust's standard library waits, and how libev reads the clock. */
#define _GNU_SOURCE
#include "warp.h"

#include <linux/futex.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where a futex operation's time-out has to point instead; some operations have a number in its place. */
static const struct timespec *futex_timeout(int operation, const struct timespec *asked, struct timespec *place)
{
    switch (operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
        return warp_shorter_at(asked, place);
    case FUTEX_LOCK_PI:
        return warp_deadline_at(CLOCK_REALTIME, asked, place);
    case FUTEX_WAIT_BITSET:
    case FUTEX_WAIT_REQUEUE_PI:
#ifdef FUTEX_LOCK_PI2
    case FUTEX_LOCK_PI2:
#endif
        return warp_deadline_at(operation & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC, asked, place);
    default:
        return asked;
    }
}

EXPORT long syscall(long number, ...)
{
    long a[6];
    struct timespec place;
    va_list rest;
    va_start(rest, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(rest, long);
    va_end(rest);
    switch (number) {
    case SYS_clock_gettime:
        return clock_gettime((clockid_t)a[0], (struct timespec *)a[1]);
    case SYS_nanosleep:
        return nanosleep((const struct timespec *)a[0], (struct timespec *)a[1]);
    case SYS_futex:
        a[3] = (long)futex_timeout((int)a[1], (const struct timespec *)a[3], &place);
        break;
    }
    return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
