/* SPDX-License-Identifier: ISC */
/* error: the kinds of failure in words; see error.h. */
#include "albatross/error.h"

#include <stddef.h>

static const char *const texts[] = {
	[ALB_OK] = "no error",
	[ALB_AGAIN] = "nothing there yet",
	[ALB_NO_MEMORY] = "out of memory",
	[ALB_INVALID] = "not fit to be sent",
	[ALB_NETWORK] = "not reachable",
	[ALB_TIMEOUT] = "no answer in time",
	[ALB_SERVER_CERT] = "the server's certificate is not trusted",
	[ALB_TLS] = "the TLS handshake failed",
	[ALB_CLOCK] = "our certificate is out of date for the server's clock",
	[ALB_CREDENTIALS] = "the server refused our certificate chain",
	[ALB_REFUSED] = "the server does not know this command",
	[ALB_FAILURE] = "albatross refused the command",
	[ALB_DAEMON] = "the albatross daemon behind the endpoint is down",
	[ALB_BROKEN] = "the connection broke, the outcome is unknown",
	[ALB_DECODE] = "the answer was not understood",
	[ALB_TOO_LARGE] = "the answer is too large",
	[ALB_END] = "the stream ended",
};

const char *
alb_error_text(int error)
{
	if (error < 0 || (size_t)error >= sizeof(texts) / sizeof(texts[0]))
		return "unknown error";
	return texts[error];
}
