/* SPDX-License-Identifier: ISC */
/* api: the handlers of the routes, one file per resource (router.h). */
#ifndef FCGI_API_H
#define FCGI_API_H

#include "fcgi/app.h"
#include "fcgi/page.h"
#include "fcgi/router.h"

/*
 * Members of objects: borrowed (NULL when absent), as text (NULL when it is
 * none), and taken out of the object, owned.
 */
struct json_object *api_member(struct json_object *o, const char *key);
const char *api_text(struct json_object *o, const char *key);
struct json_object *api_take(struct json_object *o, const char *key);
/* An item of a list's "errors": {instance, code, title, detail}. */
struct json_object *api_error(const char *instance, const struct fault *f);
/* Seconds since 1970 under one key become RFC 3339 under another. */
void api_time(struct json_object *o, const char *from, const char *to);
/*
 * Asks the authority (args is taken) and takes one member out of its answer:
 * 0 with an owned *out, or an err.
 */
int api_ask(struct request *r, const char *op, struct json_object *args,
	const char *member, struct json_object **out, struct fault *f);

/* Asks the authority to do something (args is taken): 204, or an err. */
int api_do(struct request *r, struct reply *p, const char *op,
	struct json_object *args, struct fault *f);

/*
 * A whole list: asks the authority for its items, has show (or NULL) put each
 * into the API's form, and answers with the page that was asked for.
 */
int api_list(struct request *r, struct reply *p, const char *op,
	const char *key, void (*show)(struct request *r,
	struct json_object *item), struct fault *f);
/* The same, asked with args, which are taken. */
int api_list_of(struct request *r, struct reply *p, const char *op,
	struct json_object *args, const char *key,
	void (*show)(struct request *r, struct json_object *item),
	struct fault *f);

/*
 * Waits for a change of the ledger behind the one seen, for a second at most;
 * false once until (flight_now) or the end of the program has come.
 */
bool api_wait(struct request *r, uint64_t seen, int64_t until);

/* Answers {"sent": true}. */
int api_sent(struct reply *p);

/* api_health.c */
route_handler api_healthz, api_readyz, api_openapi;

/* api_metrics.c */
route_handler api_metrics;

/*
 * api_session.c. api_device_cookie: keeps what the authority's answer has as
 * "device", if anything, by which this browser is known when signing in.
 */
void api_device_cookie(struct request *r, struct reply *p,
	struct json_object *answer);
/* Those of a session that begins or goes on: 0 or ERR_INTERNAL. */
int api_session_cookies(struct request *r, struct reply *p,
	struct json_object *answer, struct fault *f);
route_handler api_setup_get, api_setup_post;
route_handler api_session_get, api_session_post, api_session_delete;
route_handler api_session_refresh, api_session_confirm;

/*
 * Signing in and renewing end alike: op of the authority (args is taken) gives
 * two cookies and the session to show.
 */
int api_session_begin(struct request *r, struct reply *p, const char *op,
	struct json_object *args, struct fault *f);

/* api_factors.c */
route_handler api_otp_post, api_otp_confirm, api_otp_recovery;
route_handler api_otp_delete;
route_handler api_settings_factor_get, api_settings_factor_put;

/*
 * api_passkeys.c. api_passkey_args: what a browser hands over when somebody
 * shows a passkey, as the authority takes it: 0 with owned *out, ERR_INVALID
 * with fields behind prefix.
 */
int api_passkey_args(struct json_object *shown, const char *prefix,
	struct json_object **out, struct fault *f);
route_handler api_session_passkey_challenge, api_session_passkey;
route_handler api_passkeys_list, api_passkeys_challenge, api_passkeys_post;
route_handler api_passkeys_patch, api_passkeys_delete;

/* api_me.c */
route_handler api_me_get, api_me_patch, api_me_password;
route_handler api_me_sessions_list, api_me_sessions_delete;
route_handler api_me_session_delete;

/*
 * api_accounts.c. api_begins: a name was given as an answer says: what is kept
 * of a project that had it before goes.
 */
void api_begins(struct request *r, struct json_object *answer);
route_handler api_accounts_get, api_accounts_post, api_accounts_verify;
route_handler api_accounts_resend, api_accounts_reset;
route_handler api_accounts_reset_confirm, api_accounts_invitation;

/* api_invitations.c */
route_handler api_invitations_list, api_invitations_post;
route_handler api_invitations_delete;

/* api_users.c */
route_handler api_users_list, api_users_get, api_users_patch;
route_handler api_users_leaves, api_users_delete, api_users_sessions_delete;
route_handler api_users_factor_delete, api_users_reset;
route_handler api_names_list, api_names_delete;

