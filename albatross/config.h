/* SPDX-License-Identifier: ISC */
/*
 * alb_config: how a unikernel is run, protocol.md section 4.1 "Config
 * fields". One struct for create, restart with arguments and what info
 * replies; what the wire leaves out is told by has_ flags and NULLs, so that
 * decoding and encoding loses nothing. A NUL in a string of the wire is kept
 * as in der.h.
 */
#ifndef ALBATROSS_CONFIG_H
#define ALBATROSS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "albatross/policy.h"
#include "base/err.h"

#define ALB_ARGUMENTS_MAX 256
#define ALB_ARGUMENT_BYTES_MAX 4096
#define ALB_DEVICES_MAX 64
#define ALB_DEVICE_NAME_MAX 63
#define ALB_EXIT_CODES_MAX 256
#define ALB_GUEST_CPUS_MAX 256
#define ALB_MEMORY_MAX (INT64_C(1) << 30)	/* MB */
#define ALB_SECTOR_MIN 512
#define ALB_SECTOR_MAX (1024 * 1024)

enum alb_type { ALB_SOLO5 = 0, ALB_BHYVE = 1 };

struct alb_block {
	char *name;		/* device in the manifest */
	char *volume;		/* label of the volume; NULL: same as name */
	bool has_sector_size;
	int64_t sector_size;
	int64_t size;		/* MB, in info replies only */
};

struct alb_net {
	char *name;		/* device in the manifest */
	char *bridge;		/* host bridge; NULL: same as name */
	bool has_mac;
	uint8_t mac[6];
};

struct alb_config {
	enum alb_type type;
	bool has_startup;
	int64_t startup;	/* 0..100, 50 when absent */
	bool add_name;		/* not in info replies */
	bool restart;		/* fail behaviour: false is quit */
	int64_t *exit_codes;	/* restart on these only; none: on any */
	size_t nexit_codes;
	int64_t *cpus;
	size_t ncpus;
	int64_t memory;		/* MB */
	bool has_numcpus;
	int64_t numcpus;	/* guest CPUs, BHyve only; 1 when absent */
	char *boot_partition;	/* BHyve only, or NULL */
	/* has_: an empty list was sent, which says the same as none */
	bool has_blocks;
	struct alb_block *blocks;
	size_t nblocks;
	bool has_nets;
	struct alb_net *nets;
	size_t nnets;
	bool has_arguments;
	char **arguments;	/* not always UTF-8 */
	size_t narguments;
};

/* Solo5, quit, add_name true, nothing else set. */
void alb_config_init(struct alb_config *c);
void alb_config_free(struct alb_config *c);	/* contents only */
int alb_config_copy(const struct alb_config *c, struct alb_config *out);

/*
 * Whether an info reply reports c: albatross resolves what c leaves out (bridge
 * and volume by name, sector size 512, startup 50, one guest CPU, a MAC), keeps
 * no order, and does not tell add_name.
 */
bool alb_config_reported_same(const struct alb_config *c,
	const struct alb_config *reported);
/* The label of the volume behind a device; borrowed. */
const char *alb_block_volume(const struct alb_block *b);
/* False when a string is no UTF-8: JSON can not carry it as it is. */
bool alb_config_is_text(const struct alb_config *c);

/*
 * True for what may name a device or a host bridge: such names end up in the
 * arguments of tools. NULL is none.
 */
bool alb_device_valid(const char *s);
/*
 * Refuses whatever protocol.md section 8 and 4.1 say must never be sent: no
 * CPU, memory below 1 MB, startup outside 0..100, duplicate or malformed
 * device names, volumes that are not folded labels, odd sector sizes, too
 * many or too long arguments or such that are no UTF-8, exit codes outside
 * 0..255 or named twice, BHyve fields on Solo5. Adds one field per finding;
 * returns 0 or ERR_INVALID.
 */
int alb_config_check(const struct alb_config *c, struct fault *f);
/*
 * Holds c against the policy of its path: CPUs and bridges allowed, memory no
 * more than the whole policy, unikernels at least 1. Returns 0 or
 * ERR_POLICY with fields. What runs besides it is the caller's to count.
 */
int alb_config_check_policy(const struct alb_config *c,
	const struct alb_policy *p, struct fault *f);

#endif
