/* SPDX-License-Identifier: ISC */
/*
 * random: commands and messages of every kind and form with any values in
 * them, the same for the same seed; and whether two of them say the same.
 */
#ifndef TESTS_WIRE_RANDOM_H
#define TESTS_WIRE_RANDOM_H

#include "albatross/wire.h"

struct rng {
	uint64_t state;		/* the seed; not 0 */
};

uint64_t rng_next(struct rng *r);
size_t rng_below(struct rng *r, size_t n);
bool rng_bool(struct rng *r);

/*
 * Filled for free by alb_..._free. Only what the chosen form has a place for
 * is set, and levels are those that decoding gives.
 */
void random_command(struct rng *r, struct alb_command *c);
void random_wire(struct rng *r, struct alb_wire *w);
/* A configuration without limits; one that alb_config_check lets pass. */
void random_config(struct rng *r, struct alb_config *c);
void random_sane_config(struct rng *r, struct alb_config *c);
/* Makes c what an info reply says of it: defaults filled in, add_name lost. */
void resolve_config(struct rng *r, struct alb_config *c);

/* Sets (SET OF) are compared without order. */
bool config_equal(const struct alb_config *a, const struct alb_config *b);
bool command_equal(const struct alb_command *a, const struct alb_command *b);
bool wire_equal(const struct alb_wire *a, const struct alb_wire *b);

#endif
