/* SPDX-License-Identifier: ISC */
/*
 * info_der: the larger parts of replies as DER: what info says of one
 * unikernel, and statistics. Only albatross/ uses it.
 */
#ifndef ALBATROSS_INFO_DER_H
#define ALBATROSS_INFO_DER_H

#include "albatross/der.h"
#include "albatross/wire.h"

void alb_name_read(struct der *d, struct alb_name *name);
void alb_name_write(struct der_writer *w, const struct alb_name *name);

/* NamedInfo, in the form of level. */
void alb_info_read(struct der *d, enum alb_level level, struct alb_info *info);
void alb_info_write(struct der_writer *w, enum alb_level level,
	const struct alb_info *info);

/*
 * StatsData, all that is left of d. Not only the form of the module: a later
 * one (2.8 was announced to have one) may have its parts in another order,
 * under other tags, and without some, as long as it tells the time used; what
 * is not known in it is passed over.
 */
void alb_stats_read(struct der *d, struct alb_stats *s);
void alb_stats_write(struct der_writer *w, const struct alb_stats *s);
void alb_stats_free(struct alb_stats *s);	/* contents only */

#endif
