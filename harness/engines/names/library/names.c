/* Answers look-ups of one name as the harness says, and leaves all others to the system.
 *
 * HARNESS_NAMES is "NAME SOCKET": the name, and the abstract Unix socket at which the harness answers. It is sent the
 * name and a line end; it answers "none", "again" or "ok" and addresses, and closes. Each look-up asks anew.
 *
 * Only getaddrinfo is covered, which is what Python, Java and everything that connects by glibc uses.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_ROOM 512

typedef int (*look_up)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static look_up systems_own(void)
{
    return (look_up) dlsym(RTLD_NEXT, "getaddrinfo");
}

/* The socket's name if this host name is the harness's, or NULL. */
static const char *socket_for(const char *node)
{
    const char *told = getenv("HARNESS_NAMES");
    const char *gap = told ? strchr(told, ' ') : NULL;
    if (!gap || !node || strlen(node) != (size_t) (gap - told) || strncasecmp(node, told, strlen(node)))
        return NULL;
    return gap + 1;
}

/* The harness's answer as text; 0 if it could be had. */
static int ask(const char *place, const char *node, char *answer)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(place), got = 0;
    ssize_t piece;
    int fd, failed = 1;

    if (length + 1 > sizeof address.sun_path)
        return 1;
    memcpy(address.sun_path + 1, place, length);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return 1;
    if (!connect(fd, (struct sockaddr *) &address, (socklen_t) (offsetof(struct sockaddr_un, sun_path) + 1 + length))
        && dprintf(fd, "%s\n", node) > 0) {
        while (got < ANSWER_ROOM - 1) {
            piece = read(fd, answer + got, ANSWER_ROOM - 1 - got);
            if (piece < 0 && errno == EINTR)
                continue;
            if (piece <= 0)
                break;
            got += (size_t) piece;
        }
        answer[got] = 0;
        failed = got == 0;
    }
    close(fd);
    return failed;
}

/* The addresses of an answer in its order, as one list. glibc frees a list node by node. */
static int listed(char *addresses, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
    struct addrinfo wanted = {0}, **end = result;
    char *rest = NULL, *address;
    int status, last = EAI_NONAME;

    if (hints)
        wanted = *hints;
    wanted.ai_flags = (wanted.ai_flags | AI_NUMERICHOST) & ~AI_CANONNAME;
    *result = NULL;
    for (address = strtok_r(addresses, " \n", &rest); address; address = strtok_r(NULL, " \n", &rest)) {
        *end = NULL;
        status = systems_own()(address, service, &wanted, end);
        if (status) {
            last = status;
            continue;
        }
        while (*end)
            end = &(*end)->ai_next;
    }
    return *result ? 0 : last;
}

__attribute__((visibility("default"))) int getaddrinfo(
    const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
    const char *place = socket_for(node);
    char answer[ANSWER_ROOM];

    if (!place || (hints && hints->ai_flags & AI_NUMERICHOST))
        return systems_own()(node, service, hints, result);
    if (ask(place, node, answer))
        return EAI_AGAIN; /* The harness is gone: as a name server that is. */
    if (!strncmp(answer, "none", 4))
        return EAI_NONAME;
    if (strncmp(answer, "ok ", 3))
        return EAI_AGAIN;
    return listed(answer + 3, service, hints, result);
}
