/* Files: read from their beginning, written a line at a time, or replaced when complete. */
/* For O_TMPFILE; the name is glibc's. */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The regular files that were opened, for reading or for lines. */
static struct taken {
	dev_t device;
	ino_t number;
	bool written;
} * taken;
static size_t n_taken;

static void take(int descriptor, bool written)
{
	struct stat s;

	if (fstat(descriptor, &s) || !S_ISREG(s.st_mode))
		return;
	taken = xrealloc(taken, n_taken + 1, sizeof *taken);
	taken[n_taken++] = (struct taken){s.st_dev, s.st_ino, written};
}

static bool is_taken(const struct stat *s, bool written)
{
	for (size_t i = 0; i < n_taken; i++)
		if (taken[i].device == s->st_dev && taken[i].number == s->st_ino &&
		    taken[i].written == written)
			return true;
	return false;
}

void file_is_read(int descriptor)
{
	take(descriptor, false);
}

FILE *file_open(const char *path)
{
	FILE *stream = strcmp(path, "-") ? fopen(path, "rb") : stdin;

	if (!stream)
		die("%s: %s", path, strerror(errno));
	file_is_read(fileno(stream));
	return stream;
}

const char *file_name(const char *path)
{
	return strcmp(path, "-") ? path : "standard input";
}

/* The file is too long to be what was expected; say what it is, where its first bytes do. */
static noreturn void too_long(const char *path, const char *expected, const char *content,
                              size_t most)
{
	const char *format = file_format(content, FILE_KIND_BYTES);

	if (format)
		die("%s: expected %s, found %s", file_name(path), expected, format);
	die("%s: expected %s, found more than %zu bytes", file_name(path), expected, most);
}

char *file_read(const char *path, const char *expected, size_t most, size_t *bytes)
{
	FILE *stream = file_open(path);
	size_t room = 0, got;
	char *text = NULL;

	for (*bytes = 0;; *bytes += got) {
		if (*bytes + 1 >= room) {
			room = room ? 2 * room : 1 << 12;
			text = xrealloc(text, room, 1);
		}
		got = fread(text + *bytes, 1, room - *bytes - 1, stream);
		if (ferror(stream))
			die("%s: %s", file_name(path), strerror(errno));
		if (!got)
			break;
		if (got > most - *bytes)
			too_long(path, expected, text, most);
	}
	text[*bytes] = '\0';
	if (stream != stdin)
		fclose(stream);
	return text;
}

/* ---- lines ---- */

/* What has the name: false if nothing has.  Die where nothing may be written beside the result. */
static bool look_at(const char *path, struct stat *s)
{
	if (!strcmp(path, "-"))
		die("-: not possible, for standard output has the result (./- is the file)");
	if (stat(path, s))
		return false;
	if (is_taken(s, false))
		die("%s: is read, too", path);
	return true;
}

static FILE *open_lines(const char *path, const char *mode)
{
	FILE *stream = fopen(path, mode);

	if (!stream)
		die("%s: %s", path, strerror(errno));
	setvbuf(stream, NULL, _IOLBF, 0);
	take(fileno(stream), true);
	return stream;
}

FILE *file_create(const char *path)
{
	struct stat s;

	look_at(path, &s);
	return open_lines(path, "w");
}

FILE *file_go_on(const char *path, bool *old)
{
	struct stat s;

	*old = look_at(path, &s) && S_ISREG(s.st_mode);
	return open_lines(path, *old ? "r+" : "w");
}

/* The cause is that of one more try. */
static noreturn void lines_lost(FILE *stream, const char *path)
{
	clearerr(stream);
	if (fputc('\n', stream) == EOF || fflush(stream))
		die("%s: %s", path, strerror(errno));
	die("%s: lines could not be written", path);
}

void file_finish(FILE *stream, const char *path)
{
	if (ferror(stream))
		lines_lost(stream, path);
	if (fclose(stream))
		die("%s: %s", path, strerror(errno));
}

/* ---- replacement ---- */

/* Of a symbolic link the file that it leads to is replaced, and what is no file is not. */
static char *file_to_replace(const char *path, struct stat *old)
{
	if (lstat(path, old))
		return xstrdup(path);
	char *real = realpath(path, NULL);
	if (!real || stat(real, old))
		die("%s: %s", path, strerror(errno));
	if (!S_ISREG(old->st_mode))
		die("%s: is not a regular file, and would be replaced by one", path);
	if (is_taken(old, true))
		die("%s: is written, too", path);
	return real;
}

/* A file without a name in the folder, of which a process that is killed leaves nothing; -1 where
 * the system has no such files, or no way to name them later. */
static int open_unnamed(const char *path)
{
	char *folder = xstrdup(path), *slash = strrchr(folder, '/');
	int descriptor;

	if (slash)
		slash[slash == folder] = '\0';
	descriptor = access("/proc/self/fd", X_OK)
	                     ? -1
	                     : open(slash ? folder : ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	free(folder);
	return descriptor;
}

/* Name it, and return the name; null if that fails.  A process that was killed between this and
 * rename() left a file of the same name. */
static char *give_name(int descriptor, const char *path)
{
	char *from = xprintf("/proc/self/fd/%d", descriptor),
	     *name = xprintf("%s.unfinished", path);
	bool named;

	do {
		named = !linkat(AT_FDCWD, from, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
	} while (!named && errno == EEXIST && !unlink(name));
	free(from);
	if (!named)
		free(name);
	return named ? name : NULL;
}

struct replacement replacement_begin(const char *path)
{
	struct stat old = {.st_mode = 0};
	struct replacement r = {.path = file_to_replace(path, &old)};
	/* The new file has the old one's mode, or what open() would give it. */
	mode_t mask = umask(0);
	umask(mask);
	r.mode = old.st_mode ? old.st_mode & 0777 : 0666 & ~mask;

	int descriptor = open_unnamed(r.path);
	if (descriptor < 0) {
		r.temporary = xprintf("%s.XXXXXX", r.path);
		descriptor = mkstemp(r.temporary);
	}
	if (descriptor < 0 || !(r.stream = fdopen(descriptor, "wb")))
		die("%s: %s", path, strerror(errno));
	return r;
}

void replacement_try(const char *path)
{
	struct stat s;

	look_at(path, &s);
	struct replacement r = replacement_begin(path);
	fclose(r.stream);
	if (r.temporary)
		unlink(r.temporary);
	free(r.path);
	free(r.temporary);
}

static bool complete(struct replacement *r)
{
	int descriptor = fileno(r->stream);

	if (fflush(r->stream) || ferror(r->stream) || fchmod(descriptor, r->mode) ||
	    fsync(descriptor))
		return false;
	if (!r->temporary)
		r->temporary = give_name(descriptor, r->path);
	return r->temporary;
}

void replacement_commit(struct replacement *r)
{
	bool done = complete(r);
	int cause = errno;

	if (fclose(r->stream) && done) {
		cause = errno;
		done = false;
	}
	if (done && rename(r->temporary, r->path)) {
		cause = errno;
		done = false;
	}
	if (!done) {
		if (r->temporary)
			unlink(r->temporary);
		die("%s: %s", r->path, strerror(cause));
	}
	free(r->path);
	free(r->temporary);
}
