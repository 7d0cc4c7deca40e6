# SPDX-License-Identifier: GPL-2.0-only
# perf-go. `make help` lists the targets, and these:
#
#   O=DIR       objects go there (build)
#   CC=clang    the other compiler
#   SAN=1       build with ASan and UBSan, in O/san
#   WERROR=1    warnings are errors
#   V=1         show the commands
#   PREFIX=DIR  install there (/usr/local); DESTDIR=DIR before it

O ?= build
PREFIX ?= /usr/local
VERSION := 0.1.0
GO ?= go
PYTHON ?= python3
FUZZ_SECONDS ?= 60

ifneq ($(V),1)
Q := @
msg = @printf '  %-5s %s\n' '$(1)' '$(patsubst $(O)/%,%,$@)';
endif
ifneq ($(findstring s,$(firstword -$(MAKEFLAGS))),)
msg = @
endif

CORE_SRC := $(wildcard core/*/*.c)
BPF_SRC := $(wildcard plugins/perf-go/record/*.bpf.c)
PERF_GO_SRC := $(filter-out $(BPF_SRC),$(wildcard plugins/perf-go/*.c plugins/perf-go/record/*.c))
UNIT_SRC := $(wildcard tests/unit/test_*.c)
BENCH_SRC := $(wildcard tests/bench/*.c)
TELL_SRC := $(wildcard tests/goruntime/*.c)
EVENTS_SRC := $(wildcard tests/events/*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
PROGRAM_SRC := $(wildcard tests/programs/*.c)
SERVICE_SRC := $(wildcard tests/programs/service/*)
MAN_SRC := $(wildcard doc/man/*.1)

PKGS := libelf libdw libzstd zlib smartcols libbpf
OPTIMIZE ?= -O2
WARNINGS := -Wall -Wextra -Wno-missing-field-initializers -Wno-sign-compare
CPPFLAGS += -D_GNU_SOURCE -DPERFGO_VERSION='"$(VERSION)"' -Icore -Iplugins/perf-go \
	-I$(O)/plugins/perf-go
CFLAGS += -std=gnu11 -g $(OPTIMIZE) $(WARNINGS) $(if $(WERROR),-Werror) -fno-strict-aliasing
ifeq ($(SAN),1)
override O := $(O)/san
SANITIZE := address,undefined
endif
ifeq ($(FUZZ),1)
override O := $(O)/fuzz
SANITIZE := address,undefined,fuzzer-no-link
CC := clang
endif
ifdef SANITIZE
CFLAGS += -fsanitize=$(SANITIZE) -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
endif

CORE := $(CORE_SRC:%.c=$(O)/%.o)
PERF_GO := $(PERF_GO_SRC:%.c=$(O)/%.o)
UNIT := $(UNIT_SRC:%.c=$(O)/%)
BENCH := $(BENCH_SRC:%.c=$(O)/%)
TELL := $(TELL_SRC:%.c=$(O)/%)
EVENTS := $(EVENTS_SRC:%.c=$(O)/%)
FUZZERS := $(FUZZ_SRC:%.c=$(O)/%)
MAN_PAGES := $(MAN_SRC:doc/%=$(O)/%)
PROGRAMS := $(PROGRAM_SRC:%.c=$(O)/%) $(O)/tests/programs/service/service

# The BPF program of the recorder, and libperf: the system's where it has the internal headers too,
# else built from the distribution's package of Linux sources.
CLANG ?= clang
BPFTOOL ?= $(or $(shell command -v bpftool),$(wildcard /usr/sbin/bpftool),bpftool)
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)))
BPF_MACHINE := $(or $(patsubst aarch64,arm64,$(filter aarch64,$(MACHINE))),x86)
BPF_FLAGS := -g -O2 -Wall -target bpf -mcpu=v3 -D__TARGET_ARCH_$(BPF_MACHINE) \
	$(addprefix -idirafter ,/usr/include/$(MACHINE)-linux-gnu /usr/$(MACHINE)-linux-gnu/include)
LIBPERF := $(O)/libperf
CROSS := $(patsubst %gcc,%,$(filter %-gcc,$(firstword $(CC))))
LINUX_SOURCE ?= $(lastword $(sort $(wildcard $(foreach end,tar.xz tar.bz2,\
	/usr/src/linux-source-*.$(end) /usr/src/linux-source-*/linux-source-*.$(end)))))
LIBPERF_CFLAGS := $(shell printf '\043include <internal/evlist.h>' | \
	$(CC) $$(pkg-config --cflags libperf 2>/dev/null) -E - >/dev/null 2>&1 && \
	pkg-config --cflags libperf || echo none)
