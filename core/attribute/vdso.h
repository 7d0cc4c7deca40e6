/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ATTRIBUTE_VDSO_H
#define ATTRIBUTE_VDSO_H

/*
 * This process's own vdso as a file, for recordings made under the kernel that is running: a file
 * descriptor, the caller's to close, or -1.
 */
int vdso_file(void);

#endif
