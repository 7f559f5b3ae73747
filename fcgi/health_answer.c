/* SPDX-License-Identifier: ISC */
/* health_answer: see health_answer.h; RFC 1035 section 4.1. */
#include "fcgi/health_answer.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdbool.h>

/* Which of c-ares' functions 1.34 calls deprecated, 1.18 has nothing else. */
#define CARES_NO_DEPRECATED
#include <ares.h>

#define HEADER 12
#define TYPE_A 1
#define TYPE_NS 2
#define TYPE_CNAME 5
#define TYPE_SOA 6
#define TYPE_MX 15
#define TYPE_TXT 16
#define TYPE_AAAA 28

/* A reader with a sticky error. */
struct message {
	const uint8_t *data;
	size_t len;		/* 0..65535 */
	size_t at;
	size_t end;		/* of the record being read, or len */
	bool bad;
};

static unsigned
get(struct message *m, size_t bytes)
{
	unsigned value = 0;

	if (m->bad || m->end - m->at < bytes) {
		m->bad = true;
		return 0;
	}
	for (; bytes > 0; bytes--)
		value = value << 8 | m->data[m->at++];
	return value;
}

/* Takes a name and puts it, unless out is NULL. */
static void
get_name(struct message *m, struct buf *out)
{
	char *name = NULL;
	long taken = 0;

	if (m->bad || m->at >= m->end || ares_expand_name(m->data + m->at,
	    m->data, (int)m->len, &name, &taken) != ARES_SUCCESS) {
		m->bad = true;
		return;
	}
	if (taken < 0 || (size_t)taken > m->end - m->at)
		m->bad = true;
	else
		m->at += (size_t)taken;
	if (out != NULL && !m->bad)
		buf_put_str(out, name);
	ares_free_string(name);
}

static void
get_address(struct message *m, int family, size_t bytes, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];

	if (m->end - m->at != bytes ||
	    inet_ntop(family, m->data + m->at, text, sizeof(text)) == NULL)
		m->bad = true;
	else
		buf_put_str(out, text);
}

/* The strings of a TXT in one, as they are meant. */
static void
get_strings(struct message *m, struct buf *out)
{
	while (!m->bad && m->at < m->end) {
		size_t n = get(m, 1);

		if (n > m->end - m->at) {
			m->bad = true;
			return;
		}
		buf_put(out, m->data + m->at, n);
		m->at += n;
	}
}

static void
get_soa(struct message *m, struct buf *out)
{
	get_name(m, out);
	buf_put_str(out, " ");
	get_name(m, out);
	for (int i = 0; i < 5; i++)
		buf_putf(out, " %u", get(m, 4));
}

static void
get_data(struct message *m, int type, struct buf *out)
{
	switch (type) {
	case TYPE_A:
		get_address(m, AF_INET, 4, out);
		return;
	case TYPE_AAAA:
		get_address(m, AF_INET6, 16, out);
		return;
	case TYPE_TXT:
		get_strings(m, out);
		return;
	case TYPE_SOA:
		get_soa(m, out);
		return;
	case TYPE_MX:
		buf_putf(out, "%u ", get(m, 2));
		/* fall through */
	default:
		get_name(m, out);
	}
}

/* One record; 1 when it is one of that type, which was put. */
static int
get_record(struct message *m, int type, struct buf *out)
{
	unsigned have, class, size;
	bool wanted;

	get_name(m, NULL);
	have = get(m, 2);
	class = get(m, 2);
	get(m, 4);	/* how long it may be kept */
	size = get(m, 2);
	if (m->bad || size > m->len - m->at) {
		m->bad = true;
		return 0;
	}
	wanted = have == (unsigned)type && class == 1;
	m->end = m->at + size;
	if (wanted) {
		get_data(m, type, out);
		buf_put_str(out, "\n");
	}
	m->at = m->end;
	m->end = m->len;
	return wanted ? 1 : 0;
}

int
answer_read(const uint8_t *message, size_t len, int type, struct buf *out)
{
	struct message m = { .data = message, .len = len, .end = len };
	unsigned questions, answers;
	int found = 0;

	if (len < HEADER || len > 65535)
		return -1;
	m.at = 4;
	questions = get(&m, 2);
	answers = get(&m, 2);
	m.at = HEADER;
	for (; questions > 0 && !m.bad; questions--) {
		get_name(&m, NULL);
		get(&m, 4);
	}
	for (; answers > 0 && !m.bad; answers--)
		found += get_record(&m, type, out);
	return m.bad || !buf_ok(out) ? -1 : found;
}
