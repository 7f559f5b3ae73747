/* SPDX-License-Identifier: ISC */
/*
 * alb_json: configurations, policies and commands as JSON, the one form in
 * which the HTTP API shows them and the HTTP side asks the authority to mint.
 *
 * configuration: {"type": "solo5"|"bhyve", "memory": MB, "cpus": [int],
 *   "startup": 0..100, "add_name": bool,
 *   "fail_behaviour": "quit"|"restart", "exit_codes": [int],
 *   "arguments": [string],
 *   "networks": [{"name", "bridge", "mac": "00:80:41:..."}],
 *   "volumes": [{"name", "volume", "sector_size"}],
 *   "vcpus": int, "boot_partition": string}
 * policy: {"unikernels", "memory", "block": MB or null, "cpus": [int],
 *   "bridges": [string]}
 * command: {"kind": "unikernel-create", "level": "2.7", "config": {..},
 *   "compressed": bool, "compression": 0..9, "count": 1..1024,
 *   "since": RFC 3339, "size": MB}
 */
#ifndef ALBATROSS_JSON_H
#define ALBATROSS_JSON_H

#include "albatross/command.h"
#include "albatross/wire.h"
#include "base/json.h"

/*
 * Read into an initialised struct whose contents the caller frees in any
 * case; prefix names the place in field paths ("config."). 0 or ERR_INVALID.
 * Given keys replace what the struct holds, others stay: so defaults, and a
 * change of some fields only, are one call.
 */
int alb_config_from_json(struct json_object *o, const char *prefix,
	struct alb_config *c, struct fault *f);
int alb_policy_from_json(struct json_object *o, const char *prefix,
	struct alb_policy *p, struct fault *f);
int alb_command_from_json(struct json_object *o, struct alb_command *c,
	struct fault *f);

/*
 * Owned objects, or NULL when out of memory. What says the same is written the
 * same: keys have one order, and so have sets, of numbers as of devices.
 * Invalid UTF-8 becomes U+FFFD; alb_config_is_text tells where nothing did.
 */
struct json_object *alb_config_to_json(const struct alb_config *c);
struct json_object *alb_policy_to_json(const struct alb_policy *p);
struct json_object *alb_command_to_json(const struct alb_command *c);

#endif
