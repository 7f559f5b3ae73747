/* SPDX-License-Identifier: ISC */
/* registration: see registration.h. */
#include "auth/registration.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

#define SETTING "registration"

static const char *const modes[] = { [REGISTRATION_OPEN] = "open",
	[REGISTRATION_INVITED] = "invitation",
	[REGISTRATION_CLOSED] = "closed" };
#define MODES ((int)(sizeof(modes) / sizeof(modes[0])))

struct form {
	const char *mode;
	bool approval;
	struct json_strings domains;
};

static const char *
check_mode(const char *s)
{
	return word_find(modes, MODES, s) >= 0 ? NULL :
		"must be open, invitation or closed";
}

static const char *
check_domain(const char *s)
{
	if (s[0] == '.' || s[strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")] != '\0')
		return "must be a domain such as example.org";
	return NULL;
}

static const struct json_field form_fields[] = {
	{ .name = "mode", .type = JSON_STRING, .required = true,
	  .check = check_mode, .offset = offsetof(struct form, mode) },
	{ .name = "approval", .type = JSON_BOOL, .required = true,
	  .offset = offsetof(struct form, approval) },
	{ .name = "domains", .type = JSON_STRINGS, .min = 1,
	  .max = DOMAIN_SIZE - 1, .count_max = REGISTRATION_DOMAINS,
	  .check = check_domain, .offset = offsetof(struct form, domains) },
	{ .name = NULL },
};

const char *
registration_mode_name(enum registration_mode mode)
{
	return modes[mode];
}

static void
fold(const char *s, char out[DOMAIN_SIZE])
{
	size_t i;

	for (i = 0; s[i] != '\0' && i + 1 < DOMAIN_SIZE; i++)
		out[i] = (char)tolower((unsigned char)s[i]);
	out[i] = '\0';
}

int
registration_read(struct json_object *o, struct registration *out,
	struct fault *f)
{
	struct form form = { 0 };
	int err = json_read(o, form_fields, &form, "", f);

	*out = (struct registration){ .approval = form.approval };
	if (err == 0) {
		out->mode = (enum registration_mode)word_read(modes, MODES,
		    form.mode);
		for (size_t i = 0; i < form.domains.len; i++)
			fold(form.domains.items[i],
			    out->domains[out->ndomains++]);
	}
	json_free(form_fields, &form);
	return err;
}

struct json_object *
registration_to_json(const struct registration *r)
{
	struct json_object *o = json_object_new_object();
	struct json_object *domains = json_object_new_array();

	for (size_t i = 0; i < r->ndomains; i++)
		json_object_array_add(domains,
		    json_object_new_string(r->domains[i]));
	json_add_str(o, "mode", modes[r->mode]);
	json_add_bool(o, "approval", r->approval);
	json_object_object_add(o, "domains", domains);
	return o;
}

int
registration_get(struct db *d, struct registration *out)
{
	AUTO_JSON struct json_object *o = NULL;
	struct fault f = { 0 };
	int err = setting_get(d, SETTING, &o);

	*out = (struct registration){ .mode = REGISTRATION_INVITED,
		.approval = true };
	if (err != 0 || o == NULL)
		return err;
	return registration_read(o, out, &f) == 0 ? 0 : ERR_INTERNAL;
}

int
registration_set(struct db *d, const struct registration *r)
{
	AUTO_JSON struct json_object *o = registration_to_json(r);

	return setting_set(d, SETTING, o);
}

bool
registration_takes(const struct registration *r, const char *email)
{
	const char *domain = strchr(email, '@') + 1;

	for (size_t i = 0; i < r->ndomains; i++)
		if (strcmp(r->domains[i], domain) == 0)
			return true;
	return r->ndomains == 0;
}
