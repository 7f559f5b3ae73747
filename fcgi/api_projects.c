/* SPDX-License-Identifier: ISC */
/* api_projects: tenants. */
#include "fcgi/api.h"

int
api_projects_list(struct request *r, struct reply *p, struct fault *f)
{
	return api_list(r, p, "project-list", "name", NULL, f);
}
