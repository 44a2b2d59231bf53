# make bench: tests/bench/bench says what is measured; ROWS='train-a ...' measures some.
$B/bench/%: tests/bench/%.c Makefile
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_DEFAULT_SOURCE -O3 -march=native -ffp-contract=fast -fopenmp $(WARN) -o $@ $<

bench: all $B/bench/peak $B/bench/measure $O/data/train.npy $O/data/test.npy
	@PATH=$B/bench:$$PATH WORK=$B/bench TRAIN=$O/data/train.npy TEST=$O/data/test.npy \
		tests/bench/bench $(ROWS)
