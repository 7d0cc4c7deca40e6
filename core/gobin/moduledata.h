/* SPDX-License-Identifier: GPL-2.0-only */
/* runtime.firstmoduledata: where the text and the funcdata are. */
#ifndef GOBIN_MODULEDATA_H
#define GOBIN_MODULEDATA_H

#include "gobin/pclntab.h"

/* The address of the moduledata that describes this pclntab; false when there is none. */
bool moduledata_find(const struct pclntab *t, uint64_t *address_ret);

/*
 * Puts what moduledata, where there is one, the header and symbols say of text, funcdata and text
 * sections into T, which owns the sections: free T->sections. False when the start of the text is
 * not to be had, or no memory.
 */
bool moduledata_read(struct pclntab *t);

#endif
