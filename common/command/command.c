/* What a command answers, and whether that will do. */
#include "command/command.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/base.h"
#include "command/process.h"
#include "num/num.h"

struct command {
	const char *text;
	char *name; /* in messages */
	bool coprocess;
	char **environment;
	struct process *process; /* the co-process, once it runs */
	struct npy_in *answers;  /* of it */
	bool asked;              /* an oracle, whose answers have these dimensions and classes */
	int ndim;
	size_t classes;
};

/* The command in messages: on one line, and not much of a long one. */
static char *name_of(const char *text)
{
	enum { MOST = 100 };
	size_t n = 0;

	while (text[n] && n < MOST)
		n++;
	/* No part of a letter in UTF-8. */
	while (text[n] && n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	char *name = xprintf("command '%.*s%s'", (int)n, text, text[n] ? "..." : "");
	for (char *p = name; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	return name;
}

struct command *command_new(const char *text, bool coprocess)
{
	struct command *c = xcalloc(1, sizeof *c);

	c->text = text;
	c->name = name_of(text);
	c->coprocess = coprocess;
	c->environment = environment_copy();
	return c;
}

void command_set(struct command *c, const char *name, const char *value)
{
	c->environment = environment_set(c->environment, name, value);
}

static void start(struct command *c)
{
	c->process = process_start(c->text, c->name, c->environment);
	c->answers = npy_stream(process_output(c->process), c->name);
}

/* Read the output to its end, which must be there, and wait for the process. */
static void finish(struct command *c)
{
	process_close_input(c->process);
	npy_close(c->answers);
	process_free(c->process);
	c->process = NULL;
}

struct npy command_ask(struct command *c, const struct npy *question)
{
	struct npy answer;

	if (!c->process)
		start(c);
	process_send(c->process, question, !c->coprocess);
	if (!npy_next(c->answers, &answer))
		die("%s: its output ended before the answer", c->name);
	npy_load(c->answers, &answer);
	if (!c->coprocess)
		finish(c);
	else if (!process_sent(c->process))
		die("%s: it answered before it had read the question", c->name);
	return answer;
}

static void check_finite(const struct command *c, const struct npy *a)
{
	if (!num_finite(a->f4, npy_count(a)))
		die("%s: a number of its answer is NaN or infinite", c->name);
}

void command_filter(struct command *c, const struct npy *images, float *out)
{
	struct npy answer = command_ask(c, images);

	if (!npy_same_shape(&answer, images))
		die("%s: expected an answer %s, the shape of the images, found %s", c->name,
		    npy_shape(images), npy_shape(&answer));
	npy_convert(&answer, NPY_F4);
	check_finite(c, &answer);
	npy_convert_elements(NPY_F4, out, NPY_F4, answer.f4, npy_count(&answer));
	npy_free(&answer);
}

static void check_scores(const struct command *c, struct npy *a)
{
	if (c->asked && a->dim[1] != c->classes)
		die("%s: expected scores of %zu classes as in its first answer, found %s", c->name,
		    c->classes, npy_shape(a));
	npy_convert(a, NPY_F4);
	check_finite(c, a);
}

static void check_labels(const struct command *c, struct npy *a)
{
	npy_convert(a, NPY_I8);
	for (size_t i = 0; i < a->dim[0]; i++)
		if (a->i8[i] < 0)
			die("%s: the predicted class %" PRId64 " is below 0", c->name, a->i8[i]);
}

struct npy command_oracle(struct command *c, const struct npy *images)
{
	struct npy a = command_ask(c, images);
	size_t n = images->dim[0];
	bool scores = a.ndim == 2 && a.dim[0] == n && a.dim[1] >= 2;

	if (!scores && !(a.ndim == 1 && a.dim[0] == n && npy_is_whole(a.type)))
		die("%s: expected scores (%zu,C) or integers (%zu,) for %zu images, found %s of "
		    "type %s",
		    c->name, n, n, n, npy_shape(&a), npy_type_name(a.type));
	if (c->asked && a.ndim != c->ndim)
		die("%s: it answers with scores and with classes", c->name);
	if (scores)
		check_scores(c, &a);
	else
		check_labels(c, &a);
	c->asked = true;
	c->ndim = a.ndim;
	c->classes = scores ? a.dim[1] : 0;
	return a;
}

void command_free(struct command *c)
{
	if (c->process)
		finish(c);
	environment_free(c->environment);
	free(c->name);
	free(c);
}
