/* The factor, the origin, and the two ways between warped and real time. */
#define _GNU_SOURCE
#include "warp.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#if __SIZEOF_POINTER__ != 8 || !defined(__GLIBC__)
#error "needs a 64-bit Linux with glibc"
#endif

__extension__ typedef __int128 wide;

#define SECOND INT64_C(1000000000)
#define MILLION INT64_C(1000000)
/* About 285 years; longer waits than that are cut to it. */
#define FOREVER (INT64_C(9000000000) * SECOND)

static struct {
    int64_t millionths; /* the factor */
    nanoseconds monotonic, realtime, boottime, tai;
} origin;

static void give_up(const char *words, const char *name)
{
    char line[256];
    int length = snprintf(line, sizeof line, "harness warp: %s%s\n", words, name);
    if (write(STDERR_FILENO, line, (size_t)length) < 0) {
        /* There is nobody left to tell. */
    }
    _exit(126);
}

void *warp_next_if_any(const char *name)
{
    /* Where a function has two versions dlsym may give the old one; the new ones came, or came again, with 2.34. */
    void *found = dlvsym(RTLD_NEXT, name, "GLIBC_2.34");
    return found != NULL ? found : dlsym(RTLD_NEXT, name);
}

void *warp_next(const char *name)
{
    void *found = warp_next_if_any(name);
    if (found == NULL)
        give_up("this libc has no function ", name);
    return found;
}

static nanoseconds real_now(clockid_t clock)
{
    struct timespec now;
    REAL(clock_gettime)(clock, &now);
    return warp_of(&now);
}

/* A function of ours may be called before our constructor, by one of another library: so each asks first. */
static void begin(void)
{
    const char *text = getenv("HARNESS_WARP");
    char rest;
    int64_t millionths;
    if (text == NULL)
        give_up("the library is loaded, but HARNESS_WARP is not set", "");
    if (sscanf(text, "%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 "%c", &millionths, &origin.monotonic,
               &origin.realtime, &origin.boottime, &rest) != 4 || millionths <= 0)
        give_up("HARNESS_WARP has to be 'factor-in-millionths monotonic realtime boottime', but is ", text);
    origin.tai = origin.realtime + (real_now(CLOCK_TAI) - real_now(CLOCK_REALTIME) + SECOND / 2) / SECOND * SECOND;
    __atomic_store_n(&origin.millionths, millionths, __ATOMIC_RELEASE);
}

static int64_t factor(void)
{
    int64_t millionths = __atomic_load_n(&origin.millionths, __ATOMIC_ACQUIRE);
    if (millionths != 0)
        return millionths;
    begin();
    return origin.millionths;
}

__attribute__((constructor)) static void prepare(void)
{
    factor();
    /* The kernel may be late by 50 us so that timers coincide: that would count factor times. */
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); /* 0 would mean the default */
    warp_enter_in_roll();
}

static nanoseconds fit(wide time)
{
    return time > FOREVER ? FOREVER : time < -FOREVER ? -FOREVER : (nanoseconds)time;
}

nanoseconds warp_shorter(nanoseconds warped)
{
    int64_t by = factor();
    wide product = (wide)warped * MILLION;
    wide quotient = product / by;
    return fit(quotient + (product > 0 && product % by != 0));
}

nanoseconds warp_longer(nanoseconds real)
{
    return fit((wide)real * factor() / MILLION);
}

static const nanoseconds *origin_of(clockid_t clock)
{
    switch (clock) {
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
        return &origin.monotonic;
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_REALTIME_ALARM:
        return &origin.realtime;
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
        return &origin.boottime;
    case CLOCK_TAI:
        return &origin.tai;
    default:
        return NULL;
    }
}

bool warp_is_warped(clockid_t clock)
{
    return origin_of(clock) != NULL;
}

nanoseconds warp_now(clockid_t clock)
{
    factor(); /* before the origins are read */
    return *origin_of(clock) + warp_longer(real_now(CLOCK_MONOTONIC) - origin.monotonic);
}

nanoseconds warp_deadline(clockid_t clock, nanoseconds warped)
{
    factor();
    nanoseconds monotonic = origin.monotonic + warp_shorter(warped - *origin_of(clock));
    if (clock == CLOCK_MONOTONIC)
        return monotonic;
    nanoseconds left = monotonic - real_now(CLOCK_MONOTONIC);
    nanoseconds moment = fit((wide)real_now(clock) + left);
    return moment > 0 ? moment : 0;
}

bool warp_valid(const struct timespec *time)
{
    return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < SECOND;
}

bool warp_valid_timeval(const struct timeval *time)
{
    return time->tv_sec >= 0 && time->tv_usec >= 0 && time->tv_usec < MILLION;
}

nanoseconds warp_of(const struct timespec *time)
{
    return fit((wide)time->tv_sec * SECOND + time->tv_nsec);
}

nanoseconds warp_of_timeval(const struct timeval *time)
{
    return fit((wide)time->tv_sec * SECOND + (wide)time->tv_usec * 1000);
}

struct timespec warp_timespec(nanoseconds time)
{
    return (struct timespec){.tv_sec = time / SECOND, .tv_nsec = time % SECOND};
}

struct timeval warp_timeval(nanoseconds time)
{
    nanoseconds us = (time + 999) / 1000;
    return (struct timeval){.tv_sec = us / MILLION, .tv_usec = us % MILLION};
}

const struct timespec *warp_shorter_at(const struct timespec *asked, struct timespec *place)
{
    if (asked == NULL || !warp_valid(asked))
        return asked;
    *place = warp_timespec(warp_shorter(warp_of(asked)));
    return place;
}

const struct timespec *warp_deadline_at(clockid_t clock, const struct timespec *asked, struct timespec *place)
{
    if (asked == NULL || !warp_valid(asked) || !warp_is_warped(clock))
        return asked;
    *place = warp_timespec(warp_deadline(clock, warp_of(asked)));
    return place;
}
