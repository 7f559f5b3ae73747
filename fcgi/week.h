/* SPDX-License-Identifier: ISC */
/* week: days of the week and times of the day, in UTC, as rules have them. */
#ifndef FCGI_WEEK_H
#define FCGI_WEEK_H

#include <time.h>

#include "base/json.h"

#define WEEK_DAYS 7
#define WEEK_ALL ((1u << WEEK_DAYS) - 1)
#define WEEK_DAY_MINUTES (24 * 60)

/* For json_field.check: "mon" to "sun", and "02:30". */
const char *week_day_check(const char *s);
const char *week_clock_check(const char *s);
/* A list of days as bits, bit 0 for Monday; none is all. */
unsigned week_days(const struct json_strings *list);
/* "02:30" as minutes, -1 when it is none. */
int week_clock(const char *s);
/* The same back. */
struct json_object *week_days_json(unsigned days);
void week_clock_add(struct json_object *o, const char *key, int minutes);

/* At a time in seconds since 1970: 0 for Monday; minutes of the day. */
int week_day(time_t now);
int week_minute(time_t now);
/* The first time behind now that is that minute of one of those days. */
time_t week_next(unsigned days, int minute, time_t now);

#endif
