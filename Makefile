# nnutils: small programs that train convolutional networks, look inside them and fool them.
#
#	make		build the programs into build/bin
#	make deps	install what all, figures and check need (Debian; root, or sudo)
#	make deps-dev	install what lint, fuzz and CC=clang need
#	make figures	run all experiments quickly: out/index.html; FULL=1 at full length
#	make EXPERIMENT	run one: a folder of pipelines/
#	make list	the experiments, what they cost, whether they are up to date
#	make stale	the outputs that an older program, script or row made
#	make readme	the pictures of README.md, from the figures
#	make check	run the tests; T='tests/npy-diff.bats ...' runs some
#	make bench	measure, as a table; ROWS='train-a ...' for some of it, ISA=avx2 with one
#			instruction set, PYTHON=VENV/bin/python beside the PyTorch that it has
#	make data	download MNIST and Fashion-MNIST into data/; MIRRORS='URL ...' from elsewhere
#	make lint	format, shell scripts, man pages, static analysis
#	make fuzz	fuzz the parsers; FUZZ_SECONDS each
#	make install	into DESTDIR/PREFIX; make uninstall takes it away
#	make dist	the committed tree as build/nnutils-VERSION.tar.gz, from a clone
#	make deb	a Debian package in build/deb, which lintian passes
#	make deps-deb	install what deb needs besides deps
#
# Knobs, on the command line or in config.mk:
#
#	DATASETS=DIR	has mnist/*.gz and fashion-mnist/*.gz [data]; without them img-digits draws
#	DATASET=NAME	folders of DATASETS, or digits [the one that an experiment is about, else digits]
#	FULL=1		every experiment at full length, into out/NAME; quick runs are in out/NAME.quick
#	SEEDS='1 2' EPOCHS=1 STEPS=5 HOLDOUT=100 SAVE_AT=0,3	in place of those in runs.tsv
#	TRAIN_IMAGES=N TEST_IMAGES=N	only the first ones
#	V=1		show the pipes as they run
#	CC=clang B=build/clang	another compiler, its objects apart
#	SAN=1		address and undefined-behavior sanitizers, into build/san
#	JOBS=1		files of tests side by side [as many as there are processors]
#	CFLAGS PREFIX DESTDIR BATSFLAGS FUZZ_SECONDS=600

MAKEFLAGS   += --no-builtin-rules
SHELL       := /bin/bash
.SHELLFLAGS := -e -o pipefail -c
.DELETE_ON_ERROR:
-include config.mk

VERSION     := 1.0
PREFIX      ?= /usr/local
MANDIR      ?= $(PREFIX)/share/man
COMPLETIONS ?= $(PREFIX)/share/bash-completion/completions
CFLAGS      ?= -O3 -g
# psabi: vectors are arguments of inline functions only.
WARN        := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wno-psabi
ALL_CFLAGS   = -std=c11 -D_POSIX_C_SOURCE=200809L -DNNUTILS_VERSION='"$(VERSION)"' -iquote common \
	       -fopenmp-simd -pthread -ffp-contract=off -fno-math-errno -fno-trapping-math $(WARN) $(CFLAGS) $(SANITIZE)
# libgomp is whose threads oneDNN would use; the engine tells it to use one.
LDLIBS      += -ldnnl -l:libgomp.so.1 -lnetpbm -ljansson -lnettle -llapacke -lm

B := build
ifdef SAN
B        := build/san
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

