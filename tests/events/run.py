#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What perf-go opens for an event beside what stock perf opens for the same words.

perf says it with -vv, before it opens an event; so events of machines that are not here are compared
too, on the trees of sysfs in tests/data/sysfs, which perf reads where SYSFS_PATH says. Arguments are
the names of some of these; `here` is this machine.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PERF_GO = os.environ.get("PERF_GO", os.path.join(TOP, "build", "perf-go"))
PRINT = os.path.join(os.path.dirname(PERF_GO), "tests", "events", "print_events")
MACHINES = os.path.join(TOP, "tests", "data", "sysfs")

HERE = """
cycles cpu-cycles instructions cache-references cache-misses branches branch-instructions
branch-misses bus-cycles ref-cycles stalled-cycles-frontend idle-cycles-frontend
stalled-cycles-backend idle-cycles-backend
cpu-clock task-clock page-faults faults minor-faults major-faults context-switches cs
cpu-migrations migrations alignment-faults emulation-faults bpf-output cgroup-switches
L1-dcache-loads L1-dcache-load-misses L1-dcache-stores L1-dcache-store-misses L1-dcache-prefetches
L1-dcache-prefetch-misses L1-icache-load-misses L1-icache-loads LLC-loads LLC-load-misses LLC-stores
LLC-store-misses LLC-prefetches dTLB-loads dTLB-load-misses dTLB-store-misses iTLB-loads
iTLB-load-misses branch-loads branch-load-misses node-loads node-load-misses node-stores
node-store-misses node-prefetch-misses l1d l1d-misses LLC L2-refs d-tlb-read-miss bpu-access
r1a8 r003c rffffffffffffffff r1a8:u 1:0 1:2:u 0:1 3:65536 4:0x1c2
cycles:u cycles:k cycles:h cycles:uk cycles:ukh cycles:p cycles:pp cycles:ppp cycles:P cycles:upp
cycles:I cycles:D cycles:e cycles:G cycles:H cycles:GH cycles:uG cycles:uH cycles:uD cpu-clock:u
cpu-clock:k cpu-clock:ppp cpu-clock:P page-faults:u cs:k L1-dcache-load-misses:u r1a8:pp
cpu-clock/period=1000/ cpu-clock/period=1000,name=foo/u cycles/freq=100/ cycles/period=0x1000/k
cpu-clock/no-inherit/ cpu-clock/max-stack=5/ cycles/config1=0x15/ cycles//u cpu-clock//
L1-dcache-load-misses/period=5/u r1a8/period=7/
{cpu-clock,page-faults} {cpu-clock,page-faults}:S {cpu-clock:u,page-faults}:u {cpu-clock,cs}:k
{cpu-clock:k,cs:u}:u {cpu-clock,page-faults}:D {cpu-clock:D,page-faults:D} {cpu-clock}:e
{cpu-clock,cs}:uD name{cpu-clock,cs}:u {cpu-clock,page-faults},task-clock:u
cpu-clock,page-faults cpu-clock:u,task-clock:k,cs
mem:0x1000 mem:0x1000:w mem:0x1000:r mem:0x1000:rw mem:0x1000:x mem:0x1000/8 mem:0x1000/8:w
mem:0x1000/1:rw mem:0x1000:w:u mem:0x1000/2:w:k mem:4096:w mem:0x1000:u
sched:sched_switch sched:sched_switch:u sched:sched_wak* sched:sched_*_fork raw_syscalls:*
syscalls:sys_enter_write syscalls:sys_enter_writ? sched:sched_switch,cpu-clock
{sched:sched_switch,cpu-clock} sch?d:sched_switch exceptions:page_fault_*:u
msr/tsc/ msr/tsc/u msr/event=0/ msr/config=0/ msr// software/config=2/ breakpoint/config1=0x10/
""".split()

