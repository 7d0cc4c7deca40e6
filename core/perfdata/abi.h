/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel and perf write, up to 7.x (include/uapi/linux/perf_event.h,
 * tools/lib/perf/include/perf/event.h, tools/perf/util/header.h). The constants have the kernel's
 * names, so this file takes the place of <linux/perf_event.h>: never include both.
 */
#ifndef PERFDATA_ABI_H
#define PERFDATA_ABI_H

#include <stdint.h>

/* attr.type; dynamic PMUs have higher numbers */
enum {
	PERF_TYPE_HARDWARE = 0,
	PERF_TYPE_SOFTWARE = 1,
	PERF_TYPE_TRACEPOINT = 2,
	PERF_TYPE_HW_CACHE = 3,
	PERF_TYPE_RAW = 4,
	PERF_TYPE_BREAKPOINT = 5,
};

/* attr.config of PERF_TYPE_SOFTWARE, as far as it matters */
enum {
	PERF_COUNT_SW_CPU_CLOCK = 0,
	PERF_COUNT_SW_TASK_CLOCK = 1,
	PERF_COUNT_SW_DUMMY = 9,
	PERF_COUNT_SW_BPF_OUTPUT = 10,
};

/* attr.sample_type */
#define PERF_SAMPLE_IP (1ull << 0)
#define PERF_SAMPLE_TID (1ull << 1)
#define PERF_SAMPLE_TIME (1ull << 2)
#define PERF_SAMPLE_ADDR (1ull << 3)
#define PERF_SAMPLE_READ (1ull << 4)
#define PERF_SAMPLE_CALLCHAIN (1ull << 5)
#define PERF_SAMPLE_ID (1ull << 6)
#define PERF_SAMPLE_CPU (1ull << 7)
#define PERF_SAMPLE_PERIOD (1ull << 8)
#define PERF_SAMPLE_STREAM_ID (1ull << 9)
#define PERF_SAMPLE_RAW (1ull << 10)
#define PERF_SAMPLE_BRANCH_STACK (1ull << 11)
#define PERF_SAMPLE_REGS_USER (1ull << 12)
#define PERF_SAMPLE_STACK_USER (1ull << 13)
#define PERF_SAMPLE_WEIGHT (1ull << 14)
#define PERF_SAMPLE_DATA_SRC (1ull << 15)
#define PERF_SAMPLE_IDENTIFIER (1ull << 16)
#define PERF_SAMPLE_TRANSACTION (1ull << 17)
#define PERF_SAMPLE_REGS_INTR (1ull << 18)
#define PERF_SAMPLE_PHYS_ADDR (1ull << 19)
#define PERF_SAMPLE_AUX (1ull << 20)
#define PERF_SAMPLE_CGROUP (1ull << 21)
#define PERF_SAMPLE_DATA_PAGE_SIZE (1ull << 22)
#define PERF_SAMPLE_CODE_PAGE_SIZE (1ull << 23)
#define PERF_SAMPLE_WEIGHT_STRUCT (1ull << 24)
#define PERF_SAMPLE_WEIGHT_TYPE (PERF_SAMPLE_WEIGHT | PERF_SAMPLE_WEIGHT_STRUCT)
#define PERF_SAMPLE_KNOWN ((1ull << 25) - 1)

/* attr.branch_sample_type: those that change what a sample holds */
#define PERF_SAMPLE_BRANCH_USER (1ull << 0)
#define PERF_SAMPLE_BRANCH_KERNEL (1ull << 1)
#define PERF_SAMPLE_BRANCH_ANY (1ull << 3)
#define PERF_SAMPLE_BRANCH_CALL_STACK (1ull << 11)
#define PERF_SAMPLE_BRANCH_HW_INDEX (1ull << 17)
#define PERF_SAMPLE_BRANCH_COUNTERS (1ull << 19)

/* attr.read_format */
#define PERF_FORMAT_TOTAL_TIME_ENABLED (1ull << 0)
#define PERF_FORMAT_TOTAL_TIME_RUNNING (1ull << 1)
#define PERF_FORMAT_ID (1ull << 2)
#define PERF_FORMAT_GROUP (1ull << 3)
#define PERF_FORMAT_LOST (1ull << 4)