/* api_tokens.c */
route_handler api_tokens_list, api_tokens_post, api_tokens_patch;
route_handler api_tokens_delete;
route_handler api_projects_tokens_list, api_projects_tokens_delete;

/* api_audit.c */
route_handler api_audit_list;

/* api_projects.c */
route_handler api_projects_list;

/* api_project.c; and a project as the API shows it. */
void api_project_show(struct json_object *project);
route_handler api_projects_post, api_project_get, api_project_patch;
route_handler api_project_delete, api_project_transfer;
route_handler api_members_list, api_members_post, api_members_put;
route_handler api_members_delete;

/* api_policies.c */
route_handler api_policies_get, api_policies_put, api_policies_delete;
route_handler api_policies_apply;

/* api_usage.c */
route_handler api_policies_usage, api_policies_capacity;

/* api_secrets.c */
route_handler api_secrets_list, api_secrets_put, api_secrets_delete;

/* api_instances.c */
route_handler api_instances_list, api_instances_post, api_instances_get;
route_handler api_instances_delete, api_instances_probe;
route_handler api_instances_patch, api_instances_leaves;
route_handler api_instances_health;

/* api_unikernels.c */
route_handler api_unikernels_list, api_unikernels_get, api_unikernels_put;
route_handler api_unikernels_restart, api_unikernels_rollback;
route_handler api_unikernels_delete;

/* api_deployments.c */
route_handler api_deployments_list, api_deployments_get;

/* api_health_check.c */
route_handler api_health_check_get, api_health_check_put;
route_handler api_health_check_delete;

/* api_builders.c */
route_handler api_builders_list, api_builders_jobs, api_builders_job;
route_handler api_settings_builders_get, api_settings_builders_put;

/* api_updates.c */
route_handler api_updates_get, api_updates_post, api_updates_compare;
route_handler api_updates_rule_get, api_updates_rule_put;
route_handler api_updates_rule_delete;

/* api_bulk.c */
route_handler api_bulk_list, api_bulk_post, api_bulk_get, api_bulk_delete;

/* api_settings.c */
route_handler api_settings_alerts_get, api_settings_alerts_put;
route_handler api_settings_checks_get, api_settings_checks_put;
route_handler api_settings_retention_get, api_settings_retention_put;
route_handler api_settings_metrics_get, api_settings_metrics_put;
route_handler api_settings_copies_get, api_settings_copies_put;
route_handler api_settings_copies_test;
route_handler api_settings_mail_get, api_settings_mail_put;
route_handler api_settings_mail_test;
route_handler api_settings_webhooks_get, api_settings_webhooks_put;
route_handler api_settings_registration_get, api_settings_registration_put;

/* api_webhook.c */
route_handler api_webhook_get, api_webhook_put, api_webhook_delete;
route_handler api_webhook_test;

/* api_alerts.c */
route_handler api_alerts_list, api_alerts_silence, api_alerts_speak;

/* api_notices.c */
route_handler api_notices_get, api_notices_put;

/* api_volumes.c, api_volumes_upload.c, api_volumes_download.c */
route_handler api_volumes_list, api_volumes_get, api_volumes_put;
route_handler api_volumes_delete, api_volumes_data_put;
route_handler api_volumes_data_get;

/* api_gauges.c */
route_handler api_gauges_get, api_gauges_sparklines;

/* api_log.c */
route_handler api_log_get, api_log_delete;
route_handler api_settings_logs_get, api_settings_logs_put;

/* api_console.c */
route_handler api_console_get;

/* api_events.c */
route_handler api_events_get;

/*
 * api_operations.c: answers with an operation, whose end is waited for up to
 * wait seconds: 202 with its place while it is under way, 200, or the problem
 * that ended it, with the member "operation".
 */
int api_operation_answer(struct request *r, struct reply *p, int64_t id,
	int64_t wait, struct fault *f);
route_handler api_operations_list, api_operations_get;
route_handler api_operations_delete;

/*
 * api_copies.c. api_copy_of: the copy of the path, if who asks may do scope
 * with its volume (volume:read, or that too): 0, ERR_NOT_FOUND, or as
 * auth_authorize.
 */
struct copy;
int api_copy_of(struct request *r, const char *scope, struct copy *out,
	struct fault *f);
route_handler api_copies_data;	/* api_copy_data.c */
route_handler api_copies_list, api_copies_get, api_copies_delete;
route_handler api_copies_post, api_copies_restore;
route_handler api_copies_schedule_get, api_copies_schedule_put;
route_handler api_copies_schedule_delete;

/* api_images.c */
route_handler api_images_list, api_images_post, api_images_get;
route_handler api_images_delete, api_images_running;

#endif
