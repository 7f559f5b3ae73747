/* SPDX-License-Identifier: ISC */
/* refusals: rows for refused changes, within bounds; see refusals.h. */
#include "auth/refusals.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* What those are called that are counted together. */
#define TOGETHER "refused"

void
refusals_init(struct refusals *r)
{
	*r = (struct refusals){ 0 };
	pthread_mutex_init(&r->lock, NULL);
}

void
refusals_free(struct refusals *r)
{
	pthread_mutex_destroy(&r->lock);
}

static void
copy(char *out, size_t size, const char *s)
{
	size_t len;

	snprintf(out, size, "%s", s == NULL ? "" : s);
	for (len = strlen(out); !utf8_valid(out, len);)
		out[--len] = '\0';
}

#define COPY(field, s) copy(field, sizeof(field), s)

static void
refusal_fill(struct refusal *out, const struct audit_entry *e, time_t now)
{
	*out = (struct refusal){ .since = now };
	COPY(out->action, e->action);
	COPY(out->result, e->result);
	COPY(out->user, e->user);
	COPY(out->user_name, e->user_name);
	COPY(out->credential, e->credential);
	COPY(out->address, e->address);
	COPY(out->request_id, e->request_id);
	COPY(out->target, e->target);
	COPY(out->detail, e->detail);
}

static bool
is_like(const struct refusal *a, const struct refusal *b)
{
	return strcmp(a->action, b->action) == 0 &&
	    strcmp(a->result, b->result) == 0 &&
	    strcmp(a->user, b->user) == 0 &&
	    strcmp(a->credential, b->credential) == 0 &&
	    strcmp(a->address, b->address) == 0 &&
	    strcmp(a->target, b->target) == 0 &&
	    strcmp(a->detail, b->detail) == 0;
}

static void
count(struct refusal *kind, const struct refusal *one)
{
	kind->more++;
	memcpy(kind->request_id, one->request_id, sizeof(kind->request_id));
}

/* Counted with all others for which there is no room. */
static void
count_together(struct refusal *last, const struct refusal *one)
{
	if (last->since == 0) {
		*last = (struct refusal){ .since = one->since };
		COPY(last->action, TOGETHER);
	}
	memcpy(last->result, one->result, sizeof(last->result));
	count(last, one);
}

/* n kinds, and one behind them for all others. */
static bool
take(struct refusal *kinds, size_t n, const struct refusal *one)
{
	struct refusal *room = NULL;
	size_t theirs = 0;

	for (size_t i = 0; i < n; i++) {
		struct refusal *kind = &kinds[i];

		if (kind->since == 0) {
			room = room == NULL ? kind : room;
			continue;
		}
		if (is_like(kind, one)) {
			count(kind, one);
			return false;
		}
		if (one->user[0] != '\0' && strcmp(kind->user, one->user) == 0)
			theirs++;
	}
	if (room == NULL || theirs >= REFUSALS_PERSON) {
		count_together(&kinds[n], one);
		return false;
	}
	*room = *one;
	return true;
}

bool
refusals_take(struct refusals *r, const struct audit_entry *e, time_t now)
{
	struct refusal one;
	bool write;

	refusal_fill(&one, e, now);
	pthread_mutex_lock(&r->lock);
	write = one.user[0] == '\0' ?
		take(r->nobody, REFUSALS_NOBODY, &one) :
		take(r->people, REFUSALS_PEOPLE, &one);
	if (r->next == 0)
		r->next = now + REFUSALS_INTERVAL;
	pthread_mutex_unlock(&r->lock);
	return write;
}

/* A clock that was set back ends what it makes the future. */
static bool
is_over(const struct refusal *kind, time_t now)
{
	return now < kind->since || now - kind->since >= REFUSALS_INTERVAL;
}

/* True with *out for one that is over and tells of more. */
static bool
due(struct refusals *r, struct refusal *kinds, size_t n, time_t now, bool all,
	struct refusal *out)
{
	for (size_t i = 0; i < n; i++) {
		struct refusal *kind = &kinds[i];

		if (kind->since == 0)
			continue;
		if (!all && !is_over(kind, now)) {
			if (r->next == 0 ||
			    kind->since + REFUSALS_INTERVAL < r->next)
				r->next = kind->since + REFUSALS_INTERVAL;
			continue;
		}
		*out = *kind;
		*kind = (struct refusal){ 0 };
		if (out->more > 0)
			return true;
	}
	return false;
}

bool
refusals_due(struct refusals *r, time_t now, bool all, struct refusal *out)
{
	bool found = false;

	pthread_mutex_lock(&r->lock);
	if (all || (r->next != 0 && (now >= r->next ||
	    r->next - now > REFUSALS_INTERVAL))) {
		r->next = 0;
		found = due(r, r->nobody, REFUSALS_NOBODY + 1, now, all,
		    out) || due(r, r->people, REFUSALS_PEOPLE + 1, now, all,
		    out);
		/* There may be more of them. */
		if (found)
			r->next = now;
	}
	pthread_mutex_unlock(&r->lock);
	return found;
}

void
refusal_entry(struct refusal *in, struct audit_entry *e)
{
	char first[64];

	copy(first, sizeof(first), in->detail);
	snprintf(in->detail, sizeof(in->detail), "%s%s%" PRId64 " more within "
	    "%d minutes", first, first[0] == '\0' ? "" : "; ", in->more,
	    REFUSALS_INTERVAL / 60);
	*e = (struct audit_entry){ .action = in->action, .result = in->result,
		.user = text_or_null(in->user),
		.user_name = text_or_null(in->user_name),
		.credential = text_or_null(in->credential),
		.address = text_or_null(in->address),
		.request_id = text_or_null(in->request_id),
		.target = text_or_null(in->target), .detail = in->detail };
}
