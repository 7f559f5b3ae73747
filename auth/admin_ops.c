/* SPDX-License-Identifier: ISC */
/* admin_ops: ops of the API, asked for on the command line; see admin.h. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "auth/accounts.h"
#include "auth/admin.h"
#include "auth/authority.h"
#include "auth/instances.h"
#include "auth/ops.h"

#define DAYS_DEFAULT 30

/* Words between commas as a list, unless there are none. */
static void
add_words(struct json_object *args, const char *key, const char *words)
{
	struct json_object *list = json_object_new_array();

	while (words != NULL && *words != '\0') {
		size_t len = strcspn(words, ",");

		if (len > 0)
			json_object_array_add(list,
			    json_object_new_string_len(words, (int)len));
		words += len + (words[len] == ',');
	}
	if (json_object_array_length(list) > 0)
		json_object_object_add(args, key, list);
	else
		json_object_put(list);
}

/* user NULL: nobody. 0 with the answer in out, which is owned. */
static int
local(const struct arguments *o, const char *email, const char *op,
	struct json_object *args, struct json_object *out, struct fault *f)
{
	struct authority *a = NULL;
	struct account account;
	struct db *d;
	int err = authority_open(o->dir, &a, f);

	if (err != 0)
		return err;
	d = database_reader(a->store);
	if (d == NULL)
		err = fault_set(f, ERR_INTERNAL,
		    "The database can not be read.");
	if (err == 0 && email != NULL &&
	    account_by_email(d, email, &account) != 0)
		err = fault_set(f, ERR_NOT_FOUND,
		    "There is no account with that e-mail.");
	if (err == 0)
		err = ops_local(a, d, email == NULL ? NULL : account.id, op,
		    args, out, f);
	db_close(d);
	authority_close(a);
	return err;
}

int
admin_token_create(const struct arguments *o)
{
	AUTO_JSON struct json_object *args = json_object_new_object();
	AUTO_JSON struct json_object *out = json_object_new_object();
	struct fault f = { 0 };
	const char *secret;

	json_add_str(args, "name", o->name);
	add_words(args, "scopes", o->scopes);
	add_words(args, "instances", o->instances);
	add_words(args, "unikernels", o->unikernels);
	json_add_str(args, "project", o->project);
	json_add_int(args, "expires_in", (o->days == 0 ? DAYS_DEFAULT :
	    o->days) * (int64_t)TOKEN_DAY);
	if (local(o, o->email, "token-create", args, out, &f) != 0)
		return admin_complain(&f);
	secret = json_member_text(out, "secret", TOKEN_LENGTH);
	printf("%s\n", secret);
	explicit_bzero((char *)(uintptr_t)secret, strlen(secret));
	return EXIT_SUCCESS;
}

/* A PEM file as a member of args. */
static int
add_file(struct json_object *args, const char *key, const char *path,
	struct fault *f)
{
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[PEM_MAX + 1];
	ssize_t n, len = 0;

	if (fd < 0)
		return fault_set(f, ERR_INVALID, "Can not read %s: %s.", path,
		    strerror(errno));
	while ((n = read(fd, text + len, sizeof(text) - (size_t)len)) > 0)
		len += n;
	if (n == 0)
		json_object_object_add(args, key,
		    json_object_new_string_len(text, (int)len));
	explicit_bzero(text, sizeof(text));
	if (n < 0 || len > PEM_MAX)
		return fault_set(f, ERR_INVALID, "%s can not be read, or is "
		    "longer than %d bytes.", path, PEM_MAX);
	return 0;
}

static void
member_wipe(struct json_object *o, const char *key)
{
	struct json_object *s = json_member(o, key, json_type_string);

	if (s != NULL)
		explicit_bzero((char *)(uintptr_t)json_object_get_string(s),
		    (size_t)json_object_get_string_len(s));
}

int
admin_instance_add(const struct arguments *o)
{
	AUTO_JSON struct json_object *args = json_object_new_object();
	AUTO_JSON struct json_object *out = json_object_new_object();
	struct fault f = { 0 };
	int err;

	json_add_str(args, "name", o->name);
	json_add_str(args, "host", o->host);
	json_add_int(args, "port", o->port);
	err = add_file(args, "certificate", o->certificate, &f);
	if (err == 0)
		err = add_file(args, "key", o->key, &f);
	if (err == 0 && o->server_ca != NULL)
		err = add_file(args, "server_ca", o->server_ca, &f);
	if (err == 0)
		err = local(o, NULL, "instance-add", args, out, &f);
	member_wipe(args, "key");
	if (err != 0)
		return admin_complain(&f);
	printf("Instance %s is added. No connection was tried: the authority "
	    "makes none.\nSee in the web pages whether it is online.\n",
	    o->name);
	return EXIT_SUCCESS;
}
