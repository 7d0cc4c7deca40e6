// SPDX-License-Identifier: GPL-2.0-only
/* Samples: every field, in both byte orders, in place and not, and cut anywhere. */
#include "unit/perfdata_file.h"

#define ALL_BUT_WEIGHT (PERF_SAMPLE_KNOWN & ~PERF_SAMPLE_WEIGHT)

/* A sample with every field, of one event, in FILE. */
struct fixture {
	struct file file;
	struct perfdata *data;
	struct record record;
	struct sample sample;
	bool decoded;
};

static const struct perfdata_attr full_attr = {
	.type = PERF_TYPE_RAW,
	.sample_type = ALL_BUT_WEIGHT,
	.sample_period = 4000,
	.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID | PERF_FORMAT_LOST |
		       PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
	.flags = PERF_ATTR_SAMPLE_ID_ALL | PERF_ATTR_FREQ,
	.branch_sample_type = PERF_SAMPLE_BRANCH_HW_INDEX | PERF_SAMPLE_BRANCH_COUNTERS,
	.sample_regs_user = 0x8000000000000103,
	.sample_stack_user = 16,
	.sample_regs_intr = 0x10,
};

/* mispred, cycles 7, type 3, priv 2 */
#define BRANCH_FLAGS (1ull | 7ull << 4 | 3ull << 20 | 2ull << 30)

static void put_flags(struct file *f, uint64_t flags)
{
	static const struct {
		uint8_t at, width;
	} parts[] = {{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 16}, {20, 4}, {24, 2}, {26, 4}, {30, 3}};
	uint64_t other = 0;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		other |= (flags >> parts[i].at & ((1ull << parts[i].width) - 1))
			 << (64 - parts[i].at - parts[i].width);
	put64(f, f->big ? other : flags);
}

static void put_leading(struct file *f)
{
	put64(f, 1);	    /* identifier */
	put64(f, 0x401000); /* ip */
	put32(f, 11);	    /* pid, tid */
	put32(f, 12);
	put64(f, 123456789);	/* time */
	put64(f, 0xc000012340); /* addr */
	put64(f, 2);		/* id */
	put64(f, 77);		/* stream id */
	put32(f, 3);		/* cpu */
	put32(f, 0);
	put64(f, 250); /* period */
}

static void put_group_read(struct file *f)
{
	put64(f, 2);   /* values */
	put64(f, 500); /* enabled, running */
	put64(f, 400);
	for (uint64_t i = 0; i < 2; i++) {
		put64(f, 1000 + i);
		put64(f, 1 + 100 * i);
		put64(f, 5 + i);
	}
}

static void put_branches(struct file *f)
{
	put64(f, 2);
	put64(f, 9); /* hardware index */
	for (uint64_t i = 0; i < 2; i++) {
		put64(f, 0x500000 + i);
		put64(f, 0x600000 + i);
		put_flags(f, BRANCH_FLAGS);
	}
	put64(f, 0xaa); /* counters */
	put64(f, 0xbb);
}

static void put_trailing(struct file *f, const char *raw)
{
	put64(f, 3); /* callchain */
	put64(f, PERF_CONTEXT_USER);
	put64(f, 0x401000);
	put64(f, 0x402000);
	put32(f, (uint32_t)strlen(raw));
	put(f, raw, strlen(raw));
	put_branches(f);
	put64(f, PERF_SAMPLE_REGS_ABI_64);
	for (uint64_t i = 0; i < 4; i++)
		put64(f, 0x7000 + i);
	put64(f, 16); /* user stack */
	put(f, "0123456789abcdef", 16);
	put64(f, 10);
	put64(f, 0x0004000300000002); /* weight */
	put64(f, 0x68100242);	      /* data source */
	put64(f, 6);		      /* transaction */
	put64(f, PERF_SAMPLE_REGS_ABI_64);
	put64(f, 0x8000);
	put64(f, 0x1234000); /* physical address, cgroup, page sizes */
	put64(f, 42);
	put64(f, 4096);
	put64(f, 2 << 20);
	put64(f, 8); /* AUX */
	put(f, "auxbytes", 8);
}

static void write_full_sample(struct file *f, const char *raw)
{
	begin_file(f, &full_attr, 1, 144);
	begin_record(f, PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER | PERF_RECORD_MISC_EXACT_IP);
	put_leading(f);
	put_group_read(f);
	put_trailing(f, raw);
	end_record(f);
	end_data(f);
}

static void open_fixture(struct fixture *x)
{
	const struct record *records;
	size_t count;
	x->data = open_file(&x->file, PERFDATA_TIME_ORDER);
	assert_no_error(perfdata_read(x->data, &records, &count));
	assert_int_equal(count, 1);
	x->record = records[0];
	x->decoded = perfdata_sample(x->data, &x->record, &x->sample);
}

