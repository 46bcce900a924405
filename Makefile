# Tandem: one flat Makefile. `make help` lists the targets.
#
# Variants stand side by side, each in build/V: objects in obj/, archives in lib/, programs in bin/, plugins in plugins/, tests in t/.
# A new .c file in a module's folder is built without a change here. The file with main() of a program is NAME_main.c; everything
# else of its folder also goes into an archive, so that unit tests can link it.

V ?= release
CC = gcc
B := build/$(V)

PREFIX ?= /usr
BINDIR ?= $(PREFIX)/bin
SBINDIR ?= $(PREFIX)/sbin
LIBDIR ?= $(PREFIX)/lib
INCDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/tandem
COMPDIR ?= $(PREFIX)/share/bash-completion/completions
SYSCONFDIR ?= /etc
VERSION := $(shell sed -n 's/^.define TD_VERSION "\(.*\)"/\1/p' lib/base/version.h 2>/dev/null)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# ---- variants -------------------------------------------------------------------------------------------------------

HARDEN := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection
SANITIZE := -fno-omit-frame-pointer -fno-sanitize-recover=all

OPT_debug := -O0 -g3
OPT_release := -O2 -g $(HARDEN)
OPT_asan := -O1 -g $(SANITIZE) -fsanitize=address,undefined
OPT_tsan := -O1 -g $(SANITIZE) -fsanitize=thread
OPT_cov := -O0 -g --coverage
OPT_fuzz := -O1 -g $(SANITIZE) -fsanitize=fuzzer-no-link,address,undefined
LINK_asan := -fsanitize=address,undefined
LINK_tsan := -fsanitize=thread
LINK_cov := --coverage
LINK_fuzz := -fsanitize=address,undefined

ifeq ($(OPT_$(V)),)
$(error V=$(V) is no variant: debug, release, asan, tsan, cov, fuzz)
endif
ifeq ($(V),fuzz)
CC := clang
endif

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wvla -Werror
CFLAGS ?=
ALL_CFLAGS = -std=c11 $(WARN) $(OPT_$(V)) -ffunction-sections -fdata-sections $(CFLAGS)
CPPFLAGS_TD := -D_GNU_SOURCE
PIE := -fPIE
# A sanitizer's run time cannot be linked statically.
STATIC := $(if $(filter asan tsan fuzz,$(V)),-pie,-static)
ALL_LDFLAGS = $(LINK_$(V)) -Wl,--as-needed -Wl,-z,relro -Wl,-z,now $(LDFLAGS)

# ---- what each module may see ---------------------------------------------------------------------------------------
# Include paths are the module boundary: a header that is not on the list cannot be included.

quoted = $(addprefix -iquote ,$(1))
SEE_base := $(call quoted,lib/base)
SEE_wire := $(call quoted,lib/base lib/wire)
SEE_text := $(call quoted,lib/base lib/wire lib/text $(B)/gen/text)
SEE_common := $(call quoted,lib/base lib/wire lib/text)
SEE_store := $(SEE_common) $(call quoted,store $(B)/gen/store)
SEE_milter := $(SEE_common) $(call quoted,milter)
SEE_smsd := $(SEE_common) $(call quoted,sms-transport) -Iinclude
SEE_ctl := $(SEE_common) $(call quoted,ctl)
SEE_plugin := -Iinclude
SEE_tap := $(call quoted,t/lib)

# ---- libraries ------------------------------------------------------------------------------------------------------