ifneq ($(LIBPERF_CFLAGS),none)
LIBPERF_LIBS := $(shell pkg-config --libs libperf)
else
LIBPERF_CFLAGS := $(addprefix -isystem $(LIBPERF)/tools/,lib/perf/include lib include \
	arch/$(BPF_MACHINE)/include include/uapi)
LIBPERF_LIBS := $(LIBPERF)/libperf.a $(LIBPERF)/libapi.a
endif

# What these goals do not build needs neither compiler nor libraries.
NO_BUILD := help deps demo clean format lint uninstall fuzz
ifneq ($(filter-out $(NO_BUILD),$(or $(MAKECMDGOALS),all)),)
MISSING := $(shell command -v $(firstword $(CC)) >/dev/null || echo $(firstword $(CC)); \
	command -v pkg-config >/dev/null || echo pkg-config; \
	for tool in $(CLANG) $(BPFTOOL); do command -v $$tool >/dev/null || echo $$tool; done; \
	$(if $(filter $(LIBPERF)/%,$(LIBPERF_LIBS)),$(if $(LINUX_SOURCE),,echo linux-source;)) \
	for lib in $(PKGS) $(if $(filter check unit,$(MAKECMDGOALS)),cmocka); do pkg-config --exists $$lib 2>/dev/null || echo $$lib; done)
ifneq ($(MISSING),)
$(error not here: $(MISSING). `make deps` installs what perf-go is built with)
endif
CFLAGS += $(shell pkg-config --cflags $(PKGS))
# libstdc++ has __cxa_demangle, and nothing else that is used.
LIBS := $(shell pkg-config --libs $(PKGS)) -lstdc++ -lm

# Other flags, or a file less, make everything anew.
BUILT_WITH := $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(LIBS) $(CORE) $(PERF_GO)
ifneq ($(strip $(file <$(O)/.built-with)),$(strip $(BUILT_WITH)))
$(shell mkdir -p $(O))
$(file >$(O)/.built-with,$(BUILT_WITH))
endif
endif

all: $(O)/perf-go ## build perf-go (what plain make does)

$(O)/libperfgo.a: $(CORE)
	$(call msg,AR) rm -f $@ && $(AR) rcs $@ $^

$(O)/perf-go: $(PERF_GO) $(O)/libperfgo.a $(filter %.a,$(LIBPERF_LIBS))
	$(call msg,LD) $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(PERF_GO) $(O)/libperfgo.a \
		$(LIBPERF_LIBS) $(LIBS)

RECORD := $(O)/plugins/perf-go/record
$(RECORD)/opened.o: CPPFLAGS += $(LIBPERF_CFLAGS)
$(RECORD)/opened.o: | $(filter %.a,$(LIBPERF_LIBS))
$(RECORD)/programs.o: $(RECORD)/context.skel.h

$(RECORD)/%.bpf.o: plugins/perf-go/record/%.bpf.c $(O)/.built-with
	@mkdir -p $(@D)
	$(call msg,BPF) $(CLANG) $(BPF_FLAGS) -MMD -MP -c -o $@ $<

$(RECORD)/%.skel.h: $(RECORD)/%.bpf.o
	$(call msg,SKEL) $(BPFTOOL) gen skeleton $< name $* >$@.new && mv $@.new $@

# Its makefiles must not hear what is said to this one.
$(LIBPERF)/libperf.a: | $(LINUX_SOURCE)
	@mkdir -p $(LIBPERF)
	$(call msg,PERF) tar xf $(LINUX_SOURCE) -C $(LIBPERF) --strip-components=1 --wildcards \
		$(foreach part,lib build scripts include arch,'*/tools/$(part)/*')
	$(Q)env -u MAKEFLAGS -u MAKEOVERRIDES -u MFLAGS -u MAKELEVEL -u CFLAGS -u CPPFLAGS \
		-u LDFLAGS -u CC -u O -u V $(MAKE) -s -C $(LIBPERF)/tools/lib/perf WERROR=0 \
		O=$(abspath $(LIBPERF)) $(if $(CROSS),CROSS_COMPILE=$(CROSS) ARCH=$(BPF_MACHINE)) \
		$(abspath $@ $(LIBPERF)/libapi.a) >$(LIBPERF)/log 2>&1 || \
		{ cat $(LIBPERF)/log; exit 1; }
$(LIBPERF)/libapi.a: $(LIBPERF)/libperf.a ;

$(O)/%.o: %.c $(O)/.built-with
	@mkdir -p $(@D)
	$(call msg,CC) $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# A program of one file over the core: PROGRAM_LIBS says what it links besides.
$(UNIT): PROGRAM_LIBS := -lcmocka
$(FUZZERS): PROGRAM_LIBS := -fsanitize=fuzzer
$(O)/tests/fuzz/fuzz_stacks: PROGRAM_LIBS += -lcmocka
$(UNIT) $(BENCH) $(TELL) $(EVENTS) $(FUZZERS): $(O)/%: %.c $(O)/libperfgo.a
	@mkdir -p $(@D)
	$(call msg,LD) $(CC) $(CPPFLAGS) -Itests $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< \
		$(filter %.o,$^) $(O)/libperfgo.a $(LIBS) $(PROGRAM_LIBS)