static void close_fixture(struct fixture *x)
{
	perfdata_close(x->data);
	free_file(&x->file);
}

static void assert_numbers(const struct sample *s)
{
	assert_true(s->type == ALL_BUT_WEIGHT);
	assert_int_equal(s->event, 0);
	assert_int_equal(s->cpumode, PERF_RECORD_MISC_USER);
	assert_true(s->misc & PERF_RECORD_MISC_EXACT_IP);
	assert_int_equal(s->ip, 0x401000);
	assert_int_equal(s->pid, 11);
	assert_int_equal(s->tid, 12);
	assert_int_equal(s->time, 123456789);
	assert_int_equal(s->addr, 0xc000012340);
	assert_int_equal(s->id, 2);
	assert_int_equal(s->stream_id, 77);
	assert_int_equal(s->cpu, 3);
	assert_int_equal(s->period, 250);
	assert_int_equal(s->weight, 2);
	assert_int_equal(s->ins_lat, 3);
	assert_int_equal(s->p_stage_cyc, 4);
	assert_int_equal(s->data_src, 0x68100242);
	assert_int_equal(s->transaction, 6);
	assert_int_equal(s->phys_addr, 0x1234000);
	assert_int_equal(s->cgroup, 42);
	assert_int_equal(s->data_page_size, 4096);
	assert_int_equal(s->code_page_size, 2 << 20);
}

static void assert_arrays(const struct fixture *x, const char *raw)
{
	const struct sample *s = &x->sample;
	assert_int_equal(s->time_enabled, 500);
	assert_int_equal(s->time_running, 400);
	assert_int_equal(s->nr_read_values, 2);
	struct sample_read_value value = sample_read_value(x->data, s, 1);
	assert_int_equal(value.value, 1001);
	assert_int_equal(value.id, 101);
	assert_int_equal(value.lost, 6);
	assert_int_equal(s->nr_callchain, 3);
	assert_true(s->callchain[0] == PERF_CONTEXT_USER);
	assert_int_equal(s->callchain[2], 0x402000);
	assert_int_equal(s->raw_size, strlen(raw));
	assert_memory_equal(s->raw, raw, strlen(raw));
	assert_int_equal(s->branch_hw_index, 9);
	assert_int_equal(s->nr_branches, 2);
	assert_int_equal(s->branches[1].from, 0x500001);
	assert_int_equal(s->branches[1].to, 0x600001);
	assert_int_equal(s->branches[1].flags, BRANCH_FLAGS);
	assert_int_equal(s->branch_counters[1], 0xbb);
	assert_true(s->user_regs.mask == full_attr.sample_regs_user);
	assert_int_equal(s->user_regs.values[3], 0x7003);
	assert_int_equal(s->intr_regs.values[0], 0x8000);
	assert_int_equal(s->stack_size, 10);
	assert_memory_equal(s->stack, "0123456789", 10);
	assert_int_equal(s->aux_size, 8);
	assert_memory_equal(s->aux, "auxbytes", 8);
}

static void check_all_fields(bool big, const char *raw)
{
	struct fixture x = {.file.big = big};
	write_full_sample(&x.file, raw);
	open_fixture(&x);
	assert_true(x.decoded);
	assert_numbers(&x.sample);
	assert_arrays(&x, raw);
	close_fixture(&x);
}

static void decodes_every_field(void **state)
{
	(void)state;
	check_all_fields(false, "twelve bytes");
}

static void decodes_every_field_of_the_other_byte_order(void **state)
{
	(void)state;
	check_all_fields(true, "twelve bytes");
}

static void decodes_fields_that_are_not_aligned(void **state)
{
	(void)state;
	check_all_fields(false, "odd");
	check_all_fields(true, "odd");
}

static void refuses_a_sample_cut_anywhere(void **state)
{
	(void)state;
	struct file whole = {0};
	write_full_sample(&whole, "twelve bytes");
	size_t full = whole.size - whole.data;
	for (size_t size = 8; size < full; size++) {
		struct fixture x = {0};
		put(&x.file, whole.bytes, whole.data + size);
		set_number(&x.file, whole.data + 6, size, 2);
		set_number(&x.file, 48, size, 8);
		open_fixture(&x);
		assert_false(x.decoded);
		assert_int_equal(perfdata_counts(x.data)->bad_samples, 1);
		assert_non_null(strstr(warnings, "shorter than its fields"));
		close_fixture(&x);
	}
	free_file(&whole);
}

