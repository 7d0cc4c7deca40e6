// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/frame_name.h"

#include <stdio.h>

const char *frame_name(const struct attribution *attribution, const struct frame *frame,
		       char buffer[FRAME_NAME_SIZE])
{
	const struct session *session = attribution_session(attribution);
	const struct strings *strings = session_strings(attribution_session(attribution));
	const char *symbol = strings_text(strings, frame->symbol);
	const char *dso = strings_text(strings, session_dso(session, frame->dso)->short_name);
	if (symbol || !dso)
		return symbol ? symbol : "[unknown]";
	snprintf(buffer, FRAME_NAME_SIZE, *dso == '[' ? "%s" : "[%s]", dso);
	return buffer;
}
