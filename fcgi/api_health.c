/* SPDX-License-Identifier: ISC */
/* api_health: for machines that watch this service, and its description. */
#include "fcgi/api.h"

#include "fcgi/openapi.h"

static int
status_ok(struct reply *p)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "status", "ok");
	return reply_json(p, 200, o);
}

int
api_healthz(struct request *r, struct reply *p, struct fault *f)
{
	return status_ok(p);
}

/* Ready is: the authority answers. Instances have their own health. */
int
api_readyz(struct request *r, struct reply *p, struct fault *f)
{
	int err = auth_call(r->auth, "setup-status", NULL, NULL, NULL, f);

	return err != 0 ? err : status_ok(p);
}

int
api_openapi(struct request *r, struct reply *p, struct fault *f)
{
	return reply_data(p, 200, "application/json", openapi_json,
	    openapi_json_len);
}
