#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "command/process.h"

extern char **environ;

static size_t count(char *const *list)
{
	size_t n = 0;

	while (list[n])
		n++;
	return n;
}

char **environment_copy(void)
{
	size_t n = environ ? count(environ) : 0;
	char **list = xcalloc(n + 1, sizeof *list);

	for (size_t i = 0; i < n; i++)
		list[i] = xstrdup(environ[i]);
	return list;
}

char **environment_set(char **list, const char *name, const char *value)
{
	size_t n = count(list), length = strlen(name), i = 0;

	while (i < n && (strncmp(list[i], name, length) || list[i][length] != '='))
		i++;
	if (i == n) {
		list = xrealloc(list, n + 2, sizeof *list);
		list[n + 1] = NULL;
	} else {
		free(list[i]);
	}
	list[i] = xprintf("%s=%s", name, value);
	return list;
}

void environment_free(char **list)
{
	for (size_t i = 0; list[i]; i++)
		free(list[i]);
	free(list);
}
