/* SPDX-License-Identifier: ISC */
/* notice_person: who somebody is now who wishes to be told. */
#ifndef FCGI_NOTICE_PERSON_H
#define FCGI_NOTICE_PERSON_H

#include <stdbool.h>

#include "auth/client.h"
#include "fcgi/notice_wish.h"

struct notice_person {
	struct json_object *session;	/* owned; the others are of it */
	struct json_object *projects;
	const char *email;
	bool admin;
};

/*
 * As the authority says it to the wish's grant: 0 with *out to be freed, or an
 * err, of which ERR_UNAUTHENTICATED and ERR_EXPIRED end the wish.
 */
int notice_person_ask(struct auth_client *auth, const struct notice_wish *w,
	struct notice_person *out, struct fault *f);
void notice_person_free(struct notice_person *p);	/* contents only */
/* Are they a member of the project? */
bool notice_person_is_of(const struct notice_person *p, const char *project);

#endif
