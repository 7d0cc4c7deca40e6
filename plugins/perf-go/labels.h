/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PERF_GO_LABELS_H
#define PERF_GO_LABELS_H

#include "goproc/section.h"
#include "out/json.h"

/*
 * An object {"tenant":"acme"}; with "…":null in it when there are labels that were not recorded.
 * NULL is null.
 */
void json_labels(struct json *json, const struct label_set *set);

#endif
