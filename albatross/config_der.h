/* SPDX-License-Identifier: ISC */
/*
 * config_der: the parts out of which create, restart and info are made on the
 * wire; each version of each of them is a choice of these, in an order of its
 * own. Only albatross/ uses it.
 */
#ifndef ALBATROSS_CONFIG_DER_H
#define ALBATROSS_CONFIG_DER_H

#include "albatross/command.h"
#include "albatross/der.h"

/* Readers fill an initialised struct; what they leave behind is freed by it. */
void alb_type_read(struct der *d, struct alb_config *c);
void alb_type_write(struct der_writer *w, const struct alb_config *c);

/* startup INTEGER OPTIONAL */
void alb_startup_read(struct der *d, struct alb_config *c);
void alb_startup_write(struct der_writer *w, const struct alb_config *c);

void alb_fail_read(struct der *d, struct alb_config *c);
void alb_fail_write(struct der_writer *w, const struct alb_config *c);

/* A SET from 2.7 on, before that one INTEGER; then memory. */
void alb_resources_read(struct der *d, enum alb_level level,
	struct alb_config *c);
void alb_resources_write(struct der_writer *w, enum alb_level level,
	const struct alb_config *c);

/*
 * blocks [0], bridges [1], arguments [2]; resolved: as info replies have them
 * since 2.4, every field present and the size of a block besides.
 */
void alb_devices_read(struct der *d, bool resolved, struct alb_config *c);
void alb_devices_write(struct der_writer *w, bool resolved,
	const struct alb_config *c);

/* numcpus [tag], linux-boot-partition [tag + 1]; from 2.7 on */
void alb_guest_read(struct der *d, unsigned tag, struct alb_config *c);
void alb_guest_write(struct der_writer *w, enum alb_level level, unsigned tag,
	const struct alb_config *c);

/* A Policy. */
void alb_policy_read(struct der *d, struct alb_policy *p);
void alb_policy_write(struct der_writer *w, const struct alb_policy *p);

/* SEQUENCE OF UTF8String */
void alb_strings_read(struct der *d, char ***strings, size_t *count);
void alb_strings_write(struct der_writer *w, char *const *strings,
	size_t count);

/* A Command, as in CertExtension behind the version and in Wire. */
void alb_command_read(struct der *d, struct alb_command *c);
void alb_command_write(struct der_writer *w, const struct alb_command *c);

#endif
