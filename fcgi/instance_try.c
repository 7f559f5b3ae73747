/* SPDX-License-Identifier: ISC */
/* instance_try: see instance_try.h. */
#include "fcgi/instance_try.h"

#include "albatross/session.h"
#include "fcgi/upstream_fault.h"

/* A person waits for it. */
static const struct alb_timeouts timeouts = {
	.connect = 5000, .handshake = 5000, .reply = 10000,
};

/* What the server said, as an alb_error; w is freed. */
static int
answer_judge(struct alb_session *s, struct upstream_fault *how,
	struct fault *f)
{
	struct alb_wire w;
	int rc = alb_session_read(s, &w);
	bool said = rc == ALB_OK;

	if (said && w.payload == ALB_PAYLOAD_FAILURE) {
		how->words = w.text;
		rc = upstream_failure_kind(w.text, false);
	} else if (said && w.payload != ALB_PAYLOAD_INFOS) {
		rc = ALB_DECODE;
	}
	if (rc != ALB_OK)
		(void)upstream_fault(rc, how, f);
	if (said)
		alb_wire_free(&w);
	return rc;
}

/* One form of the question: 0 with *rc, or an err of the authority's. */
static int
ask(struct auth_client *c, const struct auth_who *who,
	struct json_object *form, enum alb_level level,
	struct upstream_fault *how, int *rc, struct fault *f)
{
	struct alb_session *s = NULL;
	struct auth_mint m;
	char why[256] = "";
	int err = auth_try(c, who, form, level, &m, f);

	if (err != 0)
		return err;
	*rc = alb_session_open(m.host, m.port, m.server_ca, &m.chain,
	    &timeouts, &s, why, sizeof(why));
	auth_mint_free(&m);
	how->why = why;
	if (*rc != ALB_OK) {
		(void)upstream_fault(*rc, how, f);
		return 0;
	}
	how->why = "";
	how->sent = true;
	*rc = answer_judge(s, how, f);
	alb_session_close(s);
	return 0;
}

/* The newest first, and never an older one to whom a newer was understood. */
int
instance_try(struct auth_client *c, const struct auth_who *who,
	struct json_object *form, const char *name, struct fault *f)
{
	static const enum alb_level levels[] = { ALB_LEVEL_2_7, ALB_LEVEL_2_6,
		ALB_LEVEL_2_5, ALB_LEVEL_2_1, ALB_LEVEL_2_0 };
	int rc = ALB_REFUSED, err = 0;

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]) &&
	    rc == ALB_REFUSED && err == 0; i++) {
		struct upstream_fault how = { .instance = name };

		*f = (struct fault){ 0 };
		err = ask(c, who, form, levels[i], &how, &rc, f);
	}
	return err != 0 ? err : rc == ALB_OK ? 0 : f->err;
}
