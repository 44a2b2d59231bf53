/* img-folder - make a data set of picture files, whose folders are their classes */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "image/image.h"
#include "npy/npy.h"
#include "pnm/convert.h"
#include "tsv/tsv.h"

/* So that no number of files on a command line makes an array too large for its size. */
enum { SIDE_MAX = 1 << 14 };

struct wish {
	size_t size[2]; /* of an image: rows, columns */
	bool gray, stretch, go_on;
};

/* What classes are called, in the order of their numbers. */
struct classes {
	const char *file; /* that lists them; null: they are the folders that there are */
	char **name;
	size_t n;
};

/* ---- classes ---- */

/* The name of the last folder of a path, to be freed. */
static char *folder_of(const char *path)
{
	const char *end = strrchr(path, '/'), *begin;

	while (end && end > path && end[-1] == '/')
		end--;
	for (begin = end; begin && begin > path && begin[-1] != '/';)
		begin--;
	char *folder = end ? xprintf("%.*s", (int)(end - begin), begin) : xstrdup("");
	if (!*folder || !strcmp(folder, ".") || !strcmp(folder, ".."))
		die("%s: expected FOLDER/FILE: the folder's name is the class", path);
	return folder;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The folders of these files, each once, in the order of their names' bytes. */
static struct classes folders_of(char *const *path, size_t n)
{
	struct classes c = {.name = xcalloc(n, sizeof *c.name)};

	for (size_t i = 0; i < n; i++)
		c.name[i] = folder_of(path[i]);
	qsort(c.name, n, sizeof *c.name, by_name);
	for (size_t i = 0; i < n; i++)
		if (c.n && !strcmp(c.name[c.n - 1], c.name[i]))
			free(c.name[i]);
		else
			c.name[c.n++] = c.name[i];
	return c;
}

static struct classes listed_in(const char *file)
{
	struct classes c = {.file = file};

	c.name = tsv_names(file, &c.n);
	return c;
}

static size_t class_of(const struct classes *c, const char *path)
{
	char *folder = folder_of(path);
	size_t k = 0;

	while (k < c->n && strcmp(c->name[k], folder) != 0)
		k++;
	if (k == c->n)
		die("%s: %s has no class %s", path, file_name(c->file), folder);
	free(folder);
	return k;
}

/* ---- pictures ---- */

/* The whole of a picture; or the largest part in the middle that has the shape of the image. */
static struct image_part part_of(const struct npy *picture, const struct wish *w)
{
	double height = (double)picture->dim[picture->ndim - 2];
	double width = (double)picture->dim[picture->ndim - 1];
	double rows = height / (double)w->size[0], columns = width / (double)w->size[1];
	double scale = rows < columns ? rows : columns;
	struct image_part part = {0, 0, height, width};

	if (!w->stretch)
		part = (struct image_part){.height = scale * (double)w->size[0],
		                           .width = scale * (double)w->size[1]};
	part.top = (height - part.height) / 2;
	part.left = (width - part.width) / 2;
	return part;
}

/* Planes of n pixels, at least one, as an image of one or of three; what is beyond a PAM's first or
 * third is transparency.  The gray of a color is ppmtopgm's. */
static void paint(uint8_t *image, size_t channels, const struct npy *planes)
{
	size_t n = planes->dim[1] * planes->dim[2], step = planes->dim[0] < 3 ? 0 : n;
	struct npy mixed = npy_new(NPY_F4, 2, (size_t[]){channels, n});

	for (size_t i = 0; i < n; i++) {
		const float *rgb = planes->f4 + i;
		for (size_t c = 0; c < channels; c++)
			mixed.f4[c * n + i] = rgb[c * step];
		if (channels == 1 && step)
			mixed.f4[i] = 0.299f * rgb[0] + 0.587f * rgb[step] + 0.114f * rgb[2 * step];
	}
	npy_convert_elements(NPY_U1, image, NPY_F4, mixed.f4, channels * n);
	npy_free(&mixed);
}

/* Take the picture of a file, or say why not: in a warning, if it may be left out, else dying. */
static bool take(uint8_t *image, const char *path, const struct wish *w)
{
	struct npy picture, planes;
	char *why;

	if (!convert_picture(path, &picture, &why)) {
		if (!w->go_on)
			die("%s: %s", path, why);
		warn("%s: left out: %s", path, why);
		free(why);
		return false;
	}
	struct image_part part = part_of(&picture, w);
	planes = image_resample(&picture, &part, w->size[0], w->size[1]);
	paint(image, w->gray ? 1 : 3, &planes);
	npy_free(&planes);
	npy_free(&picture);
	return true;
}

/* ---- the data set ---- */

struct set {
	char **path; /* of the pictures as they were named, */
	size_t n;    /* so many */
	struct classes classes;
	struct npy images, labels; /* of those that are taken, */
	size_t *which;             /* the numbers of their paths, */
	size_t taken;              /* so many */
};

/* All that can be known before the first picture is read. */
static struct set set_new(char **path, size_t n, const char *list, const struct wish *w)
{
	struct set s = {.path = path, .n = n, .which = xcalloc(n, sizeof *s.which)};
	const size_t dim[] = {n, w->gray ? 1 : 3, w->size[0], w->size[1]};

	s.classes = list ? listed_in(list) : folders_of(path, n);
	s.images = npy_new(NPY_U1, 4, dim);
	s.labels = npy_new(NPY_I8, 1, &n);
	for (size_t i = 0; i < n; i++)
		s.labels.i8[i] = (int64_t)class_of(&s.classes, path[i]);
	return s;
}

static void take_all(struct set *s, const struct wish *w, bool quiet, bool verbose)
{
	struct progress p = progress_begin("pictures", 0, (double)s->n, quiet, verbose);

	for (size_t i = 0; i < s->n; i++) {
		progress_show(&p, (double)i, s->path[i]);
		if (!take(s->images.u1 + s->taken * npy_row(&s->images), s->path[i], w))
			continue;
		s->labels.i8[s->taken] = s->labels.i8[i];
		s->which[s->taken++] = i;
	}
	progress_end(&p);
	if (!s->taken)
		die("none of the pictures is left");
}

static void check_names(const struct set *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (strpbrk(s->path[i], "\t\r\n"))
			die("%s: a name with a tab or a newline has no place in a table",
			    s->path[i]);
}

static void write_table(const struct set *s, const char *file)
{
	FILE *table = file_create(file);

	fprintf(table, "file\tlabel\tclass\n");
	for (size_t i = 0; i < s->taken; i++) {
		size_t class = (size_t)s->labels.i8[i];
		fprintf(table, "%s\t%zu\t%s\n", s->path[s->which[i]], class,
		        s->classes.name[class]);
	}
	file_finish(table, file);
}

static void write_set(struct set *s)
{
	struct npy images = s->images;

	if (images.dim[1] == 1)
		images = (struct npy){.type = NPY_U1,
		                      .ndim = 3,
		                      .dim = {0, images.dim[2], images.dim[3]},
		                      .u1 = images.u1};
	images.dim[0] = s->labels.dim[0] = s->taken;
	npy_write(&images);
	npy_write(&s->labels);
}

static void set_free(struct set *s)
{
	tsv_free_lines(s->classes.name, s->classes.n);
	npy_free(&s->images);
	npy_free(&s->labels);
	free(s->which);
}

int main(int argc, char *argv[])
{
	const char *size = NULL, *list = NULL, *table = NULL;
	bool quiet = false, verbose = false;
	struct wish w = {.gray = false};
	const struct cli_option options[] = {
		OPTION_TEXT('s', "size", "HxW", &size,
	                    "rows and columns of the images, such as 28x28"),
		OPTION_FLAG('g', "gray", &w.gray, "gray images in place of color"),
		OPTION_FLAG(0, "stretch", &w.stretch,
	                    "squeeze or stretch pictures in place of cutting off their sides"),
		OPTION_TEXT('c', "classes", "FILE", &list,
	                    "names of the classes, a line each [the folders, sorted]"),
		OPTION_TEXT('t', "table", "FILE", &table,
	                    "write the file, the label and the class of each image"),
		OPTION_FLAG('k', "keep-going", &w.go_on, "leave out bad pictures, with a warning"),
		OPTIONS_PROGRESS(&quiet, &verbose),
		OPTION_END,
	};
	const struct cli cli = {
		"[PICTURE ...]", 0, argc,
		"Make a data set of picture files, whose folders are their classes.", options};
	char **operands = cli_parse(argc, argv, &cli), **lines = NULL;
	size_t n = 0;

	if (!size)
		die("--size is missing: rows and columns of the images (-h explains)");
	cli_size("--size", size, SIDE_MAX, w.size);
	out_binary();
	while (operands[n])
		n++;
	cli_one_stdin("the names of the pictures and --classes", 2,
	              (const char *const[]){n ? NULL : "-", list});
	if (!n)
		lines = tsv_lines("-", &n);
	if (!n)
		die("no pictures");

	struct set set = set_new(lines ? lines : operands, n, list, &w);
	if (table)
		check_names(&set);
	take_all(&set, &w, quiet, verbose);
	if (table)
		write_table(&set, table);
	write_set(&set);
	set_free(&set);
	if (lines)
		tsv_free_lines(lines, n);
	return cli_close();
}
