/* The log of a training: a TSV file that is complete up to its last line at any time. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "train/state.h"

enum { LINE = 512 };

static noreturn void failed(const struct state *s)
{
	die("%s: %s", s->t->log, strerror(errno));
}

static void header(char line[LINE], const struct learner *l)
{
	snprintf(line, LINE,
	         "step\tepoch\t%s\tseconds\tloss\terror\tval_loss\tval_error\t"
	         "gradient\tclipped\tlr%s\n",
	         l->unit, l->attacked.of ? "\tattacked_loss\tattacked_error" : "");
}

/* Where the rows up to the step resumed from end: later ones were written between the checkpoint
 * and the end of that run.  Die where the file is not a log with these columns. */
static long end_of_rows(const struct state *s, const char *columns)
{
	/* The row of step 0 is written with the first step. */
	int64_t last = s->step ? s->step : -1;
	char line[LINE];
	long end = 0;

	while (fgets(line, sizeof line, s->log)) {
		if (!end && (!*line || strncmp(line, columns, strlen(line))))
			die("%s: not a log of this training: its columns are others", s->t->log);
		if (!strchr(line, '\n') || (end && strtoll(line, NULL, 10) > last))
			break;
		end = ftell(s->log);
	}
	return end;
}

void log_open(struct state *s)
{
	char columns[LINE];
	bool old = false;
	long end = 0;

	if (!s->t->log)
		return;
	header(columns, s->l);
	s->log = s->t->resume ? file_go_on(s->t->log, &old) : file_create(s->t->log);
	if (old) {
		end = end_of_rows(s, columns);
		if (fseek(s->log, end, SEEK_SET) || ftruncate(fileno(s->log), end))
			failed(s);
	}
	if (!end && (fputs(columns, s->log) == EOF || fflush(s->log)))
		failed(s);
}

/* Two columns, the mean loss and the share of errors; nan where there is none. */
static void write_score(FILE *log, const struct score *s, bool classifies)
{
	if (s->count)
		fprintf(log, "%.9g\t", s->loss / (double)s->count);
	else
		fputs("nan\t", log);
	if (s->count && classifies)
		fprintf(log, "%.6g", (double)s->wrong / (double)s->count);
	else
		fputs("nan", log);
}

void log_row(struct state *s, bool validated, double rate)
{
	const struct score none = {0};
	const struct slopes *g = &s->slopes;
	size_t epochs = (size_t)(s->step / s->per_epoch), rest = (size_t)(s->step % s->per_epoch);

	if (!s->log)
		return;
	/* The last batch of an epoch may be a small one, so examples are not steps x batch. */
	fprintf(s->log, "%" PRId64 "\t%.4f\t%zu\t%.3f\t", s->step,
	        (double)s->step / (double)s->per_epoch, epochs * s->source.n + rest * s->batch,
	        s->before + now() - s->begun);
	write_score(s->log, &s->since, s->l->classifies);
	fputc('\t', s->log);
	write_score(s->log, validated ? &s->judged : &none, s->l->classifies);
	fprintf(s->log, "\t%.6g\t%.4g\t%.9g", g->norm / (double)g->steps,
	        (double)g->clipped / (double)g->steps, rate);
	if (s->l->attacked.of) {
		fputc('\t', s->log);
		write_score(s->log, validated ? &s->attacked : &none, s->l->classifies);
	}
	/* The end of the line has it leave. */
	if (fputc('\n', s->log) == EOF || ferror(s->log))
		failed(s);
}
