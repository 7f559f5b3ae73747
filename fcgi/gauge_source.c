/* SPDX-License-Identifier: ISC */
/* gauge_source: the statistics of one instance; see gauge_source.h. */
#include "fcgi/gauge_source.h"

#include <math.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/feed.h"
#include "fcgi/flight.h"
#include "fcgi/thread.h"
#include "fcgi/upstream.h"
#include "fcgi/upstream_fault.h"

#define KNOWN_MAX 16384		/* unikernels of an instance */
#define FORGET_MS (10 * 60 * 1000)	/* those that are not heard of */
#define FRAME_MAX (1024 * 1024)
#define COUNT_MS (10 * 60 * 1000)	/* between counts of files */
/* Frames of one interval come together: so long after the last one. */
#define TOGETHER_MS 250
/* Where something came, and then nothing, somebody died silently. */
#define SILENCE_MS (3 * 60 * 1000)
/* Who is thrown out so soon was not let in. */
#define MOMENT_MS 5000
/* After so long it was a connection like any other. */
#define STEADY_MS (10 * 60 * 1000)

#define DISPLACED_FIRST 30000
#define DISPLACED_MAX (10 * 60 * 1000)
#define LOST_FIRST 5000
#define LOST_MAX 60000

/* A unikernel; the meter is of the thread alone. */
struct known {
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	struct meter meter;
	struct gauge gauge;
	int64_t at;		/* flight_now of it */
	bool news;		/* to be published */
	bool kept;		/* has a file, or may have one */
};

struct gauge_source {
	struct app *app;
	int root;
	char instance[ALB_LABEL_MAX + 1];
	pthread_t thread;
	int wake;		/* eventfd */
	atomic_bool ending, again;
	pthread_mutex_t lock;	/* of status and known */
	struct gauges_status status;
	struct known **known;	/* ordered; owned, each of them too */
	size_t nknown;
	/* Of the thread alone. */
	bool puzzled, unwritten;	/* was logged already */
	int64_t heard;		/* the last frame of this connection; 0 */
	size_t news;		/* of how many there is some */
	size_t files;		/* that are kept, as they were */
	int64_t counted;	/* then; 0: never */
};

int
gauge_backoff(int last, bool displaced)
{
	int first = displaced ? DISPLACED_FIRST : LOST_FIRST;
	int most = displaced ? DISPLACED_MAX : LOST_MAX;

	if (last < first)
		return first;
	return last > most / 2 ? most : 2 * last;
}

/* ---- what is known ---- */

static int
known_compare(const struct known *k, const char *project, const char *name)
{
	int order = strcmp(k->project, project);

	return order != 0 ? order : strcmp(k->name, name);
}

/* Where it is, or would be. With the lock, or by the thread. */
static size_t
known_place(const struct gauge_source *s, const char *project,
	const char *name, bool *found)
{
	size_t low = 0, high = s->nknown;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = known_compare(s->known[middle], project, name);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* NULL without memory, or when there are too many. With the lock. */
static struct known *
known_add(struct gauge_source *s, size_t place, const char *project,
	const char *name)
{
	struct known *k = calloc(1, sizeof(*k)), **more;

	if (k == NULL || s->nknown == KNOWN_MAX) {
		free(k);
		return NULL;
	}
	more = reallocarray(s->known, s->nknown + 1, sizeof(*more));
	if (more == NULL) {
		free(k);
		return NULL;
	}
	s->known = more;
	memmove(&more[place + 1], &more[place],
	    (s->nknown - place) * sizeof(*more));
	more[place] = k;
	s->nknown++;
	snprintf(k->project, sizeof(k->project), "%.63s", project);
	snprintf(k->name, sizeof(k->name), "%.63s", name);
	return k;
}

static struct known *
known_get(struct gauge_source *s, const char *project, const char *name)
{
	struct known *k;
	size_t place;
	bool found;

	pthread_mutex_lock(&s->lock);
	place = known_place(s, project, name, &found);
	k = found ? s->known[place] : known_add(s, place, project, name);
	pthread_mutex_unlock(&s->lock);
	return k;
}

/* Those that are gone for long. */
static void
known_prune(struct gauge_source *s)
{
	int64_t before = flight_now() - FORGET_MS;
	size_t kept = 0;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->nknown; i++)
		if (s->known[i]->at < before && !s->known[i]->news)
			free(s->known[i]);
		else
			s->known[kept++] = s->known[i];
	s->nknown = kept;
	pthread_mutex_unlock(&s->lock);
}