enum {
	PERF_SAMPLE_REGS_ABI_NONE = 0,
	PERF_SAMPLE_REGS_ABI_32 = 1,
	PERF_SAMPLE_REGS_ABI_64 = 2,
	PERF_SAMPLE_REGS_ABI_SIMD = 4, /* with one of these */
};

/* attr.flags */
#define PERF_ATTR_DISABLED (1ull << 0)
#define PERF_ATTR_INHERIT (1ull << 1)
#define PERF_ATTR_PINNED (1ull << 2)
#define PERF_ATTR_EXCLUSIVE (1ull << 3)
#define PERF_ATTR_EXCLUDE_USER (1ull << 4)
#define PERF_ATTR_EXCLUDE_KERNEL (1ull << 5)
#define PERF_ATTR_EXCLUDE_HV (1ull << 6)
#define PERF_ATTR_EXCLUDE_IDLE (1ull << 7)
#define PERF_ATTR_MMAP (1ull << 8)
#define PERF_ATTR_COMM (1ull << 9)
#define PERF_ATTR_FREQ (1ull << 10)
#define PERF_ATTR_INHERIT_STAT (1ull << 11)
#define PERF_ATTR_ENABLE_ON_EXEC (1ull << 12)
#define PERF_ATTR_TASK (1ull << 13)
#define PERF_ATTR_WATERMARK (1ull << 14)
#define PERF_ATTR_PRECISE_IP_SHIFT 15
#define PERF_ATTR_PRECISE_IP (3ull << PERF_ATTR_PRECISE_IP_SHIFT)
#define PERF_ATTR_MMAP_DATA (1ull << 17)
#define PERF_ATTR_SAMPLE_ID_ALL (1ull << 18)
#define PERF_ATTR_EXCLUDE_HOST (1ull << 19)
#define PERF_ATTR_EXCLUDE_GUEST (1ull << 20)
#define PERF_ATTR_EXCLUDE_CALLCHAIN_KERNEL (1ull << 21)
#define PERF_ATTR_EXCLUDE_CALLCHAIN_USER (1ull << 22)
#define PERF_ATTR_MMAP2 (1ull << 23)
#define PERF_ATTR_COMM_EXEC (1ull << 24)
#define PERF_ATTR_USE_CLOCKID (1ull << 25)
#define PERF_ATTR_CONTEXT_SWITCH (1ull << 26)
#define PERF_ATTR_WRITE_BACKWARD (1ull << 27)
#define PERF_ATTR_NAMESPACES (1ull << 28)
#define PERF_ATTR_KSYMBOL (1ull << 29)
#define PERF_ATTR_BPF_EVENT (1ull << 30)
#define PERF_ATTR_AUX_OUTPUT (1ull << 31)
#define PERF_ATTR_CGROUP (1ull << 32)
#define PERF_ATTR_TEXT_POKE (1ull << 33)
#define PERF_ATTR_BUILD_ID (1ull << 34)
#define PERF_ATTR_INHERIT_THREAD (1ull << 35)
#define PERF_ATTR_REMOVE_ON_EXEC (1ull << 36)
#define PERF_ATTR_SIGTRAP (1ull << 37)
#define PERF_ATTR_DEFER_CALLCHAIN (1ull << 38)
#define PERF_ATTR_DEFER_OUTPUT (1ull << 39)

#define PERF_ATTR_SIZE_VER0 64

/*
 * The kernel's struct perf_event_attr. Files have any size from PERF_ATTR_SIZE_VER0 up: what is
 * missing is zero, what is behind the end is ignored.
 */
struct perfdata_attr {
	uint32_t type;
	uint32_t size; /* as the file says */
	uint64_t config;
	uint64_t sample_period; /* or frequency, with PERF_ATTR_FREQ */
	uint64_t sample_type;
	uint64_t read_format;
	uint64_t flags; /* PERF_ATTR_* */
	uint32_t wakeup_events;
	uint32_t bp_type;
	uint64_t config1;	     /* or bp_addr */
	uint64_t config2;	     /* or bp_len; VER1, 72 */
	uint64_t branch_sample_type; /* VER2, 80 */
	uint64_t sample_regs_user;   /* VER3, 96 */
	uint32_t sample_stack_user;
	int32_t clockid;
	uint64_t sample_regs_intr; /* VER4, 104 */
	uint32_t aux_watermark;	   /* VER5, 112 */
	uint16_t sample_max_stack;
	uint16_t reserved_2;
	uint32_t aux_sample_size; /* VER6, 120 */
	uint32_t aux_action;
	uint64_t sig_data; /* VER7, 128 */
	uint64_t config3;  /* VER8, 136 */
	uint64_t config4;  /* VER9, 144 */
};

