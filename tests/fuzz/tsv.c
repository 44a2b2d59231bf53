/* Tables: read line by line they have the fields that the whole has; whole numbers are numbers. */
#include "tsv/tsv.h"

#include <string.h>

#include "base/base.h"
#include "fuzz/fuzz.h"

static void same_lines(const struct tsv_table *t)
{
	struct tsv_in *in = tsv_open("-");

	for (size_t line = 0; line < t->lines; line++) {
		FUZZ_EXPECT(tsv_next(in));
		FUZZ_EXPECT(tsv_fields(in) == t->columns);
		for (size_t i = 0; i < t->columns; i++)
			FUZZ_EXPECT(!strcmp(tsv_field(in, i), tsv_cell(t, line, i)));
	}
	FUZZ_EXPECT(!tsv_next(in));
	tsv_close(in);
}

void fuzz(const uint8_t *data, size_t size)
{
	fuzz_stdin(data, size);
	struct tsv_table t = tsv_read("-");
	fuzz_stdin(data, size);
	same_lines(&t);
	/* The first cell that is no number ends this. */
	for (size_t line = 1; line < t.lines; line++)
		for (size_t i = 0; i < t.columns; i++) {
			double real = tsv_real(&t, line, i);
			int64_t whole = tsv_integer(&t, line, i, -9, 1000000);
			FUZZ_EXPECT(whole >= -9 && whole <= 1000000);
			FUZZ_EXPECT(real == (double)whole);
		}
	tsv_free(&t);
}
