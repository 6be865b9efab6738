/* Runs a program and writes what it used: measure OUT PROGRAM [ARGUMENT]...
 * OUT gets one line: user microseconds, system microseconds, peak resident kilobytes, exit status.
 * Small on purpose: a child's peak (ru_maxrss) starts with what its parent had resident at the fork, see getrusage(2). */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long long microseconds(struct timeval t) { return t.tv_sec * 1000000LL + t.tv_usec; }

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "measure OUT PROGRAM [ARGUMENT]...\n");
        return 2;
    }

    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }

    int status;
    struct rusage used;
    if (child < 0 || wait4(child, &status, 0, &used) < 0) {
        perror("measure");
        return 1;
    }

    FILE *out = fopen(argv[1], "w");
    if (!out) {
        perror(argv[1]);
        return 1;
    }

    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    fprintf(out, "%lld %lld %ld %d\n", microseconds(used.ru_utime), microseconds(used.ru_stime), used.ru_maxrss, code);
    return fclose(out) == 0 ? 0 : 1;
}
