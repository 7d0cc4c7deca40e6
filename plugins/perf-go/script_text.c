// SPDX-License-Identifier: GPL-2.0-only
/*
 * perf go script --format text: lines as perf script writes them (tools/perf/builtin-script.c,
 * process_event(), and util/evsel_fprintf.c, perf 6.12), so that what reads those reads these.
 */
#include <string.h>

#include "registers.h"
#include "script.h"

enum { NS_PER_SECOND = 1000000000 };

static void write_spaces(struct writer *out, int count)
{
	for (; count > 0; count--)
		writer_char(out, ' ');
}

static int digits_of(uint64_t value, unsigned int base)
{
	int digits = 1;
	for (; value >= base; value /= base)
		digits++;
	return digits;
}

static void write_number_right(struct writer *out, uint64_t value, int width)
{
	write_spaces(out, width - digits_of(value, 10));
	writer_unsigned(out, value);
}

static void write_number_zeros(struct writer *out, uint64_t value, int width)
{
	for (int digits = digits_of(value, 10); digits < width; digits++)
		writer_char(out, '0');
	writer_unsigned(out, value);
}

static void write_hex_right(struct writer *out, uint64_t value, int width)
{
	write_spaces(out, width - digits_of(value, 16));
	writer_hex(out, value);
}

static const char *text_of(const struct script *script, uint32_t id, const char *unknown)
{
	const char *text = strings_text(session_strings(script->recording.session), id);
	return text ? text : unknown;
}

static const struct field *neighbour(const struct script *script, const struct field *field,
				     int distance, const char *name)
{
	const struct field *at = field + distance;
	const struct fields *fields = &script->fields;
	bool there = at >= fields->fields && at < fields->fields + fields->count;
	return there && !strcmp(at->key->name, name) ? at : NULL;
}

static bool has_callchain(const struct script *script, size_t i)
{
	return script->callchain && script->callchain->column.known[i];
}

static void write_comm(struct script *script, const struct field *field, size_t i)
{
	const char *comm = text_of(script, (uint32_t)field->column.values[i], "?");
	if (!has_callchain(script, i))
		write_spaces(&script->out, 16 - (int)strlen(comm));
	writer_string(&script->out, comm);
}

static void write_pid(struct script *script, const struct field *field, size_t i)
{
	writer_printf(&script->out, "%7d", (int32_t)field->column.values[i]);
}

static void write_tid(struct script *script, const struct field *field, size_t i)
{
	bool joined = neighbour(script, field, -1, "pid");
	writer_printf(&script->out, joined ? "/%-7d" : "%7d", (int32_t)field->column.values[i]);
}

static void write_cpu(struct script *script, const struct field *field, size_t i)
{
	writer_char(&script->out, '[');
	write_number_zeros(&script->out, field->column.values[i], 3);
	writer_char(&script->out, ']');
}

static void write_time(struct script *script, const struct field *field, size_t i)
{
	uint64_t time = field->column.values[i];
	write_number_right(&script->out, time / NS_PER_SECOND, 5);
	writer_char(&script->out, '.');
	write_number_zeros(&script->out, time % NS_PER_SECOND, 9);
	writer_char(&script->out, ':');
}

static void write_number(struct script *script, const struct field *field, size_t i)
{
	write_number_right(&script->out, field->column.values[i], 10);
}

static void write_event(struct script *script, const struct field *field, size_t i)
{
	const char *event = text_of(script, (uint32_t)field->column.values[i], "[unknown]");
	write_spaces(&script->out, script->event_width - (int)strlen(event));
	writer_string(&script->out, event);
	writer_char(&script->out, ':');
}

static void write_address(struct script *script, const struct field *field, size_t i)
{
	write_hex_right(&script->out, field->column.values[i], 16);
}

static void write_prefixed_hex(struct script *script, const struct field *field, size_t i)
{
	writer_string(&script->out, "0x");
	writer_hex(&script->out, field->column.values[i]);
}

static void write_text(struct script *script, const struct field *field, size_t i)
{
	writer_string(&script->out, text_of(script, (uint32_t)field->column.values[i], "?"));
}

