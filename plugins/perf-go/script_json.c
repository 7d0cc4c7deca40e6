// SPDX-License-Identifier: GPL-2.0-only
/* perf go script --format json: an object a sample and line. */
#include <stdio.h>
#include <string.h>

#include "out/json.h"
#include "registers.h"
#include "script.h"

static void write_null(struct script *script)
{
	writer_bytes(&script->out, "null", 4);
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
		writer_unsigned(&script->out, field->column.values[i]);
}

static void write_signed(struct script *script, const struct field *field, size_t i)
{
	if (known(script, field, i))
		writer_signed(&script->out, (int32_t)field->column.values[i]);
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
		write_hex(&script->out, field->column.values[i]);
}

/* Writes what SCRATCH holds, and keeps it. */
static void write_and_keep(struct script *script, struct pieces *pieces, uint32_t id)
{
	size_t size;
	const char *text = writer_text(&script->scratch, &size);
	writer_bytes(&script->out, text, size);
	pieces_keep(pieces, id, text, size);
	writer_clear(&script->scratch);
}

static void write_string(struct script *script, uint32_t id)
{
	const struct piece *piece = pieces_find(&script->strings, id);
	if (piece) {
		writer_bytes(&script->out, piece->text, piece->size);
		return;
	}
	const struct strings *strings = session_strings(script->recording.session);
	struct json json = {.writer = &script->scratch};
	json_string(&json, strings_text(strings, id));
	write_and_keep(script, &script->strings, id);
}

static void write_text(struct script *script, const struct field *field, size_t i)
{
	if (known(script, field, i))
		write_string(script, (uint32_t)field->column.values[i]);
}

static void render_frame(struct json *json, const struct session *session, uint64_t ip,
			 const struct frame *frame)
{
	const struct strings *strings = session_strings((struct session *)session);
	json_begin(json, '{');
	json_key(json, "ip");
	json_hex(json, ip);
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
	json_key(json, "dso");
	json_string(json, strings_text(strings, session_dso(session, frame->dso)->short_name));
	json_end(json, '}');
}

/* The frames of an address, comma-separated. */
static void write_frames(struct script *script, uint32_t id)
{
	const struct piece *piece = pieces_find(&script->addresses, id);
	if (piece) {
		writer_bytes(&script->out, piece->text, piece->size);
		return;
	}
	const struct session *session = script->recording.session;
	struct attribution *attribution = script->recording.attribution;
	const struct address *address = session_address(session, id);
	struct frames frames = attribution_frames(attribution, address->location);
	struct json json = {.writer = &script->scratch};
	for (uint32_t i = 0; i < frames.count; i++)
		render_frame(&json, session, address->ip,
			     attribution_frame(attribution, frames.first + i));
	write_and_keep(script, &script->addresses, id);
}

static void write_callchain(struct script *script, const struct field *field, size_t i)
{
	if (!known(script, field, i))
		return;
	const struct stack *stack =
		session_stack(script->recording.session, (uint32_t)field->column.values[i]);
	writer_char(&script->out, '[');
	for (uint32_t at = 0; at < stack->count; at++) {
		if (at)
			writer_char(&script->out, ',');
		write_frames(script, stack->addresses[at]);
	}
	writer_char(&script->out, ']');
}

static void write_branches(struct script *script, const struct field *field, size_t i)
{
	const struct sample *sample = script_sample(script, i);
	struct json json = {.writer = &script->out};
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
	struct json json = {.writer = &script->out};
	const uint64_t *value = regs->values;
	if (!regs->abi || !value) {
		write_null(script);
		return;
	}
	json_begin(&json, '{');
	for (unsigned int bit = 0; bit < 64; bit++) {
		char number[16];
		if (!(regs->mask >> bit & 1))
			continue;
		const char *name = register_name(script->arch, bit);
		snprintf(number, sizeof(number), "r%u", bit);
		json_key(&json, name ? name : number);
		json_hex(&json, *value++);
	}
	json_end(&json, '}');
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
	if (key->kind != KEY_RECORD)
		return writers[key->kind];
	for (size_t i = 0; i < sizeof(record_writers) / sizeof(*record_writers); i++)
		if (!strcmp(record_writers[i].key, key->name))
			return record_writers[i].write;
	return write_unwritable;
}

static void prepare(struct script *script)
{
	for (size_t i = 0; i < script->fields.count; i++)
		script->fields.fields[i].write = writer_of(script->fields.fields[i].key);
}

static void write_sample(struct script *script, size_t i)
{
	for (size_t at = 0; at < script->fields.count; at++) {
		const struct field *field = &script->fields.fields[at];
		writer_bytes(&script->out, at ? ",\"" : "{\"", 2);
		writer_string(&script->out, field->key->name);
		writer_bytes(&script->out, "\":", 2);
		field->write(script, field, i);
	}
	writer_bytes(&script->out, "}\n", 2);
}

const struct script_format script_json = {
	.name = "json",
	.prepare = prepare,
	.write_sample = write_sample,
};
