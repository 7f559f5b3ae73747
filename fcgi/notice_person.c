/* SPDX-License-Identifier: ISC */
/* notice_person: see notice_person.h. */
#include "fcgi/notice_person.h"

int
notice_person_ask(struct auth_client *auth, const struct notice_wish *w,
	struct notice_person *out, struct fault *f)
{
	struct auth_who who = { .bearer = w->credential };
	struct json_object *session, *user, *email;
	int err;

	*out = (struct notice_person){ .session = NULL };
	err = auth_call(auth, "whoami", &who, NULL, &out->session, f);
	if (err != 0)
		return err;
	session = json_member(out->session, "session", json_type_object);
	user = json_member(session, "user", json_type_object);
	email = json_member(user, "email", json_type_string);
	out->projects = json_member(session, "projects", json_type_array);
	if (email == NULL || out->projects == NULL)
		return fault_set(f, ERR_INTERNAL,
		    "The authority's answer was not understood.");
	out->email = json_object_get_string(email);
	out->admin = json_object_get_boolean(json_member(user, "admin",
	    json_type_boolean));
	return 0;
}

void
notice_person_free(struct notice_person *p)
{
	json_object_put(p->session);
}

bool
notice_person_is_of(const struct notice_person *p, const char *project)
{
	return json_list_has(p->projects, "name", project);
}
