// SPDX-License-Identifier: GPL-2.0-only
#include "keys/keys.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "keys/facts.h"
#include "keys/label_keys.h"

#define S(bit) PERF_SAMPLE_##bit
#define ALWAYS 0

static const char perf_says[] = "as recorded";
static const char go_tables[] = "pclntab of the Go binary";
static const char symbols[] = "pclntab, ELF symbols, kallsyms";
static const char lines[] = "pclntab, DWARF";
static const char goroutines[] = "perf go record, snapshots";
static const char hardware[] = "data source of the sample";

static const struct key table[] = {
	/* name, alias, kind, of, sums, needs, fill, how, doc, lines */
	{"comm", NULL, KEY_TEXT, KEY_OF_THREAD, 0, S(TID), fill_comm, perf_says,
	 "command name of the thread"},
	{"pid", NULL, KEY_SIGNED, KEY_OF_THREAD, 0, S(TID), fill_pid, perf_says, "process id"},
	{"tid", NULL, KEY_SIGNED, KEY_OF_THREAD, 0, S(TID), fill_tid, perf_says, "thread id"},
	{"cpu", NULL, KEY_NUMBER, KEY_OF_SAMPLE, 0, S(CPU), fill_cpu, perf_says, "CPU"},
	{"time", NULL, KEY_NUMBER, KEY_OF_SAMPLE, 0, S(TIME), fill_time, perf_says,
	 "time of the sample in ns, on the recording's clock"},
	{"event", NULL, KEY_TEXT, KEY_OF_SAMPLE, 0, ALWAYS, fill_event, perf_says,
	 "name of the event"},
	{"period", NULL, KEY_NUMBER, KEY_OF_SAMPLE, 0, ALWAYS, fill_period, perf_says,
	 "events the sample stands for"},
	{"ip", NULL, KEY_ADDRESS, KEY_OF_SAMPLE, 0, S(IP), fill_ip, perf_says,
	 "instruction address"},
	{"dso", NULL, KEY_TEXT, KEY_OF_CODE, 0, S(IP), fill_dso, "mmap records",
	 "executable, library or kernel part the instruction is in"},
	{"sym", "symbol", KEY_TEXT, KEY_OF_CODE, 0, S(IP), fill_sym, symbols,
	 "function, that of the physical frame"},
	{"symoff", NULL, KEY_NUMBER, KEY_OF_CODE, 0, S(IP), fill_symoff, symbols,
	 "offset of the instruction in the function"},
	{"srcline", NULL, KEY_TEXT, KEY_OF_CODE, 0, S(IP), fill_srcline, lines,
	 "source file, without its directory, and line", BINARY_ALL_LINES},
	{"srcfile", NULL, KEY_TEXT, KEY_OF_CODE, 0, S(IP), fill_srcfile, lines,
	 "source file with its path", BINARY_ALL_LINES},
	{"addr", NULL, KEY_ADDRESS, KEY_OF_SAMPLE, 0, S(ADDR), fill_addr, perf_says,
	 "data address"},
	{"phys_addr", "phys_daddr", KEY_ADDRESS, KEY_OF_SAMPLE, 0, S(PHYS_ADDR), fill_phys_addr,
	 perf_says, "physical data address"},
	{"data_page_size", NULL, KEY_NUMBER, KEY_OF_SAMPLE, 0, S(DATA_PAGE_SIZE),
	 fill_data_page_size, perf_says, "page size of the data address in bytes"},
	{"code_page_size", NULL, KEY_NUMBER, KEY_OF_SAMPLE, 0, S(CODE_PAGE_SIZE),
	 fill_code_page_size, perf_says, "page size of the instruction address in bytes"},
	{"weight", "local_weight", KEY_NUMBER, KEY_OF_SAMPLE, 0, PERF_SAMPLE_WEIGHT_TYPE,
	 fill_weight, perf_says, "weight of the sample, for loads cycles until served"},
	{"ins_lat", "local_ins_lat", KEY_NUMBER, KEY_OF_SAMPLE, 0, S(WEIGHT_STRUCT), fill_ins_lat,
	 perf_says, "cycles of the whole instruction"},
	{"retire_lat", "p_stage_cyc", KEY_NUMBER, KEY_OF_SAMPLE, 0, S(WEIGHT_STRUCT),
	 fill_retire_lat, perf_says, "cycles until retirement"},
	{"data_src", NULL, KEY_ADDRESS, KEY_OF_SAMPLE, 0, S(DATA_SRC), fill_data_src, perf_says,
	 "data source as a raw number"},
	{"transaction", NULL, KEY_ADDRESS, KEY_OF_SAMPLE, 0, S(TRANSACTION), fill_transaction,
	 perf_says, "transaction flags"},
	{"id", NULL, KEY_NUMBER, KEY_OF_SAMPLE, 0, S(ID) | S(IDENTIFIER), fill_id, perf_says,
	 "id of the event on its CPU or thread"},
	{"stream_id", NULL, KEY_NUMBER, KEY_OF_SAMPLE, 0, S(STREAM_ID), fill_stream_id, perf_says,
	 "stream id"},
	{"cgroup", NULL, KEY_TEXT, KEY_OF_SAMPLE, 0, S(CGROUP), fill_cgroup, perf_says,
	 "path of the cgroup"},
	{"callchain", NULL, KEY_STACK, KEY_OF_STACK, 0, S(CALLCHAIN), fill_callchain, symbols,
	 "call stack, innermost first", BINARY_ALL_LINES},
	{"brstack", NULL, KEY_RECORD, KEY_OF_SAMPLE, 0, S(BRANCH_STACK), NULL, perf_says,
	 "recent branches"},
	{"uregs", NULL, KEY_RECORD, KEY_OF_SAMPLE, 0, S(REGS_USER), NULL, perf_says,
	 "user registers"},
	{"iregs", NULL, KEY_RECORD, KEY_OF_SAMPLE, 0, S(REGS_INTR), NULL, perf_says,
	 "registers at the interrupt"},
	{"gofunc", NULL, KEY_TEXT, KEY_OF_CODE, 0, S(IP), fill_gofunc, go_tables,
	 "innermost Go function, inlined ones count"},
	{"goline", NULL, KEY_TEXT, KEY_OF_CODE, 0, S(IP), fill_goline, go_tables,
	 "Go source file and line", BINARY_GO_LINES},
	{"gopkg", NULL, KEY_TEXT, KEY_OF_CODE, 0, S(IP), fill_gopkg, go_tables,
	 "package of the Go function"},
	{"goid", NULL, KEY_NUMBER, KEY_OF_GOROUTINE, 0, ALWAYS, fill_goid, goroutines,
	 "goroutine id"},
	{"goroutine", NULL, KEY_TEXT, KEY_OF_GOROUTINE, 0, ALWAYS, fill_goroutine, goroutines,
	 "function its go statement named, else [scheduler] or [no goroutine]"},
	{"gocreator", NULL, KEY_TEXT, KEY_OF_GOROUTINE, 0, ALWAYS, fill_gocreator, goroutines,
	 "function with the go statement that started the goroutine"},
	{"goparent", NULL, KEY_NUMBER, KEY_OF_GOROUTINE, 0, ALWAYS, fill_goparent, goroutines,
	 "id of the goroutine that started it (from go1.21 on)"},
	{"gostate", NULL, KEY_TEXT, KEY_OF_GOROUTINE, 0, ALWAYS, fill_gostate, goroutines,
	 "state of the goroutine: running, syscall, waiting …"},
	{"golabels", NULL, KEY_TEXT, KEY_OF_GOROUTINE, 0, ALWAYS, fill_golabels, goroutines,
	 "pprof labels of the goroutine: endpoint=/pay, tenant=acme", .labels = true},
	{"goid_from", NULL, KEY_TEXT, KEY_OF_GOROUTINE, 0, ALWAYS, fill_goid_from, goroutines,
	 "how the goroutine is known: bpf, register+snapshot"},
	{"gcphase", NULL, KEY_TEXT, KEY_OF_GOROUTINE, 0, ALWAYS, fill_gcphase, goroutines,
	 "what the garbage collector was about: off, mark, mark termination"},
	{"mem_op", NULL, KEY_TEXT, KEY_OF_SAMPLE, 0, S(DATA_SRC), fill_mem_op, hardware,
	 "what the instruction did: LOAD, STORE …"},
	{"mem_level", NULL, KEY_TEXT, KEY_OF_SAMPLE, 0, S(DATA_SRC), fill_mem_level, hardware,
	 "what served the access: L1 hit, LFB/MAB hit, Local RAM hit …"},
	{"mem_snoop", NULL, KEY_TEXT, KEY_OF_SAMPLE, 0, S(DATA_SRC), fill_mem_snoop, hardware,
	 "what snooping other caches gave"},
	{"mem_tlb", NULL, KEY_TEXT, KEY_OF_SAMPLE, 0, S(DATA_SRC), fill_mem_tlb, hardware,
	 "what the TLB gave"},
	{"mem_lock", NULL, KEY_TEXT, KEY_OF_SAMPLE, 0, S(DATA_SRC), fill_mem_lock, hardware,
	 "whether the access was locked"},
	{"mem_cycles", NULL, KEY_NUMBER, KEY_OF_SAMPLE, 0, S(DATA_SRC), fill_mem_cycles, hardware,
	 "latency of the access in cycles"},
	{"mem_loads", NULL, KEY_NUMBER, KEY_OF_SAMPLE, 1, S(DATA_SRC), fill_mem_loads, hardware,
	 "number of loads in the row"},
};

