# Palate. `make help` lists the targets. BUILD is where everything goes that is built, the worker for the web server apart.

BUILD  ?= build
SERVER ?= apache
PORT   ?= 5051
PREFIX ?= /usr/local
export BUILD SERVER DATABASE PORT PREFIX DESTDIR SITE PALATE_HOME

LIBS   := fcgi inih json-c libcrypto libjwt libmariadb libseccomp libutf8proc zlib
TOOL   := $(LIBS) expat libcurl liblzma
CFLAGS += -std=gnu17 -D_GNU_SOURCE -DPALATE_PREFIX='"$(PREFIX)"' -Ifcgi -g -Wall -Wextra -Wshadow \
          -Wconversion -Werror -fstack-protector-strong -MMD -MP $(shell pkg-config --cflags $(TOOL) 2>/dev/null)
RELEASE  := -O2 -D_FORTIFY_SOURCE=2 -fPIE -pie -Wl,-z,relro,-z,now -Wl,--as-needed
SANITIZE := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

MAINS  := fcgi/palate_fcgi.c fcgi/palate.c
ALL    := $(sort $(shell find fcgi -name '*.c'))
TOOLS  := $(filter fcgi/cli/% fcgi/training/%,$(ALL))
COMMON := $(filter-out $(MAINS) $(TOOLS),$(ALL))
TESTS  := $(sort $(shell find tests/unit -name 'test_*.c'))
WORKER := $(if $(filter build,$(BUILD)),cgi-bin/palate.fcgi,$(BUILD)/palate.fcgi)
# Sums are the same bits four at a time and one by one, whatever the processor.
%/engine/explain.o %/engine/recommend.o %/engine/relevance.o %/engine/row_sum.o: CFLAGS += -ffp-contract=off
objects = $(patsubst fcgi/%.c,$(BUILD)/$(1)/%.o,$(2))
# One short line for each file that is built; V=1 prints the commands themselves, -s nothing.
SILENT := $(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
CC_ = $(if $(V),,@$(if $(SILENT),,echo 'CC   $<';))
LD_ = $(if $(V),,@$(if $(SILENT),,echo 'LINK $@';))

.PHONY: all sanitize unit-programs run check quick unit api deploy-check targets-check quality bench bench-engine bench-search bench-ingest bench-changes bench-pair fault fuzz lint \
        format packages install clean distclean help
.DELETE_ON_ERROR:
.SECONDARY:

all: $(WORKER) $(BUILD)/palate  ## the worker (cgi-bin/palate.fcgi) and the tool (build/palate)
sanitize: $(BUILD)/sanitize/palate.fcgi $(BUILD)/sanitize/palate  ## both with address and undefined behaviour sanitizers
unit-programs: $(TESTS:tests/unit/%.c=$(BUILD)/sanitize/tests/%)

$(WORKER): $(call objects,release,fcgi/palate_fcgi.c $(COMMON))
	$(LD_)$(CC) $(CFLAGS) $(RELEASE) $(LDFLAGS) -o $@ $^ $$(pkg-config --libs $(LIBS)) -pthread -lm
$(BUILD)/palate: $(call objects,release,fcgi/palate.c $(COMMON) $(TOOLS))
	$(LD_)$(CC) $(CFLAGS) $(RELEASE) $(LDFLAGS) -o $@ $^ $$(pkg-config --libs $(TOOL)) -pthread -lm
$(BUILD)/sanitize/palate.fcgi: $(call objects,sanitize,fcgi/palate_fcgi.c $(COMMON))
	$(LD_)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $$(pkg-config --libs $(LIBS)) -pthread -lm
$(BUILD)/sanitize/palate: $(call objects,sanitize,fcgi/palate.c $(COMMON) $(TOOLS))
	$(LD_)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $$(pkg-config --libs $(TOOL)) -pthread -lm
# From an archive, so that each takes only what it tests: all are linked again in a few seconds when a source has changed.
$(BUILD)/sanitize/palate.a: $(call objects,sanitize,$(COMMON) $(TOOLS))
	@rm -f $@ && ar rcsT $@ $^
$(BUILD)/sanitize/tests/%.o: tests/unit/%.c Makefile | cmocka
	@mkdir -p $(@D)
	$(CC_)$(CC) $(CFLAGS) $(SANITIZE) -c -o $@ $<
$(BUILD)/sanitize/tests/%: $(BUILD)/sanitize/tests/%.o $(BUILD)/sanitize/palate.a
	$(LD_)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $$(pkg-config --libs $(TOOL) cmocka) -pthread -lm

$(BUILD)/bench-engine $(BUILD)/bench-growth $(BUILD)/bench-search: $(BUILD)/bench-%: tests/bench/%.c $(call objects,release,$(COMMON) $(TOOLS)) Makefile
	$(LD_)$(CC) $(CFLAGS) $(RELEASE) $(LDFLAGS) -MF $@.d -o $@ $(filter %.c %.o,$^) $$(pkg-config --libs $(TOOL)) -pthread -lm

$(BUILD)/yardstick/worker $(BUILD)/yardstick/cgi: $(BUILD)/yardstick/%: $(addprefix tests/bench/yardstick/,%.c transaction.c exchange.c transaction.h exchange.h) Makefile
	@mkdir -p $(@D)
	$(LD_)$(CC) $(filter-out -MMD -MP,$(CFLAGS)) $(RELEASE) $(LDFLAGS) -o $@ $(filter %.c,$^) $$(pkg-config --libs fcgi libjwt libmariadb)
$(BUILD)/bench-ingest: tests/bench/ingest.c $(call objects,release,$(COMMON)) Makefile
	$(LD_)$(CC) $(CFLAGS) $(RELEASE) $(LDFLAGS) -MF $@.d -o $@ $(filter %.c %.o,$^) $$(pkg-config --libs $(LIBS)) -pthread -lm

# The fuzz targets, with clang, whose warnings are not those that the sources are written to. Arena and transport are their own,
# of the tool there is only what reads files. In coverage/ the same without sanitizers, counting lines.
FUZZ_CC  ?= clang
FUZZED   := $(COMMON) $(filter fcgi/training/% $(addprefix fcgi/cli/,format.c progress.c) \
            $(addprefix fcgi/cli/import/,row% shop_% table_% category_text.c csv.c event_files.c json_elements.c key_text.c \
            line_reader.c products.c raw_lines.c source% text_encoding.c xml_%),$(TOOLS))
FUZZ_ALL := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ     := $(filter-out -W%,$(CFLAGS)) -Itests/fuzz -Wno-unknown-attributes -D__SANITIZE_ADDRESS__ -O1 -fno-omit-frame-pointer
$(BUILD)/fuzz/%: FUZZ += -fsanitize=address,undefined -fno-sanitize-recover=undefined
$(BUILD)/coverage/%: FUZZ += -fprofile-instr-generate -fcoverage-mapping
.PHONY: fuzz-programs fuzz-coverage
fuzz-programs: $(addprefix $(BUILD)/fuzz/,$(FUZZ_ALL) seed_model)
fuzz-coverage: $(addprefix $(BUILD)/coverage/,$(FUZZ_ALL))
define fuzz_rules
$(BUILD)/$(1)/fuzz_%: tests/fuzz/fuzz_%.c $(BUILD)/$(1)/own/arena.o $(BUILD)/$(1)/own/transport.o $(BUILD)/$(1)/palate.a
	$$(LD_)$$(FUZZ_CC) $$(FUZZ) -Wall -Wextra -Wshadow -Wconversion -Werror -fsanitize=fuzzer -MF $$@.d -o $$@ $$(filter %.c %.o %.a,$$^) \
	    $$$$(pkg-config --libs $$(TOOL)) -pthread -lm
$(BUILD)/$(1)/own/%.o: tests/fuzz/%.c Makefile | fuzz-compiler
	@mkdir -p $$(@D)
	$$(CC_)$$(FUZZ_CC) $$(FUZZ) -c -o $$@ $$<
$(BUILD)/$(1)/%.o: fcgi/%.c Makefile | fuzz-compiler
	@mkdir -p $$(@D)
	$$(CC_)$$(FUZZ_CC) $$(FUZZ) -fsanitize=fuzzer-no-link -c -o $$@ $$<
$(BUILD)/$(1)/palate.a: $(call objects,$(1),$(FUZZED))
	@rm -f $$@ && ar rcs $$@ $$^
endef
$(eval $(call fuzz_rules,fuzz))
$(eval $(call fuzz_rules,coverage))
$(BUILD)/fuzz/seed_model: tests/fuzz/seed_model.c $(BUILD)/fuzz/palate.a
	$(LD_)$(FUZZ_CC) $(FUZZ) -MF $@.d -o $@ $(filter %.c %.a,$^) $$(pkg-config --libs $(TOOL)) -pthread -lm

$(addsuffix /api/openapi.o,$(addprefix $(BUILD)/,release sanitize fuzz coverage)): fcgi/api/openapi.json
# How many schema files there are, which GET /ready compares with the database's; of one object, or each new file would be a new build.
SCHEMA := -DPALATE_SCHEMA=$(words $(wildcard sql/[0-9]*.sql))
$(addsuffix /storage/readiness.o,$(addprefix $(BUILD)/,release sanitize fuzz coverage)): $(wildcard sql/[0-9]*.sql)
$(addsuffix /storage/readiness.o,$(addprefix $(BUILD)/,release sanitize)): CFLAGS += $(SCHEMA)
$(addsuffix /storage/readiness.o,$(addprefix $(BUILD)/,fuzz coverage)): FUZZ += $(SCHEMA)
$(BUILD)/release/%.o: fcgi/%.c Makefile | libraries
	@mkdir -p $(@D)
	$(CC_)$(CC) $(CFLAGS) $(filter-out -pie -Wl%,$(RELEASE)) -c -o $@ $<
$(BUILD)/sanitize/%.o: fcgi/%.c Makefile | libraries
	@mkdir -p $(@D)
	$(CC_)$(CC) $(CFLAGS) $(SANITIZE) -c -o $@ $<
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: libraries cmocka fuzz-compiler flags
libraries:
	@pkg-config --exists $(TOOL) && command -v $(CC) >/dev/null || \
	    { echo 'The compiler or libraries are missing. Install them with: make packages' >&2; exit 1; }
cmocka: libraries
	@pkg-config --exists cmocka || { echo 'cmocka is missing. Install it with: make packages FOR=unit' >&2; exit 1; }
fuzz-compiler: libraries
	@command -v $(FUZZ_CC) >/dev/null || { echo '$(FUZZ_CC) is missing. Install it with: make packages FOR=fuzz' >&2; exit 1; }

# What sources are compiled with, for tests/lint.
flags: ; $(info $(CFLAGS) -DPALATE_SCHEMA=1 $(RELEASE)) @:

# Each target installs the packages that it needs and then builds with another make, which sees them.
make = +@$(MAKE) --no-print-directory

run:  ## everything on http://127.0.0.1:5051 from nothing; Ctrl-C stops it; SERVER=lighttpd, PORT=...
	@etc/demo/run
check:  ## all tests, with sanitizers, under four web server set-ups
	@tests/check
quick:  ## for every few minutes: unit tests, the cheap part of lint, one answer of the worker; under a minute when little has changed
	@tests/check quick
unit api:  ## only the unit tests, only the black-box tests
	@tests/check $@
deploy-check:  ## installs and serves in bare Debian roots, as root; tests/deploy/README.md
	@tests/check deploy
targets-check:  ## each target of this file by itself in a bare Debian root, as root; TARGETS='bench fault', DEPLOY_SUITE=trixie
	@etc/demo/packages check
	@tests/deploy/targets $(TARGETS)
quality:  ## accuracy and cost of training on ../shared/data, into tests/quality/results
	@etc/demo/packages quality
	$(make) all
	@tests/quality/run
bench:  ## speed against the limit and the peer; BENCH='--quick' and tests/bench/run --help
	@etc/demo/packages bench
	$(make) all $(BUILD)/yardstick/worker $(BUILD)/yardstick/cgi $(BUILD)/bench-growth $(BUILD)/bench-ingest
	@tests/bench/run $(BENCH)
	@tests/bench/run-ingest $(INGEST)
bench-engine:  ## engine times, into tests/bench/results
	@etc/demo/packages quality
	$(make) all $(BUILD)/bench-engine
	@tests/bench/run-engine
bench-search:  ## searches, filters and lists over 50,000 changed items, processor time
	@etc/demo/packages build
	$(make) $(BUILD)/bench-search
	@$(BUILD)/bench-search
bench-ingest:  ## the last part of bench alone: events, imports and lists against bare programs
	@etc/demo/packages bench
	$(make) all $(BUILD)/bench-ingest
	@tests/bench/run-ingest $(INGEST)
bench-changes: all  ## memory and first requests after a catalogue was pushed again; CHANGES='--only small' and tests/bench/run-changes --help
	@tests/bench/run-changes $(CHANGES)
bench-pair:  ## speed against another checkout, BEFORE=DIR, in turn; PAIR='--rounds 20' and tests/bench/run-pair --help
	@test -n "$(BEFORE)" || { echo "make bench-pair: say which checkout to compare with: BEFORE=DIR" >&2; exit 2; }
	@etc/demo/packages bench
	$(make) all $(BUILD)/yardstick/worker
	$(make) -C $(BEFORE) all build/yardstick/worker
	@tests/bench/run-pair $(BEFORE) $(PAIR)
fault:  ## everything breaks under load, then answers are compared with rows; FAULT='--scale 0.1' and tests/fault/run --help
	@etc/demo/packages fault
	$(make) all
	@tests/fault/run $(FAULT)
fuzz:  ## libFuzzer on what reads foreign bytes, FUZZ_SECONDS=60 each; docs/fuzzing.md
	@etc/demo/packages fuzz
	@tests/fuzz/run
lint:  ## formatting, the rules of tests/lint/check_sources.py, static analysis
	@etc/demo/packages lint
	@tests/lint/run
format:  ## formats the C sources, with the version of clang-format that lint asks for
	@etc/demo/packages lint
	@tests/lint/run --format
packages: ; @etc/demo/packages $(or $(FOR),run)  ## installs the Debian packages that are missing; FOR=deploy: a server for good, SERVER=, DATABASE=remote
install: all  ## PREFIX=/usr/local DESTDIR=, or on shared hosting: PALATE_HOME=/home/you/palate SITE=/home/you/www
	@etc/demo/install
clean: ; @rm -rf $(BUILD) $(WORKER)  ## removes what was built
distclean: clean ; @etc/demo/run remove  ## and the data of make run
help: ; @sed -n 's/^\([a-z][a-z -]*\):[^#]*  ## /\1: /p' Makefile  ## this list
