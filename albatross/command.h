/* SPDX-License-Identifier: ISC */
/*
 * alb_command: every command of protocol.md section 2.4 and its DER form, the
 * value of certificate extension 1.3.6.1.4.1.49836.42.
 */
#ifndef ALBATROSS_COMMAND_H
#define ALBATROSS_COMMAND_H

#include <time.h>

#include "albatross/config.h"
#include "albatross/policy.h"
#include "base/buf.h"

#define ALB_EXTENSION_OID "1.3.6.1.4.1.49836.42"
#define ALB_WIRE_VERSION 5
#define ALB_COUNT_MAX 1024		/* lines of history */
#define ALB_COMPRESSION_MAX 9
#define ALB_SIZE_MAX (INT64_C(1) << 30)	/* MB of a volume */

/*
 * What a server understands, by the row of protocol.md section 6.3. There is
 * no query for it: info is tried from the newest form down.
 */
enum alb_level {
	ALB_LEVEL_2_0,		/* info [7], create [9], image embedded */
	ALB_LEVEL_2_1,		/* info [13], create [9] */
	ALB_LEVEL_2_4,		/* info [15], create [9] */
	ALB_LEVEL_2_5,		/* info [15], create [9], streaming */
	ALB_LEVEL_2_6,		/* info [18], create [16] */
	ALB_LEVEL_2_7,		/* info [19], create [20] */
	ALB_LEVEL_NEWEST = ALB_LEVEL_2_7,
};

/* "2.0" .. "2.7", and back (-1 for anything else). */
const char *alb_level_text(enum alb_level level);
int alb_level_parse(const char *s);

enum alb_command_kind {
	ALB_CONSOLE_ADD,	/* .count; never by a client */
	ALB_CONSOLE_SUBSCRIBE,	/* .count, or .since with has_since */
	ALB_CONSOLE_INACTIVE,
	ALB_STATS_ADD,		/* .stats_add; never by a client */
	ALB_STATS_REMOVE,
	ALB_STATS_SUBSCRIBE,
	ALB_STATS_INITIAL,
	ALB_UNIKERNEL_INFO,
	ALB_UNIKERNEL_CREATE,	/* .config, .compressed, .image */
	ALB_UNIKERNEL_FORCE_CREATE,
	ALB_UNIKERNEL_RESTART,	/* .config when has_config */
	ALB_UNIKERNEL_DESTROY,
	ALB_UNIKERNEL_GET,	/* .compression 0..9 */
	ALB_POLICY_INFO,
	ALB_POLICY_ADD,		/* .policy */
	ALB_POLICY_REMOVE,
	ALB_BLOCK_INFO,
	ALB_BLOCK_ADD,		/* .size MB; .compressed, .image at 2.4 */
	ALB_BLOCK_REMOVE,
	ALB_BLOCK_SET,		/* .compressed; .image before 2.5 */
	ALB_BLOCK_DUMP,		/* .compression 0..9 */
	ALB_COMMAND_KINDS
};

struct alb_tap {
	char *bridge;
	char *tap;
};

struct alb_stats_add {
	char *vmmdev;
	int64_t pid;
	struct alb_tap *taps;
	size_t ntaps;
};

struct alb_command {
	enum alb_command_kind kind;
	enum alb_level level;	/* which of the forms of one kind */
	/*
	 * The forms that a level leaves open: block add [3]; restart [12] and
	 * console subscribe [1] (UTCTime) above the levels that know no other.
	 */
	bool old_form;
	int64_t count;
	bool has_since;
	time_t since;
	int since_millis;	/* -1: sent without decimals */
	bool has_config;
	struct alb_config config;
	bool compressed;
	uint8_t *image;		/* embedded; owned; NULL: streamed */
	size_t image_len;
	int64_t compression;
	struct alb_policy policy;
	int64_t size;
	struct alb_stats_add stats_add;
};

void alb_command_init(struct alb_command *c, enum alb_command_kind kind);
void alb_command_free(struct alb_command *c);	/* contents only */

/* Appends the DER of CertExtension: ALB_OK, ALB_INVALID, ALB_NO_MEMORY. */
int alb_command_encode(const struct alb_command *c, struct buf *out);
/* ALB_OK (free with alb_command_free), ALB_DECODE or ALB_NO_MEMORY. */
int alb_command_decode(const uint8_t *der, size_t len, struct alb_command *c);

/*
 * Whether a client may send c under this label ("" for none): the kinds a
 * leaf can hold, a label where one is required and none where it is not
 * allowed, and every limit of protocol.md section 8 (compression 0..9, count
 * 1..1024, size >= 1, config by alb_config_check). 0 or an ERR_ with fields.
 */
int alb_command_check(const struct alb_command *c, const char *label,
	struct fault *f);
/* True for what the client streams chunks to: create, force create, set. */
bool alb_command_uploads(const struct alb_command *c);
/* "unikernel-create", "block-dump", ...; and back (-1). */
const char *alb_command_name(enum alb_command_kind kind);
int alb_command_kind_parse(const char *name);

#endif
