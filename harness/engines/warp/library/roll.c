/* The roll: a file in which each program that has loaded the library says so, and what its clock shows. */
#define _GNU_SOURCE
#include "warp.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define READINGS 5

struct reading {
    nanoseconds before, shown, after;
};

/* What the program will be shown, by whatever definition it gets, between two real moments. */
static struct reading read_clock(int (*show)(clockid_t, struct timespec *))
{
    struct timespec before, shown, after;
    REAL(clock_gettime)(CLOCK_MONOTONIC, &before);
    show(CLOCK_MONOTONIC, &shown);
    REAL(clock_gettime)(CLOCK_MONOTONIC, &after);
    return (struct reading){warp_of(&before), warp_of(&shown), warp_of(&after)};
}

/* The tightest of a few: one that was interrupted says little. */
static struct reading best_reading(void)
{
    int (*show)(clockid_t, struct timespec *) = (__typeof__(show))dlsym(RTLD_DEFAULT, "clock_gettime");
    struct reading best = read_clock(show);
    for (int i = 1; i < READINGS; i++) {
        struct reading one = read_clock(show);
        if (one.after - one.before < best.after - best.before)
            best = one;
    }
    return best;
}

void warp_enter_in_roll(void)
{
    const char *path = getenv("HARNESS_WARP_ROLL");
    /* Never made here: a trial that is over must not get its files back. */
    int file = path == NULL ? -1 : open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return; /* the harness sees that the line is missing */
    struct reading best = best_reading();
    char line[128];
    int length = snprintf(line, sizeof line, "%ld %" PRId64 " %" PRId64 " %" PRId64 "\n", (long)getpid(), best.before,
                          best.shown, best.after);
    if (write(file, line, (size_t)length) < 0) {
        /* As above. */
    }
    close(file);
}