PKGS := libconfig libcrypto libevent_core libevent_extra libevent_openssl libssl gmime-3.0 libxml-2.0 icu-i18n sqlite3 jansson libcurl milter
NO_BUILD := clean help check check-fast lint demo uninstall all-variants deps bench fuzz cov
ifneq ($(filter-out $(NO_BUILD),$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell pkg-config --exists $(PKGS) && echo yes),yes)
$(error Libraries are missing. Run: scripts/bootstrap --build)
endif
pkg_cflags = $(shell pkg-config --cflags $(1))
pkg_libs = $(shell pkg-config --libs $(1))
CFLAGS_TEXT := $(call pkg_cflags,gmime-3.0 libxml-2.0 icu-i18n)
LIBS_base := $(call pkg_libs,libconfig libcrypto)
LIBS_wire := $(call pkg_libs,libevent_core)
LIBS_text := $(call pkg_libs,gmime-3.0 libxml-2.0 icu-i18n jansson) -lunistring
LIBS_common := $(LIBS_text) $(LIBS_wire) $(LIBS_base)
LIBS_store := $(call pkg_libs,sqlite3 jansson)
LIBS_milter := $(call pkg_libs,milter) -lpthread
LIBS_smsd := $(call pkg_libs,libcurl jansson) -levent_openssl -levent_extra -lssl
LIBS_ctl := $(call pkg_libs,jansson)
# Everything that changes what a compiler makes of a source: another compiler or other flags rebuild the variant.
FLAGS := $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(CFLAGS_TEXT)
ifneq ($(strip $(file <$(B)/flags)),$(strip $(FLAGS)))
$(shell mkdir -p $(B))
$(file >$(B)/flags,$(FLAGS))
endif
endif

# ---- sources --------------------------------------------------------------------------------------------------------

comma := ,
Q := $(if $(VERBOSE),,@)
say = $(if $(VERBOSE),@:,@echo '  $(1)	$(2)')
obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
main_of = $(wildcard $(1)_main.c)