#undef S

enum { TABLE_SIZE = sizeof(table) / sizeof(*table) };

const struct key *key_table(size_t *count_ret)
{
	*count_ret = TABLE_SIZE;
	return table;
}

const struct key *key_find(const char *name)
{
	if (key_is_label(name))
		return key_of_label(name);
	for (size_t i = 0; i < TABLE_SIZE; i++)
		if (!strcmp(table[i].name, name) ||
		    (table[i].alias && !strcmp(table[i].alias, name)))
			return &table[i];
	return NULL;
}

/* The key that shares the longest start with NAME, two characters at least, for the error. */
static const char *nearest(const char *name)
{
	size_t best = 1;
	const char *found = NULL;
	for (size_t i = 0; i < TABLE_SIZE; i++) {
		size_t same = 0;
		while (name[same] && name[same] == table[i].name[same])
			same++;
		if (same > best) {
			best = same;
			found = table[i].name;
		}
	}
	return found;
}

static struct perfgo_error *no_such_key(const char *name)
{
	const char *near = nearest(name);
	struct perfgo_error *error = perfgo_error_new("there is no key '%s'", name);
	if (key_is_label(name))
		return perfgo_error_hint(error, "the name of a label follows: label:tenant");
	return near ? perfgo_error_hint(error, "did you mean %s? perf go keys lists all", near)
		    : perfgo_error_hint(error, "perf go keys lists all; a pprof label is label:%s",
					name);
}

