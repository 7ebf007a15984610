/* Sleeping. */
#define _GNU_SOURCE
#include "warp.h"

#include <errno.h>
#include <threads.h>
#include <unistd.h>

static void lengthen(struct timespec *left)
{
    if (left != NULL)
        *left = warp_timespec(warp_longer(warp_of(left)));
}

EXPORT int nanosleep(const struct timespec *asked, struct timespec *left)
{
    struct timespec place;
    int result = REAL(nanosleep)(warp_shorter_at(asked, &place), left);
    if (result != 0 && errno == EINTR)
        lengthen(left);
    return result;
}

EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *asked, struct timespec *left)
{
    struct timespec place;
    if (!warp_is_warped(clock))
        return REAL(clock_nanosleep)(clock, flags, asked, left);
    if (flags & TIMER_ABSTIME)
        return REAL(clock_nanosleep)(clock, flags, warp_deadline_at(clock, asked, &place), left);
    int error = REAL(clock_nanosleep)(clock, flags, warp_shorter_at(asked, &place), left);
    if (error == EINTR)
        lengthen(left);
    return error;
}

EXPORT unsigned int sleep(unsigned int seconds)
{
    struct timespec time = {.tv_sec = seconds};
    return nanosleep(&time, &time) == 0 ? 0 : (unsigned int)time.tv_sec;
}

EXPORT int usleep(useconds_t us)
{
    struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000L};
    return nanosleep(&time, NULL);
}

EXPORT int thrd_sleep(const struct timespec *asked, struct timespec *left)
{
    int error = clock_nanosleep(CLOCK_REALTIME, 0, asked, left);
    return error == 0 ? 0 : error == EINTR ? -1 : -2;
}
