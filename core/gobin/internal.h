/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of core/gobin share: what a Go binary consists of. */
#ifndef GOBIN_INTERNAL_H
#define GOBIN_INTERNAL_H

#include <pthread.h>

#include "base/arena.h"
#include "base/strings.h"
#include "gobin/gobin.h"
#include "gobin/pclntab.h"

struct gobin {
	const struct image *image;
	struct pclntab table;
	struct gobin_info info;
	struct arena arena;
	/* Names that are not in the file as they are told, made at first use under the lock. */
	pthread_mutex_t lock;
	struct strings names;
};

#endif