bool
gauge_source_latest(struct gauge_source *s, const char *project,
	const char *name, struct gauge *out)
{
	size_t place;
	bool found;

	pthread_mutex_lock(&s->lock);
	place = known_place(s, project, name, &found);
	found = found && s->known[place]->at != 0 &&
	    flight_now() - s->known[place]->at <= GAUGES_FRESH_MS;
	if (found)
		*out = s->known[place]->gauge;
	pthread_mutex_unlock(&s->lock);
	return found;
}

/* ---- status ---- */

static void
status_set(struct gauge_source *s, enum gauges_state state, int wait,
	const char *detail)
{
	struct gauges_status *status = &s->status;
	int64_t now = wall_ms();

	pthread_mutex_lock(&s->lock);
	if (status->since_ms == 0 || status->state != state)
		status->since_ms = now;
	status->state = state;
	status->retry_ms = wait == 0 ? 0 : now + wait;
	snprintf(status->detail, sizeof(status->detail), "%s", detail);
	pthread_mutex_unlock(&s->lock);
}

void
gauge_source_status(struct gauge_source *s, struct gauges_status *out)
{
	pthread_mutex_lock(&s->lock);
	*out = s->status;
	pthread_mutex_unlock(&s->lock);
}

/* ---- what is told to others ---- */

static void
put_number(struct buf *out, const char *key, double v)
{
	if (isnan(v))
		buf_putf(out, ",\"%s\":null", key);
	else
		buf_putf(out, ",\"%s\":%.*f", key, v < 1000 ? 2 : 0, v);
}

/* An object for each, one behind the other, with a NUL between. */
static void
item_put(struct buf *out, const struct known *k)
{
	buf_putf(out, "{\"name\":\"%s\"", k->name);
	put_number(out, "cpu", k->gauge.cpu);
	buf_putf(out, ",\"memory\":%llu",
	    (unsigned long long)k->gauge.memory);
	put_number(out, "rx", k->gauge.rx);
	put_number(out, "tx", k->gauge.tx);
	buf_put(out, "}", 2);
}

static void
items_publish(struct gauge_source *s, const char *project, int64_t ms,
	const struct feed_item *items, size_t n)
{
	char json[256], time[RFC3339_SIZE];
	const struct feed_event event = { .event = "sample",
		.instance = s->instance, .project = project, .name = "",
		.scope = "unikernel:read", .json = json, .items = items,
		.nitems = n };

	rfc3339_format((time_t)(ms / 1000), (int)(ms % 1000), time);
	snprintf(json, sizeof(json), "\"instance\":\"%s\","
	    "\"project\":\"%s\",\"time\":\"%s\"", s->instance, project,
	    time);
	hub_publish(s->app->hub, FEED_METRICS, &event);
}

/* The news of a project, which begins at known[i]; the next one's begin. */
static size_t
project_publish(struct gauge_source *s, size_t i, struct feed_item *items)
{
	const char *project = s->known[i]->project, *at;
	int64_t ms = 0;
	struct buf text;
	size_t n = 0;

	buf_init(&text, SIZE_MAX / 2);
	for (; i < s->nknown && strcmp(s->known[i]->project, project) == 0;
	    i++) {
		struct known *k = s->known[i];

		if (!k->news)
			continue;
		k->news = false;
		item_put(&text, k);
		items[n++].name = k->name;
		if (k->gauge.ms > ms)
			ms = k->gauge.ms;
	}
	at = buf_str(&text);
	for (size_t k = 0; at != NULL && k < n; k++) {
		items[k].json = at;
		at += strlen(at) + 1;
	}
	if (at != NULL && n > 0)
		items_publish(s, project, ms, items, n);
	buf_free(&text);
	return i;
}

/* The thread alone changes what is known, and so needs no lock to read it. */
static void
news_publish(struct gauge_source *s)
{
	struct feed_item *items = calloc(s->news + 1, sizeof(*items));

	for (size_t i = 0; items != NULL && s->news > 0 && i < s->nknown;)
		i = project_publish(s, i, items);
	if (items != NULL)
		s->news = 0;
	free(items);
}

/* ---- frames ---- */