/* Writes one value for each of the bits that READ has, in either layout, and reads it back. */
static void check_read_format(uint64_t format, bool big)
{
	struct perfdata_attr attr = {.sample_type = PERF_SAMPLE_READ, .read_format = format};
	struct fixture x = {.file.big = big};
	begin_file(&x.file, &attr, 1, 64);
	begin_record(&x.file, PERF_RECORD_SAMPLE, 0);
	put64(&x.file, format & PERF_FORMAT_GROUP ? 1 : 10);
	if (format & PERF_FORMAT_TOTAL_TIME_ENABLED)
		put64(&x.file, 20);
	if (format & PERF_FORMAT_TOTAL_TIME_RUNNING)
		put64(&x.file, 30);
	if (format & PERF_FORMAT_GROUP)
		put64(&x.file, 10);
	if (format & PERF_FORMAT_ID)
		put64(&x.file, 40);
	if (format & PERF_FORMAT_LOST)
		put64(&x.file, 50);
	end_record(&x.file);
	end_data(&x.file);
	open_fixture(&x);
	assert_true(x.decoded);
	assert_int_equal(x.sample.nr_read_values, 1);
	struct sample_read_value value = sample_read_value(x.data, &x.sample, 0);
	assert_int_equal(value.value, 10);
	assert_int_equal(value.id, format & PERF_FORMAT_ID ? 40 : 0);
	assert_int_equal(value.lost, format & PERF_FORMAT_LOST ? 50 : 0);
	assert_int_equal(x.sample.time_enabled, format & PERF_FORMAT_TOTAL_TIME_ENABLED ? 20 : 0);
	assert_int_equal(x.sample.time_running, format & PERF_FORMAT_TOTAL_TIME_RUNNING ? 30 : 0);
	close_fixture(&x);
}

static void reads_every_read_format(void **state)
{
	(void)state;
	for (uint64_t format = 0; format < 32; format++) {
		check_read_format(format, false);
		check_read_format(format, true);
	}
}

/* A sample of one field whose words are given. */
static void open_words(struct fixture *x, const struct perfdata_attr *attr, const uint64_t *words,
		       size_t count)
{
	begin_file(&x->file, attr, 1, 144);
	begin_record(&x->file, PERF_RECORD_SAMPLE, 0);
	for (size_t i = 0; i < count; i++)
		put64(&x->file, words[i]);
	end_record(&x->file);
	end_data(&x->file);
	open_fixture(x);
}

static void refuses_counts_that_overflow(void **state)
{
	(void)state;
	static const struct perfdata_attr attrs[] = {
		{.sample_type = PERF_SAMPLE_CALLCHAIN},
		{.sample_type = PERF_SAMPLE_BRANCH_STACK},
		{.sample_type = PERF_SAMPLE_STACK_USER},
		{.sample_type = PERF_SAMPLE_AUX},
		{.sample_type = PERF_SAMPLE_READ, .read_format = PERF_FORMAT_GROUP},
		{.sample_type = PERF_SAMPLE_READ,
		 .read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID | PERF_FORMAT_LOST},
	};
	static const uint64_t counts[] = {UINT64_MAX,	      1ull << 61, 0x2000000000000001,
					  0x1555555555555556, 1ull << 63, 4};
	for (size_t i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++)
		for (size_t j = 0; j < sizeof(counts) / sizeof(counts[0]); j++) {
			struct fixture x = {0};
			uint64_t words[] = {counts[j]};
			open_words(&x, &attrs[i], words, 1);
			assert_false(x.decoded);
			close_fixture(&x);
		}
}

static void takes_empty_arrays(void **state)
{
	(void)state;
	static const struct perfdata_attr attr = {
		.sample_type = PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_BRANCH_STACK |
			       PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER | PERF_SAMPLE_AUX,
		.sample_regs_user = 0xff};
	struct fixture x = {0};
	uint64_t words[5] = {0};
	open_words(&x, &attr, words, 5);
	assert_true(x.decoded);
	assert_int_equal(x.sample.nr_callchain, 0);
	assert_int_equal(x.sample.nr_branches, 0);
	assert_int_equal(x.sample.user_regs.abi, PERF_SAMPLE_REGS_ABI_NONE);
	assert_int_equal(x.sample.user_regs.mask, 0);
	assert_int_equal(x.sample.stack_size, 0);
	close_fixture(&x);
}

static void a_stack_is_as_long_as_was_copied_and_no_longer(void **state)
{
	(void)state;
	static const struct perfdata_attr attr = {.sample_type = PERF_SAMPLE_STACK_USER};
	struct fixture x = {0};
	uint64_t words[] = {8, 0x1122334455667788, 9};
	open_words(&x, &attr, words, 3);
	assert_false(x.decoded);
	close_fixture(&x);
}

