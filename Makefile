# SPDX-License-Identifier: GPL-2.0-only
# perf-go. `make help` lists the targets. Objects go to build/ (O=DIR for another place);
# SAN=1 builds with ASan and UBSan, V=1 shows the commands, CC=clang the other compiler.

O ?= build
PREFIX ?= /usr/local
VERSION := 0.1.0
PKGS := libelf libdw libzstd zlib smartcols

ifneq ($(V),1)
Q := @
msg = @printf '  %-5s %s\n' '$(1)' '$(patsubst $(O)/%,%,$@)';
endif

OPTIMIZE ?= -O2
WARNINGS := -Wall -Wextra -Wno-missing-field-initializers -Wno-sign-compare
CPPFLAGS += -D_GNU_SOURCE -DPERFGO_VERSION='"$(VERSION)"' -Icore -Iplugins/perf-go
CFLAGS += -std=gnu11 -g $(OPTIMIZE) $(WARNINGS) $(if $(WERROR),-Werror) -fno-strict-aliasing
ifeq ($(SAN),1)
O := $(O)/san
CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
endif
CFLAGS += $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
# libstdc++ has __cxa_demangle, and nothing else that is used.
LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lstdc++ -lm

CORE := $(patsubst %.c,$(O)/%.o,$(wildcard core/*/*.c))
PERF_GO := $(patsubst %.c,$(O)/%.o,$(wildcard plugins/perf-go/*.c))
UNIT := $(patsubst tests/unit/%.c,$(O)/tests/unit/%,$(wildcard tests/unit/test_*.c))

all: $(O)/perf-go

$(O)/libperfgo.a: $(CORE)
	$(call msg,AR) rm -f $@ && $(AR) rcs $@ $^

$(O)/perf-go: $(PERF_GO) $(O)/libperfgo.a
	$(call msg,LD) $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(call msg,CC) $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(O)/tests/unit/%: tests/unit/%.c $(O)/libperfgo.a
	@mkdir -p $(@D)
	$(call msg,LD) $(CC) $(CPPFLAGS) -Itests $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< \
		$(O)/libperfgo.a $(LIBS) -lcmocka

unit: $(UNIT)
	$(Q)set -e; for test in $(UNIT); do $$test; done

clean:
	rm -rf $(O)

.PHONY: all unit clean
-include $(CORE:.o=.d) $(PERF_GO:.o=.d) $(UNIT:=.d)
