// SPDX-License-Identifier: GPL-2.0-only
/* Loads the Go library beside it, which has its name and .so, and runs that. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s.so", argv[0]);
	void *library = argc ? dlopen(path, RTLD_NOW) : NULL;
	void (*run)(void) = library ? (void (*)(void))dlsym(library, "Run") : NULL;
	if (!run) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	run();
	return 0;
}