/* Once until it goes well again. */
static void
add_noted(struct gauge_source *s, int err)
{
	if (err != 0 && !s->unwritten)
		log_event(LOG_LEVEL_ERROR, "metrics-not-kept", "instance",
		    s->instance, "why", err_title(err), NULL);
	s->unwritten = err != 0;
}

/* Names that nobody ever heard of must not fill the disk. */
static bool
is_kept(struct gauge_source *s, struct known *k,
	const struct gauge_place *place)
{
	int64_t now = flight_now();

	if (k->kept)
		return true;
	if (s->counted == 0 || now - s->counted >= COUNT_MS) {
		s->files = gauge_file_count(s->root, s->instance);
		s->counted = now;
	}
	k->kept = gauge_file_exists(s->root, place);
	if (!k->kept && s->files < GAUGE_FILES_MAX) {
		s->files++;
		k->kept = true;
	}
	return k->kept;
}

static void
frame_take(struct gauge_source *s, const struct alb_wire *w)
{
	const struct gauge_place place = { s->instance, w->name.path,
		w->name.label };
	struct gauge_values values;
	struct gauge gauge;
	struct known *k;
	int64_t since, at = flight_now(), now = wall_ms();

	s->heard = at;
	/* What runs in no project, or in one within one, is not ours. */
	if (!alb_label_valid(w->name.path) || !alb_label_valid(w->name.label))
		return;
	k = known_get(s, w->name.path, w->name.label);
	if (k == NULL || !meter_take(&k->meter, &w->stats, at, now, &gauge,
	    &values, &since))
		return;
	/* A second one: the interval before is over. */
	if (k->news)
		news_publish(s);
	pthread_mutex_lock(&s->lock);
	k->gauge = gauge;
	k->at = at;
	pthread_mutex_unlock(&s->lock);
	s->news += !k->news;
	k->news = true;
	if (is_kept(s, k, &place))
		add_noted(s, gauge_file_add(s->root, &place, since,
		    now / 1000, &values));
}

/* All that is there: ALB_AGAIN, or what ended it. */
static int
frames_take(struct gauge_source *s, struct alb_session *session)
{
	struct alb_wire w;
	bool failure;
	int rc;

	while (!s->ending) {
		rc = alb_session_read(session, &w);
		if (rc == ALB_DECODE && !s->puzzled) {
			s->puzzled = true;
			log_event(LOG_LEVEL_WARNING, "statistics-not-"
			    "understood", "instance", s->instance, NULL);
		}
		if (rc == ALB_DECODE)
			continue;
		if (rc != ALB_OK)
			return rc;
		failure = w.payload == ALB_PAYLOAD_FAILURE;
		if (w.payload == ALB_PAYLOAD_STATS)
			frame_take(s, &w);
		alb_wire_free(&w);
		if (failure)
			return ALB_FAILURE;
	}
	return ALB_AGAIN;
}

/* ---- the connection ---- */

/* Waits for the session (or none), or to be woken; false: nothing came. */
static bool
source_wait(struct gauge_source *s, struct alb_session *session, int ms)
{
	struct pollfd fds[2] = {
		{ .fd = s->wake, .events = POLLIN },
		{ .fd = session == NULL ? -1 : alb_session_fd(session),
		  .events = POLLIN },
	};
	int rc = poll(fds, 2, ms);
	uint64_t n;

	if (rc > 0 && fds[0].revents != 0)
		(void)!read(s->wake, &n, sizeof(n));
	return rc != 0;
}

static bool
is_silent(const struct gauge_source *s)
{
	return s->heard != 0 && flight_now() - s->heard > SILENCE_MS;
}

/* Until it ends: what ended it; ALB_AGAIN: we. */
static int
source_read(struct gauge_source *s, struct alb_session *session)
{
	int rc;

	s->heard = 0;
	while (!s->ending && !s->again) {
		rc = frames_take(s, session);
		if (rc != ALB_AGAIN)
			return rc;
		known_prune(s);
		if (is_silent(s))
			return ALB_TIMEOUT;
		if (!s->ending && !s->again && !source_wait(s, session,
		    s->news > 0 ? TOGETHER_MS : SILENCE_MS / 2))
			news_publish(s);
	}
	return ALB_AGAIN;
}

/*
 * albatross throws out who subscribed before with the words of a daemon that
 * went away; whichever it was, to come back at once would be wrong.
 */
