/* SPDX-License-Identifier: ISC */
/* log: see log.h. */
#include "fcgi/log.h"

#include "base/text.h"

static const char *const kinds[LOG_KINDS] = {
	[LOG_LINE] = "line",
	[LOG_DEPLOYMENT] = "deployment",
	[LOG_STOPPED] = "stopped",
	[LOG_STARTED] = "started",
	[LOG_RESTARTED] = "restarted",
	[LOG_DROPPED] = "dropped",
	[LOG_GAP] = "gap",
};

const char *
log_kind_name(enum log_kind kind)
{
	return kinds[kind];
}

int
log_kind_find(const char *name)
{
	return word_find(kinds, LOG_KINDS, name);
}
