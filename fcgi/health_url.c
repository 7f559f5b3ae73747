/* SPDX-License-Identifier: ISC */
/*
 * health_url: a check as one word, for a query key or a command line. Taken
 * apart into the JSON form, so that both follow the same rules.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/health.h"

#define URL_MAX 2048
#define WANTED "must be http://ADDRESS:PORT/PATH, tcp://ADDRESS:PORT or " \
	"dns://ADDRESS:PORT/NAME?type=A; ADDRESS may be empty"

/* "10.0.0.2:80", "[2001:db8::1]:80", ":80", "10.0.0.2", "". In place. */
static int
place_read(char *place, struct json_object *o)
{
	char *colon = strrchr(place, ':'), *end = NULL;
	int64_t port;

	if (place[0] == '[') {
		end = strchr(place, ']');
		if (end == NULL)
			return -1;
		place++;
		*end = '\0';
		colon = end[1] == '\0' ? NULL : end + 1;
	}
	if (colon != NULL) {
		if (*colon != ':' || int_parse(colon + 1, 1, 65535, &port) < 0)
			return -1;
		*colon = '\0';
		json_add_int(o, "port", port);
	}
	/* Brackets are for IPv6, and it needs them. */
	if ((end != NULL) != (strchr(place, ':') != NULL))
		return -1;
	if (*place != '\0')
		json_add_str(o, "address", place);
	return 0;
}

/* "/www.example.org?type=AAAA", in place. */
static int
question_read(char *rest, struct json_object *o)
{
	char *query = strchr(rest, '?');

	if (query != NULL) {
		*query++ = '\0';
		if (strncmp(query, "type=", 5) != 0)
			return -1;
		json_add_str(o, "record", query + 5);
	}
	if (*rest != '/')
		return -1;
	json_add_str(o, "name", rest + 1);
	return 0;
}

/* What is behind the place: a path, a question or nothing. */
static int
rest_read(const char *type, char *rest, struct json_object *o)
{
	if (strcmp(type, "dns") == 0)
		return question_read(rest, o);
	if (*rest == '\0')
		return 0;
	if (strcmp(type, "http") != 0)
		return -1;
	json_add_str(o, "path", rest);
	return 0;
}

/* An owned object in the JSON form, not yet looked at, or NULL. */
static struct json_object *
url_split(char *url)
{
	AUTO_JSON struct json_object *o = json_object_new_object();
	char *place = strstr(url, "://"), *end;
	char rest[URL_MAX + 1];

	if (place == NULL)
		return NULL;
	*place = '\0';
	place += 3;
	end = place + strcspn(place, "/?#");
	snprintf(rest, sizeof(rest), "%s", end);
	*end = '\0';
	json_add_str(o, "type", url);
	if (place_read(place, o) < 0 || rest_read(url, rest, o) < 0)
		return NULL;
	return json_object_get(o);
}

int
health_check_from_url(const char *url, struct health_check *out,
	struct fault *f)
{
	AUTO_JSON struct json_object *o = NULL;
	struct fault found = { 0 };
	char text[URL_MAX + 1];
	size_t len = strlen(url);

	if (len > URL_MAX || !utf8_valid(url, len))
		return fault_field(f, "check", WANTED);
	snprintf(text, sizeof(text), "%s", url);
	o = url_split(text);
	if (o == NULL)
		return fault_field(f, "check", WANTED);
	if (health_check_from_json(o, "", out, &found) == 0)
		return 0;
	for (size_t i = 0; i < found.nfields; i++)
		fault_field(f, "check", "%s %s", found.fields[i].field,
		    found.fields[i].message);
	return found.nfields == 0 ? fault_set(f, found.err, "%s",
	    found.detail) : f->err;
}
