// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measured in the DWARF of binaries of each release (1.17.13 to 1.27.3), the same on amd64 and
 * arm64. Within a release nothing of this has moved.
 */
#include "gobin/runtime.h"

#include <stddef.h>

/* runtime/runtime2.go, waitReasonStrings. The numbers count: later releases insert. */
static const char *const wait_reasons_117[] = {
	"",
	"GC assist marking",
	"IO wait",
	"chan receive (nil chan)",
	"chan send (nil chan)",
	"dumping heap",
	"garbage collection",
	"garbage collection scan",
	"panicwait",
	"select",
	"select (no cases)",
	"GC assist wait",
	"GC sweep wait",
	"GC scavenge wait",
	"chan receive",
	"chan send",
	"finalizer wait",
	"force gc (idle)",
	"semacquire",
	"sleep",
	"sync.Cond.Wait",
	"timer goroutine (idle)",
	"trace reader (blocked)",
	"wait for GC cycle",
	"GC worker (idle)",
	"preempted",
	"debug call",
};

static const char *const wait_reasons_120[] = {
	"",
	"GC assist marking",
	"IO wait",
	"chan receive (nil chan)",
	"chan send (nil chan)",
	"dumping heap",
	"garbage collection",
	"garbage collection scan",
	"panicwait",
	"select",
	"select (no cases)",
	"GC assist wait",
	"GC sweep wait",
	"GC scavenge wait",
	"chan receive",
	"chan send",
	"finalizer wait",
	"force gc (idle)",
	"semacquire",
	"sleep",
	"sync.Cond.Wait",
	"sync.Mutex.Lock",
	"sync.RWMutex.RLock",
	"sync.RWMutex.Lock",
	"trace reader (blocked)",
	"wait for GC cycle",
	"GC worker (idle)",
	"GC worker (active)",
	"preempted",
	"debug call",
	"GC mark termination",
	"stopping the world",
	"flushing proc caches",
	"trace goroutine status",
	"trace proc status",
	"page trace flush",
	"coroutine",
	"GC weak to strong wait",
};

static const char *const wait_reasons_124[] = {
	"",
	"GC assist marking",
	"IO wait",
	"chan receive (nil chan)",
	"chan send (nil chan)",
	"dumping heap",
	"garbage collection",
	"garbage collection scan",
	"panicwait",
	"select",
	"select (no cases)",
	"GC assist wait",
	"GC sweep wait",
	"GC scavenge wait",
	"chan receive",
	"chan send",
	"finalizer wait",
	"force gc (idle)",
	"semacquire",
	"sleep",
	"sync.Cond.Wait",
	"sync.Mutex.Lock",
	"sync.RWMutex.RLock",
	"sync.RWMutex.Lock",
	"sync.WaitGroup.Wait",
	"trace reader (blocked)",
	"wait for GC cycle",
	"GC worker (idle)",
	"GC worker (active)",
	"preempted",
	"debug call",
	"GC mark termination",
	"stopping the world",
	"flushing proc caches",
	"trace goroutine status",
	"trace proc status",
	"page trace flush",
	"coroutine",
	"GC weak to strong wait",
	"synctest.Run",
	"synctest.Wait",
	"chan receive (synctest)",
	"chan send (synctest)",
	"select (synctest)",
};

static const char *const wait_reasons_125[] = {
	"",
	"GC assist marking",
	"IO wait",
	"chan receive (nil chan)",
	"chan send (nil chan)",
	"dumping heap",
	"garbage collection",
	"garbage collection scan",
	"panicwait",
	"select",
	"select (no cases)",
	"GC assist wait",
	"GC sweep wait",
	"GC scavenge wait",
	"chan receive",
	"chan send",
	"finalizer wait",
	"force gc (idle)",
	"GOMAXPROCS updater (idle)",
	"semacquire",
	"sleep",
	"sync.Cond.Wait",
	"sync.Mutex.Lock",
	"sync.RWMutex.RLock",
	"sync.RWMutex.Lock",
	"sync.WaitGroup.Wait",
	"trace reader (blocked)",
	"wait for GC cycle",
	"GC worker (idle)",
	"GC worker (active)",
	"preempted",
	"debug call",
	"GC mark termination",
	"stopping the world",
	"flushing proc caches",
	"trace goroutine status",
	"trace proc status",
	"page trace flush",
	"coroutine",
	"GC weak to strong wait",
	"synctest.Run",
	"synctest.Wait",
	"chan receive (durable)",
	"chan send (durable)",
	"select (durable)",
	"sync.WaitGroup.Wait (durable)",
	"cleanup wait",
};

