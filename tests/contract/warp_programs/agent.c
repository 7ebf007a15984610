/* An agent in C: connects to the HMC, says something, and waits for an answer; without one it says so and ends. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2; /* HOST PORT SECONDS */
    struct sockaddr_in hmc = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[2]))};
    struct pollfd answer = {.fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN};
    inet_pton(AF_INET, argv[1], &hmc.sin_addr);
    if (connect(answer.fd, (struct sockaddr *)&hmc, sizeof hmc) != 0 || write(answer.fd, "?", 1) != 1) {
        perror("ERROR HMC");
        return 1;
    }
    if (poll(&answer, 1, atoi(argv[3]) * 1000) == 0)
        fprintf(stderr, "ERROR no answer from the HMC in %s s; it stops\n", argv[3]);
    return 1;
}
