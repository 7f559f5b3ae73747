/* SPDX-License-Identifier: ISC */
/* api: the handlers of the routes, one file per resource (router.h). */
#ifndef FCGI_API_H
#define FCGI_API_H

#include "fcgi/app.h"
#include "fcgi/page.h"
#include "fcgi/router.h"

/* api_health.c */
route_handler api_healthz, api_readyz, api_openapi;

/* api_session.c */
route_handler api_setup_get, api_setup_post;
route_handler api_session_get, api_session_post, api_session_delete;
route_handler api_session_refresh;

/* api_tokens.c */
route_handler api_tokens_list, api_tokens_post, api_tokens_delete;

/* api_projects.c */
route_handler api_projects_list, api_projects_policy_get;
route_handler api_projects_policy_put, api_projects_usage;

/* api_instances.c */
route_handler api_instances_list, api_instances_post, api_instances_get;
route_handler api_instances_delete, api_instances_probe;
route_handler api_instances_capacity;

/* api_unikernels.c */
route_handler api_unikernels_list, api_unikernels_get, api_unikernels_put;
route_handler api_unikernels_restart, api_unikernels_delete;

/* api_console.c */
route_handler api_console_get;

/* api_images.c */
route_handler api_images_post, api_images_get;

#endif