# What makes events of words, which is not of the core.
$(O)/tests/unit/test_events $(EVENTS): $(filter $(addprefix $(RECORD)/,event% mem_events.o pmu.o \
	text_file.o tracepoint%),$(PERF_GO))

# Parts of the recorder; what they call of others the tests have themselves.
record_objects = $(addprefix $(RECORD)/,$(addsuffix .o,$(1)))
$(O)/tests/unit/test_rings: $(call record_objects,rings labels sample_place)
$(O)/tests/unit/test_labels: $(call record_objects,labels)
$(O)/tests/unit/test_processes: $(call record_objects,processes no_go_files)
$(O)/tests/unit/test_targets: $(call record_objects,targets sideband)
$(O)/tests/unit/test_refusal: $(call record_objects,refusal)

# Programs to profile: C with symbols and lines, Go stripped.
$(PROGRAM_SRC:%.c=$(O)/%): $(O)/%: %.c
	@mkdir -p $(@D)
	$(call msg,CC) $(CC) -std=gnu11 -g -O2 -fno-omit-frame-pointer -o $@ $< -lm

$(O)/tests/programs/service/service: $(SERVICE_SRC)
	@mkdir -p $(@D)
	$(call msg,GO) cd tests/programs/service && \
		$(GO) build -buildvcs=false -ldflags='-s -w' -o $(abspath $@) .

programs: $(PROGRAMS)
unit-programs: $(UNIT)

unit: $(UNIT) ## build and run the unit tests
	$(Q)$(PYTHON) tests/run.py --build $(O) unit

demo: ## record a stripped Go service and show what each perf says of it
	$(Q)MAKE='$(MAKE)' O='$(O)' build-aux/demo

check: all programs $(UNIT) $(TELL) $(EVENTS) ## build and run every test; SUITES="unit cli" for some
	$(Q)$(PYTHON) tests/run.py --build $(O) $(SUITES)

check-go: all $(TELL) ## the whole Go matrix: every release, every way to link
	$(Q)$(PYTHON) tests/run.py --build $(O) --limit 14400 gomatrix-full goruntime-full goroutines-full

bench: all programs $(BENCH) ## measure against stock perf; BASE=rev for another revision beside
	$(Q)$(PYTHON) tests/bench/run.py --build $(O) $(if $(BASE),--base $(BASE))

bench-programs: $(BENCH)

fuzz: ## run every fuzz target for FUZZ_SECONDS (60) under ASan and UBSan
	$(Q)$(MAKE) FUZZ=1 fuzz-programs
	$(Q)build-aux/fuzz $(O)/fuzz $(FUZZ_SECONDS)

fuzz-programs: $(FUZZERS)

$(O)/core/out/flame.o: core/out/flame.js

# The program has the pages in it, and puts its table of keys into one of them.
$(O)/plugins/perf-go/manual.o: $(MAN_SRC)
$(O)/man/%.1: doc/man/%.1 $(O)/perf-go
	@mkdir -p $(@D)
	$(Q)$(O)/perf-go help --raw $(patsubst -%,%,$(*:perf-go%=%)) >$@

install: all $(MAN_PAGES) ## install perf-go and its man pages below PREFIX
	install -D -m 755 $(O)/perf-go $(DESTDIR)$(PREFIX)/bin/perf-go
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man1 $(MAN_PAGES)

uninstall: ## remove what install put below PREFIX
	rm -f $(DESTDIR)$(PREFIX)/bin/perf-go
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/share/man/man1/,$(notdir $(MAN_PAGES)))

deps: ## install with apt what building, tests and CI need and is missing
	$(Q)build-aux/deps ci

format: ## bring all C files into the style of .clang-format
	$(Q)build-aux/lint format --fix

lint: ## check format, limits, man pages, and clang-tidy's findings
	$(Q)build-aux/lint

clean: ## remove what was built
	rm -rf $(O)

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14
	@sed -n 's/^#   \([A-Z0-9]*=\)/\n  \1/p' $(firstword $(MAKEFILE_LIST)) | grep .

.PHONY: all programs unit unit-programs demo check check-go bench bench-programs fuzz fuzz-programs install uninstall deps \
	format lint clean help
-include $(CORE:.o=.d) $(PERF_GO:.o=.d) $(BPF_SRC:%.c=$(O)/%.d) $(UNIT:=.d) $(BENCH:=.d) $(TELL:=.d) \
	$(EVENTS:=.d) $(FUZZERS:=.d)
