// SPDX-License-Identifier: GPL-2.0-only
#include "out/json.h"

#include "base/utf8.h"

static void separate(struct json *json)
{
	if (json->comma)
		writer_char(json->writer, ',');
	json->comma = true;
}

/* Writes one character that cannot stand as it is; returns how many bytes of TEXT it had. */
static size_t write_special(struct writer *writer, const unsigned char *text, size_t left)
{
	static const char short_forms[0x20] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
	};
	unsigned char c = *text;
	if (c >= 0x80) {
		size_t length = utf8_length(text, left);
		if (length)
			writer_bytes(writer, (const char *)text, length);
		else
			writer_string(writer, UTF8_REPLACEMENT);
		return length ? length : 1;
	}
	if (c == '"' || c == '\\' || short_forms[c]) {
		writer_char(writer, '\\');
		writer_char(writer, c == '"' || c == '\\' ? (char)c : short_forms[c]);
	} else {
		writer_printf(writer, "\\u%04x", c);
	}
	return 1;
}

static bool is_special(unsigned char c)
{
	return c < 0x20 || c >= 0x80 || c == '"' || c == '\\';
}

static void write_quoted(struct writer *writer, const char *string, size_t size)
{
	const unsigned char *at = (const unsigned char *)string, *end = at + size;
	writer_char(writer, '"');
	while (at < end) {
		const unsigned char *plain = at;
		while (at < end && !is_special(*at))
			at++;
		writer_bytes(writer, (const char *)plain, (size_t)(at - plain));
		if (at < end)
			at += write_special(writer, at, (size_t)(end - at));
	}
	writer_char(writer, '"');
}

void json_key(struct json *json, const char *key)
{
	separate(json);
	write_quoted(json->writer, key, strlen(key));
	writer_char(json->writer, ':');
	json->comma = false;
}

void json_string_of(struct json *json, const char *string, size_t size)
{
	separate(json);
	write_quoted(json->writer, string, size);
}

void json_string(struct json *json, const char *string)
{
	if (string)
		json_string_of(json, string, strlen(string));
	else
		json_null(json);
}

void json_unsigned(struct json *json, uint64_t value)
{
	separate(json);
	writer_unsigned(json->writer, value);
}

void json_signed(struct json *json, int64_t value)
{
	separate(json);
	writer_signed(json->writer, value);
}

void json_hex(struct json *json, uint64_t value)
{
	separate(json);
	writer_string(json->writer, "\"0x");
	writer_hex(json->writer, value);
	writer_char(json->writer, '"');
}

void json_fixed(struct json *json, double value, int decimals)
{
	separate(json);
	writer_printf(json->writer, "%.*f", decimals, value);
}

void json_bool(struct json *json, bool value)
{
	separate(json);
	writer_string(json->writer, value ? "true" : "false");
}

void json_null(struct json *json)
{
	separate(json);
	writer_string(json->writer, "null");
}

void json_newline(struct json *json)
{
	if (json->comma)
		writer_char(json->writer, ',');
	writer_char(json->writer, '\n');
	json->comma = false;
}
