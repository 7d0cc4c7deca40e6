# SPDX-License-Identifier: GPL-2.0-only
"""Who has called whom in a program that is stepped through: from its calls and returns alone.

Nothing that an unwinder looks at is asked: no tables, no frame pointers, no return address in
memory. A call instruction begins a call; it has ended when the program is behind it with the stack
pointer it had, or with a higher one.
"""

import bisect
import collections
import struct
import subprocess

from debugger import LR, PC, SP, X29, TRAP

DUMP, SYSTEM_DUMP = 8192, 2000  # of a goroutine's stack, and of another
G, G_M = 28, 48  # the register, and where g.m is; m.g0 is its first field (go1.17 - go1.27)
UNSIGNED = (1 << 48) - 1  # what a signed return address has of the address
GUESS = 1 << 16  # of a stack that no g tells of: a thread's own

# `back` is what a sample's chain has: the call is before it, unless a signal made it.
Call = collections.namedtuple("Call", "returns sp back")
# `callers` are those on the stack that is in use, `left` those on the one that was left for it.
Sample = collections.namedtuple("Sample", "registers stack callers left chain goroutine")

# What takes most of the time, calls nobody of interest, and neither panics nor lets others run.
STEPPED_OVER = ("runtime.Callers", "runtime.pcvalue", "runtime.findfunc", "runtime.printpanics",
                "runtime.tracebackPCs", "runtime.lock2", "runtime.unlock2", "runtime.casgstatus",
                "runtime.nanotime1.abi0", "runtime.mallocgcSmallNoscan", "runtime.printpanicval",
                "runtime.gentraceback", "runtime.getStackMap", "runtime.pcdatavalue",
                "runtime.(*moduledata).textAddr", "runtime.step", "runtime.pcdatavalue1",
                "runtime.resolveNameOff", "runtime.funcspdelta", "runtime.funcMaxSPDelta",
                "runtime.newInlineUnwinder", "runtime.(*unwinder).resolveInternal")
VISITS = 2  # before
JMPDEFER = "runtime.jmpdefer"

# Instructions, but for where they lead: Arm Architecture Reference Manual, C4.1.
BL, BLR, BR, RET, SVC = 0x94000000, 0xd63f0000, 0xd61f0000, 0xd65f0000, 0xd4000001


def places(calls):
    """Innermost first, as stock perf has them in a stack that it unwinds."""
    return [call.returns - call.back for call in reversed(calls)]


class Program:
    """Names of a binary's functions."""

    def __init__(self, path):
        listed = subprocess.run(["go", "tool", "nm", "-n", path], stdout=subprocess.PIPE,
                                check=True).stdout.decode()
        lines = [line.split(None, 2) for line in listed.splitlines()]
        symbols = [(int(line[0], 16), line[2]) for line in lines
                   if len(line) == 3 and line[1] in "tTW" and line[2][0] != "$"]
        self.starts = [start for start, _ in symbols]
        self.names = [name for _, name in symbols]
        self.addresses = {name: start for start, name in reversed(symbols)}

    def name(self, address):
        at = bisect.bisect_right(self.starts, address) - 1
        return self.names[at] if at >= 0 else ""

    def entry(self, name):
        """Of an assembly function, and not of the wrapper around it."""
        return self.addresses.get(name + ".abi0") or self.addresses[name]


class Stack:
    """The calls that are on one, outermost first."""

    def __init__(self, low, high, whole):
        self.low, self.high, self.whole = low, high, whole
        self.calls = []

    def holds(self, sp):
        return self.low < sp <= self.high

    def move(self, low, high):
        """It has grown: its upper end was copied to another place."""
        by = high - self.high
        self.low, self.high = low, high
        self.calls = [call._replace(sp=call.sp + by) for call in self.calls]

    def leave(self, sp):
        while self.calls and self.calls[-1].sp < sp:
            self.calls.pop()

    def arrive(self, pc, sp, keep=False):
        """Where code goes on that had gone to another stack, or a function that recovered.
        KEEP: what has not returned just there is still on."""
        self.leave(sp)
        here = found = 0
        while here < len(self.calls) and self.calls[-1 - here].sp == sp:
            here += 1
        for i in range(len(self.calls) - 1, len(self.calls) - 1 - here, -1):
            if self.calls[i].returns == pc:
                found = len(self.calls) - i
                break
        del self.calls[len(self.calls) - (found or (0 if keep else here)):]