/* What every record begins with. */
struct perfdata_record_header {
	uint32_t type;
	uint16_t misc;
	uint16_t size;
};

/* Records of the kernel, and from 64 on of perf */
enum {
	PERF_RECORD_MMAP = 1,
	PERF_RECORD_LOST = 2,
	PERF_RECORD_COMM = 3,
	PERF_RECORD_EXIT = 4,
	PERF_RECORD_THROTTLE = 5,
	PERF_RECORD_UNTHROTTLE = 6,
	PERF_RECORD_FORK = 7,
	PERF_RECORD_READ = 8,
	PERF_RECORD_SAMPLE = 9,
	PERF_RECORD_MMAP2 = 10,
	PERF_RECORD_AUX = 11,
	PERF_RECORD_ITRACE_START = 12,
	PERF_RECORD_LOST_SAMPLES = 13,
	PERF_RECORD_SWITCH = 14,
	PERF_RECORD_SWITCH_CPU_WIDE = 15,
	PERF_RECORD_NAMESPACES = 16,
	PERF_RECORD_KSYMBOL = 17,
	PERF_RECORD_BPF_EVENT = 18,
	PERF_RECORD_CGROUP = 19,
	PERF_RECORD_TEXT_POKE = 20,
	PERF_RECORD_AUX_OUTPUT_HW_ID = 21,
	PERF_RECORD_CALLCHAIN_DEFERRED = 22,

	PERF_RECORD_USER_TYPE_START = 64,
	PERF_RECORD_HEADER_ATTR = 64,
	PERF_RECORD_HEADER_EVENT_TYPE = 65,
	PERF_RECORD_HEADER_TRACING_DATA = 66,
	PERF_RECORD_HEADER_BUILD_ID = 67,
	PERF_RECORD_FINISHED_ROUND = 68,
	PERF_RECORD_ID_INDEX = 69,
	PERF_RECORD_AUXTRACE_INFO = 70,
	PERF_RECORD_AUXTRACE = 71,
	PERF_RECORD_AUXTRACE_ERROR = 72,
	PERF_RECORD_THREAD_MAP = 73,
	PERF_RECORD_CPU_MAP = 74,
	PERF_RECORD_STAT_CONFIG = 75,
	PERF_RECORD_STAT = 76,
	PERF_RECORD_STAT_ROUND = 77,
	PERF_RECORD_EVENT_UPDATE = 78,
	PERF_RECORD_TIME_CONV = 79,
	PERF_RECORD_HEADER_FEATURE = 80,
	PERF_RECORD_COMPRESSED = 81,
	PERF_RECORD_FINISHED_INIT = 82,
	PERF_RECORD_COMPRESSED2 = 83,
	PERF_RECORD_BPF_METADATA = 84,
	PERF_RECORD_SCHEDSTAT_CPU = 85,
	PERF_RECORD_SCHEDSTAT_DOMAIN = 86,
	PERF_RECORD_END,
};

/* misc */
#define PERF_RECORD_MISC_CPUMODE_MASK 7
#define PERF_RECORD_MISC_CPUMODE_UNKNOWN 0
#define PERF_RECORD_MISC_KERNEL 1
#define PERF_RECORD_MISC_USER 2
#define PERF_RECORD_MISC_HYPERVISOR 3
#define PERF_RECORD_MISC_GUEST_KERNEL 4
#define PERF_RECORD_MISC_GUEST_USER 5
#define PERF_RECORD_MISC_PROC_MAP_PARSE_TIMEOUT (1u << 12)
#define PERF_RECORD_MISC_MMAP_DATA (1u << 13)
#define PERF_RECORD_MISC_COMM_EXEC (1u << 13)
#define PERF_RECORD_MISC_FORK_EXEC (1u << 13)
#define PERF_RECORD_MISC_SWITCH_OUT (1u << 13)
#define PERF_RECORD_MISC_EXACT_IP (1u << 14)
#define PERF_RECORD_MISC_SWITCH_OUT_PREEMPT (1u << 14)
#define PERF_RECORD_MISC_MMAP_BUILD_ID (1u << 14)
#define PERF_RECORD_MISC_EXT_RESERVED (1u << 15)
#define PERF_RECORD_MISC_BUILD_ID_SIZE (1u << 15)    /* HEADER_BUILD_ID */
#define PERF_RECORD_MISC_LOST_SAMPLES_BPF (1u << 15) /* LOST_SAMPLES */

