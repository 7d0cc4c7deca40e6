/* SPDX-License-Identifier: GPL-2.0-only */
/* Keys that are not in the table: one for each label that is asked for. Not for other floors. */
#ifndef KEYS_LABEL_KEYS_H
#define KEYS_LABEL_KEYS_H

#include <stdbool.h>

#include "keys/keys.h"

/* Whether NAME begins with "label:". */
bool key_is_label(const char *name);

/* The key "label:NAME", made when it is new; NULL without memory, and for an empty NAME. */
const struct key *key_of_label(const char *name);

#endif