BASE := $(wildcard lib/base/*.c)
WIRE := $(wildcard lib/wire/*.c)
TEXT := $(wildcard lib/text/*.c)
STORE := $(filter-out store/stored_main.c,$(wildcard store/*.c store/*/*.c))
MILTER := $(filter-out milter/milter_main.c,$(wildcard milter/*.c))
PIPE := $(filter-out sms-transport/pipe_main.c,$(wildcard sms-transport/pipe*.c))
SMSD := $(filter-out sms-transport/smsd_main.c sms-transport/pipe%,$(wildcard sms-transport/*.c))
CTL := $(filter-out ctl/ctl_main.c,$(wildcard ctl/*.c))
MAINS := $(wildcard store/stored_main.c milter/milter_main.c sms-transport/pipe_main.c sms-transport/smsd_main.c ctl/ctl_main.c)
# A plugin is plugins/NAME.c or the files of plugins/NAME/.
PLUGINS := $(wildcard plugins/*.c plugins/*/*.c)
PLUGIN_NAMES := $(sort $(basename $(notdir $(wildcard plugins/*.c))) $(notdir $(patsubst %/,%,$(dir $(wildcard plugins/*/*.c)))))
# Plugins for tests, never installed: t/abi/NAME.c or t/abi/NAME/*.c, and broken ones.
ABI_ZOO := $(wildcard t/abi/zoo/*.c)
ABI := $(filter-out $(ABI_ZOO),$(wildcard t/abi/*.c t/abi/*/*.c))
ABI_NAMES := $(sort $(basename $(notdir $(wildcard t/abi/*.c))) $(filter-out zoo,$(notdir $(patsubst %/,%,$(dir $(wildcard t/abi/*/*.c))))))
TAP := $(wildcard t/lib/*.c)
UNIT := $(wildcard t/unit/*.t.c)
TESTS := $(wildcard t/integ/*.t.c t/e2e/*.t.c t/fault/*.t.c)
FUZZ := $(wildcard t/fuzz/*.fuzz.c)
TOOLS := $(wildcard t/tools/*.c)
BENCH_PRELOAD := $(wildcard bench/slow_*.c) # LD_PRELOAD libraries
BENCH := $(filter-out $(BENCH_PRELOAD),$(wildcard bench/*.c))
SQL := $(wildcard store/*.sql store/*/*.sql)
TSV := $(if $(wildcard scripts/tsv2c),$(wildcard lib/text/data/*.tsv))
STORE_TSV := $(wildcard store/data/*.tsv)
SOURCES := $(BASE) $(WIRE) $(TEXT) $(STORE) $(MILTER) $(PIPE) $(SMSD) $(CTL) $(MAINS) $(PLUGINS) $(ABI) $(ABI_ZOO) $(TAP) $(UNIT) $(TESTS) $(FUZZ) \
	$(TOOLS) $(BENCH) $(BENCH_PRELOAD)

GEN_SQL := $(addprefix $(B)/gen/store/,$(notdir $(SQL:.sql=.inc) $(STORE_TSV:.tsv=.inc)))
GEN_TSV := $(addprefix $(B)/gen/text/,$(notdir $(TSV:.tsv=.inc)))

lib = $(B)/lib/lib$(1).a
COMMON := $(call lib,text) $(call lib,wire) $(call lib,base)
ARCHIVES := $(COMMON) $(foreach a,store milter pipe smsd ctl tap,$(call lib,$(a)))

PROGRAMS := $(if $(call main_of,store/stored),$(B)/bin/tandem-stored) $(if $(call main_of,milter/milter),$(B)/bin/tandem-milter) \
	$(if $(call main_of,sms-transport/pipe),$(B)/bin/tandem-pipe) $(if $(call main_of,sms-transport/smsd),$(B)/bin/tandem-smsd) \
	$(if $(call main_of,ctl/ctl),$(B)/bin/tandem)
PLUGIN_SO := $(PLUGIN_NAMES:%=$(B)/plugins/%.so)
ABI_SO := $(ABI_NAMES:%=$(B)/t/abi/%.so)
ZOO_SO := $(ABI_ZOO:%.c=$(B)/%.so)
UNIT_BIN := $(UNIT:%.t.c=$(B)/%.t)
TEST_BIN := $(TESTS:%.t.c=$(B)/%.t)
FUZZ_BIN := $(FUZZ:%.fuzz.c=$(B)/%.t)
TOOL_BIN := $(TOOLS:%.c=$(B)/%)
BENCH_BIN := $(BENCH:%.c=$(B)/%) $(BENCH_PRELOAD:%.c=$(B)/%.so)

# ---- building -------------------------------------------------------------------------------------------------------

all: $(PROGRAMS) $(PLUGIN_SO) ## build all programs and plugins of one variant: V=debug|release|asan|tsan|cov|fuzz

.PHONY: all objects tests tools unit-tests fuzz-targets bench-programs
objects: $(call obj,$(SOURCES)) # compiles everything, links nothing: for lint
unit-tests: $(UNIT_BIN) $(FUZZ_BIN) $(PLUGIN_SO) $(ABI_SO) $(ZOO_SO)
	@:
fuzz-targets: $(FUZZ_BIN) $(PLUGIN_SO) $(ABI_SO)
	@:
tools: $(TOOL_BIN)
	@:
tests: all unit-tests tools $(TEST_BIN) $(B)/tandem.bash ## build all tests of one variant, run none
	@:
bench-programs: all tools $(BENCH_BIN)
	@:

$(B)/obj/lib/base/%.o: SEE = $(SEE_base)
$(B)/obj/lib/wire/%.o: SEE = $(SEE_wire)
$(B)/obj/lib/text/%.o: SEE = $(SEE_text) $(CFLAGS_TEXT)
$(B)/obj/store/%.o: SEE = $(SEE_store)
$(B)/obj/milter/%.o: SEE = $(SEE_milter)
$(B)/obj/sms-transport/%.o: SEE = $(SEE_smsd)
$(B)/obj/ctl/%.o: SEE = $(SEE_ctl)
$(B)/obj/plugins/%.o: SEE = $(SEE_plugin)
$(B)/obj/t/abi/%.o: SEE = $(SEE_plugin)
$(B)/obj/plugins/%.o $(B)/obj/t/abi/%.o: PIE = -fPIC -fvisibility=hidden
$(B)/obj/t/%.o: SEE = $(SEE_tap) $(SEE_common) -Iinclude
$(B)/obj/t/%.o $(B)/obj/bench/%.o: WARN += -Wno-unused-parameter -Wno-format-zero-length
$(B)/obj/bench/%.o: SEE = $(SEE_common)
$(B)/obj/bench/words.o: SEE = $(SEE_common) $(CFLAGS_TEXT)
$(B)/obj/bench/slow_%.o: PIE = -fPIC
# A test whose name begins with a program's sees and links that program's archive.
$(B)/obj/t/unit/store_%.o $(B)/obj/t/integ/store_%.o $(B)/obj/t/fault/store_%.o $(B)/obj/t/fuzz/store_%.o: SEE += $(SEE_store)
$(B)/obj/t/unit/milter_%.o $(B)/obj/t/integ/milter_%.o $(B)/obj/t/fuzz/milter_%.o: SEE += $(SEE_milter)
$(B)/obj/t/unit/smsd_%.o $(B)/obj/t/integ/smsd_%.o $(B)/obj/t/fuzz/smsd_%.o: SEE += $(SEE_smsd)
$(B)/obj/t/unit/pipe_%.o $(B)/obj/t/integ/pipe_%.o: SEE += $(SEE_smsd)
$(B)/obj/t/unit/plugin_%.o $(B)/obj/t/integ/plugin_%.o $(B)/obj/t/fuzz/plugin_%.o: SEE += $(SEE_smsd)
$(B)/obj/t/unit/ctl_%.o $(B)/obj/t/integ/ctl_%.o: SEE += $(SEE_ctl)

$(B)/obj/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(PIE) $(CPPFLAGS_TD) $(SEE) -MMD -MP -c -o $@ $<

# Generated first, so that the first compilation finds them; afterwards the .d files know.
$(call obj,$(STORE) store/stored_main.c): | $(GEN_SQL)
$(call obj,$(filter t/unit/store_% t/integ/store_% t/fault/store_%,$(UNIT) $(TESTS))): | $(GEN_SQL)
$(call obj,$(TEXT)): | $(GEN_TSV)
vpath %.sql $(sort $(dir $(SQL)))
$(B)/gen/store/%.inc: %.sql scripts/sql2c
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)scripts/sql2c $< >$@
$(B)/gen/store/%.inc: store/data/%.tsv scripts/tsv2c
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)scripts/tsv2c $< >$@
$(B)/gen/text/%.inc: lib/text/data/%.tsv scripts/tsv2c
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)scripts/tsv2c $< >$@

# An archive is made anew, so that a removed source leaves it.
$(call lib,base): $(call obj,$(BASE))
$(call lib,wire): $(call obj,$(WIRE))
$(call lib,text): $(call obj,$(TEXT))
$(call lib,store): $(call obj,$(STORE))
$(call lib,milter): $(call obj,$(MILTER))
$(call lib,pipe): $(call obj,$(PIPE))
$(call lib,smsd): $(call obj,$(SMSD))
$(call lib,ctl): $(call obj,$(CTL))
$(call lib,tap): $(call obj,$(TAP))
$(ARCHIVES):
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)ar rcsD $@ $^

link = $(CC) $(ALL_CFLAGS) $(1) $(ALL_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(2)

$(B)/bin/tandem-stored: $(call obj,store/stored_main.c) $(call lib,store) $(COMMON)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(call link,-pie,$(LIBS_store) $(LIBS_common))
$(B)/bin/tandem-milter: $(call obj,milter/milter_main.c) $(call lib,milter) $(COMMON)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(call link,-pie,$(LIBS_milter) $(LIBS_common))
$(B)/bin/tandem-smsd: $(call obj,sms-transport/smsd_main.c) $(call lib,smsd) $(COMMON)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(call link,-pie,$(LIBS_smsd) $(LIBS_common))
$(B)/bin/tandem: $(call obj,ctl/ctl_main.c) $(call lib,ctl) $(COMMON)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(call link,-pie,$(LIBS_ctl) $(LIBS_common))
# Started once a token by pipe(8): static and without libraries, because loading them would cost more than its work.
$(B)/bin/tandem-pipe: $(call obj,sms-transport/pipe_main.c) $(call lib,pipe) $(call lib,wire) $(call lib,base)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(call link,$(STATIC) -Wl$(comma)--gc-sections,)

# A test links the archive and libraries of the program that the first word of its name tells; plugins are tested through smsd's host.
word1 = $(firstword $(subst _, ,$(basename $(notdir $(1)))))
kind = $(filter store milter smsd pipe ctl,$(patsubst plugin,smsd,$(call word1,$(1))))
# A library is tested with what it may use alone, so that work on one does not stand in the way of another's tests.
layers = $(or $(LAYERS_$(call word1,$(1))),text wire base)
LAYERS_base := base
LAYERS_wire := wire base
LAYERS_text := text wire base
archives_of = $(foreach a,tap $(call kind,$(1)) $(call layers,$(1)),$(call lib,$(a)))
.SECONDEXPANSION:
$(PLUGIN_SO): $(B)/plugins/%.so: $$(call obj,$$(wildcard plugins/$$*.c plugins/$$*/*.c))
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -shared $(ALL_LDFLAGS) $(if $(LINK_$(V)),,-Wl$(comma)-z$(comma)defs) -o $@ $(filter %.o,$^)
$(ABI_SO): $(B)/t/abi/%.so: $$(call obj,$$(wildcard t/abi/$$*.c t/abi/$$*/*.c))
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -shared $(ALL_LDFLAGS) $(if $(LINK_$(V)),,-Wl$(comma)-z$(comma)defs) -o $@ $(filter %.o,$^)
# Symbols may be missing in these.
$(ZOO_SO): $(B)/%.so: $(B)/obj/%.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -shared $(ALL_LDFLAGS) -o $@ $<
TEST_LIBS = $$(call archives_of,$$*)
$(UNIT_BIN) $(TEST_BIN): $(B)/%.t: $(B)/obj/%.t.o $(TEST_LIBS)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(call link,-pie,$(LIBS_$(call kind,$*)) $(LIBS_common) -lpthread)
# A fuzz target without the fuzzer replays its corpus as a test.
$(FUZZ_BIN): $(B)/%.t: $(B)/obj/%.fuzz.o $(if $(filter fuzz,$(V)),,$(B)/obj/t/fuzz/replay.o) $(TEST_LIBS)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(call link,$(if $(filter fuzz,$(V)),-fsanitize=fuzzer,-pie),$(LIBS_$(call kind,$*)) $(LIBS_common) -lpthread)
$(TOOL_BIN): $(B)/%: $(B)/obj/%.o $(COMMON)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(call link,-pie,$(LIBS_milter) $(LIBS_common) -lpthread)
# A bench program named noop_pipe or *static* is linked as tandem-pipe is: it is the floor of what a static program costs.
bench_static = $(filter bench/noop_pipe bench/%static,$(1))
$(BENCH:%.c=$(B)/%): $(B)/%: $(B)/obj/%.o $(COMMON)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(call link,$(if $(call bench_static,$*),$(STATIC),-pie),$(if $(call bench_static,$*),,$(LIBS_milter) $(LIBS_store) $(LIBS_common)))
$(BENCH_PRELOAD:%.c=$(B)/%.so): $(B)/%.so: $(B)/obj/%.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(call link,-shared,)

-include $(wildcard $(patsubst %.c,$(B)/obj/%.d,$(SOURCES) t/fuzz/replay.c))

# ---- testing --------------------------------------------------------------------------------------------------------
# The sub-makes below are other variants, or the same one after packages have been installed; there is no Makefile but this.

T ?= *
# All processors, unless the caller has said -j.
REMAKE = +@$(MAKE) $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))
.PHONY: check check-fast lint bench demo fuzz cov deps
deps:
	@scripts/bootstrap --build --test

check: deps ## install what is missing, build, run every test; the last line is N passed, N failed, N skipped
	$(REMAKE) tests
	$(REMAKE) V=asan unit-tests
	@scripts/runtests --build $(B) 'unit:$(B)/t/unit/$(T).t' 'unit:$(B)/t/fuzz/$(T).t' 'asan:build/asan/t/unit/$(T).t' \
		'asan:build/asan/t/fuzz/$(T).t' 'lint:t/lint/$(T).t' 'integ:t/integ/$(T).t' 'integ:$(B)/t/integ/$(T).t' \
		'e2e:t/e2e/$(T).t' 'e2e:$(B)/t/e2e/$(T).t' 'peer:t/peer/$(T).t' 'fault:t/fault/$(T).t' 'fault:$(B)/t/fault/$(T).t'

check-fast: ## unit tests only, under 30 s; T='base_*' chooses some
	$(REMAKE) unit-tests
	@scripts/runtests --build $(B) 'unit:$(B)/t/unit/$(T).t'

check-%: deps ## one kind of tests: check-integ, check-e2e, check-peer, check-fault, check-asan; T='name*' chooses some
	$(REMAKE) $(if $(filter asan,$*),V=asan unit-tests,tests)
	@scripts/runtests --build $(B) $(if $(filter asan,$*),'asan:build/asan/t/unit/$(T).t','$*:t/$*/$(T).t' '$*:$(B)/t/$*/$(T).t')

lint: ## static checks: both compilers, cppcheck, house rules
	@scripts/checks/lint

cov: deps ## coverage of the unit tests by file
	$(REMAKE) V=cov unit-tests
	@scripts/runtests --build build/cov 'unit:build/cov/t/unit/$(T).t'
	@scripts/checks/coverage build/cov

FUZZ_SECONDS ?= 30
fuzz: deps ## run each fuzz target for FUZZ_SECONDS
	$(REMAKE) V=fuzz fuzz-targets
	@for f in build/fuzz/t/fuzz/*.t; do \
		n=$$(basename $$f .t); mkdir -p build/fuzz/corpus/$$n; \
		$$f -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build/fuzz/crash-$$n- build/fuzz/corpus/$$n $$(ls -d t/fuzz/corpus/$$n 2>/dev/null) || exit 1; \
	done

bench: ## measure against peers and floors; BENCH_JSON=FILE writes the table as JSON as well
	@scripts/bootstrap --build --bench
	$(REMAKE) bench-programs
	@BUILD=$(B) bench/run

demo: ## watch a tagged order confirmation arrive as mail and SMS, and a STOP obeyed
	@scripts/bootstrap --build --run
	$(REMAKE) all
	@BUILD=$(B) scripts/demo

# ---- installing -----------------------------------------------------------------------------------------------------
# The one manifest: MODE:SOURCE:DESTINATION. Files under SYSCONFDIR are left alone when they exist, by install and uninstall.

tree = $(foreach f,$(shell find $(1) -type f 2>/dev/null | sort),644:$(f):$(2)$(f:$(1)%=%))
MANIFEST = $(foreach p,$(filter-out %/tandem,$(PROGRAMS)),755:$(p):$(SBINDIR)/$(notdir $(p))) \
	$(foreach p,$(filter %/tandem,$(PROGRAMS)),755:$(p):$(BINDIR)/tandem) \
	$(foreach p,$(PLUGIN_SO),644:$(p):$(LIBDIR)/tandem/plugins/$(notdir $(p))) \
	$(foreach m,$(wildcard doc/man/*.[1-8]),644:$(m):$(MANDIR)/man$(subst .,,$(suffix $(m)))/$(notdir $(m))) \
	644:include/tandem/provider.h:$(INCDIR)/tandem/provider.h \
	644:$(B)/tandem-provider.pc:$(LIBDIR)/pkgconfig/tandem-provider.pc \
	$(foreach c,$(wildcard conf/*.conf),644:$(c):$(SYSCONFDIR)/tandem/$(notdir $(c))) \
	$(foreach c,$(wildcard conf/*.csv),644:$(c):$(SYSCONFDIR)/tandem/$(notdir $(c))) \
	$(foreach c,$(wildcard conf/conf.d/*.conf),644:$(c):$(SYSCONFDIR)/tandem/conf.d/$(notdir $(c))) \
	$(call tree,conf/templates,$(SYSCONFDIR)/tandem/templates) $(call tree,conf/postfix,$(DATADIR)/postfix) \
	$(foreach u,$(UNITS),644:$(u):$(LIBDIR)/systemd/system/$(notdir $(u))) \
	644:conf/sysusers.d/tandem.conf:$(LIBDIR)/sysusers.d/tandem.conf \
	644:conf/tmpfiles.d/tandem.conf:$(LIBDIR)/tmpfiles.d/tandem.conf \
	644:$(B)/tandem.bash:$(COMPDIR)/tandem

UNITS := $(patsubst conf/systemd/%,$(B)/systemd/%,$(wildcard conf/systemd/*))
$(UNITS): $(B)/systemd/%: conf/systemd/% anew
	@mkdir -p $(@D)
	@sed 's|@SBINDIR@|$(SBINDIR)|' $< >$@
# bash completion is what the command prints: one table for both.
$(B)/tandem.bash: $(B)/bin/tandem
	@$< completion bash >$@

# These name folders that the command line may have changed since: made anew at every install.
.PHONY: anew
$(B)/tandem-provider.pc: anew
	@printf '%s\n' 'includedir=$(INCDIR)' 'plugindir=$(LIBDIR)/tandem/plugins' '' 'Name: tandem-provider' \
		'Description: interface for SMS provider plugins of Tandem' 'Version: $(VERSION)' 'Cflags: -I$${includedir}' >$@

.PHONY: install uninstall manifest clean help
manifest: ## print what install puts where
	@$(foreach e,$(MANIFEST),echo '$(subst :, ,$(e))';)

install: all $(B)/tandem-provider.pc $(UNITS) $(B)/tandem.bash ## install under DESTDIR, PREFIX (/usr), SYSCONFDIR (/etc); existing configuration is kept
	@set -e; for e in $(MANIFEST); do \
		mode=$${e%%:*}; rest=$${e#*:}; from=$${rest%%:*}; to=$(DESTDIR)$${rest#*:}; \
		case $$to in $(DESTDIR)$(SYSCONFDIR)/*) if [ -e "$$to" ]; then echo "keep $$to"; continue; fi ;; esac; \
		echo "install $$to"; install -D -m $$mode "$$from" "$$to"; \
	done
	@secret=$(DESTDIR)$(SYSCONFDIR)/tandem/secret; if [ ! -e "$$secret" ]; then \
		echo "create $$secret"; mkdir -p "$${secret%/*}" && (umask 077; head -c 32 /dev/urandom | base64 >"$$secret"); \
	fi
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" = 0 ]; then scripts/install-system $(SYSCONFDIR) $(LIBDIR); fi

uninstall: ## remove what install put there, but for the configuration and the data
	@for e in $(MANIFEST); do \
		to=$(DESTDIR)$${e##*:}; \
		case $$to in $(DESTDIR)$(SYSCONFDIR)/*) continue ;; esac; \
		echo "remove $$to"; rm -f "$$to"; \
	done
	@rmdir -p $(DESTDIR)$(LIBDIR)/tandem/plugins $(DESTDIR)$(INCDIR)/tandem $(DESTDIR)$(DATADIR)/postfix \
		$(DESTDIR)$(COMPDIR) 2>/dev/null || true
	@echo "kept: $(DESTDIR)$(SYSCONFDIR)/tandem, /var/lib/tandem, /var/lib/tandem-smsd, the users tandem-*"

clean: ## remove build/
	rm -rf build

help: ## this list
	@echo 'make [TARGET] [V=debug|release|asan|tsan|cov|fuzz] [CC=clang] [VERBOSE=1]'
	@sed -n 's/^\([a-z%-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | awk -F'\t' '{ printf "  %-12s %s\n", $$1, $$2 }'
