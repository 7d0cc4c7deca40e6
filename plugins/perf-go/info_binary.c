// SPDX-License-Identifier: GPL-2.0-only
/* perf go info of an ELF file, of a Go binary above all. */
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "info.h"
#include "numbers.h"

static void cleanup_binary(struct binary **binary)
{
	binary_close(*binary);
}

/* The machine of an image as `uname -m` has it, or its number in NUMBER. */
static const char *machine_name(const struct image *image, char number[16])
{
	static const struct machine {
		uint16_t machine;
		const char *name;
	} machines[] = {
		{EM_X86_64, "x86_64"}, {EM_AARCH64, "aarch64"}, {EM_386, "i386"},
		{EM_ARM, "arm"},       {EM_PPC64, "ppc64"},	{EM_S390, "s390x"},
		{EM_RISCV, "riscv"},   {EM_MIPS, "mips"},
	};
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (machines[i].machine == image_machine(image))
			return machines[i].name;
	snprintf(number, 16, "machine %u", image_machine(image));
	return number;
}

/* What the file itself has, without the debug file that it may name. */
struct symbols {
	bool symbols, dwarf;
};

static struct symbols symbols_of(const struct binary *binary)
{
	const struct image *image = binary_image(binary);
	struct image_section section;
	return (struct symbols){
		.symbols = image_section(image, ".symtab", &section),
		.dwarf = image_section(image, ".debug_info", &section) ||
			 image_section(image, ".zdebug_info", &section),
	};
}

static void print_settings(const struct info *info, const char *settings)
{
	const char *name = "settings";
	while (settings && *settings) {
		int length = (int)strcspn(settings, "\n");
		info_line(info, name, "%.*s", length, settings);
		settings += length + (settings[length] == '\n');
		name = "";
	}
}

static void print_go(const struct info *info, const struct gobin_info *go)
{
	char number[NUMBER_TEXT_SIZE];
	info_line(info, "release", "%s", go->version ? go->version : "?");
	if (go->path)
		info_line(info, "main package", "%s", go->path);
	if (go->module)
		info_line(info, "module", "%s", go->module);
	print_settings(info, go->settings);
	info_line(info, "functions", "%s, by the %s at 0x%" PRIx64 " (magic 0x%" PRIx32 ")",
		  number_text(go->functions, info->terminal, number), go->pclntab_from,
		  go->pclntab_address, go->pclntab_magic);
	info_line(info, "text", "0x%" PRIx64 " to 0x%" PRIx64, go->text_start, go->text_end);
	info_line(info, "inlined calls", "%s", go->inlines ? "known" : "not known");
	if (go->go_build_id)
		info_line(info, "Go build id", "%s", go->go_build_id);
}

static void print_binary(const struct info *info, const struct binary *binary)
{
	const struct image *image = binary_image(binary);
	struct symbols has = symbols_of(binary);
	char number[16], id[BUILD_ID_TEXT_SIZE];
	size_t size = 0;
	const uint8_t *build_id = image_build_id(image, &size);
	writer_printf(info->out, "%s: %s for %s, %s-endian%s\n", image_path(image),
		      binary_go(binary) ? "Go binary" : "ELF file", machine_name(image, number),
		      image_big_endian(image) ? "big" : "little",
		      image_position_independent(image) ? ", position independent" : "");
	if (binary_go(binary))
		print_go(info, gobin_info(binary_go(binary)));
	info_line(info, "GNU build id", "%s",
		  size ? hex_text(build_id, size, id, sizeof(id)) : "none");
	info_line(info, "ELF symbols", "%s", has.symbols ? "there" : "stripped");
	info_line(info, "DWARF", "%s", has.dwarf ? "there" : "none");
	if (!image_has_sections(image))
		info_line(info, "sections", "headers removed");
}

static void json_settings(struct json *json, const char *settings)
{
	json_begin(json, '{');
	while (settings && *settings) {
		char name[128];
		size_t length = strcspn(settings, "\n"), split = strcspn(settings, "=\n");
		snprintf(name, sizeof(name), "%.*s", (int)split, settings);
		json_key(json, name);
		json_string_of(json, settings + split + (split < length),
			       length - split - (split < length));
		settings += length + (settings[length] == '\n');
	}
	json_end(json, '}');
}

static void json_go(struct json *json, const struct gobin_info *go)
{
	json_begin(json, '{');
	json_key(json, "version");
	json_string(json, go->version);
	json_key(json, "release");
	if (go->release)
		json_signed(json, go->release);
	else
		json_null(json);
	json_key(json, "path");
	json_string(json, go->path);
	json_key(json, "module");
	json_string(json, go->module);
	json_key(json, "settings");
	json_settings(json, go->settings);
	json_key(json, "build_id");
	json_string(json, go->go_build_id);
	json_key(json, "functions");
	json_unsigned(json, go->functions);
	json_key(json, "functions_from");
	json_string(json, go->pclntab_from);
	json_key(json, "pclntab");
	json_hex(json, go->pclntab_address);
	json_key(json, "pclntab_magic");
	json_hex(json, go->pclntab_magic);
	json_key(json, "text_start");
	json_hex(json, go->text_start);
	json_key(json, "text_end");
	json_hex(json, go->text_end);
	json_key(json, "inlines");
	json_bool(json, go->inlines);
	json_end(json, '}');
}

static void json_binary(const struct info *info, const struct binary *binary)
{
	struct json json = {.writer = info->out};
	const struct image *image = binary_image(binary);
	struct symbols has = symbols_of(binary);
	char number[16], id[BUILD_ID_TEXT_SIZE];
	size_t size = 0;
	const uint8_t *build_id = image_build_id(image, &size);
	json_begin(&json, '{');
	json_key(&json, "file");
	json_string(&json, image_path(image));
	json_key(&json, "kind");
	json_string(&json, "binary");
	json_key(&json, "arch");
	json_string(&json, machine_name(image, number));
	json_key(&json, "byte_order");
	json_string(&json, image_big_endian(image) ? "big" : "little");
	json_key(&json, "position_independent");
	json_bool(&json, image_position_independent(image));
	json_key(&json, "build_id");
	json_string(&json, size ? hex_text(build_id, size, id, sizeof(id)) : NULL);
	json_key(&json, "sections");
	json_bool(&json, image_has_sections(image));
	json_key(&json, "symbols");
	json_bool(&json, has.symbols);
	json_key(&json, "dwarf");
	json_bool(&json, has.dwarf);
	json_key(&json, "go");
	if (binary_go(binary))
		json_go(&json, gobin_info(binary_go(binary)));
	else
		json_null(&json);
	json_end(&json, '}');
	json_end_document(&json);
}

struct perfgo_error *info_binary(const struct info *info)
{
	_cleanup_(cleanup_binary) struct binary *binary = NULL;
	struct perfgo_error *error = binary_open(info->options->input, &binary);
	if (!error)
		error = binary_take_go_error(binary);
	if (error)
		return error;
	if (info->json)
		json_binary(info, binary);
	else
		print_binary(info, binary);
	return NULL;
}
