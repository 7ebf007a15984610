/* Reading a clock. */
#define _GNU_SOURCE
#include "warp.h"

#include <sys/times.h>
#include <unistd.h>

EXPORT int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (!warp_is_warped(clock))
        return REAL(clock_gettime)(clock, now);
    *now = warp_timespec(warp_now(clock));
    return 0;
}

EXPORT int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec time = warp_timespec(warp_now(CLOCK_REALTIME));
    if (zone != NULL)
        *(struct timezone *)zone = (struct timezone){0, 0};
    *now = (struct timeval){.tv_sec = time.tv_sec, .tv_usec = time.tv_nsec / 1000};
    return 0;
}

EXPORT time_t time(time_t *place)
{
    time_t now = warp_timespec(warp_now(CLOCK_REALTIME)).tv_sec;
    if (place != NULL)
        *place = now;
    return now;
}

EXPORT int timespec_get(struct timespec *now, int base)
{
    if (base != TIME_UTC)
        return REAL(timespec_get)(now, base);
    *now = warp_timespec(warp_now(CLOCK_REALTIME));
    return base;
}

/* What it fills in is CPU time and stays real; what it returns follows the wall. */
EXPORT clock_t times(struct tms *used)
{
    if (REAL(times)(used) == (clock_t)-1)
        return (clock_t)-1;
    return warp_now(CLOCK_MONOTONIC) / (1000000000 / sysconf(_SC_CLK_TCK));
}
