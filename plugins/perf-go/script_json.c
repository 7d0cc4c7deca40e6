// SPDX-License-Identifier: GPL-2.0-only
/* perf go script --format json: an object a sample and line. */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "labels.h"
#include "out/json.h"
#include "registers.h"
#include "script.h"

static void write_null(struct script *script)
{
	writer_bytes(script->to, "null", 4);
}

/* The rest of KIND's writers: what is not known is null. */
static bool known(struct script *script, const struct field *field, size_t i)
{
	if (field->column.known[i])
		return true;
	write_null(script);
	return false;
}

static void write_number(struct script *script, const struct field *field, size_t i)
{
	if (known(script, field, i))
		writer_unsigned(script->to, field->column.values[i]);
}

static void write_signed(struct script *script, const struct field *field, size_t i)
{
	if (known(script, field, i))
		writer_signed(script->to, (int32_t)field->column.values[i]);
}

static void write_hex(struct writer *out, uint64_t value)
{
	writer_bytes(out, "\"0x", 3);
	writer_hex(out, value);
	writer_char(out, '"');
}

static void write_address(struct script *script, const struct field *field, size_t i)
{
	if (known(script, field, i))
		write_hex(script->to, field->column.values[i]);
}

static void write_string(struct script *script, uint32_t id)
{
	const struct piece *piece = pieces_find(&script->strings, id);
	if (piece) {
		writer_bytes(script->to, piece->text, piece->size);
		return;
	}
	const struct strings *strings = session_strings(script->recording.session);
	struct json json = {.writer = &script->scratch};
	json_string(&json, strings_text(strings, id));
	script_write_and_keep(script, &script->scratch, &script->strings, id);
}

static void write_text(struct script *script, const struct field *field, size_t i)
{
	if (known(script, field, i))
		write_string(script, (uint32_t)field->column.values[i]);
}

static void write_labels(struct script *script, const struct field *field, size_t i)
{
	struct json json = {.writer = script->to};
	if (known(script, field, i))
		json_labels(&json,
			    facts_label_set(script->recording.facts, field->column.values[i]));
}

static void render_frame(struct json *json, const struct session *session,
			 const struct address *address, const struct frame *frame)
{
	const struct strings *strings = session_strings((struct session *)session);
	json_begin(json, '{');
	json_key(json, "ip");
	if (address->ip == ADDRESS_NOT_RECORDED)
		json_null(json);
	else
		json_hex(json, address->ip);
	json_key(json, "func");
	json_string(json, strings_text(strings, frame->symbol));
	json_key(json, "file");
	json_string(json, strings_text(strings, frame->file));
	json_key(json, "line");
	if (frame->line)
		json_unsigned(json, frame->line);
	else
		json_null(json);
	json_key(json, "inlined");
	json_bool(json, frame->inlined);
	if (address->inferred) {
		json_key(json, "inferred");
		json_bool(json, true);
	}
	json_key(json, "dso");
	json_string(json, strings_text(strings, session_dso(session, frame->dso)->short_name));
	json_end(json, '}');
}

/* The frames of an address, comma-separated. */
static void write_frames(struct script *script, uint32_t id)
{
	const struct piece *piece = pieces_find(&script->addresses, id);
	if (piece) {
		writer_bytes(script->to, piece->text, piece->size);
		return;
	}
	const struct session *session = script->recording.session;
	struct attribution *attribution = script->recording.attribution;
	const struct address *address = session_address(session, id);
	struct frames frames = attribution_frames(attribution, address->location);
	struct json json = {.writer = &script->scratch};
	for (uint32_t i = 0; i < frames.count; i++)
		render_frame(&json, session, address,
			     attribution_frame(attribution, frames.first + i));
	script_write_and_keep(script, &script->scratch, &script->addresses, id);
}

static void write_callchain(struct script *script, const struct field *field, size_t i)
{
	if (!known(script, field, i))
		return;
	const struct stack *stack =
		session_stack(script->recording.session, (uint32_t)field->column.values[i]);
	writer_char(script->to, '[');
	for (uint32_t at = 0; at < stack->count; at++) {
		if (at)
			writer_char(script->to, ',');
		write_frames(script, stack->addresses[at]);
	}
	writer_char(script->to, ']');
}

static void write_branches(struct script *script, const struct field *field, size_t i)
{
	const struct sample *sample = script_sample(script, i);
	struct json json = {.writer = script->to};
	if (!(sample->type & field->key->needs)) {
		write_null(script);
		return;
	}
	json_begin(&json, '[');
	for (uint64_t at = 0; at < sample->nr_branches; at++) {
		const struct sample_branch *branch = &sample->branches[at];
		struct branch_flags flags = branch_flags_of(branch->flags);
		json_begin(&json, '{');
		json_key(&json, "from");
		json_hex(&json, branch->from);
		json_key(&json, "to");
		json_hex(&json, branch->to);
		json_key(&json, "predicted");
		if (flags.predicted || flags.mispredicted)
			json_bool(&json, flags.predicted);
		else
			json_null(&json);
		json_key(&json, "in_tx");
		json_bool(&json, flags.in_transaction);
		json_key(&json, "abort");
		json_bool(&json, flags.abort);
		json_key(&json, "cycles");
		json_unsigned(&json, flags.cycles);
		json_key(&json, "type");
		json_string(&json, flags.kind);
		json_key(&json, "spec");
		json_string(&json, flags.speculation);
		json_end(&json, '}');
	}
	json_end(&json, ']');
}

