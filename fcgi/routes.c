/* SPDX-License-Identifier: ISC */
/*
 * routes: what this API does, and who may. doc/openapi.yaml says the same at
 * length; tests/unit/test_router.c holds the two against each other.
 */
#include "fcgi/api.h"

#define JSON_BODY .body = BODY_JSON, .body_max = BODY_JSON_MAX
#define UPLOAD .body = BODY_UPLOAD, .body_max = BODY_UPLOAD_MAX
#define UNIKERNEL "/unikernels/{instance}/{project}/{name}"

/* How a deployment is gone about; deploy.h. */
#define OPTIONS "wait", "dry_run", "auto_rollback", "grace", "link", "check"

const struct route routes[] = {
	{ METHOD_GET, "/setup", ACCESS_NONE, .handler = api_setup_get },
	{ METHOD_POST, "/setup", ACCESS_NONE, JSON_BODY,
	  .handler = api_setup_post },

	{ METHOD_GET, "/session", ACCESS_ANY, .handler = api_session_get },
	{ METHOD_POST, "/session", ACCESS_NONE, JSON_BODY,
	  .handler = api_session_post },
	{ METHOD_DELETE, "/session", ACCESS_SESSION,
	  .handler = api_session_delete },
	{ METHOD_POST, "/session/refresh", ACCESS_NONE,
	  .handler = api_session_refresh },

	{ METHOD_GET, "/tokens", ACCESS_SESSION,
	  .query = { "limit", "cursor" }, .handler = api_tokens_list },
	{ METHOD_POST, "/tokens", ACCESS_SESSION, JSON_BODY,
	  .handler = api_tokens_post },
	{ METHOD_DELETE, "/tokens/{id}", ACCESS_SESSION,
	  .handler = api_tokens_delete },

	{ METHOD_GET, "/projects", ACCESS_SCOPE, "project:read",
	  .query = { "limit", "cursor" }, .handler = api_projects_list },
	{ METHOD_GET, "/projects/{project}/policies/{instance}", ACCESS_SCOPE,
	  "project:read", .handler = api_projects_policy_get },
	{ METHOD_PUT, "/projects/{project}/policies/{instance}", ACCESS_SCOPE,
	  "project:admin", JSON_BODY, .handler = api_projects_policy_put },

	{ METHOD_GET, "/projects/{project}/usage", ACCESS_SCOPE,
	  "project:read", .query = { "instance" },
	  .handler = api_projects_usage },

	{ METHOD_GET, "/instances", ACCESS_SCOPE, "instance:read",
	  .query = { "limit", "cursor" }, .handler = api_instances_list },
	{ METHOD_POST, "/instances", ACCESS_SCOPE, "instance:admin",
	  JSON_BODY, .handler = api_instances_post },
	{ METHOD_GET, "/instances/{instance}", ACCESS_SCOPE, "instance:read",
	  .handler = api_instances_get },
	{ METHOD_DELETE, "/instances/{instance}", ACCESS_SCOPE,
	  "instance:admin", .handler = api_instances_delete },

	{ METHOD_POST, "/instances/{instance}/probe", ACCESS_SCOPE,
	  "instance:read", .handler = api_instances_probe },
	{ METHOD_GET, "/instances/{instance}/capacity", ACCESS_SCOPE,
	  "instance:admin", .handler = api_instances_capacity },

	{ METHOD_GET, "/unikernels", ACCESS_SCOPE, "unikernel:read",
	  .query = { "instance", "project", "q", "limit", "cursor" },
	  .handler = api_unikernels_list },
	{ METHOD_GET, UNIKERNEL, ACCESS_SCOPE, "unikernel:read",
	  .handler = api_unikernels_get },
	{ METHOD_PUT, UNIKERNEL, ACCESS_SCOPE, "unikernel:deploy", UPLOAD,
	  .query = { "digest", "memory", "cpu*", "arg*", "network*",
		"volume*", "startup", "fail_behaviour", "exit_code*",
		"add_name", "type", OPTIONS },
	  .handler = api_unikernels_put },
	{ METHOD_DELETE, UNIKERNEL, ACCESS_SCOPE, "unikernel:destroy",
	  .handler = api_unikernels_delete },
	{ METHOD_POST, UNIKERNEL "/restart", ACCESS_SCOPE,
	  "unikernel:restart", .body = BODY_JSON_OPTIONAL,
	  .body_max = BODY_JSON_MAX, .query = { OPTIONS }, .waits = true,
	  .handler = api_unikernels_restart },
	{ METHOD_POST, UNIKERNEL "/rollback", ACCESS_SCOPE,
	  "unikernel:deploy", .body = BODY_JSON_OPTIONAL,
	  .body_max = BODY_JSON_MAX, .query = { OPTIONS }, .waits = true,
	  .handler = api_unikernels_rollback },
	{ METHOD_GET, UNIKERNEL "/deployments", ACCESS_SCOPE,
	  "unikernel:read", .query = { "limit", "cursor" },
	  .handler = api_deployments_list },
	{ METHOD_GET, UNIKERNEL "/health-check", ACCESS_SCOPE,
	  "unikernel:read", .handler = api_health_check_get },
	{ METHOD_PUT, UNIKERNEL "/health-check", ACCESS_SCOPE,
	  "unikernel:deploy", JSON_BODY, .handler = api_health_check_put },
	{ METHOD_DELETE, UNIKERNEL "/health-check", ACCESS_SCOPE,
	  "unikernel:deploy", .handler = api_health_check_delete },
	{ METHOD_GET, "/deployments/{id}", ACCESS_ANY, .waits = true,
	  .handler = api_deployments_get },
	{ METHOD_GET, UNIKERNEL "/image", ACCESS_SCOPE, "unikernel:deploy",
	  .handler = api_images_running },
	{ METHOD_GET, UNIKERNEL "/console", ACCESS_SCOPE, "unikernel:read",
	  .query = { "since", "lines", "follow" },
	  .handler = api_console_get },

	{ METHOD_GET, "/images", ACCESS_SCOPE, "unikernel:read",
	  .project_needed = true, .query = { "project", "limit", "cursor" },
	  .handler = api_images_list },
	{ METHOD_POST, "/images", ACCESS_SCOPE, "unikernel:deploy", UPLOAD,
	  .project_needed = true, .query = { "project" },
	  .handler = api_images_post },
	{ METHOD_GET, "/images/{sha256}", ACCESS_SCOPE, "unikernel:read",
	  .project_needed = true, .query = { "project" },
	  .handler = api_images_get },
	{ METHOD_DELETE, "/images/{sha256}", ACCESS_SCOPE, "unikernel:deploy",
	  .project_needed = true, .query = { "project" },
	  .handler = api_images_delete },

	{ METHOD_GET, "/settings/health-checks", ACCESS_SCOPE,
	  "instance:admin", .handler = api_settings_checks_get },
	{ METHOD_PUT, "/settings/health-checks", ACCESS_SCOPE,
	  "instance:admin", JSON_BODY, .handler = api_settings_checks_put },
	{ METHOD_GET, "/settings/retention", ACCESS_SCOPE, "instance:admin",
	  .handler = api_settings_retention_get },
	{ METHOD_PUT, "/settings/retention", ACCESS_SCOPE, "instance:admin",
	  JSON_BODY, .handler = api_settings_retention_put },

	{ METHOD_GET, "/settings/mail", ACCESS_SCOPE, "instance:admin",
	  .handler = api_settings_mail_get },
	{ METHOD_PUT, "/settings/mail", ACCESS_SCOPE, "instance:admin",
	  JSON_BODY, .handler = api_settings_mail_put },
	{ METHOD_POST, "/settings/mail/test", ACCESS_SCOPE, "instance:admin",
	  JSON_BODY, .handler = api_settings_mail_test },
	{ METHOD_GET, "/settings/webhook", ACCESS_SCOPE, "instance:admin",
	  .handler = api_settings_webhook_get },
	{ METHOD_PUT, "/settings/webhook", ACCESS_SCOPE, "instance:admin",
	  JSON_BODY, .handler = api_settings_webhook_put },
	{ METHOD_POST, "/settings/webhook/test", ACCESS_SCOPE,
	  "instance:admin", .handler = api_settings_webhook_test },

	{ METHOD_GET, "/me/notifications", ACCESS_SESSION,
	  .handler = api_notices_get },
	{ METHOD_PUT, "/me/notifications", ACCESS_SESSION, JSON_BODY,
	  .handler = api_notices_put },

	{ METHOD_GET, "/healthz", ACCESS_NONE, .handler = api_healthz },
	{ METHOD_GET, "/readyz", ACCESS_NONE, .handler = api_readyz },
	{ METHOD_GET, "/openapi.json", ACCESS_NONE, .handler = api_openapi },
	{ .handler = NULL }
};
