/* npy-tsne - lay neighbors out in a plane (t-SNE) */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "embed/embed.h"
#include "npy/npy.h"

static const double start_deviation = 1e-4;

struct run {
	/* options */
	double perplexity, rate, exaggeration, momentum;
	int64_t steps, exaggerated, log_every, seed;
	int method;
	const char *init, *onto, *log_path, *save_list, *save_prefix;
	bool quiet, verbose;
	/* what they lead to */
	int64_t *save_at;
	size_t saves;
	FILE *log;
	struct nearest near;
	struct npy map, fixed; /* (N,2); (M,2) of --onto */
	double begun;
};

/* ---- what is read ---- */

static struct npy read_map(const char *path)
{
	struct npy a = npy_read(path);

	if (a.ndim != 2 || !a.dim[0] || a.dim[1] != 2)
		die("%s: expected a map (N,2), found %s", file_name(path), npy_shape(&a));
	if (a.dim[0] > EMBED_MOST)
		die("%s: %s is too large", file_name(path), npy_shape(&a));
	npy_convert(&a, NPY_F4);
	for (size_t i = 0; i < 2 * a.dim[0]; i++)
		if (!isfinite(a.f4[i]))
			die("%s: point %zu is not finite", file_name(path), i / 2);
	return a;
}

static void read_start(struct run *r)
{
	size_t n = r->near.n;

	r->map = read_map(r->init);
	if (r->map.dim[0] != n)
		die("%s: expected a map (%zu,2), as many as the neighbors, found %s",
		    file_name(r->init), n, npy_shape(&r->map));
	if (!start_scale(r->map.f4, n, start_deviation))
		die("%s: all first coordinates are the same", file_name(r->init));
}

static void begin_map(struct run *r)
{
	if (r->init) {
		read_start(r);
		return;
	}
	r->map = npy_new(NPY_F4, 2, (size_t[]){r->near.n, 2});
	if (r->onto)
		start_median(r->map.f4, &r->near, r->fixed.f4);
	else
		start_random(r->map.f4, r->near.n, start_deviation, r->seed);
}

static void settle(struct run *r, const char *input)
{
	double k;

	if (r->onto && r->init)
		die("--init and --onto cannot be combined");
	cli_one_stdin("the neighbors, --init and --onto", 3,
	              (const char *const[]){input, r->init, r->onto});
	if (r->onto)
		r->fixed = read_map(r->onto);
	r->near = nearest_read(input, r->onto ? r->fixed.dim[0] : 0);
	k = (double)r->near.k;
	if (isnan(r->perplexity))
		r->perplexity = fmax(1, k / 3);
	if (r->perplexity > k)
		die("--perplexity: %g is more than the %zu neighbors of a row", r->perplexity,
		    r->near.k);
	if (isnan(r->exaggeration))
		r->exaggeration = r->onto ? 1.5 : 12;
	begin_map(r);
}

static void take_saves(struct run *r)
{
	char **word = r->save_list ? cli_list(r->save_list, &r->saves) : NULL;

	r->save_at = xcalloc(r->saves, sizeof *r->save_at);
	for (size_t i = 0; i < r->saves; i++) {
		r->save_at[i] = cli_integer("--save-at", word[i], 0, INT64_MAX);
		if (r->save_at[i] > r->steps)
			die("--save-at: step %" PRId64 " comes after the last, %" PRId64,
			    r->save_at[i], r->steps);
	}
	free(word);
}

/* ---- what is written beside the map ---- */

static void log_open(struct run *r)
{
	if (!r->log_path)
		return;
	r->log = file_create(r->log_path);
	if (fputs("step\tkl\tseconds\tgradient\tspan\n", r->log) < 0 || fflush(r->log))
		die("%s: %s", r->log_path, strerror(errno));
}

static void log_row(struct run *r, const struct tsne *t, int64_t step, double kl)
{
	if (r->log && (fprintf(r->log, "%" PRId64 "\t%.7g\t%.3f\t%.6g\t%.6g\n", step, kl,
	                       now() - r->begun, tsne_norm(t), tsne_span(t)) < 0 ||
	               fflush(r->log)))
		die("%s: %s", r->log_path, strerror(errno));
}

static char *save_path(const struct run *r, int64_t step)
{
	return xprintf("%s%" PRId64 ".npy", r->save_prefix, step);
}

/* Die where a map could not be written: now, not after so many steps. */
static void saves_try(const struct run *r)
{
	for (size_t i = 0; i < r->saves; i++) {
		char *path = save_path(r, r->save_at[i]);
		replacement_try(path);
		free(path);
	}
}