static void goes_over_vector_registers(void **state)
{
	(void)state;
	static const struct perfdata_attr attr = {.sample_type = PERF_SAMPLE_REGS_INTR |
								 PERF_SAMPLE_PHYS_ADDR,
						  .sample_regs_intr = 3};
	struct fixture x = {0};
	/* two general, then one vector of two words and two predicates of one */
	uint64_t words[] = {PERF_SAMPLE_REGS_ABI_64 | PERF_SAMPLE_REGS_ABI_SIMD,
			    1,
			    2,
			    0x0001000200020001,
			    0,
			    0,
			    0,
			    0,
			    0x4321};
	open_words(&x, &attr, words, sizeof(words) / 8);
	assert_true(x.decoded);
	assert_int_equal(x.sample.intr_regs.values[1], 2);
	assert_int_equal(x.sample.phys_addr, 0x4321);
	close_fixture(&x);
}

static void a_weight_of_64_bits_is_taken_whole(void **state)
{
	(void)state;
	static const struct perfdata_attr attr = {.sample_type = PERF_SAMPLE_WEIGHT};
	struct fixture x = {0};
	uint64_t words[] = {0x100000002};
	open_words(&x, &attr, words, 1);
	assert_int_equal(x.sample.weight, 0x100000002);
	assert_int_equal(x.sample.ins_lat, 0);
	close_fixture(&x);
}

static void without_a_period_it_is_the_events(void **state)
{
	(void)state;
	static const struct perfdata_attr attr = {.sample_type = PERF_SAMPLE_IP,
						  .sample_period = 4000};
	struct fixture x = {0};
	uint64_t words[] = {0x401000};
	open_words(&x, &attr, words, 1);
	assert_int_equal(x.sample.period, 4000);
	assert_int_equal(x.sample.time, 0);
	close_fixture(&x);
}

/* Two events whose samples have an id, and one sample with ID. */
static void open_with_id(struct fixture *x, uint64_t id, uint64_t id_field)
{
	const struct perfdata_attr attrs[] = {
		{.sample_type = PERF_SAMPLE_IP | id_field, .flags = PERF_ATTR_SAMPLE_ID_ALL},
		{.sample_type = PERF_SAMPLE_IP | id_field | PERF_SAMPLE_PERIOD,
		 .flags = PERF_ATTR_SAMPLE_ID_ALL},
	};
	begin_file(&x->file, attrs, 2, 136);
	begin_record(&x->file, PERF_RECORD_SAMPLE, 0);
	bool first = id_field == PERF_SAMPLE_IDENTIFIER;
	put64(&x->file, first ? id : 0x401000);
	put64(&x->file, first ? 0x401000 : id);
	put64(&x->file, 99);
	end_record(&x->file);
	end_data(&x->file);
	open_fixture(x);
}

static void finds_the_event_by_id_or_identifier(void **state)
{
	(void)state;
	static const uint64_t fields[] = {PERF_SAMPLE_ID, PERF_SAMPLE_IDENTIFIER};
	for (size_t i = 0; i < 2; i++) {
		struct fixture x = {0};
		open_with_id(&x, 102, fields[i]);
		assert_true(x.decoded);
		assert_int_equal(x.sample.event, 1);
		assert_int_equal(x.sample.ip, 0x401000);
		assert_int_equal(x.sample.period, 99);
		close_fixture(&x);
	}
}

static void a_sample_with_id_0_is_the_first_events(void **state)
{
	(void)state;
	struct fixture x = {0};
	open_with_id(&x, 0, PERF_SAMPLE_ID);
	assert_true(x.decoded);
	assert_int_equal(x.sample.event, 0);
	close_fixture(&x);
}

static void a_sample_with_an_unknown_id_is_counted(void **state)
{
	(void)state;
	struct fixture x = {0};
	open_with_id(&x, 55, PERF_SAMPLE_ID);
	assert_false(x.decoded);
	assert_int_equal(perfdata_counts(x.data)->unknown_ids, 1);
	assert_non_null(strstr(warnings, "FILE: at offset 0x"));
	close_fixture(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_every_field),
		cmocka_unit_test(decodes_every_field_of_the_other_byte_order),
		cmocka_unit_test(decodes_fields_that_are_not_aligned),
		cmocka_unit_test(refuses_a_sample_cut_anywhere),
		cmocka_unit_test(reads_every_read_format),
		cmocka_unit_test(refuses_counts_that_overflow),
		cmocka_unit_test(takes_empty_arrays),
		cmocka_unit_test(a_stack_is_as_long_as_was_copied_and_no_longer),
		cmocka_unit_test(goes_over_vector_registers),
		cmocka_unit_test(a_weight_of_64_bits_is_taken_whole),
		cmocka_unit_test(without_a_period_it_is_the_events),
		cmocka_unit_test(finds_the_event_by_id_or_identifier),
		cmocka_unit_test(a_sample_with_id_0_is_the_first_events),
		cmocka_unit_test(a_sample_with_an_unknown_id_is_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
