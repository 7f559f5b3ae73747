/* SPDX-License-Identifier: ISC */
/* week: see week.h. */
#include "fcgi/week.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char *const days[WEEK_DAYS] = { "mon", "tue", "wed", "thu",
	"fri", "sat", "sun" };

int
week_clock(const char *s)
{
	static const char form[] = "dd:dd";
	int hour, minute;

	if (strlen(s) != strlen(form))
		return -1;
	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] == ':' ? s[i] != ':' : s[i] < '0' || s[i] > '9')
			return -1;
	hour = (s[0] - '0') * 10 + s[1] - '0';
	minute = (s[3] - '0') * 10 + s[4] - '0';
	return hour < 24 && minute < 60 ? hour * 60 + minute : -1;
}

const char *
week_clock_check(const char *s)
{
	return week_clock(s) >= 0 ? NULL : "must be a time such as 02:30";
}

const char *
week_day_check(const char *s)
{
	return word_find(days, WEEK_DAYS, s) >= 0 ? NULL :
		"must be mon, tue, wed, thu, fri, sat or sun";
}

unsigned
week_days(const struct json_strings *list)
{
	unsigned bits = 0;

	for (size_t i = 0; i < list->len; i++)
		bits |= 1u << word_find(days, WEEK_DAYS, list->items[i]);
	return bits == 0 ? WEEK_ALL : bits;
}

struct json_object *
week_days_json(unsigned bits)
{
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < WEEK_DAYS; i++)
		if ((bits >> i & 1) != 0)
			json_object_array_add(list,
			    json_object_new_string(days[i]));
	return list;
}

void
week_clock_add(struct json_object *o, const char *key, int minutes)
{
	char text[16];

	snprintf(text, sizeof(text), "%02d:%02d", minutes / 60 % 24,
	    minutes % 60);
	json_add_str(o, key, text);
}

int
week_minute(time_t now)
{
	return (int)(now / 60 % WEEK_DAY_MINUTES);
}

int
week_day(time_t now)
{
	/* The first day of 1970 was a Thursday. */
	return (int)((now / 60 / WEEK_DAY_MINUTES + 3) % WEEK_DAYS);
}

time_t
week_next(unsigned bits, int minute, time_t now)
{
	time_t day = now / (WEEK_DAY_MINUTES * 60) * (WEEK_DAY_MINUTES * 60);
	time_t at = day + (time_t)minute * 60;

	while (at <= now || (bits >> week_day(at) & 1) == 0)
		at += WEEK_DAY_MINUTES * 60;
	return at;
}
