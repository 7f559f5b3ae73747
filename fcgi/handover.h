/* SPDX-License-Identifier: ISC */
/* handover: takes a connection out of libfcgi's hands. */
#ifndef FCGI_HANDOVER_H
#define FCGI_HANDOVER_H

#include <fcgiapp.h>

/*
 * Frees the request's streams and parameters without ending it, and returns
 * its connection as a descriptor of its own (owned, close-on-exec) with the
 * FastCGI request id; -1 with nothing changed. What was written must have been
 * flushed; the request can then only be used for the next FCGX_Accept_r.
 */
int handover(FCGX_Request *fcgi, int *id);

#endif
