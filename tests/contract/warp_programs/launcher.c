/* An interpreter's launcher that loses the library: PYTHON is what it executes. */
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
    (void)argc;
    unsetenv("LD_PRELOAD");
    execv(PYTHON, argv);
    return 127;
}