static const char *const wait_reasons_126[] = {
	"",
	"GC assist marking",
	"IO wait",
	"dumping heap",
	"garbage collection",
	"garbage collection scan",
	"panicwait",
	"GC assist wait",
	"GC sweep wait",
	"GC scavenge wait",
	"finalizer wait",
	"force gc (idle)",
	"GOMAXPROCS updater (idle)",
	"semacquire",
	"sleep",
	"chan receive (nil chan)",
	"chan send (nil chan)",
	"select (no cases)",
	"select",
	"chan receive",
	"chan send",
	"sync.Cond.Wait",
	"sync.Mutex.Lock",
	"sync.RWMutex.RLock",
	"sync.RWMutex.Lock",
	"sync.WaitGroup.Wait",
	"trace reader (blocked)",
	"wait for GC cycle",
	"GC worker (idle)",
	"GC worker (active)",
	"preempted",
	"debug call",
	"GC mark termination",
	"stopping the world",
	"flushing proc caches",
	"trace goroutine status",
	"trace proc status",
	"page trace flush",
	"coroutine",
	"GC weak to strong wait",
	"synctest.Run",
	"synctest.Wait",
	"chan receive (durable)",
	"chan send (durable)",
	"select (durable)",
	"sync.WaitGroup.Wait (durable)",
	"cleanup wait",
};

/* stack.lo stack.hi m sched syscallsp syscallpc atomicstatus goid */
/* waitsince waitreason parentGoid gopc startpc labels (size of g) */
#define G_117 0, 8, 48, 56, 112, 120, 144, 152, 168, 176, 0, 296, 312, 360, 392
#define G_121 0, 8, 48, 56, 112, 120, 144, 152, 168, 176, 272, 280, 296, 344, 408
#define G_122 0, 8, 48, 56, 112, 120, 144, 152, 168, 176, 272, 280, 296, 344, 424
#define G_123 0, 8, 48, 56, 112, 120, 152, 160, 176, 184, 280, 288, 304, 352, 432
#define G_124 0, 8, 48, 56, 112, 120, 152, 160, 176, 184, 280, 288, 304, 352, 440
#define G_125 0, 8, 48, 56, 104, 112, 144, 152, 168, 176, 272, 280, 296, 344, 440
#define G_126 0, 8, 48, 56, 104, 112, 144, 152, 168, 176, 280, 288, 304, 352, 456

/* sp pc bp lr */
#define GOBUF_117 0, 8, 48, 40
#define GOBUF_125 0, 8, 40, 32

/* g0 procid gsignal curg p id */
#define M_117 0, 72, 80, 192, 208, 232
#define M_125 0, 64, 72, 184, 200, 224
#define M_126 0, 64, 72, 184, 208, 232

/* id status m */
#define P_117 0, 4, 56
#define P_123 0, 4, 48

/* first, last, g, gobuf, m, p, mheap.sweepgen, labels_are_map, the wait reasons and their number */
static const struct runtime_layout rows[] = {
	{17, 17, {G_117}, {GOBUF_117}, {M_117}, {P_117}, 65832, true, wait_reasons_117, 27},
	{18, 18, {G_117}, {GOBUF_117}, {M_117}, {P_117}, 65840, true, wait_reasons_117, 27},
	{19, 19, {G_117}, {GOBUF_117}, {M_117}, {P_117}, 65848, true, wait_reasons_117, 27},
	{20, 20, {G_117}, {GOBUF_117}, {M_117}, {P_117}, 65816, true, wait_reasons_120, 32},
	{21, 21, {G_121}, {GOBUF_117}, {M_117}, {P_117}, 65856, true, wait_reasons_120, 32},
	{22, 22, {G_122}, {GOBUF_117}, {M_117}, {P_117}, 65856, true, wait_reasons_120, 37},
	{23, 23, {G_123}, {GOBUF_117}, {M_117}, {P_123}, 65856, true, wait_reasons_120, 38},
	{24, 24, {G_124}, {GOBUF_117}, {M_117}, {P_123}, 65856, false, wait_reasons_124, 44},
	{25, 25, {G_125}, {GOBUF_125}, {M_125}, {P_123}, 65856, false, wait_reasons_125, 47},
	{26, 27, {G_126}, {GOBUF_125}, {M_126}, {P_123}, 65856, false, wait_reasons_126, 47},
};

const struct runtime_layout *runtime_layout_of_release(int release)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (release >= rows[i].first && release <= rows[i].last)
			return &rows[i];
	return NULL;
}
