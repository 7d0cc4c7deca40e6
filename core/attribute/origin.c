// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/origin.h"

#include <string.h>

#include "attribute/go_name.h"
#include "gobin/std_packages.h"

enum { MAX_PATH = 1024 };

/* Whether PATH is MODULE, or below it. MODULE may have its version behind a space. */
static bool of_module(const char *path, const char *module)
{
	size_t length = module ? strcspn(module, " ") : 0;
	return length && !strncmp(path, module, length) &&
	       (path[length] == '/' || path[length] == 0);
}

/* A path without a dot may well be a module's own, which comes first. */
static enum code_origin of_package(const char *package, const char *module)
{
	if (!strcmp(package, "main") || of_module(package, module))
		return ORIGIN_GO_APPLICATION;
	if (std_package_of_runtime(package))
		return ORIGIN_GO_RUNTIME;
	return std_package(package) ? ORIGIN_GO_STANDARD : ORIGIN_GO_APPLICATION;
}

/*
 * The package by the directory of a file: GOROOT/src/PACKAGE/x.s, with -trimpath PACKAGE/x.s. False
 * when the file is none of a directory.
 */
static bool package_of_file(const char *file, char package[MAX_PATH])
{
	const char *slash = strrchr(file, '/'), *start = file;
	if (!slash || slash - file >= MAX_PATH)
		return false;
	for (const char *at = file; (at = strstr(at, "/src/")) && at < slash; at++)
		start = at + strlen("/src/");
	if (start > slash)
		return false;
	memcpy(package, start, (size_t)(slash - start));
	package[slash - start] = 0;
	return true;
}

/* Functions without a package are assembly, or what compiler and linker made up. */
static enum code_origin of_file(const char *file, const char *module)
{
	char package[MAX_PATH];
	if (!file || !package_of_file(file, package))
		return ORIGIN_GO_RUNTIME;
	return of_package(package, module);
}

static enum code_origin of_go(const struct attribution *attribution, const struct frame *frame)
{
	struct strings *strings = session_strings(attribution_session(attribution));
	const struct binary *binary = attribution_binary(attribution, frame->dso);
	const struct gobin *go = binary ? binary_go(binary) : NULL;
	const char *module = go ? gobin_info(go)->module : NULL;
	const char *symbol = strings_text(strings, frame->symbol);
	uint32_t package = symbol ? go_package(strings, symbol) : STRING_UNKNOWN;
	if (package != STRING_UNKNOWN)
		return of_package(strings_text(strings, package), module);
	return of_file(strings_text(strings, frame->file), module);
}

enum code_origin code_origin(const struct attribution *attribution, const struct frame *frame)
{
	switch (session_dso(attribution_session(attribution), frame->dso)->kind) {
	case DSO_KERNEL:
	case DSO_MODULE:
	case DSO_BPF:
		return ORIGIN_KERNEL;
	default:
		break;
	}
	/* What stands for frames that were not recorded is nobody's. */
	if (frame->dso == DSO_NONE)
		return ORIGIN_UNKNOWN;
	if (frame->function)
		return of_go(attribution, frame);
	return frame->has_symbol || frame->symbol ? ORIGIN_NATIVE : ORIGIN_UNKNOWN;
}
