// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/goroutine_entry.h"

#include "gobin/entry.h"

uint32_t goroutine_entry(struct attribution *attribution, uint32_t location)
{
	struct session *session = attribution_session(attribution);
	const struct location *at = session_location(session, location);
	const struct binary *binary = at->dso ? attribution_open(attribution, at->dso) : NULL;
	struct gobin_frame entry;
	uint64_t address;
	if (!binary || !binary_go(binary) ||
	    !image_address_of_offset(binary_image(binary), at->offset, &address) ||
	    !gobin_entry_function(binary_go(binary), binary_image(binary), address, &entry))
		return STRING_UNKNOWN;
	return strings_id(session_strings(session), entry.function);
}
