/* SPDX-License-Identifier: ISC */
/* handover: what is done with a connection that libfcgi has no call for. */
#ifndef FCGI_HANDOVER_H
#define FCGI_HANDOVER_H

#include <stdbool.h>

#include <fcgiapp.h>

/*
 * Frees the request's streams and parameters without ending it, and returns
 * its connection as a descriptor of its own (owned, close-on-exec) with the
 * FastCGI request id; -1 with nothing changed. What was written must have been
 * flushed; the request can then only be used for the next FCGX_Accept_r.
 */
int handover(FCGX_Request *fcgi, int *id);
/*
 * Ends the connection without ending the request, so that the web server knows
 * that the answer is not whole. The request can then only be used for the next
 * FCGX_Accept_r.
 */
void handover_break(FCGX_Request *fcgi);
/*
 * Whether the web server takes some 100 KiB more without being waited for, or
 * has closed it; false: not within ms.
 */
bool handover_takes(const FCGX_Request *fcgi, int ms);
/* Whether the web server has closed it: nobody waits for the answer. */
bool handover_gone(const FCGX_Request *fcgi);

#endif