static bool
source_judge(struct gauge_source *s, int rc, int64_t begun, struct fault *f)
{
	const struct upstream_fault how = { .instance = s->instance,
		.why = "", .sent = true };

	if (rc == ALB_FAILURE || flight_now() - begun < MOMENT_MS) {
		fault_set(f, ERR_ALB_FAILURE, "%s ended the subscription to "
		    "its statistics: it allows one at a time, and somebody "
		    "else may have it now.", s->instance);
		return true;
	}
	if (rc == ALB_TIMEOUT)
		fault_set(f, ERR_ALB_TIMEOUT, "%s sent no statistics for "
		    "minutes.", s->instance);
	else
		upstream_fault(rc, &how, f);
	return false;
}

/* Subscribes and listens: how it ended. True: somebody else took it. */
static bool
source_watch(struct gauge_source *s, struct auth_client *auth,
	struct fault *f)
{
	const struct ask ask = { .auth = auth, .instance = s->instance,
		.label = "" };
	struct alb_session *session;
	struct alb_command c;
	int64_t begun;
	int rc;

	alb_command_init(&c, ALB_STATS_SUBSCRIBE);
	rc = upstream_open(s->app->upstream, &ask, &c, &session, f);
	alb_command_free(&c);
	if (rc != 0)
		return false;
	alb_session_limit(session, FRAME_MAX);
	auth_client_rest(auth);
	begun = flight_now();
	status_set(s, GAUGES_LIVE, 0, "");
	rc = source_read(s, session);
	news_publish(s);
	alb_session_close(session);
	return rc != ALB_AGAIN && source_judge(s, rc, begun, f);
}

/* Some more or less, so that two who fight do not do so for ever. */
static int
jitter(int ms)
{
	uint8_t some;

	random_bytes(&some, sizeof(some));
	return ms * 4 / 5 + ms * 2 / 5 * some / UINT8_MAX;
}

static void
source_rest(struct gauge_source *s, int ms)
{
	int64_t until = flight_now() + ms, left;

	while (!s->ending && !s->again && (left = until - flight_now()) > 0)
		source_wait(s, NULL, (int)left);
}

static void *
source_main(void *arg)
{
	struct gauge_source *s = arg;
	struct auth_client *auth = auth_client_new(s->app->config->
	    auth_socket);
	int wait = 0;

	while (!s->ending && !s->app->stopping && auth != NULL) {
		int64_t begun = flight_now();
		struct fault f = { 0 };
		bool displaced;
		int ms;

		s->again = false;
		displaced = source_watch(s, auth, &f);
		auth_client_rest(auth);
		if (s->again)
			wait = 0;
		if (s->ending || s->again)
			continue;
		if (flight_now() - begun > STEADY_MS)
			wait = 0;
		wait = gauge_backoff(wait, displaced);
		ms = jitter(wait);
		status_set(s, displaced ? GAUGES_DISPLACED : GAUGES_OFF, ms,
		    f.detail);
		source_rest(s, ms);
	}
	auth_client_free(auth);
	return NULL;
}

/* ---- from and to others ---- */

static void
source_destroy(struct gauge_source *s)
{
	for (size_t i = 0; i < s->nknown; i++)
		free(s->known[i]);
	free(s->known);
	if (s->wake >= 0)
		close(s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

struct gauge_source *
gauge_source_new(struct app *app, int root, const char *instance)
{
	struct gauge_source *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->app = app;
	s->root = root;
	snprintf(s->instance, sizeof(s->instance), "%s", instance);
	pthread_mutex_init(&s->lock, NULL);
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->wake >= 0 && thread_start(&s->thread, source_main, s) == 0)
		return s;
	source_destroy(s);
	return NULL;
}

static void
source_wake(struct gauge_source *s)
{
	const uint64_t one = 1;

	(void)!write(s->wake, &one, sizeof(one));
}

void
gauge_source_end(struct gauge_source *s)
{
	s->ending = true;
	source_wake(s);
}

void
gauge_source_again(struct gauge_source *s)
{
	s->again = true;
	source_wake(s);
}

void
gauge_source_free(struct gauge_source *s)
{
	gauge_source_end(s);
	pthread_join(s->thread, NULL);
	source_destroy(s);
}

const char *
gauge_source_instance(const struct gauge_source *s)
{
	return s->instance;
}
