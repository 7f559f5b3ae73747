/* SPDX-License-Identifier: ISC */
/*
 * veil: keeps the values of secrets out of everything behind it. albatross
 * tells a unikernel's arguments as it got them; as soon as they are here, what
 * is the value of a secret of the project, now or before, is ${secret:NAME}
 * again, as whoever deployed it wrote. The same is done with arguments that
 * people send. No value is known here: they are recognised by their marks,
 * which the authority gives (auth/README.md).
 */
#ifndef FCGI_VEIL_H
#define FCGI_VEIL_H

#include "albatross/wire.h"
#include "auth/client.h"

struct veil;

struct veil *veil_new(void);	/* NULL: out of memory */
void veil_free(struct veil *v);	/* NULL is fine */

/*
 * What an instance told about unikernels, by absolute names. 0, or an err: then
 * it can not be known what is secret, and nothing of it is to be shown.
 */
int veil_infos(struct veil *v, struct auth_client *auth, struct alb_wire *w,
	struct fault *f);
/* The arguments of a unikernel of project; as veil_infos. */
int veil_config(struct veil *v, struct auth_client *auth,
	const char *project, struct alb_config *c, struct fault *f);

#endif