static void write_dso_name(struct script *script, struct writer *out, uint32_t dso)
{
	writer_char(out, '(');
	writer_string(out, text_of(script, session_dso(script->recording.session, dso)->name,
				   "[unknown]"));
	writer_char(out, ')');
}

static const struct frame *self_frame(const struct script *script, size_t i)
{
	struct attribution *attribution = script->recording.attribution;
	const struct address *address =
		session_address(script->recording.session, script->batch.addresses[i]);
	return attribution_frame(attribution,
				 attribution_frames(attribution, address->location).self);
}

static void write_sym(struct script *script, const struct field *field, size_t i)
{
	writer_string(&script->out,
		      text_of(script, (uint32_t)field->column.values[i], "[unknown]"));
}

static void write_symoff(struct script *script, const struct field *field, size_t i)
{
	if (!field->column.known[i])
		return;
	writer_string(&script->out, "+0x");
	writer_hex(&script->out, field->column.values[i]);
}

/* perf script has the whole path where perf report has the name. */
static void write_dso(struct script *script, const struct field *field, size_t i)
{
	(void)field;
	write_dso_name(script, &script->out, self_frame(script, i)->dso);
}

/* The frames of an address, a line each. */
static void render_frames(struct script *script, uint32_t id)
{
	struct writer *out = &script->scratch;
	struct attribution *attribution = script->recording.attribution;
	const struct address *address = session_address(script->recording.session, id);
	struct frames frames = attribution_frames(attribution, address->location);
	for (uint32_t i = 0; i < frames.count; i++) {
		const struct frame *frame = attribution_frame(attribution, frames.first + i);
		writer_char(out, '\t');
		if (address->ip == ADDRESS_NOT_RECORDED)
			writer_printf(out, "%16s", "");
		else
			write_hex_right(out, address->ip, 16);
		writer_char(out, ' ');
		writer_string(out, text_of(script, frame->symbol, "[unknown]"));
		if (frame->has_symbol && !frame->inlined)
			writer_printf(out, "+0x%x", frame->symbol_offset);
		writer_char(out, ' ');
		if (frame->inlined)
			writer_string(out, "(inlined)");
		else
			write_dso_name(script, out, frame->dso);
		if (address->inferred)
			writer_string(out, " (inferred)");
		writer_char(out, '\n');
	}
}

static void write_frames(struct script *script, uint32_t id)
{
	const struct piece *piece = pieces_find(&script->addresses, id);
	if (piece) {
		writer_bytes(&script->out, piece->text, piece->size);
		return;
	}
	render_frames(script, id);
	script_write_and_keep(script, &script->scratch, &script->addresses, id);
}

static void write_callchain(struct script *script, size_t i)
{
	uint32_t id = (uint32_t)script->callchain->column.values[i];
	uint32_t count = session_stack(script->recording.session, id)->count;
	for (uint32_t at = 0; at < count; at++)
		write_frames(script, session_stack(script->recording.session, id)->addresses[at]);
	writer_char(&script->out, '\n');
}

static void write_branches(struct script *script, const struct field *field, size_t i)
{
	const struct sample *sample = script_sample(script, i);
	(void)field;
	for (uint64_t at = 0; at < sample->nr_branches; at++) {
		const struct sample_branch *branch = &sample->branches[at];
		struct branch_flags flags = branch_flags_of(branch->flags);
		writer_string(&script->out, at ? "  0x" : " 0x");
		writer_hex(&script->out, branch->from);
		writer_string(&script->out, "/0x");
		writer_hex(&script->out, branch->to);
		writer_printf(&script->out, "/%c/%c/%c/%u/%s/%s",
			      flags.predicted	   ? 'P'
			      : flags.mispredicted ? 'M'
						   : '-',
			      flags.in_transaction ? 'X' : '-', flags.abort ? 'A' : '-',
			      flags.cycles, flags.kind ? flags.kind : "",
			      flags.speculation ? flags.speculation : "-");
	}
}

