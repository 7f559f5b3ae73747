/* SPDX-License-Identifier: ISC */
/* wire: the messages inside frames; see wire.h. */
#include "albatross/wire.h"

#include <stdlib.h>
#include <string.h>

#include "albatross/config_der.h"
#include "albatross/info_der.h"

enum payload_tag { COMMAND, SUCCESS, FAILURE, DATA };

/* The payloads of Success, by tag; [3] is from before 2.0. */
static const struct {
	enum alb_payload payload;
	enum alb_level level;
} successes[] = {
	[0] = { ALB_PAYLOAD_EMPTY, ALB_LEVEL_NEWEST },
	[1] = { ALB_PAYLOAD_STRING, ALB_LEVEL_NEWEST },
	[2] = { ALB_PAYLOAD_POLICIES, ALB_LEVEL_NEWEST },
	[4] = { ALB_PAYLOAD_BLOCKS, ALB_LEVEL_NEWEST },
	[5] = { ALB_PAYLOAD_INFOS, ALB_LEVEL_2_0 },
	[6] = { ALB_PAYLOAD_IMAGE, ALB_LEVEL_NEWEST },
	[7] = { ALB_PAYLOAD_OLD_BLOCK, ALB_LEVEL_NEWEST },
	[8] = { ALB_PAYLOAD_INFOS, ALB_LEVEL_2_1 },
	[9] = { ALB_PAYLOAD_INFOS, ALB_LEVEL_2_4 },
	[10] = { ALB_PAYLOAD_BLOCK_IMAGE, ALB_LEVEL_NEWEST },
	[11] = { ALB_PAYLOAD_INFOS, ALB_LEVEL_2_6 },
	[12] = { ALB_PAYLOAD_CONSOLES, ALB_LEVEL_NEWEST },
	[13] = { ALB_PAYLOAD_INFOS, ALB_LEVEL_2_7 },
};
#define SUCCESSES (sizeof(successes) / sizeof(successes[0]))

void
alb_wire_init(struct alb_wire *w, enum alb_payload payload)
{
	*w = (struct alb_wire){
		.version = ALB_WIRE_VERSION, .payload = payload,
		.level = ALB_LEVEL_NEWEST, .millis = -1,
	};
	alb_command_init(&w->command, ALB_UNIKERNEL_INFO);
}

void
alb_wire_free(struct alb_wire *w)
{
	size_t i;

	for (i = 0; i < w->npolicies; i++)
		alb_policy_free(&w->policies[i].policy);
	for (i = 0; i < w->ninfos; i++)
		alb_config_free(&w->infos[i].config);
	free(w->policies);
	free(w->infos);
	free(w->blocks);
	free(w->names);
	free(w->text);
	free(w->bytes);
	alb_command_free(&w->command);
	alb_stats_free(&w->stats);
	alb_wire_init(w, w->payload);
}

/* Unlike other strings it is kept as it came, with its length. */
static void
text_read(struct der *d, struct alb_wire *w)
{
	const uint8_t *content = der_get_ref(d, DER_STRING, &w->text_len);

	w->text = calloc(1, w->text_len + 1);
	if (w->text == NULL)
		der_fail(d, ALB_NO_MEMORY);
	else if (w->text_len > 0)
		memcpy(w->text, content, w->text_len);
}

static void
text_write(struct der_writer *d, const struct alb_wire *w)
{
	der_put(d, DER_STRING, w->text, w->text_len);
}

static void
policies_read(struct der *d, struct alb_wire *w)
{
	struct der list = der_enter(d, DER_SEQUENCE), item;
	size_t i;

	w->policies = der_items(&list, sizeof(*w->policies), &w->npolicies);
	for (i = 0; i < w->npolicies; i++) {
		item = der_enter(&list, DER_SEQUENCE);
		alb_name_read(&item, &w->policies[i].name);
		alb_policy_read(&item, &w->policies[i].policy);
		der_done(&item);
	}
	der_done(&list);
}

