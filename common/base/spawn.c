#include "base/base.h"

#include <signal.h>
#include <spawn.h>
#include <unistd.h>

/* posix_spawn_file_actions_adddup2() of a descriptor to itself keeps it open in the child, as
 * POSIX wants it. */
static int redirect(posix_spawn_file_actions_t *actions, const int fd[3])
{
	int failed = posix_spawn_file_actions_init(actions);

	for (int i = 0; i < 3; i++)
		if (!failed && fd[i] >= 0)
			failed = posix_spawn_file_actions_adddup2(actions, fd[i], i);
	return failed;
}

/* What this program ignores, no other should. */
static int heed_signals(posix_spawnattr_t *attributes)
{
	sigset_t defaults;

	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	int failed = posix_spawnattr_init(attributes);
	failed = failed ? failed : posix_spawnattr_setsigdefault(attributes, &defaults);
	return failed ? failed : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF);
}

int spawn(pid_t *pid, char *const argv[], char *const environment[], const int fd[3])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int failed = redirect(&actions, fd);

	signal(SIGCHLD, SIG_DFL);
	failed = failed ? failed : heed_signals(&attributes);
	if (failed)
		return failed;
	failed = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return failed;
}
