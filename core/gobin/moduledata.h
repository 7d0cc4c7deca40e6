/* SPDX-License-Identifier: GPL-2.0-only */
/* runtime.firstmoduledata: where the text and the funcdata are. */
#ifndef GOBIN_MODULEDATA_H
#define GOBIN_MODULEDATA_H

#include "gobin/pclntab.h"

/*
 * Puts what moduledata says of text, funcdata and text sections into T, which owns the sections:
 * free T->sections. Where there is none the header and symbols are asked. False when the start of
 * the text is not to be had, when the moduledata is none of T's layout, or without memory.
 */
bool moduledata_read(struct pclntab *t);

#endif
