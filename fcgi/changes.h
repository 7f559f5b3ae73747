/* SPDX-License-Identifier: ISC */
/* changes: what differs between two deployments, for people. */
#ifndef FCGI_CHANGES_H
#define FCGI_CHANGES_H

#include "base/json.h"

/*
 * An owned array of {"field", "from", "to"}: configurations as alb_json writes
 * them, images as digests ("" for none). Devices are told by name
 * ("networks.service"), arguments by their place ("arguments[0]"); from
 * or to is null for what is not there.
 */
struct json_object *config_changes(struct json_object *from,
	struct json_object *to, const char *from_image,
	const char *to_image);

#endif
