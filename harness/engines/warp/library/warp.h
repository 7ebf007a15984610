/* What the parts of the library share.
 *
 * The laws:
 * 1. Every clock of the wall runs at the factor from one origin: clock C shows origin(C) + factor x (what CLOCK_MONOTONIC
 *    has advanced since its origin). So all processes with the same HARNESS_WARP agree, and they agree with the harness.
 * 2. CPU-time clocks stay real.
 * 3. A wait ends no earlier than its deadline on the warped clock: quotients are rounded up, and only zero becomes zero.
 * 4. What is left of an interrupted wait is told in warped time.
 * 5. An argument that libc or the kernel would refuse reaches them unchanged.
 */
#ifndef HARNESS_WARP_H
#define HARNESS_WARP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>

#define EXPORT __attribute__((visibility("default")))

/* The function that a program would get without this library. */
#define REAL(name)                                            \
    __extension__({                                           \
        static __typeof__(&name) found;                       \
        if (found == NULL)                                    \
            found = (__typeof__(&name))warp_next(#name);      \
        found;                                                \
    })

typedef int64_t nanoseconds;

/* The next definition of a function; ends the process with a word if there is none. */
void *warp_next(const char *name);
/* The same, or NULL. */
void *warp_next_if_any(const char *name);

/* Write into the roll (HARNESS_WARP_ROLL), where there is one, that this program has loaded the library. */
void warp_enter_in_roll(void);

/* Does this clock follow the wall, and so run at the factor? */
bool warp_is_warped(clockid_t clock);
/* A warped clock, now. Only for clocks of which warp_is_warped. */
nanoseconds warp_now(clockid_t clock);
/* A duration of the program's in real time, rounded up; and the other way round. */
nanoseconds warp_shorter(nanoseconds warped);
nanoseconds warp_longer(nanoseconds real);
/* A moment on a warped clock, as a moment on the real clock of the same kind. */
nanoseconds warp_deadline(clockid_t clock, nanoseconds warped);

/* Would the kernel take this? */
bool warp_valid(const struct timespec *time);
bool warp_valid_timeval(const struct timeval *time);
nanoseconds warp_of(const struct timespec *time);
nanoseconds warp_of_timeval(const struct timeval *time);
struct timespec warp_timespec(nanoseconds time);
/* Rounded up: only zero becomes zero, which often means "for ever". */
struct timeval warp_timeval(nanoseconds time);

/* For the many functions that take a pointer to a duration: where to point instead. `place` holds the result. */
const struct timespec *warp_shorter_at(const struct timespec *asked, struct timespec *place);
/* The same for a moment. */
const struct timespec *warp_deadline_at(clockid_t clock, const struct timespec *asked, struct timespec *place);

#endif
