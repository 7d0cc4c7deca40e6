// SPDX-License-Identifier: GPL-2.0-only
/* Decodes the records beside the samples: include/uapi/linux/perf_event.h, enum perf_event_type. */
#include <sys/mman.h>

#include "perfdata/internal.h"

static void decode_build_id(struct cursor *c, struct record_mmap *ret)
{
	uint8_t size = cursor_u8(c);
	cursor_skip(c, 3);
	const uint8_t *id = cursor_bytes(c, BUILD_ID_SIZE);
	if (!id || !size || size > BUILD_ID_SIZE)
		return;
	ret->build_id = id;
	ret->build_id_size = size;
}

static void decode_inode(struct cursor *c, struct record_mmap *ret)
{
	ret->major = cursor_u32(c);
	ret->minor = cursor_u32(c);
	ret->inode = cursor_u64(c);
	ret->inode_generation = cursor_u64(c);
}

bool perfdata_mmap(struct perfdata *data, const struct record *record, struct record_mmap *ret)
{
	struct perfdata_record_header header = read_header(data->swap, record->data);
	struct cursor c = payload(data, record->data);
	*ret = (struct record_mmap){.data = header.misc & PERF_RECORD_MISC_MMAP_DATA,
				    .cpumode = header.misc & PERF_RECORD_MISC_CPUMODE_MASK};
	ret->pid = cursor_u32(&c);
	ret->tid = cursor_u32(&c);
	ret->start = cursor_u64(&c);
	ret->length = cursor_u64(&c);
	ret->pgoff = cursor_u64(&c);
	if (header.type == PERF_RECORD_MMAP2) {
		if (header.misc & PERF_RECORD_MISC_MMAP_BUILD_ID)
			decode_build_id(&c, ret);
		else
			decode_inode(&c, ret);
		ret->prot = cursor_u32(&c);
		ret->flags = cursor_u32(&c);
	} else if (!ret->data) {
		ret->prot = PROT_EXEC;
	}
	ret->filename = cursor_string(&c);
	return !c.failed;
}

bool perfdata_comm(struct perfdata *data, const struct record *record, struct record_comm *ret)
{
	struct cursor c = payload(data, record->data);
	*ret = (struct record_comm){.exec = record_misc(data, record) & PERF_RECORD_MISC_COMM_EXEC};
	ret->pid = cursor_u32(&c);
	ret->tid = cursor_u32(&c);
	ret->comm = cursor_string(&c);
	return !c.failed;
}

bool perfdata_task(struct perfdata *data, const struct record *record, struct record_task *ret)
{
	struct cursor c = payload(data, record->data);
	*ret = (struct record_task){0};
	ret->pid = cursor_u32(&c);
	ret->parent_pid = cursor_u32(&c);
	ret->tid = cursor_u32(&c);
	ret->parent_tid = cursor_u32(&c);
	return !c.failed;
}

bool perfdata_ksymbol(struct perfdata *data, const struct record *record,
		      struct record_ksymbol *ret)
{
	struct cursor c = payload(data, record->data);
	*ret = (struct record_ksymbol){0};
	ret->address = cursor_u64(&c);
	ret->length = cursor_u32(&c);
	cursor_u16(&c); /* type */
	ret->unregister = cursor_u16(&c) & PERF_RECORD_KSYMBOL_FLAGS_UNREGISTER;
	ret->name = cursor_string(&c);
	return !c.failed;
}

bool perfdata_cgroup(struct perfdata *data, const struct record *record, struct record_cgroup *ret)
{
	struct cursor c = payload(data, record->data);
	*ret = (struct record_cgroup){0};
	ret->id = cursor_u64(&c);
	ret->path = cursor_string(&c);
	return !c.failed;
}