# By tree.
THERE = {
    "skylake": """
cpu/event=0x3c/ cpu/event=0x3c,umask=0x1,inv,cmask=2/ cpu/event=60,umask=1,any,edge=1/u
cpu/mem-loads/ cpu/mem-loads,ldlat=30/P cpu/mem-loads,ldlat=50/pp cpu/mem-stores/P mem-loads
mem-stores:P mem-loads:ppu cpu/mem-loads,ldlat=30,period=1000,name=loads/ppp
cpu/r1a8/ cpu/r1a8,umask=2/ cpu/config=0x3c/ cpu/config=0x3c,config1=7/ cpu/cpu-cycles/
cpu/instructions/ cpu/event=cpu-cycles/ cpu/cycles/ cpu/cycles,period=5/ cpu/LLC-load-misses/
cpu/branch-misses/ cpu/L1-dcache-load-misses/u cpu/offcore_rsp=0xffffffffffffffff,event=0xb7/
cpu/topdown-slots-issued/ cpu/in_tx=1,event=0x3c/ cpu/frontend=0x13,event=0xc6,umask=1/
cpu// cpu/ref-cycles/ power/energy-pkg/ uncore_imc/data_reads/ imc/data_reads/ uncore_cbox/event=1/
cbox_0/event=0x34/ uncore_cbox_*/event=1/ uncore_cbox_0/clockticks/ msr/aperf/
{cpu/mem-loads,ldlat=30/,cpu/mem-stores/}:P {cycles,instructions}:S CPU-CYCLES cycles
mem_load_retired.l3_miss:pp cpu/mem_inst_retired.all_loads,period=7/ cpu/mem_load_retired.l1_miss/P
""",
    "sapphire-rapids": """
{cpu/mem-loads-aux/,cpu/mem-loads,ldlat=30/}:P {cpu/mem-loads-aux/,cpu/mem-loads,ldlat=100/pp}:S
cpu/mem-loads-aux/ cpu/mem-stores/P slots cpu/slots/ {slots,cpu/topdown-retiring/}:S
uncore_imc/cas_count_read/ uncore_imc_0/cas_count_read/ uncore_imc_free_running_0/dclk/
mem_load_retired.l3_miss:P mem_trans_retired.load_latency_gt_64:P
""",
    "alder-lake": """
cpu_core/cycles/ cpu_atom/cycles/ cpu_core/cycles/u cpu_core/mem-stores/P cpu_atom/mem-stores/P
cpu_atom/mem-loads,ldlat=30/P {cpu_core/mem-loads-aux/,cpu_core/mem-loads,ldlat=30/}:P
cpu_core/event=0x3c/ cpu_core/r1a8/ cpu_core/LLC-load-misses/ cpu_atom/instructions/ cycles
cycles:u LLC-loads mem-stores slots r1a8 cpu_core/cycles,period=9/ cpu-clock
mem_load_retired.l3_miss cpu_atom/mem_uops_retired.all_loads/
""",
    "zen4": """
ibs_op// ibs_op/cnt_ctl=1/ ibs_op/l3missonly=1/ ibs_op/cnt_ctl=1,l3missonly,period=100000/
ibs_fetch// ibs_fetch/rand_en=1/ ibs_fetch/rand_en/ cpu/event=0x76/ cpu/event=0x1ff,umask=3/
cpu/event=0xfff/ amd_l3/event=0x04,umask=0xff/ amd_df/event=0x1f,umask=0xff/ cycles:pp
cpu/stalled-cycles-frontend/
""",
    "neoverse-n1": """
armv8_pmuv3_0/cpu_cycles/ armv8_pmuv3_0/event=0x11/ armv8_pmuv3_0/r11/ cpu_cycles l1d_cache_refill
l1d_cache_refill:u armv8_pmuv3_0/inst_retired,long=1/ armv8_pmuv3/cpu_cycles/ arm_cmn/type=5/
armv8_pmuv3_0/mem_access,period=100/
""",
}

# Whose tables of events perf takes; those of Arm it knows by other means.
CPUS = {"skylake": "GenuineIntel-6-5E-3", "sapphire-rapids": "GenuineIntel-6-8F-8",
        "alder-lake": "GenuineIntel-6-97-2", "zen4": "AuthenticAMD-25-11-1"}

FIELDS = ("type config config1 config2 bp_type exclude_user exclude_kernel exclude_hv exclude_idle "
          "exclude_host precise_ip pinned exclusive").split()
SAID_AS = {"{ bp_addr, config1 }": "config1", "{ bp_len, config2 }": "config2",
           "{ sample_period, sample_freq }": "rate"}
USUAL_RATE = 4000
EXTENDED_TYPES = (0, 3)
# perf opens these for itself.
DUMMY = (1, 9)


def find_perfs():
    """The stock perfs at hand: the one in PATH, and those named in PERFGO_PERFS."""
    named = os.environ.get("PERFGO_PERFS", "").split(":")
    return [perf for perf in [shutil.which("perf"), *named] if perf and os.access(perf, os.X_OK)]


