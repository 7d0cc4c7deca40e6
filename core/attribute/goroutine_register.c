// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/goroutine_register.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "gobin/runtime.h"

enum verdict { NOT_ASKED, HOLDS, DOES_NOT_HOLD };

struct goroutine_registers {
	struct attribution *attribution;
	uint8_t *verdicts; /* by location id */
	size_t nr_verdicts, capacity;
};

/* Assembly functions use the register for what they like. */
static bool is_assembly(const char *file)
{
	size_t length = file ? strlen(file) : 0;
	return length < 2 || !strcmp(file + length - 2, ".s");
}

/* Those that take much time and leave it alone (as disassembled, go1.17 - go1.27). */
static bool leaves_g_alone(const char *name)
{
	static const char *const names[] = {
		"runtime.memmove",
		"runtime.memclrNoHeapPointers",
		"runtime.memequal",
		"memeqbody",
		"cmpbody",
		"indexbytebody",
		"countbody",
		"indexbody",
		"aeshashbody",
		"gcWriteBarrier",
		"runtime.gcWriteBarrier",
		"runtime.duffcopy",
		"runtime.duffzero",
		"runtime.nanotime1",
		"time.now",
		"runtime/internal/syscall.Syscall6",
		"internal/runtime/syscall.Syscall6",
		"internal/runtime/syscall/linux.Syscall6",
		"syscall.Syscall",
		"syscall.Syscall6",
		"syscall.RawSyscall",
		"syscall.RawSyscall6",
		"syscall.rawSyscallNoError",
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* The registers have their meaning from go1.17 on, which is where known layouts begin. */
static bool judge(struct attribution *attribution, uint32_t id)
{
	struct session *session = attribution_session(attribution);
	const struct location *location = session_location(session, id);
	const struct binary *binary =
		location->dso ? attribution_open(attribution, location->dso) : NULL;
	const struct gobin *go = binary ? binary_go(binary) : NULL;
	struct gobin_frame frames[BINARY_MAX_FRAMES];
	struct gobin_place place;
	uint64_t address;
	if (!go || !runtime_layout_of_release(gobin_info(go)->release) ||
	    !image_address_of_offset(binary_image(binary), location->offset, &address))
		return false;
	gobin_locate(go, address, true, frames, BINARY_MAX_FRAMES, &place);
	/* The outermost frame is the function itself; wrappers may be around assembly. */
	return place.owned && place.name && place.count && !place.wrapper &&
	       (!is_assembly(frames[place.count - 1].file) || leaves_g_alone(place.name));
}

static bool holds_g(void *context, uint32_t location)
{
	struct goroutine_registers *registers = context;
	if (!array_reserve(registers->verdicts, registers->capacity, (size_t)location + 1))
		return false;
	for (; registers->nr_verdicts <= location; registers->nr_verdicts++)
		registers->verdicts[registers->nr_verdicts] = NOT_ASKED;
	uint8_t *verdict = &registers->verdicts[location];
	if (*verdict == NOT_ASKED)
		*verdict = judge(registers->attribution, location) ? HOLDS : DOES_NOT_HOLD;
	return *verdict == HOLDS;
}

struct goroutine_registers *goroutine_registers_new(struct attribution *attribution)
{
	struct goroutine_registers *registers = calloc(1, sizeof(*registers));
	if (!registers)
		return NULL;
	registers->attribution = attribution;
	session_trust_registers(attribution_session(attribution), holds_g, registers);
	return registers;
}

void goroutine_registers_free(struct goroutine_registers *registers)
{
	if (!registers)
		return;
	free(registers->verdicts);
	free(registers);
}
