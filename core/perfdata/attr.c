// SPDX-License-Identifier: GPL-2.0-only
#include "perfdata/internal.h"

/*
 * The kernel's flags are bit fields. Between byte orders they are not swapped as a number, but the
 * bits within each byte change places (tools/perf/util/session.c, swap_bitfield()).
 */
static uint64_t reverse_bits_in_bytes(uint64_t value)
{
	value = (value >> 1 & 0x5555555555555555) | (value & 0x5555555555555555) << 1;
	value = (value >> 2 & 0x3333333333333333) | (value & 0x3333333333333333) << 2;
	return (value >> 4 & 0x0f0f0f0f0f0f0f0f) | (value & 0x0f0f0f0f0f0f0f0f) << 4;
}

static uint64_t read_flags(struct cursor *c)
{
	uint64_t value = 0;
	const void *bytes = cursor_bytes(c, sizeof(value));
	if (bytes)
		memcpy(&value, bytes, sizeof(value));
	return c->swap ? reverse_bits_in_bytes(value) : value;
}

bool attr_decode(const void *bytes, size_t size, bool swap, struct perfdata_attr *ret)
{
	struct cursor c = cursor_of(bytes, size, swap);
	cursor_u32(&c);
	uint32_t attr_size = cursor_u32(&c);
	if (!attr_size) /* before it had a meaning (tools/perf/util/header.c, read_attr()) */
		attr_size = PERF_ATTR_SIZE_VER0;
	if (c.failed || attr_size < PERF_ATTR_SIZE_VER0 || attr_size > size)
		return false;
	uint8_t whole[sizeof(*ret)] = {0};
	memcpy(whole, bytes, attr_size < sizeof(whole) ? attr_size : sizeof(whole));
	c = cursor_of(whole, sizeof(whole), swap);
	/* Initialisers are not evaluated in their order. */
	struct perfdata_attr attr = {0};
	attr.type = cursor_u32(&c);
	cursor_u32(&c);
	attr.size = attr_size;
	attr.config = cursor_u64(&c);
	attr.sample_period = cursor_u64(&c);
	attr.sample_type = cursor_u64(&c);
	attr.read_format = cursor_u64(&c);
	attr.flags = read_flags(&c);
	attr.wakeup_events = cursor_u32(&c);
	attr.bp_type = cursor_u32(&c);
	attr.config1 = cursor_u64(&c);
	attr.config2 = cursor_u64(&c);
	attr.branch_sample_type = cursor_u64(&c);
	attr.sample_regs_user = cursor_u64(&c);
	attr.sample_stack_user = cursor_u32(&c);
	attr.clockid = (int32_t)cursor_u32(&c);
	attr.sample_regs_intr = cursor_u64(&c);
	attr.aux_watermark = cursor_u32(&c);
	attr.sample_max_stack = cursor_u16(&c);
	attr.reserved_2 = cursor_u16(&c);
	attr.aux_sample_size = cursor_u32(&c);
	attr.aux_action = cursor_u32(&c);
	attr.sig_data = cursor_u64(&c);
	attr.config3 = cursor_u64(&c);
	attr.config4 = cursor_u64(&c);
	*ret = attr;
	return true;
}

/* The fields in their order, as far as they fit. */
struct encoder {
	uint8_t *at, *end;
	bool swap;
};

static void put(struct encoder *to, const void *bytes, size_t size)
{
	if ((size_t)(to->end - to->at) < size)
		return;
	memcpy(to->at, bytes, size);
	to->at += size;
}

static void put_u16(struct encoder *to, uint16_t value)
{
	value = to->swap ? __builtin_bswap16(value) : value;
	put(to, &value, sizeof(value));
}

static void put_u32(struct encoder *to, uint32_t value)
{
	value = to->swap ? __builtin_bswap32(value) : value;
	put(to, &value, sizeof(value));
}

static void put_u64(struct encoder *to, uint64_t value)
{
	value = to->swap ? __builtin_bswap64(value) : value;
	put(to, &value, sizeof(value));
}

void perfdata_attr_encode(const struct perfdata_attr *attr, uint32_t size, bool swap, void *ret)
{
	uint64_t flags = swap ? reverse_bits_in_bytes(attr->flags) : attr->flags;
	struct encoder to = {ret, (uint8_t *)ret + size, swap};
	memset(ret, 0, size);
	put_u32(&to, attr->type);
	put_u32(&to, size);
	put_u64(&to, attr->config);
	put_u64(&to, attr->sample_period);
	put_u64(&to, attr->sample_type);
	put_u64(&to, attr->read_format);
	put(&to, &flags, sizeof(flags));
	put_u32(&to, attr->wakeup_events);
	put_u32(&to, attr->bp_type);
	put_u64(&to, attr->config1);
	put_u64(&to, attr->config2);
	put_u64(&to, attr->branch_sample_type);
	put_u64(&to, attr->sample_regs_user);
	put_u32(&to, attr->sample_stack_user);
	put_u32(&to, (uint32_t)attr->clockid);
	put_u64(&to, attr->sample_regs_intr);
	put_u32(&to, attr->aux_watermark);
	put_u16(&to, attr->sample_max_stack);
	put_u16(&to, attr->reserved_2);
	put_u32(&to, attr->aux_sample_size);
	put_u32(&to, attr->aux_action);
	put_u64(&to, attr->sig_data);
	put_u64(&to, attr->config3);
	put_u64(&to, attr->config4);
}
