/* Waiting for file descriptors, messages and signals. */
#define _GNU_SOURCE
#include "warp.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>

#define MILLISECOND INT64_C(1000000)

/* What a program compiled with _FORTIFY_SOURCE calls. */
int __poll_chk(struct pollfd *, nfds_t, int, size_t);
int __ppoll_chk(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *, size_t);

EXPORT int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    struct timespec place;
    return REAL(ppoll)(fds, count, warp_shorter_at(timeout, &place), mask);
}

/* Through ppoll, because a millisecond is long when it counts factor times. */
EXPORT int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    struct timespec time = warp_timespec(timeout * MILLISECOND);
    return ppoll(fds, count, timeout < 0 ? NULL : &time, NULL);
}

EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask, size_t size)
{
    struct timespec place;
    return REAL(__ppoll_chk)(fds, count, warp_shorter_at(timeout, &place), mask, size);
}

EXPORT int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t size)
{
    struct timespec time = warp_timespec(timeout * MILLISECOND);
    return __ppoll_chk(fds, count, timeout < 0 ? NULL : &time, NULL, size);
}

EXPORT int pselect(int count, fd_set *r, fd_set *w, fd_set *x, const struct timespec *timeout, const sigset_t *mask)
{
    struct timespec place;
    return REAL(pselect)(count, r, w, x, warp_shorter_at(timeout, &place), mask);
}

EXPORT int select(int count, fd_set *r, fd_set *w, fd_set *x, struct timeval *timeout)
{
    if (timeout == NULL || !warp_valid_timeval(timeout))
        return REAL(select)(count, r, w, x, timeout);
    struct timeval left = warp_timeval(warp_shorter(warp_of_timeval(timeout)));
    int result = REAL(select)(count, r, w, x, &left);
    *timeout = warp_timeval(warp_longer(warp_of_timeval(&left))); /* as Linux does */
    return result;
}

EXPORT int epoll_pwait2(int fd, struct epoll_event *events, int most, const struct timespec *timeout, const sigset_t *mask)
{
    struct timespec place;
    __typeof__(&epoll_pwait2) real = (__typeof__(&epoll_pwait2))warp_next_if_any("epoll_pwait2");
    if (real == NULL) {
        errno = ENOSYS; /* a glibc before 2.35 */
        return -1;
    }
    return real(fd, events, most, warp_shorter_at(timeout, &place), mask);
}

/* Through epoll_pwait2, which counts in nanoseconds, where glibc and kernel have it (2.35, Linux 5.11). */
EXPORT int epoll_pwait(int fd, struct epoll_event *events, int most, int timeout, const sigset_t *mask)
{
    if (timeout <= 0)
        return REAL(epoll_pwait)(fd, events, most, timeout, mask);
    struct timespec time = warp_timespec(timeout * MILLISECOND);
    int result = epoll_pwait2(fd, events, most, &time, mask);
    if (result >= 0 || errno != ENOSYS)
        return result;
    nanoseconds real = warp_shorter(timeout * MILLISECOND);
    return REAL(epoll_pwait)(fd, events, most, (int)((real + MILLISECOND - 1) / MILLISECOND), mask);
}

EXPORT int epoll_wait(int fd, struct epoll_event *events, int most, int timeout)
{
    return epoll_pwait(fd, events, most, timeout, NULL);
}

EXPORT int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout)
{
    struct timespec place;
    return REAL(sigtimedwait)(set, info, warp_shorter_at(timeout, &place));
}

EXPORT int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout)
{
    struct timespec place;
    if (timeout == NULL || warp_shorter_at(timeout, &place) == timeout)
        return REAL(recvmmsg)(fd, messages, count, flags, timeout);
    int result = REAL(recvmmsg)(fd, messages, count, flags, &place);
    *timeout = warp_timespec(warp_longer(warp_of(&place)));
    return result;
}

static bool is_timeout(int level, int name, const socklen_t *size)
{
    return level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO) && *size == sizeof(struct timeval);
}

EXPORT int setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
    const struct timeval *asked = value;
    if (asked == NULL || !is_timeout(level, name, &size) || !warp_valid_timeval(asked))
        return REAL(setsockopt)(fd, level, name, value, size);
    struct timeval real = warp_timeval(warp_shorter(warp_of_timeval(asked)));
    return REAL(setsockopt)(fd, level, name, &real, size);
}

EXPORT int getsockopt(int fd, int level, int name, void *restrict value, socklen_t *restrict size)
{
    int result = REAL(getsockopt)(fd, level, name, value, size);
    if (result == 0 && value != NULL && is_timeout(level, name, size)) {
        struct timeval *time = value;
        *time = warp_timeval(warp_longer(warp_of_timeval(time)));
    }
    return result;
}
