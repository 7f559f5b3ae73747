/* SPDX-License-Identifier: ISC */
/* api_metrics: numbers for Prometheus. */
#include "fcgi/api.h"

#include <string.h>

#include "fcgi/metrics.h"

int
api_metrics(struct request *r, struct reply *p, struct fault *f)
{
	const char *accept = request_param(r, "HTTP_ACCEPT");
	struct exposition e;
	int err = ERR_NO_MEMORY;

	exposition_init(&e, accept != NULL &&
	    strstr(accept, "application/openmetrics-text") != NULL);
	metrics_put(r->app, r->auth, &e);
	if (exposition_end(&e))
		err = reply_data(p, 200, exposition_type(&e), e.text.data,
		    e.text.len);
	exposition_free(&e);
	return err == 0 ? 0 : fault_set(f, err, "Out of memory.");
}
