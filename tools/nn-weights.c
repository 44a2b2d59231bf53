/* nn-weights - list, write or replace a model's tensors */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "digest/digest.h"
#include "model/model.h"
#include "npy/npy.h"
#include "num/num.h"
#include "rnn/rnn.h"

/* In place of a tensor's name: all tensors, in their order, as one vector. */
static const char all[] = "all";

/* The parameters of a model, which may be a recurrent one, in their order, from a file that
 * messages call `name`. */
static struct safetensors parameters(const struct safetensors *file, const char *name)
{
	struct safetensors found;

	if (rnn_is(file)) {
		struct rnn m = rnn_from(file, name);
		found = rnn_contents(&m);
		rnn_free(&m);
	} else {
		struct model m = model_from(file, name);
		found = model_contents(&m);
		model_free(&m);
	}
	return found;
}

static struct safetensors read_parameters(const char *path)
{
	struct safetensors file = safetensors_open(path);
	struct safetensors s = parameters(&file, file_name(path));

	safetensors_free(&file);
	return s;
}

/* ---- list ---- */

static void print(const char *name, const struct npy *a)
{
	struct summary s = summary_new();

	for (size_t i = 0; i < npy_count(a); i++)
		summary_add(&s, npy_get(a, i));
	out_printf("%s\t%s\t%.10g\t%.10g\t%.10g\t%.10g\n", name, npy_shape(a), s.min, s.max, s.mean,
	           summary_std(&s));
}

static void print_table(const struct safetensors *s)
{
	out_printf("name\tshape\tmin\tmax\tmean\tstd\n");
	for (size_t i = 0; i < s->tensors; i++)
		print(s->tensor[i].name, &s->tensor[i].array);
}

/* ---- write ---- */

static void write_tensor(const struct safetensors *s, const char *name, const char *model)
{
	if (strcmp(name, all) != 0) {
		npy_write(&safetensors_expect(s, name, model)->array);
		return;
	}
	struct npy vector = safetensors_vector(s);
	npy_write(&vector);
	npy_free(&vector);
}

/* ---- replace ---- */

/* The only array of a file, and the digest of its bytes. */
static struct npy read_array(const char *path, char hex[DIGEST_HEX])
{
	struct npy_in *in = npy_open(path);
	struct digest digest;
	struct npy a;

	digest_begin(&digest);
	npy_tap(in, digest_add, &digest);
	npy_next(in, &a);
	npy_load(in, &a);
	npy_close(in);
	digest_hex(&digest, hex);
	return a;
}

/* The array of a file, converted to the model's type, in place of a tensor, or of all. */
static void replace(struct safetensors *s, const char *name, struct npy *array, const char *file,
                    const char *model)
{
	if (strcmp(name, all) != 0) {
		npy_convert(array, safetensors_expect(s, name, model)->array.type);
		safetensors_replace(s, name, array);
		return;
	}
	struct npy now = safetensors_vector(s);
	if (!npy_same_shape(array, &now))
		die("%s: expected the elements of all tensors, %s, found %s", file, npy_shape(&now),
		    npy_shape(array));
	npy_convert(array, now.type);
	safetensors_spread(s, array);
	npy_free(&now);
}

static void record(struct safetensors *s, const char *name, const char *hex)
{
	char *history = xstrdup(safetensors_text(s, "history"));

	history_add(&history, "nn-weights --set %s sha256:%s", name, hex);
	safetensors_replace_text(s, "history", history);
	free(history);
}

/* NAME=FILE, which the caller has found to have a "=".  The model that results is checked like one
 * read from the file: its shapes, and that its numbers are finite. */
static void set(struct safetensors *s, const char *name_and_file, const char *model)
{
	const char *path = strchr(name_and_file, '=') + 1;
	char *name = xprintf("%.*s", (int)(path - 1 - name_and_file), name_and_file);
	char hex[DIGEST_HEX];
	struct npy a = read_array(path, hex);
	replace(s, name, &a, file_name(path), model);
	record(s, name, hex);
	struct safetensors checked = parameters(s, file_name(path));
	safetensors_free(s);
	*s = checked;
	npy_free(&a);
	free(name);
}

/* Only one of the model and the arrays is standard input. */
static void check_inputs(const char *model, const struct cli_texts *sets)
{
	const char **path = xcalloc(sets->n + 1, sizeof *path);

	path[0] = model;
	for (size_t i = 0; i < sets->n; i++) {
		const char *equals = strchr(sets->text[i], '=');
		if (!equals)
			die("--set: expected NAME=FILE, found '%s'", sets->text[i]);
		path[i + 1] = equals + 1;
	}
	cli_one_stdin("the model and the arrays of --set", (int)sets->n + 1, path);
	free(path);
}

int main(int argc, char *argv[])
{
	struct cli_texts sets = {0};
	const struct cli_option options[] = {
		OPTION_TEXTS(0, "set", "NAME=FILE", &sets,
	                     "write the model with this array as tensor NAME; may be repeated"),
		OPTION_END};
	const struct cli cli = {"MODEL [TENSOR]", 1, 2, "List, write or replace a model's tensors.",
	                        options};
	char **operands = cli_parse(argc, argv, &cli);
	const char *path = operands[0], *tensor = operands[1];

	if (sets.n && tensor)
		die("--set writes a model, not a tensor: expected no operand behind MODEL");
	check_inputs(path, &sets);
	if (sets.n)
		out_binary();
	struct safetensors s = read_parameters(path);
	for (size_t i = 0; i < sets.n; i++)
		set(&s, sets.text[i], file_name(path));
	if (sets.n)
		safetensors_put(&s);
	else if (tensor)
		write_tensor(&s, tensor, file_name(path));
	else
		print_table(&s);
	safetensors_free(&s);
	free(sets.text);
	return cli_close();
}
