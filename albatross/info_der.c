/* SPDX-License-Identifier: ISC */
/* info_der: what info says of a unikernel, as DER; see info_der.h. */
#include "albatross/info_der.h"

#include <string.h>

#include "albatross/config_der.h"

void
alb_name_read(struct der *d, struct alb_name *name)
{
	size_t len;
	const uint8_t *text = der_get_ref(d, DER_STRING, &len);

	if (alb_name_parse((const char *)text, len, name) != ALB_OK)
		der_fail(d, ALB_DECODE);
}

void
alb_name_write(struct der_writer *w, const struct alb_name *name)
{
	char text[ALB_NAME_MAX + 2];

	alb_name_format(name, text);
	if (text[0] == '\0')
		w->invalid = true;
	der_put_string(w, text);
}

static void
digest_read(struct der *d, struct alb_info *info)
{
	size_t len;
	const uint8_t *digest = der_get_ref(d, DER_OCTETS, &len);

	if (len > sizeof(info->digest)) {
		der_fail(d, ALB_DECODE);
		return;
	}
	if (len > 0)
		memcpy(info->digest, digest, len);
	info->digest_len = len;
}

static void
started_read(struct der *d, struct alb_info *info)
{
	struct der field;

	info->has_started = der_at(d, DER_CONTEXT(3));
	if (!info->has_started)
		return;
	field = der_enter(d, DER_CONTEXT(3));
	info->started = der_get_time(&field, &info->started_millis);
	der_done(&field);
}

/* Info, InfoV5 (2.6), InfoV4 (2.4), InfoV3 (2.1), InfoV2 (2.0) */
void
alb_info_read(struct der *d, enum alb_level level, struct alb_info *info)
{
	struct der named = der_enter(d, DER_SEQUENCE), s;

	info->started_millis = -1;
	alb_config_init(&info->config);
	alb_name_read(&named, &info->name);
	s = der_enter(&named, DER_SEQUENCE);
	alb_type_read(&s, &info->config);
	if (level >= ALB_LEVEL_2_6)
		alb_startup_read(&s, &info->config);
	alb_fail_read(&s, &info->config);
	alb_resources_read(&s, level, &info->config);
	digest_read(&s, info);
	alb_devices_read(&s, level >= ALB_LEVEL_2_4, &info->config);
	if (level >= ALB_LEVEL_2_1)
		started_read(&s, info);
	if (level >= ALB_LEVEL_2_7)
		alb_guest_read(&s, 4, &info->config);
	der_done(&s);
	der_done(&named);
}

void
alb_info_write(struct der_writer *w, enum alb_level level,
	const struct alb_info *info)
{
	size_t named = der_open(w), open, field;

	alb_name_write(w, &info->name);
	open = der_open(w);
	alb_type_write(w, &info->config);
	if (level >= ALB_LEVEL_2_6)
		alb_startup_write(w, &info->config);
	alb_fail_write(w, &info->config);
	alb_resources_write(w, level, &info->config);
	der_put(w, DER_OCTETS, info->digest, info->digest_len);
	alb_devices_write(w, level >= ALB_LEVEL_2_4, &info->config);
	if (level >= ALB_LEVEL_2_1 && info->has_started) {
		field = der_open(w);
		der_put_time(w, info->started, info->started_millis);
		der_close(w, field, DER_CONTEXT(3));
	}
	alb_guest_write(w, level, 4, &info->config);
	der_close(w, open, DER_SEQUENCE);
	der_close(w, named, DER_SEQUENCE);
}