class Walk:
    """Goes through a program from Begin() to End()."""

    END = "arm64/byhand.End"

    def __init__(self, debugger, program, base, limit=None):
        self.debugger, self.program, self.base = debugger, program, base
        self.mark_address = program.addresses.get("arm64/byhand.Mark.abi0",
                                                  program.addresses.get("arm64/byhand.Mark"))
        self.pages, self.visits, self.seen = {}, collections.Counter(), set()
        self.stacks = {}
        self.samples, self.marks, self.left, self.sigreturn = [], [], [], None
        self.stack, self.arriving, self.steps, self.limit = None, False, 0, limit

    def code(self, pc):
        page = self.pages.get(pc >> 12)
        if page is None:
            page = self.pages[pc >> 12] = self.debugger.read(pc >> 12 << 12, 4096)
        return struct.unpack_from("<I", page, pc & 4095)[0] if len(page) == 4096 else 0

    def name(self, pc):
        return self.program.name(pc - self.base)

    def find_stack(self, registers):
        """The stack that is in use: g's, or one that is not known yet."""
        sp, g = registers[SP], registers[G]
        low, high = self.debugger.word(g), self.debugger.word(g + 8)
        if low < sp <= high:
            if g in self.stacks:
                self.stacks[g].move(low, high)
            m = self.debugger.word(g + G_M)
            return self.stacks.setdefault(g, Stack(low, high, self.debugger.word(m) != g))
        for stack in self.stacks.values():
            if stack.holds(sp):
                return stack
        return self.stacks.setdefault(-sp, Stack(sp - GUESS, sp + 1024, False))

    def begin(self):
        """From Begin() on; main.main is known from when it was called."""
        debugger, program = self.debugger, self.program
        debugger.go_to(self.base + program.entry("main.main"))
        called = debugger.registers()
        below = self.find_stack(called).high - called[SP]
        debugger.go_to(self.base + program.entry("arm64/byhand.Begin"))
        # To the runtime's watch a program that is stepped is one that never yields.
        debugger.stop_others()
        registers = debugger.registers()
        self.stack = self.find_stack(registers)
        high = self.stack.high
        self.stack.calls = [Call(self.base + program.entry("runtime.goexit") + 4, high, True),
                            Call(called[LR], high - below, True),
                            Call(registers[LR], registers[SP], True)]
        return registers

    def follow(self, before, registers, signal):
        """What one step has done."""
        pc, sp = registers[PC], registers[SP]
        instruction = 0 if signal else self.code(before[PC])
        called = instruction & 0xfc000000 == BL or instruction & 0xfffff000 == BLR
        if not self.stack.holds(sp):
            self.left = [*self.stack.calls] if self.stack.whole else []
            self.stack, self.arriving = self.find_stack(registers), True
        self.stack.leave(sp)
        calls = self.stack.calls
        if signal:
            self.enter_handler(before, registers)
            self.sigreturn = registers[LR]
        elif instruction == SVC and pc != before[PC] + 4:
            # Back from a signal; or qemu made the step after the system call by itself.
            if self.name(pc) == "runtime.sigpanic":
                calls.append(Call(registers[LR], sp, False))
            else:
                if calls and not calls[-1].back:
                    calls.pop()
                self.stack.arrive(pc, sp, keep=True)
        elif called:
            calls.append(Call(before[PC] + 4, sp, True))
            self.arriving = False
        elif self.arriving and instruction & 0xfffffc1f in (BR, RET):
            self.arriving = False
            self.stack.arrive(pc, sp)
            if self.name(registers[LR]).startswith("runtime.goexit"):
                self.stack.calls = [Call(registers[LR], sp, True)]  # a goroutine begins
        elif calls and calls[-1].sp == sp and calls[-1].returns == pc:
            calls.pop()
        elif instruction == BR | LR << 5 and self.name(before[PC]) == "__longjmp":
            self.stack.arrive(pc, sp)
        elif calls and self.name(before[PC]) == JMPDEFER and self.name(pc) != JMPDEFER:
            # It makes the deferred function return to its own call's instruction (go1.17).
            calls.append(Call(registers[LR], sp, True))

    def enter_handler(self, interrupted, registers):
        """The kernel is who calls, and where SP then was is not seen."""
        self.left = [*self.left, Call(interrupted[PC], interrupted[SP], False)]
        self.stack.whole = False
        self.stack.calls = [Call(registers[LR], self.stack.high, True)]

    def step_over(self, registers):
        """Where a call goes that is of no more interest, past it."""
        instruction = self.code(registers[PC])
        if instruction & 0xfc000000 != BL:
            return False
        distance = ((instruction & 0x3ffffff) ^ 0x2000000) - 0x2000000
        name = self.name(registers[PC] + 4 * distance)
        if name not in STEPPED_OVER:
            return False
        self.visits[name] += 1
        if self.visits[name] <= VISITS:
            return False
        debugger, back = self.debugger, registers[PC] + 4
        debugger.ask(f"Z0,{back:x},4")
        while debugger.resume(f"vCont;c:{debugger.thread}") == TRAP:
            after = debugger.registers()
            if after[PC] == back and after[SP] == registers[SP]:
                break
            debugger.step()
        debugger.ask(f"z0,{back:x},4")
        return True

    def frame_chain(self, registers, stack):
        """As the kernel follows x29 (arch/arm64/kernel/stacktrace.c)."""
        chain, at, start = [], registers[X29], registers[SP]
        while at and not at & 7 and len(chain) < 126:
            if start <= at <= start + len(stack) - 16:
                after, returns = struct.unpack_from("<2Q", stack, at - start)
            else:
                record = self.debugger.read(at, 16)
                if len(record) < 16:
                    break
                after, returns = struct.unpack("<2Q", record)
            chain.append(returns)
            if at >= after:
                break
            at = after
        return chain

    def sample(self, registers):
        calls, stack = self.stack.calls, self.stack
        key = (registers[PC], *[call.returns for call in calls[-1:]])
        marked = registers[PC] - self.base == self.mark_address
        if key in self.seen and not marked:
            return
        self.seen.add(key)
        size = min(DUMP if stack.whole else SYSTEM_DUMP, stack.high - registers[SP])
        memory = self.debugger.read(registers[SP], max(size, 16))
        if marked:
            self.marks.append(len(self.samples))
        self.samples.append(Sample(registers, memory, places(calls),
                                   [] if stack.whole else places(self.left),
                                   self.frame_chain(registers, memory), stack.whole))

    def go(self, report=None):
        debugger, program = self.debugger, self.program
        end = self.base + program.entry(self.END)
        registers = self.begin()
        while registers[PC] != end and self.steps != self.limit:
            before = registers
            if self.step_over(registers):
                registers = debugger.registers()
                continue
            signal = debugger.step()
            registers = debugger.registers()
            if signal != TRAP:
                before = registers
            while signal != TRAP and registers[PC] == before[PC]:  # until it is delivered
                debugger.step(signal)
                registers = debugger.registers()
            self.steps += 1
            if report and self.steps % 10000 == 0:
                report(self)
            self.follow(before, registers, signal != TRAP)
            self.sample(registers)


class CWalk(Walk):
    """The same for a program in C, which has but one stack."""

    END = "end"

    def find_stack(self, registers):
        return self.stack

    def begin(self):
        debugger, program = self.debugger, self.program
        debugger.go_to(program.entry("main"))
        called = debugger.registers()
        debugger.go_to(program.entry("begin"))
        registers = debugger.registers()
        self.stack = Stack(registers[SP] - (1 << 23), called[SP] + DUMP, True)
        self.stack.calls = [Call(called[LR], called[SP], True),
                            Call(registers[LR], registers[SP], True)]
        return registers

    def enter_handler(self, interrupted, registers):
        self.stack.calls += [Call(interrupted[PC], interrupted[SP], False),
                             Call(registers[LR] & UNSIGNED, registers[SP] + 1024, True)]