struct perfgo_error *key_list_parse(const char *text, struct key_list *ret)
{
	ret->count = 0;
	while (*text) {
		size_t length = strcspn(text, ", ");
		if (length) {
			_cleanup_free_ char *word = strndup(text, length);
			if (!word)
				return perfgo_error_no_memory();
			const struct key *key = key_find(word);
			if (!key)
				return no_such_key(word);
			if (ret->count == MAX_KEYS)
				return perfgo_error_new("more than %d keys", MAX_KEYS);
			ret->keys[ret->count++] = key;
		}
		text += length + (text[length] != 0);
	}
	return ret->count ? NULL : perfgo_error_new("no key given");
}

bool key_answered(const struct key *key, const struct session *session)
{
	const struct perfdata *data = session_data(session);
	if (key->of == KEY_OF_GOROUTINE)
		return session_has_goroutines(session);
	if (!key->needs)
		return true;
	for (size_t i = 0; i < perfdata_nr_events(data); i++)
		if (perfdata_event(data, i)->attr.sample_type & key->needs)
			return true;
	return false;
}

const char *key_text(const struct key *key, struct facts *facts, uint64_t value, bool known,
		     char buffer[KEY_TEXT_SIZE])
{
	if (!known)
		return "?";
	switch (key->kind) {
	case KEY_TEXT:
		return strings_text(session_strings(facts_session(facts)), (uint32_t)value);
	case KEY_NUMBER:
	case KEY_STACK:
	case KEY_RECORD:
		snprintf(buffer, KEY_TEXT_SIZE, "%" PRIu64, value);
		break;
	case KEY_SIGNED:
		snprintf(buffer, KEY_TEXT_SIZE, "%d", (int32_t)value);
		break;
	case KEY_ADDRESS:
		snprintf(buffer, KEY_TEXT_SIZE, "0x%" PRIx64, value);
		break;
	}
	return buffer;
}
