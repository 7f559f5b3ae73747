/* SPDX-License-Identifier: ISC */
/* upstream_fault: what an alb_error means; see upstream_fault.h. */
#include "fcgi/upstream_fault.h"

#include <string.h>

#include "base/text.h"
#include "fcgi/clean.h"

bool
upstream_passing(int err)
{
	return err == ERR_BUSY || err == ERR_AUTHORITY ||
		(err >= ERR_ALB_NETWORK && err <= ERR_ALB_UNKNOWN);
}

bool
upstream_changes(enum alb_command_kind kind)
{
	switch (kind) {
	case ALB_UNIKERNEL_CREATE:
	case ALB_UNIKERNEL_FORCE_CREATE:
	case ALB_UNIKERNEL_RESTART:
	case ALB_UNIKERNEL_DESTROY:
	case ALB_POLICY_ADD:
	case ALB_POLICY_REMOVE:
	case ALB_BLOCK_ADD:
	case ALB_BLOCK_REMOVE:
	case ALB_BLOCK_SET:
		return true;
	default:
		return false;
	}
}

int
upstream_failure_kind(const char *words, bool change)
{
	if (strcmp(words, "couldn't reach service") == 0)
		return ALB_DAEMON;
	if (text_begins(words, "error reading from fd") ||
	    text_begins(words, "exception while reading from fd"))
		return change ? ALB_BROKEN : ALB_DAEMON;
	return ALB_FAILURE;
}

/* The err of rc, and a sentence with one %s for the instance. */
static int
meaning(int rc, const struct upstream_fault *how, const char **sentence)
{
	bool lost = rc == ALB_BROKEN || rc == ALB_END || rc == ALB_TIMEOUT;

	if (how->sent && how->change && lost) {
		*sentence = "The connection to %s broke after the command "
			"was sent; whether it was carried out is not known.";
		return ERR_ALB_UNKNOWN;
	}
	switch (rc) {
	case ALB_TIMEOUT:
		*sentence = "%s did not answer in time.";
		return ERR_ALB_TIMEOUT;
	case ALB_SERVER_CERT:
		*sentence = "The certificate of %s is not trusted; nothing "
			"was sent. Check the server CA of the instance.";
		return ERR_ALB_CERTIFICATE;
	case ALB_CLOCK:
		*sentence = "The clocks of %s and of this server differ too "
			"much: set both by NTP.";
		return ERR_ALB_CLOCK;
	case ALB_CREDENTIALS:
		*sentence = "%s refused our certificate chain: the CA of the "
			"instance is not the one that server was set up with.";
		return ERR_ALB_CREDENTIALS;
	case ALB_REFUSED:
		*sentence = "%s closed the connection without a word: it does "
			"not know this command.";
		return ERR_ALB_UNSUPPORTED;
	case ALB_FAILURE:
		*sentence = "albatross on %s refused the command.";
		return ERR_ALB_FAILURE;
	case ALB_DAEMON:
		*sentence = "The endpoint of %s answers, but the albatross "
			"daemon behind it does not.";
		return ERR_ALB_DAEMON;
	case ALB_DECODE:
	case ALB_TOO_LARGE:
		*sentence = "The answer of %s was not understood: it may run "
			"a newer albatross.";
		return ERR_ALB_INCOMPATIBLE;
	case ALB_BROKEN:
	case ALB_END:
		*sentence = "The connection to %s broke.";
		return ERR_ALB_NETWORK;
	default:
		*sentence = "The instance %s can not be reached.";
		return ERR_ALB_NETWORK;
	}
}

/* sentence with the instance in the place of its %s. */
static void
detail_set(const char *sentence, const struct upstream_fault *how, int err,
	struct fault *f)
{
	const char *gap = strstr(sentence, "%s");
	const char *why = how->why == NULL ? "" : how->why;
	char shown[256];

	clean_copy(shown, sizeof(shown), why);
	fault_set(f, err, "%.*s%s%s%s%s%s", (int)(gap - sentence), sentence,
	    how->instance, gap + 2, shown[0] == '\0' ? "" : " (", shown,
	    shown[0] == '\0' ? "" : ")");
}

int
upstream_fault(int rc, const struct upstream_fault *how, struct fault *f)
{
	const char *sentence;
	int err;

	if (rc == ALB_NO_MEMORY)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	if (rc == ALB_INVALID)
		return fault_set(f, ERR_INTERNAL,
		    "The command can not be sent.");
	err = meaning(rc, how, &sentence);
	detail_set(sentence, how, err, f);
	if (how->words != NULL)
		clean_copy(f->albatross, sizeof(f->albatross), how->words);
	return err;
}