def unpack(machine, to):
    """One file a line, its name and its text."""
    with open(os.path.join(MACHINES, machine), encoding="ascii") as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            name, text = line.rstrip("\n").split(" ", 1)
            path = os.path.join(to, "bus/event_source/devices", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii") as out:
                out.write(text + "\n")


def attrs_of_perf(perf, event, environment, scratch):
    """What perf says that it opens, and whether it did; None when it does not know the event."""
    answer = subprocess.run([perf, "record", "-vv", "-B", "-N", "--no-bpf-event", "-o",
                             os.path.join(scratch, "perf.data"), "-e", event, "true"],
                            capture_output=True, text=True, errors="replace", env=environment,
                            timeout=120, check=False)
    said = answer.stderr
    if "syntax error" in said or "perf_event_attr:" not in said:
        return None, False
    attrs = []
    for block in re.findall(r"perf_event_attr:\n(.*?)\n-----", said, re.S):
        attr = dict.fromkeys(FIELDS, 0)
        attr.update(rate=0, freq=0)
        for line in block.splitlines():
            field = re.match(r"  (\{.*?\}|\w+)\s+(\S+)", line)
            name = SAID_AS.get(field[1], field[1]) if field else None
            if name in attr:
                attr[name] = int(field[2], 0)
        # Without what samples have perf only asks what the kernel can do.
        if (attr["type"], attr["config"]) != DUMMY and "sample_type" in block:
            attrs.append(attr)
    retried = re.search(r"failed, error|switching off|falling back", said)
    return attrs, answer.returncode == 0 and not retried


def attrs_of_perf_go(event, environment):
    answer = subprocess.run([PRINT, event], capture_output=True, text=True, env=environment,
                            check=False)
    if answer.returncode:
        return answer.stderr.strip()
    return [json.loads(line) for line in answer.stdout.splitlines()]


def differences(ours, perfs, group):
    """Fields that differ, with perf's value and ours."""
    rate, freq = (ours["sample_period"], ours["freq"]) if ours["sample_period"] else (USUAL_RATE, 1)
    ours = {**ours, "rate": rate, "freq": freq}
    # Members of a group that only its leader samples have no rate.
    fields = FIELDS if group and not perfs["rate"] else [*FIELDS, "rate", "freq"]
    wrong = {field for field in fields if ours[field] != perfs[field]}
    # The kernel here has no such PMU, so perf 6.12 leaves out which one is meant.
    if ours["type"] in EXTENDED_TYPES and ours["config"] & 0xffffffff == perfs["config"]:
        wrong.discard("config")
    # perf 7 does not always say what it tries first.
    if ours["most_precise"]:
        wrong.discard("precise_ip")
    return {field: (perfs[field], ours[field]) for field in wrong}


def compare(ours, perfs, whole):
    """All in their order, which with wildcards is anyone's; what perf came to before it failed."""
    if isinstance(ours, str):
        return f"perf-go: {ours}"
    if whole and len(ours) != len(perfs):
        return f"{len(ours)} events, perf has {len(perfs)}"
    for attr in perfs if whole else perfs[:1]:
        least = min((differences(our, attr, len(ours) > 1) for our in ours), key=len)
        if least:
            return f"perf's and ours: {least}"
    return None


class Judge:
    def __init__(self):
        self.passed = self.failed = self.unknown = 0

    def check(self, perfs, machine, event, environment, scratch):
        ours = attrs_of_perf_go(event, environment)
        asked = [attrs_of_perf(perf, event, environment, scratch) for perf in perfs]
        known = [(perf, attrs, whole) for perf, (attrs, whole) in zip(perfs, asked) if attrs]
        if not known:
            self.unknown += 1
            print(f"{machine}: {event}: no perf here knows it")
        for perf, attrs, whole in known:
            wrong = compare(ours, attrs, whole)
            self.passed += not wrong
            self.failed += bool(wrong)
            if wrong:
                print(f"{machine}: {event}: {perf}: {wrong}", flush=True)


def main():
    perfs, judge = find_perfs(), Judge()
    if not perfs or not os.access(PRINT, os.X_OK):
        print("0 passed, 0 failed, 1 skipped" if not perfs else f"{PRINT} is not built")
        return not perfs
    with tempfile.TemporaryDirectory() as scratch:
        only = sys.argv[1:] or ["here", *THERE]
        for event in HERE if "here" in only else []:
            judge.check(perfs, "here", event, {**os.environ}, scratch)
        for machine, events in THERE.items():
            if machine not in only:
                continue
            root = os.path.join(scratch, machine)
            unpack(machine, root)
            environment = {**os.environ, "SYSFS_PATH": root, "PERF_CPUID": CPUS.get(machine, "")}
            for event in events.split():
                judge.check(perfs, machine, event, environment, scratch)
    print(f"{judge.passed} passed, {judge.failed} failed, {judge.unknown} skipped")
    return judge.failed != 0


if __name__ == "__main__":
    sys.exit(main())