static void save_if_listed(struct run *r, const struct tsne *t, int64_t step)
{
	for (size_t i = 0; i < r->saves; i++)
		if (r->save_at[i] == step) {
			char *path = save_path(r, step);
			struct replacement file = replacement_begin(path);
			tsne_copy(t, r->map.f4);
			npy_write_to(file.stream, &r->map);
			replacement_commit(&file);
			free(path);
			return;
		}
}

/* ---- the descent ---- */

static double exaggeration_at(const struct run *r, int64_t step)
{
	return step < r->exaggerated ? r->exaggeration : 1;
}

/* N/e is that of Belkina et al. 2019; new points have p N times as large, and are near their end
 * from the start. */
static double rate_at(const struct run *r, int64_t step)
{
	if (!isnan(r->rate))
		return r->rate;
	return r->onto ? 0.1 : (double)r->near.n / exaggeration_at(r, step);
}

static void descend(struct run *r, struct tsne *t)
{
	struct progress p = progress_begin("steps", 0, (double)r->steps, r->quiet, r->verbose);
	char detail[32] = "";

	for (int64_t step = 0;; step++) {
		bool last = step == r->steps, due = last || step % r->log_every == 0;
		tsne_measure(t, exaggeration_at(r, step));
		if (due && (r->log || p.on)) {
			double kl = tsne_kl(t);
			snprintf(detail, sizeof detail, "KL %.4f", kl);
			log_row(r, t, step, kl);
		}
		save_if_listed(r, t, step);
		progress_show(&p, (double)step, detail);
		if (last)
			break;
		tsne_move(t, rate_at(r, step), r->momentum);
	}
	progress_end(&p);
}

static void embed(struct run *r)
{
	struct graph g = graph_conditional(&r->near, r->perplexity);

	if (!r->onto) {
		struct graph joint = graph_joint(&g);
		graph_free(&g);
		g = joint;
	}
	nearest_free(&r->near);
	struct tsne *t = tsne_new(&g, r->map.f4, r->fixed.f4, (enum tsne_method)r->method);
	descend(r, t);
	tsne_copy(t, r->map.f4);
	tsne_free(t);
	graph_free(&g);
}

int main(int argc, char *argv[])
{
	struct run r = {.perplexity = NAN,
	                .rate = NAN,
	                .exaggeration = NAN,
	                .momentum = 0.8,
	                .steps = 750,
	                .exaggerated = 250,
	                .log_every = 50,
	                .seed = 1,
	                .save_prefix = "step-",
	                .begun = now()};
	const struct cli_option options[] = {
		OPTION_REAL('p', "perplexity", "P", &r.perplexity, 1, 1e9,
	                    "roughly the number of neighbors that count; by default a third"),
		OPTION_TEXT('i', "init", "FILE", &r.init, "begin with this map, scaled down"),
		OPTION_INTEGER('s', "seed", "SEED", &r.seed, 0, INT64_MAX,
	                       "seed of the random initial map"),
		OPTION_TEXT(0, "onto", "MAP", &r.onto, "place new points on this finished map"),
		OPTION_INTEGER('n', "steps", "N", &r.steps, 0, 1000000000, "number of steps"),
		OPTION_REAL(0, "exaggeration", "E", &r.exaggeration, 1e-3, 1e6,
	                    "factor of p in the first steps; by default 12, with --onto 1.5"),
		OPTION_INTEGER(0, "exaggeration-steps", "N", &r.exaggerated, 0, 1000000000,
	                       "number of steps with exaggeration"),
		OPTION_REAL('r', "lr", "RATE", &r.rate, 1e-12, 1e12,
	                    "learning rate; by default points / exaggeration, with --onto 0.1"),
		OPTION_REAL(0, "momentum", "MU", &r.momentum, 0, 0.9999, "momentum"),
		OPTION_CHOICE('m', "method", "NAME", &r.method, tsne_methods,
	                      "how repulsion is computed: exact, fft or auto"),
		OPTION_TEXT('l', "log", "FILE", &r.log_path, "write a log"),
		OPTION_INTEGER(0, "log-every", "STEPS", &r.log_every, 1, 1000000000,
	                       "steps between rows of the log"),
		OPTION_TEXT(0, "save-at", "LIST", &r.save_list, "write the map after these steps"),
		OPTION_TEXT(0, "save-prefix", "P", &r.save_prefix,
	                    "prefix of these files' names: P100.npy"),
		OPTIONS_PROGRESS(&r.quiet, &r.verbose),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1, "Lay neighbors out in a plane (t-SNE).", options};
	char **operands = cli_parse(argc, argv, &cli);

	out_binary();
	take_saves(&r);
	settle(&r, cli_operand(&operands));
	saves_try(&r);
	log_open(&r);
	embed(&r);
	npy_write(&r.map);
	npy_free(&r.map);
	npy_free(&r.fixed);
	free(r.save_at);
	return cli_close();
}
