// SPDX-License-Identifier: GPL-2.0-only
/*
 * Goroutines of samples that have no payload, as plain perf record writes them: Go's code keeps g
 * in a register (R14 on amd64, R28 on arm64: src/cmd/compile/abi-internal.md, go1.17), snapshots
 * tell whose it was.
 */
#include <string.h>

#include "session/internal.h"

/* arch/{x86,arm64}/include/uapi/asm/perf_regs.h */
static const struct g_machine {
	const char *arch;
	uint8_t g, pc; /* bits of the mask */
} machines[] = {
	{"x86_64", 22, 8},
	{"aarch64", 28, 32},
};

static const struct g_machine *find_machine(const struct session *session)
{
	const char *arch = perfdata_header(session->data)->arch;
	for (size_t i = 0; arch && i < sizeof(machines) / sizeof(*machines); i++)
		if (!strcmp(arch, machines[i].arch))
			return &machines[i];
	return NULL;
}

static bool read_register(const struct sample_regs *regs, unsigned int bit, uint64_t *ret)
{
	if (!(regs->mask >> bit & 1))
		return false;
	*ret = regs->values[__builtin_popcountll(regs->mask & ((1ull << bit) - 1))];
	return true;
}

/* The sections' snapshots are decoded when they are first of use. False without memory. */
static bool load_snapshots(struct session *session)
{
	const struct go_section *section = session->goroutines.section;
	bool done = true;
	if (session->snapshots_loaded)
		return true;
	session->snapshots_loaded = true;
	for (size_t i = 0; section && done && i < go_section_nr_snapshots(section); i++) {
		size_t size;
		const void *bytes = go_section_snapshot(section, i, &size);
		struct snapshot *snapshot;
		struct perfgo_error *error =
			snapshot_decode(bytes, size, perfdata_path(session->data), &snapshot);
		if (error)
			observer_warn(session->observer, "%s", perfgo_error_text(error));
		else
			done = snapshots_add(&session->snapshots, snapshot);
		perfgo_error_destroy(error);
	}
	return done;
}

/* Whether there is what it takes to know by a register. */
static bool may_have_g(const struct session *session, const struct sample *sample)
{
	const struct perfdata_event *event = perfdata_event(session->data, sample->event);
	return session->holds_g &&
	       (sample->cpumode == PERF_RECORD_MISC_USER ||
		sample->cpumode == PERF_RECORD_MISC_KERNEL) &&
	       sample->type & PERF_SAMPLE_TIME && sample->user_regs.values &&
	       sample->user_regs.abi == PERF_SAMPLE_REGS_ABI_64 &&
	       snapshots_share_clock(&event->attr);
}

static bool holds_g(const struct session *session, uint32_t address)
{
	return session->holds_g(session->holds_g_context,
				session_address(session, address)->location);
}

/*
 * Hardware may say of an instruction that ran a little before the registers were taken: g has to
 * be in its register at both. In the kernel registers are those it was entered with.
 */
static bool is_at_go_code(struct session *session, size_t i, const struct code_context *context,
			  const struct g_machine *machine)
{
	const struct sample *sample = &session->samples[i];
	bool in_user_mode = sample->cpumode == PERF_RECORD_MISC_USER;
	uint64_t pc;
	if (in_user_mode && !holds_g(session, session->batch_addresses[i]))
		return false;
	if (!read_register(&sample->user_regs, machine->pc, &pc))
		return in_user_mode;
	if (in_user_mode && pc == sample->ip)
		return true;
	uint32_t address =
		code_address(&session->code, context, pc, PERF_RECORD_MISC_USER, ADDRESS_PLACE);
	return address != IDMAP_NONE && holds_g(session, address);
}

static struct go_payload payload_of(const struct snapshot_goroutine *goroutine)
{
	/* Its labels may have changed, and changed back, between snapshots; its state has not. */
	return (struct go_payload){.goid = goroutine->goid,
				   .goparent = goroutine->parent,
				   .gocreator = goroutine->creator_pc,
				   .goroutine = goroutine->start_pc,
				   .goid_from = GOID_FROM_SNAPSHOT};
}

uint32_t session_goroutine_by_register(struct session *session, size_t i,
				       const struct code_context *context)
{
	const struct sample *sample = &session->samples[i];
	const struct g_machine *machine = find_machine(session);
	uint64_t g;
	if (!machine || !may_have_g(session, sample))
		return 0;
	if (!load_snapshots(session))
		return IDMAP_NONE;
	if (!session->snapshots.count || !read_register(&sample->user_regs, machine->g, &g) ||
	    !is_at_go_code(session, i, context, machine))
		return 0;
	const struct snapshot_goroutine *goroutine =
		snapshots_agree(&session->snapshots, sample->pid, sample->time, g);
	if (!goroutine)
		return 0;
	struct go_payload payload = payload_of(goroutine);
	return goroutines_intern(&session->goroutines, &session->code, context, &payload,
				 sample->pid);
}
