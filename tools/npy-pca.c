/* npy-pca - project rows on their principal components */
#include <stdlib.h>

#include "base/base.h"
#include "linear/linear.h"
#include "linear/pca.h"
#include "linear/rows.h"
#include "npy/npy.h"

enum { DEFAULT_COMPONENTS = 2 };

static const char *const methods[] = {"auto", "exact", "randomized", NULL};

/* The first array of a data set; labels, or whatever else has as many rows, are read past. */
static struct npy load_rows(const char *path)
{
	struct npy_in *in = npy_open(path);
	struct npy rows = rows_load(in), labels;

	if (npy_next(in, &labels) && (!labels.ndim || labels.dim[0] != rows.dim[0]))
		die("%s: expected the labels of %zu rows, or the end, found %s %s", npy_name(in),
		    rows.dim[0], npy_type_name(labels.type), npy_shape(&labels));
	npy_close(in);
	return rows;
}

/* The first k axes of a basis, or all of them where k is 0, for rows of d. */
static struct pca load_basis(const char *path, size_t k, size_t d)
{
	struct npy_in *in = npy_open(path);
	struct pca basis = pca_load(in);

	npy_close(in);
	if (basis.d != d)
		die("%s: a basis for rows of %zu numbers; these have %zu", file_name(path), basis.d,
		    d);
	if (k > basis.k)
		die("--components: expected at most %zu, the axes of %s", basis.k, file_name(path));
	basis.k = k ? k : basis.k;
	return basis;
}

static struct pca fit(const char *path, const struct npy *rows, size_t k,
                      const struct pca_options *o)
{
	size_t n = rows->dim[0], d = rows->dim[1], most = n < d ? n : d;

	k = k ? k : DEFAULT_COMPONENTS;
	if (k > most)
		die("%s: --components %zu: %zu rows of %zu numbers have at most %zu",
		    file_name(path), k, n, d, most);
	return pca_fit(rows, k, o);
}

static void write_scores(const struct pca *basis, const struct npy *rows)
{
	struct npy scores = pca_project(basis, rows);

	npy_convert(&scores, NPY_F4);
	npy_write(&scores);
	npy_free(&scores);
}

int main(int argc, char *argv[])
{
	int64_t components = 0, seed = 1, iterations = 7;
	int method = PCA_AUTO;
	bool basis_wanted = false, quiet = false, verbose = false;
	const char *on = NULL;
	const struct cli_option options[] = {
		OPTION_INTEGER('k', "components", "K", &components, 0, LINEAR_MOST,
	                       "number of components; 0: 2, or all axes of --on"),
		OPTION_FLAG('b', "basis", &basis_wanted, "write mean, axes and variances instead"),
		OPTION_TEXT('o', "on", "BASIS", &on, "project on a basis written by --basis"),
		OPTION_CHOICE('m', "method", "NAME", &method, methods,
	                      "how axes are found: auto, exact or randomized"),
		OPTION_INTEGER('i', "iterations", "COUNT", &iterations, 0, 1000,
	                       "power iterations of the randomized method"),
		OPTION_INTEGER('s', "seed", "SEED", &seed, 0, INT64_MAX,
	                       "seed of the random directions"),
		OPTIONS_PROGRESS(&quiet, &verbose),
		OPTION_END};
	const struct cli cli = {"[FILE]", 0, 1, "Project rows on their principal components.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *path = cli_operand(&operands);
	const struct pca_options o = {(enum pca_method)method, (uint64_t)seed, (size_t)iterations,
	                              quiet, verbose};

	if (on && basis_wanted)
		die("--basis finds a basis, --on uses one: expected one of them");
	cli_one_stdin("the rows and the basis", 2, (const char *[]){path, on});
	out_binary();

	struct npy rows = load_rows(path);
	struct pca basis = on ? load_basis(on, (size_t)components, rows.dim[1])
	                      : fit(path, &rows, (size_t)components, &o);
	if (basis_wanted)
		pca_write(&basis);
	else
		write_scores(&basis, &rows);
	pca_free(&basis);
	npy_free(&rows);
	return cli_close();
}