TOOLS := $(patsubst tools/%.c,$B/bin/%,$(wildcard tools/*.c))
ROOMS := $(patsubst %.c,$B/%.o,$(wildcard common/*/*.c))
MAN   := $(wildcard man/*.[1-8])
UNITS := $(patsubst tests/%.c,$B/tests/%,$(wildcard tests/*.c))
REFERENCE := $(patsubst %.c,$B/%.o,$(wildcard tests/reference/*.c))
export PATH := $(CURDIR)/$B/bin:$(PATH)
# Whatever the user speaks: points in numbers, one order of letters, and gnuplot's signs in UTF-8.
export LC_ALL := C.UTF-8

# The objects stay.
.SECONDARY: $(TOOLS:$B/bin/%=$B/tools/%.o) $(UNITS:=.o)

all: $(TOOLS)

$B/bin/%: $B/tools/%.o $B/libcommon.a
	$(SAY)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -pthread $(SANITIZE) -Wl,--as-needed -o $@ $^ $(LDLIBS)
$B/tests/%: $B/tests/%.o $(REFERENCE) $B/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -pthread $(SANITIZE) -Wl,--as-needed -o $@ $^ -lcmocka $(LDLIBS)
$B/libcommon.a: $(ROOMS)
	$(SAY)
	rm -f $@ && ar rcs $@ $^
$B/%.o: %.c Makefile
	$(SAY)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<
$B/tests/%.o: ALL_CFLAGS += -iquote tests
-include $(ROOMS:.o=.d) $(REFERENCE:.o=.d) $(patsubst $B/bin/%,$B/tools/%.d,$(TOOLS)) $(UNITS:=.d)

# Debian's packages.  The first line builds, the second draws, the third checks.
DEPS     := gcc libc6-dev libdnnl-dev libjansson-dev libnetpbm-dev nettle-dev liblapacke-dev \
	    gnuplot-nox netpbm datamash unzip curl ca-certificates \
	    bats libcmocka-dev mandoc parallel python3-numpy bsdextrautils
DEPS_DEB := build-essential debhelper lintian
DEPS_DEV := clang clang-format clang-tidy libclang-rt-dev libomp-dev mandoc shellcheck

deps: PACKAGES := $(DEPS)
deps-dev: PACKAGES := $(DEPS_DEV)
deps-deb: PACKAGES := $(DEPS_DEB)
deps deps-dev deps-deb:
	@missing=$$(comm -23 <(printf '%s\n' $(PACKAGES) | sort) <(dpkg-query -W \
		-f '$${db:Status-Status} $${Package}\n' | sed -n 's/^installed //p' | sort)); \
	[ -z "$$missing" ] || { set -x; $(SUDO) apt-get update -q; \
		$(SUDO) DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $$missing; }
SUDO := $(if $(filter-out 0,$(shell id -u)),sudo)
# With -j too.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
$(ROOMS) $(TOOLS:$B/bin/%=$B/tools/%.o) $(UNITS:=.o): | deps
endif

data:
	MIRRORS='$(MIRRORS)' data/fetch data

# The experiments, where one of them is asked for.
EXPERIMENTS := $(patsubst pipelines/%/story.mk,%,$(wildcard pipelines/*/story.mk))
ifneq ($(filter figures list stale readme bench out/% $(EXPERIMENTS),$(MAKECMDGOALS)),)
include pipelines/lib/stories.mk
endif
# Not among the examples of the Debian package, which are the experiments; B=/usr has their programs.
include $(wildcard tests/bench/bench.mk)