static void
policies_write(struct der_writer *d, const struct alb_wire *w)
{
	size_t i, item;

	for (i = 0; i < w->npolicies; i++) {
		item = der_open(d);
		alb_name_write(d, &w->policies[i].name);
		alb_policy_write(d, &w->policies[i].policy);
		der_close(d, item, DER_SEQUENCE);
	}
}

static void
blocks_read(struct der *d, struct alb_wire *w)
{
	struct der list = der_enter(d, DER_SEQUENCE), item;
	size_t i;

	w->blocks = der_items(&list, sizeof(*w->blocks), &w->nblocks);
	for (i = 0; i < w->nblocks; i++) {
		item = der_enter(&list, DER_SEQUENCE);
		alb_name_read(&item, &w->blocks[i].name);
		w->blocks[i].size = der_get_int(&item);
		/* It is reckoned with, in bytes too. */
		if (w->blocks[i].size < 0 || w->blocks[i].size > ALB_SIZE_MAX)
			der_fail(&item, ALB_DECODE);
		w->blocks[i].active = der_get_bool(&item);
		der_done(&item);
	}
	der_done(&list);
}

static void
blocks_write(struct der_writer *d, const struct alb_wire *w)
{
	size_t i, item;

	for (i = 0; i < w->nblocks; i++) {
		item = der_open(d);
		alb_name_write(d, &w->blocks[i].name);
		der_put_int(d, w->blocks[i].size);
		der_put_bool(d, w->blocks[i].active);
		der_close(d, item, DER_SEQUENCE);
	}
}

static void
infos_read(struct der *d, struct alb_wire *w)
{
	struct der list = der_enter(d, DER_SEQUENCE);
	size_t i;

	w->infos = der_items(&list, sizeof(*w->infos), &w->ninfos);
	for (i = 0; i < w->ninfos; i++)
		alb_info_read(&list, w->level, &w->infos[i]);
	der_done(&list);
}

static void
infos_write(struct der_writer *d, const struct alb_wire *w)
{
	size_t i;

	for (i = 0; i < w->ninfos; i++)
		alb_info_write(d, w->level, &w->infos[i]);
}

static void
names_read(struct der *d, struct alb_wire *w)
{
	struct der list = der_enter(d, DER_SEQUENCE);
	size_t i;

	w->names = der_items(&list, sizeof(*w->names), &w->nnames);
	for (i = 0; i < w->nnames; i++)
		alb_name_read(&list, &w->names[i]);
	der_done(&list);
}

static void
names_write(struct der_writer *d, const struct alb_wire *w)
{
	size_t i;

	for (i = 0; i < w->nnames; i++)
		alb_name_write(d, &w->names[i]);
}

static void
image_read(struct der *d, struct alb_wire *w)
{
	struct der s = der_enter(d, DER_SEQUENCE);

	w->flag = der_get_bool(&s);
	w->bytes = der_get_octets(&s, &w->bytes_len);
	der_done(&s);
}

static void
image_write(struct der_writer *d, const struct alb_wire *w)
{
	der_put_bool(d, w->flag);
	der_put(d, DER_OCTETS, w->bytes, w->bytes_len);
}

static void
success_content_read(struct der *d, struct alb_wire *w)
{
	switch (w->payload) {
	case ALB_PAYLOAD_STRING:
		text_read(d, w);
		break;
	case ALB_PAYLOAD_POLICIES:
		policies_read(d, w);
		break;
	case ALB_PAYLOAD_BLOCKS:
		blocks_read(d, w);
		break;
	case ALB_PAYLOAD_INFOS:
		infos_read(d, w);
		break;
	case ALB_PAYLOAD_IMAGE:
	case ALB_PAYLOAD_OLD_BLOCK:
		image_read(d, w);
		break;
	case ALB_PAYLOAD_BLOCK_IMAGE:
		w->flag = der_get_bool(d);
		break;
	case ALB_PAYLOAD_CONSOLES:
		names_read(d, w);
		break;
	default:
		der_get_null(d);
		break;
	}
}

