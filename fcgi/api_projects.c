/* SPDX-License-Identifier: ISC */
/* api_projects: tenants. */
#include "fcgi/api.h"

/* Those that are archived are left out, unless they are asked for. */
int
api_projects_list(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *all, *items;
	struct page page;
	bool archived = false;
	int err = request_query_bool(r, "archived", &archived, f);

	if (err == 0)
		err = page_read(r, PAGE_LIMIT_DEFAULT, &page, f);
	if (err == 0)
		err = auth_all(r->auth, &r->who, "project-list", NULL,
		    &all, f);
	if (err != 0)
		return err;
	items = json_object_new_array();
	for (size_t i = 0; i < json_object_array_length(all); i++) {
		struct json_object *o = json_object_array_get_idx(all, i);

		if (!archived && json_member(o, "archived", json_type_int) !=
		    NULL)
			continue;
		api_project_show(o);
		json_object_array_add(items, json_object_get(o));
	}
	json_object_put(all);
	return reply_json(p, 200, page_list(items, "name", &page));
}
