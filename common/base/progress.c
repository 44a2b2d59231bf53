#include "base/base.h"

#include <time.h>
#include <unistd.h>

/* Whether a line of progress stands on the terminal. */
static bool standing;

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct progress progress_begin(const char *unit, double first, double total, bool quiet,
                               bool verbose)
{
	bool terminal = isatty(STDERR_FILENO);

	return (struct progress){.unit = unit,
	                         .total = total,
	                         .on = !quiet && (terminal || verbose),
	                         .terminal = terminal,
	                         .begun = now(),
	                         .shown = -1e9,
	                         .first = first};
}

void progress_show(struct progress *p, double done, const char *detail)
{
	double t = now(), interval = p->terminal ? 0.2 : 2;

	if (!p->on || t - p->shown < interval)
		return;
	p->shown = t;

	double rate = (done - p->first) / (t - p->begun + 1e-9);
	fputs(p->terminal ? "\r\033[K" : "", stderr);
	fprintf(stderr, "%s: %.0f", prog, done);
	if (p->total > 0)
		fprintf(stderr, "/%.0f", p->total);
	fprintf(stderr, " %s", p->unit);
	if (rate > 0)
		fprintf(stderr, ", %.*f/s", rate < 10, rate);
	if (detail) {
		char line[256];
		printable(detail, line, sizeof line);
		fprintf(stderr, ", %s", line);
	}
	if (p->total > 0 && rate > 0) {
		long left = (long)((p->total - done) / rate + 0.5);
		fprintf(stderr, ", %ld:%02ld left", left / 60, left % 60);
	}
	fputs(p->terminal ? "" : "\n", stderr);
	fflush(stderr);
	standing = p->terminal;
}

void progress_clear(void)
{
	if (standing)
		fputs("\r\033[K", stderr);
	standing = false;
}

void progress_end(struct progress *p)
{
	if (p->on)
		progress_clear();
}