# Those that take long are first, so that none is left alone at the end.  Within a file tests take turns:
# Bats looks but once a second whether there is room for another, and most are done in less.
JOBS ?= $(shell nproc)
LONG := $(wildcard pipelines/*/test.bats) $(patsubst %,tests/%.bats,units engine nn-train examples)
check: all $(UNITS)
	B=$B bats $(if $(filter-out 1,$(JOBS)),--jobs $(JOBS) --no-parallelize-within-files) $(BATSFLAGS) \
		$(or $(T),$(LONG) $(filter-out $(LONG),$(wildcard tests/*.bats)))

# A target is tests/fuzz/NAME.c, its first inputs are what tests/fuzz/NAME.seeds writes; see fuzz.h
# there.  The corpus in build/fuzz/NAME stays, and what it finds is left beside it.
F            := build/fuzz
FUZZ_SECONDS ?= 600
FUZZ_CFLAGS  := $(ALL_CFLAGS) -O1 -iquote tests -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
FUZZ_COMMON  := $(patsubst %.c,$F/%.o,tests/fuzz/fuzz.c $(wildcard common/*/*.c))
FUZZ_TARGETS := $(filter-out fuzz,$(basename $(notdir $(wildcard tests/fuzz/*.c))))
FUZZ_WRAP    := malloc calloc realloc posix_memalign free getline
# programs.c calls what main() is of each of these.
FUZZ_MAINS   := $(patsubst %.c,$F/%.o,$(wildcard tools/*.c))
$F/programs.run: FUZZ_WRAP += fopen fclose open cli_expect_close progress_show
$F/programs.run: $F/tools.a
$F/pnm.run: FUZZ_WRAP += pnm_allocpamrow pm_setusererrormsgfn
$F/tools.a: $(FUZZ_MAINS)
	rm -f $@ && ar rcs $@ $^
$F/common/base/cli.o: FUZZ_CFLAGS += -Dexit=fuzz_exit
$F/common/train/train.o: FUZZ_CFLAGS += '-Dsigaction(number,action,old)=fuzz_sigaction(number,action,old)'
# What the targets share runs at each input: counting its branches, too, takes most of the time.
$F/tests/fuzz/fuzz.o: FUZZ_CFLAGS := $(filter-out -fsanitize=%,$(FUZZ_CFLAGS)) -fsanitize=address,undefined
# Compiling the unrolled products with checks would take minutes.
$F/common/vector/tile.o: FUZZ_CFLAGS := $(ALL_CFLAGS) -O1
$(FUZZ_MAINS): FUZZ_CFLAGS += -Dmain=main_$(subst -,_,$(basename $(@F))) -Wno-missing-prototypes

fuzz: $(FUZZ_TARGETS:%=fuzz-%)
$(FUZZ_TARGETS:%=fuzz-%): fuzz-%: $F/%.run all
	@mkdir -p $F/$*
	@cd $F/$* && source $(CURDIR)/tests/fuzz/$*.seeds
	@echo '$*: $(FUZZ_SECONDS) seconds, log in $F/$*.log'
	@$F/$*.run -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=1500 -timeout=10 -print_final_stats=1 \
		-artifact_prefix=$F/$*- $F/$* >$F/$*.log 2>&1 || { tail -40 $F/$*.log; exit 1; }
	@sed -n 's/^stat::number_of_executed_units:/$*: clean after/p' $F/$*.log
$F/libcommon.a: $(FUZZ_COMMON)
	rm -f $@ && ar rcs $@ $^
$F/%.run: $F/tests/fuzz/%.o $F/libcommon.a
	clang -fsanitize=fuzzer,address,undefined $(FUZZ_WRAP:%=-Wl,--wrap=%) -pthread -Wl,--as-needed -o $@ $(filter %.o,$^) $(filter %/tools.a,$^) $F/libcommon.a $(LDLIBS)
$F/%.o: %.c Makefile
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<
-include $(FUZZ_COMMON:.o=.d) $(FUZZ_MAINS:.o=.d) $(FUZZ_TARGETS:%=$F/tests/fuzz/%.d)

CODE    := $(wildcard tools/*.c common/*/*.c tests/*.c tests/*/*.c)
HEADERS := $(wildcard common/*/*.h tests/*/*.h)
SCRIPTS := $(wildcard tests/*.bats tests/*.bash pipelines/*/test.bats tests/fuzz/*.seeds tests/chroot completion/nnutils.bash \
	   debian/tests/first-pipe data/fetch .ci/run \
	   $(addprefix pipelines/lib/,contents index list page progress record runs stale unfinished) pipelines/*/section)

lint: $(CODE:%=$B/lint/%)
	clang-format --dry-run -Werror $(CODE) $(HEADERS)
	shellcheck $(SCRIPTS)
	mandoc -Tlint -Wwarning $(MAN)
# What has passed once passes until it changes.
$B/lint/%: % $(HEADERS) .clang-tidy Makefile
	@mkdir -p $(@D)
	clang-tidy --quiet $< -- $(ALL_CFLAGS) -iquote tests
	@touch $@

# The manual names the networks by the path that they have with the default PREFIX.
SHARE := $(PREFIX)/share/nnutils
# A word of the shell, whatever the path holds.
quote = '$(subst ','\'',$1)'
BIN_TO   = $(call quote,$(DESTDIR)$(PREFIX)/bin)
SHARE_TO = $(call quote,$(DESTDIR)$(SHARE))
BASH_TO  = $(call quote,$(DESTDIR)$(COMPLETIONS))
MAN_TO   = $(call quote,$(DESTDIR)$(MANDIR))
install: all
	install -d $(BIN_TO) $(SHARE_TO)/nets $(BASH_TO) $(MAN_TO)/man1 $(MAN_TO)/man5 $(MAN_TO)/man7
	install -m 755 $(TOOLS) $(BIN_TO)
	install -m 644 $(wildcard pipelines/nets/*.net) $(SHARE_TO)/nets
	install -m 644 completion/nnutils.bash $(BASH_TO)/nnutils
	for program in $(notdir $(TOOLS)); do ln -sf nnutils $(BASH_TO)/$$program; done
	share=$$(printf %s $(call quote,$(SHARE)) | sed 's/[&|\\]/\\&/g'); \
	for page in $(MAN); do \
		to=$(MAN_TO)/man$${page##*.}/$${page##*/}; \
		install -m 644 $$page "$$to"; \
		sed -i "s|/usr/local/share/nnutils|$$share|g" "$$to"; \
	done
uninstall:
	for program in $(notdir $(TOOLS)); do rm -f $(BIN_TO)/$$program $(BASH_TO)/$$program; done
	rm -f $(BASH_TO)/nnutils
	rm -rf $(SHARE_TO)
	for page in $(notdir $(MAN)); do \
		rm -f $(MAN_TO)/man$${page##*.}/$$page; \
	done

# The same commit gives the same bytes: sorted names, the commit's time, owner root, no settings of the user's git.
dist:
	@mkdir -p build
	git -c core.autocrlf=false -c tar.umask=0022 archive --format=tar --prefix=nnutils-$(VERSION)/ \
		-o build/nnutils-$(VERSION).tar HEAD
	gzip -9nf build/nnutils-$(VERSION).tar

# Of the tree as it stands, in a copy, by Debian's rules: our make, its variables and config.mk have no part in it.
# make check runs the tests.
DEB := build/deb
deb: | $(filter deps deps-deb,$(MAKECMDGOALS))
	rm -rf $(DEB)
	mkdir -p $(DEB)/nnutils-$(VERSION)
	tar --anchored $(addprefix --exclude=./,build out config.mk .git $(patsubst %/.,%,$(wildcard data/*/.))) -c . | \
		tar -C $(DEB)/nnutils-$(VERSION) -x
	cd $(DEB)/nnutils-$(VERSION) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL DEB_BUILD_OPTIONS="nocheck $$DEB_BUILD_OPTIONS" \
		dpkg-buildpackage -us -uc
	lintian --fail-on error,warning $(DEB)/nnutils_$(VERSION)_*.changes
	@ls $(DEB)/*.deb
clean:
	rm -rf build

.PHONY: all deps deps-dev deps-deb data figures check bench fuzz $(FUZZ_TARGETS:%=fuzz-%) lint install uninstall dist deb clean
