/* SPDX-License-Identifier: ISC */
/* letter_asks: letters that are asked for by address; see letters.h. */
#include <stdio.h>

#include "auth/client.h"
#include "base/log.h"
#include "fcgi/app.h"
#include "fcgi/letters.h"
#include "fcgi/thread.h"

struct ask {
	const char *op;		/* a literal */
	char email[256];
	char address[64], agent[256], request[64];
};

struct letters {
	struct app *app;
	struct auth_client *auth;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct ask waiting[LETTERS_WAITING];	/* a ring */
	size_t first, n;
	bool ending;
};

static void
ask_carry_out(struct letters *l, const struct ask *a)
{
	const struct auth_who who = { .address = a->address,
		.user_agent = a->agent, .request_id = a->request };
	struct json_object *args = json_object_new_object(), *answer = NULL;
	struct letter_text letter;
	struct fault f = { 0 };
	int err;

	json_add_str(args, "email", a->email);
	err = auth_call(l->auth, a->op, &who, args, &answer, &f);
	if (err == 0 && letter_read(answer, &letter))
		err = letter_send(l->app, &letter, &f);
	json_object_put(answer);
	auth_client_rest(l->auth);
	if (err != 0)
		log_event(LOG_LEVEL_WARNING, "letter-failed", "op", a->op,
		    "request_id", a->request, "why", f.detail, NULL);
}

/* False at the end. */
static bool
ask_take(struct letters *l, struct ask *out)
{
	bool taken;

	pthread_mutex_lock(&l->lock);
	while (l->n == 0 && !l->ending)
		pthread_cond_wait(&l->more, &l->lock);
	taken = !l->ending;
	if (taken) {
		*out = l->waiting[l->first];
		l->first = (l->first + 1) % LETTERS_WAITING;
		l->n--;
	}
	pthread_mutex_unlock(&l->lock);
	return taken;
}

static void *
letters_main(void *arg)
{
	struct letters *l = arg;
	struct ask a;

	while (ask_take(l, &a))
		ask_carry_out(l, &a);
	return NULL;
}

int
letters_new(struct app *app, struct letters **out, struct fault *f)
{
	struct letters *l = calloc(1, sizeof(*l));

	if (l != NULL) {
		l->app = app;
		l->auth = auth_client_new(app->config->auth_socket);
		pthread_mutex_init(&l->lock, NULL);
		pthread_cond_init(&l->more, NULL);
	}
	if (l == NULL || l->auth == NULL ||
	    thread_start(&l->thread, letters_main, l) < 0) {
		if (l != NULL)
			auth_client_free(l->auth);
		free(l);
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	}
	*out = l;
	return 0;
}

void
letters_free(struct letters *l)
{
	if (l == NULL)
		return;
	pthread_mutex_lock(&l->lock);
	l->ending = true;
	pthread_cond_signal(&l->more);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->thread, NULL);
	auth_client_free(l->auth);
	pthread_cond_destroy(&l->more);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static void
copy(char *out, size_t size, const char *s)
{
	snprintf(out, size, "%s", s == NULL ? "" : s);
}

int
letters_ask(struct letters *l, const char *op, const char *email,
	const struct auth_who *who, struct fault *f)
{
	struct ask *a;
	bool full;

	pthread_mutex_lock(&l->lock);
	full = l->n == LETTERS_WAITING;
	if (!full) {
		a = &l->waiting[(l->first + l->n++) % LETTERS_WAITING];
		a->op = op;
		copy(a->email, sizeof(a->email), email);
		copy(a->address, sizeof(a->address), who->address);
		copy(a->agent, sizeof(a->agent), who->user_agent);
		copy(a->request, sizeof(a->request), who->request_id);
		pthread_cond_signal(&l->more);
	}
	pthread_mutex_unlock(&l->lock);
	return !full ? 0 : fault_set(f, ERR_BUSY,
	    "Too many mails are asked for at the moment; try again soon.");
}