static void
success_read(struct der *d, struct alb_wire *w)
{
	unsigned tag;
	struct der choice = der_choice(d, &tag);

	if (tag >= SUCCESSES || (tag > 0 && successes[tag].payload == 0)) {
		der_fail(d, ALB_DECODE);
		return;
	}
	w->payload = successes[tag].payload;
	w->level = successes[tag].level;
	success_content_read(&choice, w);
	der_done(&choice);
}

/* The alternatives that are one SEQUENCE. */
static bool
sequence_write(struct der_writer *d, const struct alb_wire *w)
{
	switch (w->payload) {
	case ALB_PAYLOAD_POLICIES:
		policies_write(d, w);
		return true;
	case ALB_PAYLOAD_BLOCKS:
		blocks_write(d, w);
		return true;
	case ALB_PAYLOAD_INFOS:
		infos_write(d, w);
		return true;
	case ALB_PAYLOAD_IMAGE:
	case ALB_PAYLOAD_OLD_BLOCK:
		image_write(d, w);
		return true;
	case ALB_PAYLOAD_CONSOLES:
		names_write(d, w);
		return true;
	default:
		return false;
	}
}

static void
success_content_write(struct der_writer *d, const struct alb_wire *w)
{
	size_t open = der_open(d);

	if (sequence_write(d, w))
		der_close(d, open, DER_SEQUENCE);
	else if (w->payload == ALB_PAYLOAD_STRING)
		text_write(d, w);
	else if (w->payload == ALB_PAYLOAD_BLOCK_IMAGE)
		der_put_bool(d, w->flag);
	else
		der_put_null(d);
}

/* 2.5 answers as 2.4, so the row with the highest level not above ours. */
static unsigned
success_tag(const struct alb_wire *w)
{
	unsigned tag, found = 0;

	for (tag = 0; tag < SUCCESSES; tag++)
		if (successes[tag].payload == w->payload &&
		    (w->payload != ALB_PAYLOAD_INFOS ||
		     successes[tag].level <= w->level))
			found = tag;
	return found;
}

static void
success_write(struct der_writer *d, const struct alb_wire *w)
{
	size_t open = der_open(d);

	success_content_write(d, w);
	der_close(d, open, DER_CONTEXT(success_tag(w)));
}

/* ConsoleData, UtcConsoleData */
static void
line_read(struct der *d, struct alb_wire *w)
{
	struct der s = der_enter(d, DER_SEQUENCE);

	w->payload = ALB_PAYLOAD_CONSOLE;
	if (w->utc_time)
		w->time = der_get_utc_time(&s);
	else
		w->time = der_get_time(&s, &w->millis);
	text_read(&s, w);
	der_done(&s);
}

static void
line_write(struct der_writer *d, const struct alb_wire *w)
{
	size_t open = der_open(d);

	if (w->utc_time)
		der_put_utc_time(d, w->time);
	else
		der_put_time(d, w->time, w->millis);
	text_write(d, w);
	der_close(d, open, DER_SEQUENCE);
}

static void
block_data_read(struct der *d, struct alb_wire *w)
{
	unsigned n;
	struct der choice = der_choice(d, &n);

	if (n == 0) {
		w->payload = ALB_PAYLOAD_BLOCK_DATA;
		w->bytes = der_get_octets(&choice, &w->bytes_len);
	} else if (n == 1) {
		w->payload = ALB_PAYLOAD_BLOCK_EOF;
		der_get_null(&choice);
	} else {
		der_fail(d, ALB_DECODE);
	}
	der_done(&choice);
}

static void
block_data_write(struct der_writer *d, const struct alb_wire *w)
{
	size_t open = der_open(d);
	bool eof = w->payload == ALB_PAYLOAD_BLOCK_EOF;

	if (eof)
		der_put_null(d);
	else
		der_put(d, DER_OCTETS, w->bytes, w->bytes_len);
	der_close(d, open, DER_CONTEXT(eof ? 1 : 0));
}