static void write_registers(struct script *script, const struct sample_regs *regs)
{
	struct writer *out = script->to;
	const uint64_t *value = regs->values;
	if (!regs->abi || !value) {
		write_null(script);
		return;
	}
	char separator = '{';
	for (uint64_t left = regs->mask; left; left &= left - 1) {
		writer_char(out, separator);
		writer_string(out, script->registers[__builtin_ctzll(left)]);
		writer_hex(out, *value++);
		writer_char(out, '"');
		separator = ',';
	}
	writer_string(out, separator == '{' ? "{}" : "}");
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

static field_writer *const writers[] = {
	[KEY_TEXT] = write_text,       [KEY_NUMBER] = write_number,   [KEY_SIGNED] = write_signed,
	[KEY_ADDRESS] = write_address, [KEY_STACK] = write_callchain,
};

static const struct record_writer {
	const char *key;
	field_writer *write;
} record_writers[] = {
	{"brstack", write_branches},
	{"uregs", write_user_registers},
	{"iregs", write_interrupt_registers},
};

static void write_unwritable(struct script *script, const struct field *field, size_t i)
{
	(void)field;
	(void)i;
	write_null(script);
}

static field_writer *writer_of(const struct key *key)
{
	if (key->labels)
		return write_labels;
	if (key->kind != KEY_RECORD)
		return writers[key->kind];
	for (size_t i = 0; i < sizeof(record_writers) / sizeof(*record_writers); i++)
		if (!strcmp(record_writers[i].key, key->name))
			return record_writers[i].write;
	return write_unwritable;
}

/* False without memory. */
static bool set_label(struct script *script, struct field *field, bool first)
{
	struct json json = {.writer = &script->scratch, .comma = !first};
	if (first)
		json_begin(&json, '{');
	json_key(&json, field->key->name);
	const char *text = writer_text(&script->scratch, &field->label_size);
	field->label = strndup(text, field->label_size);
	writer_clear(&script->scratch);
	return field->label;
}

static bool set_labels(struct script *script)
{
	for (size_t i = 0; i < script->fields.count; i++) {
		struct field *field = &script->fields.fields[i];
		field->write = writer_of(field->key);
		if (!set_label(script, field, !i))
			return false;
	}
	for (unsigned int bit = 0; bit < 64; bit++) {
		char number[8];
		const char *name = register_name(script->arch, bit);
		snprintf(number, sizeof(number), "r%u", bit);
		snprintf(script->registers[bit], LABEL_SIZE, "\"%s\":\"0x", name ? name : number);
	}
	return true;
}

static struct perfgo_error *prepare(struct script *script)
{
	if (!set_labels(script))
		return perfgo_error_no_memory();
	struct run *run = NULL;
	for (size_t i = 0; i < script->fields.count; i++) {
		struct field *field = &script->fields.fields[i];
		enum key_of of = field->key->of;
		field->by_thing =
			of == KEY_OF_THREAD || of == KEY_OF_CODE || of == KEY_OF_GOROUTINE;
		if (!run || run->of != of) {
			if (!array_reserve(script->runs, script->runs_capacity,
					   script->nr_runs + 1))
				return perfgo_error_no_memory();
			run = &script->runs[script->nr_runs++];
			*run = (struct run){.of = of, .first = i};
		}
		run->count++;
	}
	return NULL;
}

static void write_fields(struct script *script, const struct run *run, size_t i)
{
	for (size_t at = 0; at < run->count; at++) {
		const struct field *field = &script->fields.fields[run->first + at];
		writer_bytes(script->to, field->label, field->label_size);
		field->write(script, field, i);
	}
}

/* What there is to say of a thread or of a frame. */
static void render_thing(struct script *script, struct run *run, uint32_t id)
{
	const struct things thing = {.count = 1, .ids = &id};
	script->to = &script->thing;
	for (size_t at = 0; at < run->count; at++) {
		struct field *field = &script->fields.fields[run->first + at];
		key_fill_things(field->key, script->recording.facts, thing, &field->column);
	}
	write_fields(script, run, 0);
	script->to = &script->out;
}

static void write_thing(struct script *script, struct run *run, uint32_t id)
{
	const struct piece *piece = pieces_find(&run->pieces, id);
	if (piece) {
		writer_bytes(script->to, piece->text, piece->size);
		return;
	}
	render_thing(script, run, id);
	script_write_and_keep(script, &script->thing, &run->pieces, id);
}

static void write_sample(struct script *script, size_t i)
{
	for (size_t at = 0; at < script->nr_runs; at++) {
		struct run *run = &script->runs[at];
		if (run->of == KEY_OF_THREAD)
			write_thing(script, run, script->batch.threads[i]);
		else if (run->of == KEY_OF_CODE)
			write_thing(script, run, script->frames[i]);
		else if (run->of == KEY_OF_GOROUTINE)
			write_thing(script, run, script->batch.goroutines[i]);
		else
			write_fields(script, run, i);
	}
	writer_bytes(script->to, "}\n", 2);
}

const struct script_format script_json = {
	.name = "json",
	.prepare = prepare,
	.write_sample = write_sample,
};
