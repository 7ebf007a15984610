/* Timers: they run on behind the program's back, and are asked what is left. */
#define _GNU_SOURCE
#include "warp.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

static bool is_valid(const struct itimerspec *setting)
{
    return warp_valid(&setting->it_value) && warp_valid(&setting->it_interval);
}

/* The setting for the real timer. A first time of zero disarms it, and stays zero. */
static struct itimerspec shortened(const struct itimerspec *asked, bool absolute, clockid_t clock)
{
    nanoseconds first = warp_of(&asked->it_value);
    if (absolute && first != 0) {
        first = warp_deadline(clock, first);
        first = first > 0 ? first : 1;
    } else {
        first = warp_shorter(first);
    }
    return (struct itimerspec){.it_value = warp_timespec(first),
                               .it_interval = warp_timespec(warp_shorter(warp_of(&asked->it_interval)))};
}

static void lengthen(struct itimerspec *left)
{
    left->it_value = warp_timespec(warp_longer(warp_of(&left->it_value)));
    left->it_interval = warp_timespec(warp_longer(warp_of(&left->it_interval)));
}

/* The kernel knows a timerfd's clock, whoever made it. */
static clockid_t clock_of_fd(int fd)
{
    char path[64], line[64];
    int clock = CLOCK_MONOTONIC;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "clockid: %d", &clock) == 1)
            break;
    if (file != NULL)
        fclose(file);
    return warp_is_warped(clock) ? clock : CLOCK_MONOTONIC;
}

EXPORT int timerfd_settime(int fd, int flags, const struct itimerspec *asked, struct itimerspec *old)
{
    if (asked == NULL || !is_valid(asked))
        return REAL(timerfd_settime)(fd, flags, asked, old);
    bool absolute = (flags & TFD_TIMER_ABSTIME) != 0;
    struct itimerspec real = shortened(asked, absolute, absolute ? clock_of_fd(fd) : CLOCK_MONOTONIC);
    int result = REAL(timerfd_settime)(fd, flags, &real, old);
    if (result == 0 && old != NULL)
        lengthen(old);
    return result;
}

EXPORT int timerfd_gettime(int fd, struct itimerspec *left)
{
    int result = REAL(timerfd_gettime)(fd, left);
    if (result == 0)
        lengthen(left);
    return result;
}

/* Of POSIX timers nobody tells the clock: the warped ones are remembered. */
struct warped_timer {
    timer_t id;
    clockid_t clock;
    struct warped_timer *next;
};

static struct warped_timer *warped_timers;
static pthread_mutex_t warped_timers_lock = PTHREAD_MUTEX_INITIALIZER;

static bool clock_of_timer(timer_t id, clockid_t *clock)
{
    pthread_mutex_lock(&warped_timers_lock);
    struct warped_timer *timer = warped_timers;
    while (timer != NULL && timer->id != id)
        timer = timer->next;
    if (timer != NULL)
        *clock = timer->clock;
    pthread_mutex_unlock(&warped_timers_lock);
    return timer != NULL;
}

static void forget(timer_t id)
{
    pthread_mutex_lock(&warped_timers_lock);
    for (struct warped_timer **at = &warped_timers; *at != NULL; at = &(*at)->next) {
        if ((*at)->id != id)
            continue;
        struct warped_timer *gone = *at;
        *at = gone->next;
        free(gone);
        break;
    }
    pthread_mutex_unlock(&warped_timers_lock);
}

EXPORT int timer_create(clockid_t clock, struct sigevent *restrict event, timer_t *restrict id)
{
    struct warped_timer *timer = warp_is_warped(clock) ? malloc(sizeof *timer) : NULL;
    if (timer == NULL && warp_is_warped(clock)) {
        errno = EAGAIN;
        return -1;
    }
    if (REAL(timer_create)(clock, event, id) != 0) {
        free(timer);
        return -1;
    }
    forget(*id); /* left by a fork, which keeps the list and not the timers */
    if (timer != NULL) {
        pthread_mutex_lock(&warped_timers_lock);
        *timer = (struct warped_timer){.id = *id, .clock = clock, .next = warped_timers};
        warped_timers = timer;
        pthread_mutex_unlock(&warped_timers_lock);
    }
    return 0;
}

EXPORT int timer_delete(timer_t id)
{
    forget(id);
    return REAL(timer_delete)(id);
}

EXPORT int timer_settime(timer_t id, int flags, const struct itimerspec *restrict asked,
                         struct itimerspec *restrict old)
{
    clockid_t clock;
    if (!clock_of_timer(id, &clock) || !is_valid(asked))
        return REAL(timer_settime)(id, flags, asked, old);
    struct itimerspec real = shortened(asked, (flags & TIMER_ABSTIME) != 0, clock);
    int result = REAL(timer_settime)(id, flags, &real, old);
    if (result == 0 && old != NULL)
        lengthen(old);
    return result;
}

EXPORT int timer_gettime(timer_t id, struct itimerspec *left)
{
    clockid_t clock;
    int result = REAL(timer_gettime)(id, left);
    if (result == 0 && clock_of_timer(id, &clock))
        lengthen(left);
    return result;
}

static void lengthen_old(struct itimerval *left)
{
    left->it_value = warp_timeval(warp_longer(warp_of_timeval(&left->it_value)));
    left->it_interval = warp_timeval(warp_longer(warp_of_timeval(&left->it_interval)));
}

EXPORT int setitimer(__itimer_which_t which, const struct itimerval *restrict asked, struct itimerval *restrict old)
{
    if (which != ITIMER_REAL || asked == NULL || !warp_valid_timeval(&asked->it_value) ||
        !warp_valid_timeval(&asked->it_interval))
        return REAL(setitimer)(which, asked, old);
    struct itimerval real = {.it_value = warp_timeval(warp_shorter(warp_of_timeval(&asked->it_value))),
                             .it_interval = warp_timeval(warp_shorter(warp_of_timeval(&asked->it_interval)))};
    int result = REAL(setitimer)(which, &real, old);
    if (result == 0 && old != NULL)
        lengthen_old(old);
    return result;
}

EXPORT int getitimer(__itimer_which_t which, struct itimerval *left)
{
    int result = REAL(getitimer)(which, left);
    if (result == 0 && which == ITIMER_REAL)
        lengthen_old(left);
    return result;
}

EXPORT unsigned int alarm(unsigned int seconds)
{
    struct itimerval asked = {.it_value = {.tv_sec = seconds}}, old;
    if (setitimer(ITIMER_REAL, &asked, &old) != 0)
        return 0;
    /* As libc does: to the nearest second, but never to none. */
    return (unsigned int)old.it_value.tv_sec +
           (old.it_value.tv_usec >= 500000 || (old.it_value.tv_sec == 0 && old.it_value.tv_usec > 0));
}

EXPORT useconds_t ualarm(useconds_t us, useconds_t interval)
{
    struct itimerval asked = {.it_value = {.tv_sec = us / 1000000, .tv_usec = us % 1000000},
                              .it_interval = {.tv_sec = interval / 1000000, .tv_usec = interval % 1000000}};
    struct itimerval old;
    if (setitimer(ITIMER_REAL, &asked, &old) != 0)
        return (useconds_t)-1;
    return (useconds_t)(old.it_value.tv_sec * 1000000 + old.it_value.tv_usec);
}
