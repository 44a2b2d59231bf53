#include "vector/tile.h"

#define LOOPS "vector/tile_loops.h"
#include "vector/each_level.h"

tile_run *const tile_unit[LEVELS] = EACH_LEVEL(tile_unit);
tile_run *const tile_two[LEVELS] = EACH_LEVEL(tile_two);
tile_run *const tile_rowwise[LEVELS] = EACH_LEVEL(tile_rowwise);
tile_run *const tile_panelwise[LEVELS] = EACH_LEVEL(tile_panelwise);

void tile_any(const struct tile *t, size_t a_row, enum level level)
{
	struct tile row = *t;

	/* A row at a time. */
	row.rows = 1;
	for (size_t r = 0; r < t->repeat; r++)
		for (size_t i = 0; i < t->rows; i++) {
			row.repeat = 1;
			row.a = t->a + r * t->a_next + i * a_row;
			row.c = t->c + r * t->c_next + i * t->c_row;
			tile_unit[level](&row);
		}
}