/* PERF_RECORD_KSYMBOL */
enum {
	PERF_RECORD_KSYMBOL_TYPE_UNKNOWN = 0,
	PERF_RECORD_KSYMBOL_TYPE_BPF = 1,
	PERF_RECORD_KSYMBOL_TYPE_OOL = 2,
};
#define PERF_RECORD_KSYMBOL_FLAGS_UNREGISTER 1u

/* PERF_RECORD_EVENT_UPDATE */
enum {
	PERF_EVENT_UPDATE_UNIT = 0,
	PERF_EVENT_UPDATE_SCALE = 1,
	PERF_EVENT_UPDATE_NAME = 2,
	PERF_EVENT_UPDATE_CPUS = 3,
};

/* Markers in a callchain: every value from PERF_CONTEXT_MAX up is one. */
#define PERF_CONTEXT_HV ((uint64_t)-32)
#define PERF_CONTEXT_KERNEL ((uint64_t)-128)
#define PERF_CONTEXT_USER ((uint64_t)-512)
#define PERF_CONTEXT_USER_DEFERRED ((uint64_t)-640)
#define PERF_CONTEXT_GUEST ((uint64_t)-2048)
#define PERF_CONTEXT_GUEST_KERNEL ((uint64_t)-2176)
#define PERF_CONTEXT_GUEST_USER ((uint64_t)-2560)
#define PERF_CONTEXT_MAX ((uint64_t)-4095)

/* Fields of PERF_SAMPLE_DATA_SRC: shift and width in bits, then the values of each */
#define PERF_MEM_OP_SHIFT 0
#define PERF_MEM_OP_BITS 5
#define PERF_MEM_LVL_SHIFT 5
#define PERF_MEM_LVL_BITS 14
#define PERF_MEM_SNOOP_SHIFT 19
#define PERF_MEM_SNOOP_BITS 5
#define PERF_MEM_LOCK_SHIFT 24
#define PERF_MEM_LOCK_BITS 2
#define PERF_MEM_TLB_SHIFT 26
#define PERF_MEM_TLB_BITS 7
#define PERF_MEM_LVLNUM_SHIFT 33
#define PERF_MEM_LVLNUM_BITS 4
#define PERF_MEM_REMOTE_SHIFT 37
#define PERF_MEM_REMOTE_BITS 1
#define PERF_MEM_SNOOPX_SHIFT 38
#define PERF_MEM_SNOOPX_BITS 2
#define PERF_MEM_BLK_SHIFT 40
#define PERF_MEM_BLK_BITS 3
#define PERF_MEM_HOPS_SHIFT 43
#define PERF_MEM_HOPS_BITS 3
#define PERF_MEM_REGION_SHIFT 46
#define PERF_MEM_REGION_BITS 5

