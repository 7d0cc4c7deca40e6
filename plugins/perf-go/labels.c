// SPDX-License-Identifier: GPL-2.0-only
#include "labels.h"

void json_labels(struct json *json, const struct label_set *set)
{
	if (!set) {
		json_null(json);
		return;
	}
	json_begin(json, '{');
	for (size_t i = 0; i < set->count; i++) {
		json_key(json, set->labels[i].key);
		json_string(json, set->labels[i].value);
	}
	if (set->incomplete) {
		json_key(json, "…");
		json_null(json);
	}
	json_end(json, '}');
}