static void
data_read(struct der *d, struct alb_wire *w)
{
	unsigned tag;
	struct der choice = der_choice(d, &tag);

	switch (tag) {
	case 0:
	case 3:
		w->utc_time = tag == 0;
		line_read(&choice, w);
		break;
	case 1:
		w->payload = ALB_PAYLOAD_STATS;
		alb_stats_read(&choice, &w->stats);
		break;
	case 4:
		block_data_read(&choice, w);
		break;
	default:
		/* It may be the statistics of a newer server. */
		w->payload = ALB_PAYLOAD_STATS;
		alb_stats_read(&choice, &w->stats);
		break;
	}
	der_done(&choice);
}

static void
data_write(struct der_writer *d, const struct alb_wire *w)
{
	size_t open = der_open(d);

	switch (w->payload) {
	case ALB_PAYLOAD_CONSOLE:
		line_write(d, w);
		der_close(d, open, DER_CONTEXT(w->utc_time ? 0 : 3));
		break;
	case ALB_PAYLOAD_STATS:
		alb_stats_write(d, &w->stats);
		der_close(d, open, DER_CONTEXT(1));
		break;
	default:
		block_data_write(d, w);
		der_close(d, open, DER_CONTEXT(4));
		break;
	}
}

static void
payload_read(struct der *d, struct alb_wire *w)
{
	unsigned tag;
	struct der choice = der_choice(d, &tag);

	switch (tag) {
	case COMMAND:
		w->payload = ALB_PAYLOAD_COMMAND;
		alb_command_read(&choice, &w->command);
		break;
	case SUCCESS:
		success_read(&choice, w);
		break;
	case FAILURE:
		w->payload = ALB_PAYLOAD_FAILURE;
		text_read(&choice, w);
		break;
	case DATA:
		data_read(&choice, w);
		break;
	default:
		der_fail(d, ALB_DECODE);
		break;
	}
	der_done(&choice);
}

static void
payload_write(struct der_writer *d, const struct alb_wire *w)
{
	size_t open = der_open(d);
	enum payload_tag tag = DATA;

	if (w->payload == ALB_PAYLOAD_COMMAND) {
		tag = COMMAND;
		alb_command_write(d, &w->command);
	} else if (w->payload < ALB_PAYLOAD_FAILURE) {
		tag = SUCCESS;
		success_write(d, w);
	} else if (w->payload == ALB_PAYLOAD_FAILURE) {
		tag = FAILURE;
		text_write(d, w);
	} else {
		data_write(d, w);
	}
	der_close(d, open, DER_CONTEXT(tag));
}

static void
header_read(struct der *d, struct alb_wire *w)
{
	struct der s = der_enter(d, DER_SEQUENCE);

	w->version = der_get_int(&s);
	if (w->version != ALB_WIRE_VERSION)
		der_fail(d, ALB_DECODE);
	w->sequence = der_get_u64(&s);
	alb_name_read(&s, &w->name);
	der_done(&s);
}

static void
header_write(struct der_writer *d, const struct alb_wire *w)
{
	size_t open = der_open(d);

	der_put_int(d, w->version);
	der_put_u64(d, w->sequence);
	alb_name_write(d, &w->name);
	der_close(d, open, DER_SEQUENCE);
}

int
alb_wire_decode(const uint8_t *der, size_t len, struct alb_wire *w)
{
	struct der_message message;
	struct der d = der_start(&message, der, len), s;
	int rc;

	alb_wire_init(w, ALB_PAYLOAD_EMPTY);
	s = der_enter(&d, DER_SEQUENCE);
	header_read(&s, w);
	payload_read(&s, w);
	der_done(&s);
	rc = der_done(&d);
	if (rc != ALB_OK)
		alb_wire_free(w);
	return rc;
}

int
alb_wire_encode(const struct alb_wire *w, struct buf *out)
{
	struct der_writer d = der_write(out);
	size_t open = der_open(&d);

	header_write(&d, w);
	payload_write(&d, w);
	der_close(&d, open, DER_SEQUENCE);
	return der_written(&d);
}