/* perfdata_mem_field(data_src, OP) */
#define perfdata_mem_field(data_src, field)                                                        \
	((uint32_t)((data_src) >> PERF_MEM_##field##_SHIFT) & ((1u << PERF_MEM_##field##_BITS) - 1))

#define PERF_MEM_OP_NA 0x01
#define PERF_MEM_OP_LOAD 0x02
#define PERF_MEM_OP_STORE 0x04
#define PERF_MEM_OP_PFETCH 0x08
#define PERF_MEM_OP_EXEC 0x10

#define PERF_MEM_LVL_NA 0x01
#define PERF_MEM_LVL_HIT 0x02
#define PERF_MEM_LVL_MISS 0x04
#define PERF_MEM_LVL_L1 0x08
#define PERF_MEM_LVL_LFB 0x10
#define PERF_MEM_LVL_L2 0x20
#define PERF_MEM_LVL_L3 0x40
#define PERF_MEM_LVL_LOC_RAM 0x80
#define PERF_MEM_LVL_REM_RAM1 0x100
#define PERF_MEM_LVL_REM_RAM2 0x200
#define PERF_MEM_LVL_REM_CCE1 0x400
#define PERF_MEM_LVL_REM_CCE2 0x800
#define PERF_MEM_LVL_IO 0x1000
#define PERF_MEM_LVL_UNC 0x2000

#define PERF_MEM_LVLNUM_L1 0x01
#define PERF_MEM_LVLNUM_L2 0x02
#define PERF_MEM_LVLNUM_L3 0x03
#define PERF_MEM_LVLNUM_L4 0x04
#define PERF_MEM_LVLNUM_L2_MHB 0x05
#define PERF_MEM_LVLNUM_MSC 0x06
#define PERF_MEM_LVLNUM_L0 0x07
#define PERF_MEM_LVLNUM_UNC 0x08
#define PERF_MEM_LVLNUM_CXL 0x09
#define PERF_MEM_LVLNUM_IO 0x0a
#define PERF_MEM_LVLNUM_ANY_CACHE 0x0b
#define PERF_MEM_LVLNUM_LFB 0x0c
#define PERF_MEM_LVLNUM_RAM 0x0d
#define PERF_MEM_LVLNUM_PMEM 0x0e
#define PERF_MEM_LVLNUM_NA 0x0f

#define PERF_MEM_SNOOP_NA 0x01
#define PERF_MEM_SNOOP_NONE 0x02
#define PERF_MEM_SNOOP_HIT 0x04
#define PERF_MEM_SNOOP_MISS 0x08
#define PERF_MEM_SNOOP_HITM 0x10

#define PERF_MEM_SNOOPX_FWD 0x01
#define PERF_MEM_SNOOPX_PEER 0x02

#define PERF_MEM_LOCK_NA 0x01
#define PERF_MEM_LOCK_LOCKED 0x02

#define PERF_MEM_TLB_NA 0x01
#define PERF_MEM_TLB_HIT 0x02
#define PERF_MEM_TLB_MISS 0x04
#define PERF_MEM_TLB_L1 0x08
#define PERF_MEM_TLB_L2 0x10
#define PERF_MEM_TLB_WK 0x20
#define PERF_MEM_TLB_OS 0x40

#define PERF_MEM_BLK_NA 0x01
#define PERF_MEM_BLK_DATA 0x02
#define PERF_MEM_BLK_ADDR 0x04

/* What a file begins with, in its own byte order: "PERFILE2" (tools/perf/util/header.c) */
#define PERF_MAGIC2 0x32454c4946524550ull

/* Bytes of a build id that records have room for (tools/perf/util/build-id.h) */
enum { BUILD_ID_SIZE = 20 };

/* Feature sections (tools/perf/util/header.h) */
enum {
	HEADER_TRACING_DATA = 1,
	HEADER_BUILD_ID = 2,
	HEADER_HOSTNAME = 3,
	HEADER_OSRELEASE = 4,
	HEADER_VERSION = 5,
	HEADER_ARCH = 6,
	HEADER_NRCPUS = 7,
	HEADER_CPUDESC = 8,
	HEADER_CPUID = 9,
	HEADER_TOTAL_MEM = 10,
	HEADER_CMDLINE = 11,
	HEADER_EVENT_DESC = 12,
	HEADER_CPU_TOPOLOGY = 13,
	HEADER_NUMA_TOPOLOGY = 14,
	HEADER_BRANCH_STACK = 15,
	HEADER_PMU_MAPPINGS = 16,
	HEADER_GROUP_DESC = 17,
	HEADER_AUXTRACE = 18,
	HEADER_STAT = 19,
	HEADER_CACHE = 20,
	HEADER_SAMPLE_TIME = 21,
	HEADER_MEM_TOPOLOGY = 22,
	HEADER_CLOCKID = 23,
	HEADER_DIR_FORMAT = 24,
	HEADER_BPF_PROG_INFO = 25,
	HEADER_BPF_BTF = 26,
	HEADER_COMPRESSED = 27,
	HEADER_CPU_PMU_CAPS = 28,
	HEADER_CLOCK_DATA = 29,
	HEADER_HYBRID_TOPOLOGY = 30,
	HEADER_PMU_CAPS = 31,
	HEADER_CPU_DOMAIN_INFO = 32,
	HEADER_FEAT_BITS = 256, /* as many can be in a file */
};

/* Of HEADER_COMPRESSED */
enum {
	PERF_COMP_NONE = 0,
	PERF_COMP_ZSTD = 1,
};

#endif
