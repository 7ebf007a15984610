/* An agent that is not in Python: waits of its own seconds in C, and tells what they took as "name asked took". */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void on_alarm(int number)
{
    (void)number;
}

/* A signal after 30 s: what nanosleep then says is left. */
static double interrupted_nanosleep(void)
{
    struct timespec asked = {.tv_sec = 1000}, left = {0};
    alarm(30);
    return nanosleep(&asked, &left) == -1 && errno == EINTR ? (double)left.tv_sec + (double)left.tv_nsec / 1e9 : -1;
}

static double interrupted_sleep(void)
{
    alarm(30);
    return sleep(1000);
}

static void wait_for_condition(double seconds)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)seconds;
    pthread_mutex_lock(&mutex);
    while (pthread_cond_timedwait(&condition, &mutex, &until) != ETIMEDOUT)
        continue;
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = on_alarm};
    struct pollfd nothing[2] = {{.fd = -1}, {.fd = -1}};
    double before;
    (void)argv;
    sigaction(SIGALRM, &action, NULL);
    printf("clock 0 %.6f\n", now(CLOCK_MONOTONIC));

    before = now(CLOCK_MONOTONIC);
    double left = interrupted_nanosleep();
    printf("nanosleep_left 970 %.6f\nnanosleep 30 %.6f\n", left, now(CLOCK_MONOTONIC) - before);

    before = now(CLOCK_MONOTONIC);
    left = interrupted_sleep();
    printf("sleep_left 970 %.6f\nsleep 30 %.6f\n", left, now(CLOCK_MONOTONIC) - before);

    before = now(CLOCK_REALTIME);
    poll(nothing, (nfds_t)argc, 30000);
    printf("poll 30 %.6f\n", now(CLOCK_REALTIME) - before);

    before = now(CLOCK_MONOTONIC);
    wait_for_condition(30);
    printf("condition 30 %.6f\n", now(CLOCK_MONOTONIC) - before);

    fflush(stdout);
    if (fork() == 0) {
        before = now(CLOCK_MONOTONIC);
        select(0, NULL, NULL, NULL, &(struct timeval){.tv_sec = 30});
        printf("select_after_fork 30 %.6f\n", now(CLOCK_MONOTONIC) - before);
        printf("clock 0 %.6f\n", now(CLOCK_MONOTONIC));
        return 0;
    }
    wait(NULL);
    return 0;
}
