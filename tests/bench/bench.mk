# make bench: tests/bench/bench says what is measured, and which ROWS, ISA and PYTHON there are.
BENCH := $(patsubst tests/bench/%.c,$B/bench/%,$(wildcard tests/bench/*.c))

$B/bench/%: tests/bench/%.c $(wildcard tests/bench/*.h) Makefile tests/bench/bench.mk
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_DEFAULT_SOURCE -O3 -ffp-contract=fast -fopenmp $(WARN) -o $@ $<

BENCH_DATA := out/$(firstword $(DATASET))/data
bench: all $(BENCH) $(BENCH_DATA)/train.npy $(BENCH_DATA)/test.npy
	@PATH=$B/bench:$$PATH WORK=$B/bench TRAIN=$(BENCH_DATA)/train.npy TEST=$(BENCH_DATA)/test.npy \
		tests/bench/bench $(ROWS)

# The tests compare peak with another's loop.
check: $(BENCH)

lint: lint-bench
lint-bench:
	shellcheck tests/bench/bench
.PHONY: lint-bench
