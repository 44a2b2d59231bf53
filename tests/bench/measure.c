/*
 * measure - run a command as a whole process, its output thrown away, and write its seconds on the
 * clock and its peak memory in KB to a file.
 *	measure FIGURES COMMAND [ARGUMENT ...]
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void child(char *command[])
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDOUT_FILENO);
	execvp(command[0], command);
	perror(command[0]);
	_exit(127);
}

int main(int argc, char *argv[])
{
	struct rusage usage;
	int status;

	if (argc < 3)
		return 2;
	double begun = now();
	if (fork() == 0)
		child(argv + 2);
	if (wait(&status) < 0 || status)
		return 1;
	double seconds = now() - begun;
	getrusage(RUSAGE_CHILDREN, &usage);
	FILE *figures = fopen(argv[1], "w");
	if (!figures || fprintf(figures, "%.4f %ld\n", seconds, usage.ru_maxrss) < 0)
		return 1;
	return fclose(figures) ? 1 : 0;
}