static void write_registers(struct script *script, const struct sample_regs *regs)
{
	const uint64_t *value = regs->values;
	if (!value)
		return;
	writer_printf(&script->out, "ABI:%u", (unsigned int)regs->abi);
	for (unsigned int bit = 0; bit < 64; bit++) {
		if (!(regs->mask >> bit & 1))
			continue;
		const char *name = register_name(script->arch, bit);
		writer_printf(&script->out, "  %4s:0x", name ? name : "?");
		writer_hex(&script->out, *value++);
	}
}

static void write_user_registers(struct script *script, const struct field *field, size_t i)
{
	(void)field;
	write_registers(script, &script_sample(script, i)->user_regs);
}

static void write_interrupt_registers(struct script *script, const struct field *field, size_t i)
{
	(void)field;
	write_registers(script, &script_sample(script, i)->intr_regs);
}

/* How perf script writes a key, where it has a way of its own. */
static const struct look {
	const char *key;
	field_writer *write;
	bool in_callchain;  /* the first line of the callchain says it */
	bool even_unknown;  /* has its own words for that */
	const char *before; /* instead of one blank */
} looks[] = {
	{"comm", write_comm},
	{"pid", write_pid},
	{"tid", write_tid},
	{"cpu", write_cpu},
	{"time", write_time},
	{"event", write_event},
	{"ip", write_address, true, false, "  "},
	{"sym", write_sym, true, true},
	{"symoff", write_symoff, true, true, ""},
	{"dso", write_dso, true, true},
	{"addr", write_address},
	{"phys_addr", write_address},
	{"brstack", write_branches, false, true},
	{"uregs", write_user_registers, false, true},
	{"iregs", write_interrupt_registers, false, true},
};

static const struct look *look_of(const struct key *key)
{
	static const struct look kinds[] = {
		[KEY_TEXT] = {NULL, write_text},  [KEY_NUMBER] = {NULL, write_number},
		[KEY_SIGNED] = {NULL, write_pid}, [KEY_ADDRESS] = {NULL, write_prefixed_hex},
		[KEY_STACK] = {NULL, NULL},	  [KEY_RECORD] = {NULL, NULL},
	};
	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++)
		if (!strcmp(looks[i].key, key->name))
			return &looks[i];
	return &kinds[key->kind];
}

static struct perfgo_error *prepare(struct script *script)
{
	const struct perfdata *data = session_data(script->recording.session);
	for (size_t i = 0; i < script->fields.count; i++) {
		struct field *field = &script->fields.fields[i];
		field->look = look_of(field->key);
		if (field->key->kind == KEY_STACK)
			script->callchain = field;
	}
	for (size_t i = 0; i < perfdata_nr_events(data); i++) {
		int width = (int)strlen(perfdata_event(data, i)->name);
		script->event_width = width > script->event_width ? width : script->event_width;
	}
	return NULL;
}

static void write_field(struct script *script, const struct field *field, bool first, size_t i)
{
	const struct look *look = field->look;
	bool joined = look->write == write_tid && neighbour(script, field, -1, "pid");
	const char *before = look->before ? look->before : " ";
	if (!first && !joined)
		writer_string(&script->out, before);
	if (look->even_unknown || field->column.known[i])
		look->write(script, field, i);
	else
		writer_char(&script->out, '?');
}

/* The callchain comes below the line and an empty line below that. */
static void write_sample(struct script *script, size_t i)
{
	bool callchain = has_callchain(script, i), first = true;
	for (size_t at = 0; at < script->fields.count; at++) {
		const struct field *field = &script->fields.fields[at];
		if (!field->look->write || (callchain && field->look->in_callchain))
			continue;
		write_field(script, field, first, i);
		first = false;
	}
	writer_char(&script->out, '\n');
	if (callchain)
		write_callchain(script, i);
}

const struct script_format script_text = {
	.name = "text",
	.default_keys = "comm,pid,tid,cpu,time,period,event,ip,sym,symoff,dso,callchain",
	.prepare = prepare,
	.write_sample = write_sample,
};
