/* SPDX-License-Identifier: ISC */
/* identity: credentials to people, people to rights; see identity.h. */
#include "auth/identity.h"

#include <stdio.h>
#include <string.h>

#include "auth/client.h"
#include "auth/factors.h"

static int
refuse(struct fault *f, int err)
{
	switch (err) {
	case ERR_EXPIRED:
		return fault_set(f, err, "The credential has expired.");
	case ERR_BAD_REQUEST:
		return fault_set(f, ERR_UNAUTHENTICATED, "This is no token: "
		    "mistyped, or not copied as a whole.");
	case ERR_UNAUTHENTICATED:
		return fault_set(f, err, "The credential is not valid (any "
		    "more); sign in again or use another token.");
	default:
		return fault_set(f, ERR_INTERNAL,
		    "The credential could not be checked.");
	}
}

/*
 * The session, its user and the key that signed, in one read: each of them may
 * have ended since the token was made.
 */
static const char session_query[] =
	"SELECT s.revoked, s.expires, u.generation, u.disabled, u.name,"
	" u.email, u.admin, s.proved, s.last_used"
	" FROM session s JOIN account u ON u.id = s.user_id"
	" JOIN signing_key k ON k.kid = ?"
	" WHERE s.id = ? AND s.user_id = ?"
	" AND k.activated IS NOT NULL"
	" AND (k.retired IS NULL OR k.retired > ?)";

static int
session_check(struct db *d, const struct access_key *key,
	const struct access_claims *c, time_t now, struct identity *out)
{
	sqlite3_stmt *stmt = db_query(d, session_query, "ttti", key->kid,
	    c->session, c->user, (int64_t)now - SIGNING_GRACE);
	int rc = db_step(stmt);
	bool live;

	if (rc != 1)
		return rc == 0 ? ERR_UNAUTHENTICATED : ERR_INTERNAL;
	live = sqlite3_column_int(stmt, 0) == 0 &&
	    sqlite3_column_int64(stmt, 1) > now &&
	    sqlite3_column_int64(stmt, 2) == c->generation &&
	    sqlite3_column_int(stmt, 3) == 0;
	snprintf(out->name, sizeof(out->name), "%s", db_text(stmt, 4));
	snprintf(out->email, sizeof(out->email), "%s", db_text(stmt, 5));
	out->admin = sqlite3_column_int(stmt, 6) != 0;
	out->proved = sqlite3_column_int64(stmt, 7);
	out->used = sqlite3_column_int64(stmt, 8);
	db_done(stmt);
	return live ? 0 : ERR_UNAUTHENTICATED;
}

static int
by_cookie(struct authority *a, struct db *d, const char *cookie, time_t now,
	struct identity *out)
{
	struct access_claims claims = { 0 };
	struct access_key key;
	int err;

	err = signing_find(&a->signing, d, &a->keyring, cookie, &key);
	if (err == 0)
		err = access_verify(&key, cookie, now, &claims);
	if (err == 0)
		err = session_check(d, &key, &claims, now, out);
	explicit_bzero(&key, sizeof(key));
	snprintf(out->user, sizeof(out->user), "%s", claims.user);
	snprintf(out->session, sizeof(out->session), "%s", claims.session);
	out->expires = claims.expires;
	return err;
}

static int
by_bearer(struct db *d, const char *bearer, time_t now, struct identity *out)
{
	bool grant = strncmp(bearer, AUTH_GRANT_PREFIX,
	    strlen(AUTH_GRANT_PREFIX)) == 0;
	sqlite3_stmt *stmt;
	bool disabled;
	int err, rc;

	/* The check digits tell a typing error; no database is asked. */
	if (!token_wellformed(grant ? AUTH_GRANT_PREFIX : TOKEN_PREFIX,
	    bearer))
		return ERR_BAD_REQUEST;
	if (grant)
		err = grant_by_secret(d, bearer, &out->token, &out->grant);
	else
		err = token_by_secret(d, bearer, &out->token);
	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_UNAUTHENTICATED : err;
	if (out->token.expires <= now)
		return ERR_EXPIRED;
	stmt = db_query(d, "SELECT name, email, admin, disabled FROM account"
	    " WHERE id = ?", "t", out->token.user);
	rc = db_step(stmt);
	if (rc != 1)
		return rc == 0 ? ERR_UNAUTHENTICATED : ERR_INTERNAL;
	snprintf(out->user, sizeof(out->user), "%s", out->token.user);
	snprintf(out->name, sizeof(out->name), "%s", db_text(stmt, 0));
	snprintf(out->email, sizeof(out->email), "%s", db_text(stmt, 1));
	out->admin = sqlite3_column_int(stmt, 2) != 0;
	disabled = sqlite3_column_int(stmt, 3) != 0;
	out->expires = out->token.expires;
	db_done(stmt);
	return disabled ? ERR_UNAUTHENTICATED : 0;
}

int
identity_factor_check(struct db *d, struct identity *who)
{
	struct factors has;
	int err;

	if (!who->admin || !factors_required(d))
		return 0;
	err = factors_get(d, who->user, &has);
	if (err != 0 || factors_any(&has))
		return err;
	who->admin = false;
	who->enrol = true;
	return 0;
}

int
identity_find(struct authority *a, struct db *d, const char *cookie,
	const char *bearer, time_t now, struct identity *out,
	struct fault *f)
{
	int err;

	*out = (struct identity){ 0 };
	if (cookie != NULL && bearer != NULL)
		return fault_set(f, ERR_TWO_CREDENTIALS,
		    "Send a cookie or a bearer token, not both.");
	if (cookie == NULL && bearer == NULL)
		return fault_set(f, ERR_UNAUTHENTICATED,
		    "This needs a session or a token.");
	err = cookie != NULL ? by_cookie(a, d, cookie, now, out) :
		by_bearer(d, bearer, now, out);
	if (err == 0)
		err = identity_factor_check(d, out);
	return err == 0 ? 0 : refuse(f, err);
}

void
identity_credential(const struct identity *who, char out[CREDENTIAL_SIZE])
{
	const char *token = who->token.id;

	out[0] = '\0';
	if (token[0] != '\0')
		snprintf(out, CREDENTIAL_SIZE, "%s:%s",
		    who->grant == GRANT_NONE ? "token" : "grant", token);
	else if (who->session[0] != '\0')
		snprintf(out, CREDENTIAL_SIZE, "session:%s", who->session);
}

bool
identity_is_admin(const struct identity *who)
{
	return who->admin && (who->token.id[0] == '\0' ||
	    token_has(&who->token.limits, SCOPE_INSTANCE_ADMIN));
}

/* The id of a name: 0 or ERR_NOT_FOUND. */
static int
id_find(struct db *d, const char *sql, const char *name, char out[37])
{
	sqlite3_stmt *stmt = db_query(d, sql, "t", name);
	int rc = db_step(stmt);

	if (rc != 1)
		return rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
	snprintf(out, 37, "%s", db_text(stmt, 0));
	db_done(stmt);
	return 0;
}

/* A project that is not theirs does not exist for them. */
static int
project_find(struct db *d, const struct identity *who, const char *project,
	struct spot *out)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT p.id, m.role, p.archived,"
	    " p.personal AND EXISTS (SELECT 1 FROM account u"
	    " WHERE u.name = p.name) FROM project p"
	    " LEFT JOIN member m ON m.project_id = p.id AND m.user_id = ?"
	    " WHERE p.name = ?", "tt", who->user, project);
	int rc = db_step(stmt), role;

	if (rc != 1)
		return rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
	snprintf(out->project_id, sizeof(out->project_id), "%s",
	    db_text(stmt, 0));
	role = role_parse(db_text(stmt, 1));
	out->archived = sqlite3_column_type(stmt, 2) != SQLITE_NULL;
	out->personal = sqlite3_column_int(stmt, 3) != 0;
	db_done(stmt);
	if (who->admin)
		out->role = ROLE_ADMIN;
	else if (role > 0)
		out->role = role;
	return out->role == ROLE_NONE ? ERR_NOT_FOUND : 0;
}

static int
policy_exists(struct db *d, const struct spot *s)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT 1 FROM policy"
	    " WHERE project_id = ? AND instance_id = ?", "tt", s->project_id,
	    s->instance_id);
	int rc = db_step(stmt);

	if (rc != 1)
		return rc == 0 ? ERR_NO_POLICY : ERR_INTERNAL;
	db_done(stmt);
	return 0;
}

/* The rows behind the names. */
static int
spot_find(struct db *d, const struct identity *who, const struct place *p,
	struct spot *out, struct fault *f)
{
	int err;

	if (p->project != NULL) {
		err = project_find(d, who, p->project, out);
		if (err != 0)
			return fault_set(f, err,
			    "There is no project %s.", p->project);
	} else {
		/* Everyone owns their personal project. */
		out->role = who->admin ? ROLE_ADMIN : ROLE_OWNER;
	}
	if (p->instance == NULL)
		return 0;
	err = id_find(d, "SELECT id FROM instance WHERE name = ?",
	    p->instance, out->instance_id);
	return err == 0 ? 0 : fault_set(f, err, "There is no instance %s.",
	    p->instance);
}

int
identity_at(struct db *d, const struct identity *who,
	const struct place *p, struct spot *out, struct fault *f)
{
	*out = (struct spot){ 0 };
	/* First the token, so that it tells nothing of what is elsewhere. */
	if (who->token.id[0] != '\0' && !token_covers(&who->token.limits,
	    p->instance, p->project, p->name))
		return fault_set(f, ERR_FORBIDDEN, "The token is limited to "
		    "other instances, projects or names.");
	return spot_find(d, who, p, out, f);
}

int
identity_holds(struct db *d, const struct identity *who, enum scope scope,
	const struct place *place, struct spot *out, struct fault *f)
{
	int err;

	if (who->token.id[0] != '\0' && !token_has(&who->token.limits, scope))
		return fault_set(f, ERR_FORBIDDEN,
		    "The token lacks the scope %s.", scope_name(scope));
	err = identity_at(d, who, place, out, f);
	if (err != 0)
		return err;
	if (!rights_allow(scope, out->role))
		return fault_set(f, ERR_FORBIDDEN, "%s is not allowed to you "
		    "here.", scope_name(scope));
	if (!scope_needs_policy(scope) || place->project == NULL ||
	    place->instance == NULL)
		return 0;
	err = policy_exists(d, out);
	return err == 0 ? 0 : fault_set(f, err,
	    "Project %s has no policy on instance %s.", place->project,
	    place->instance);
}

int
archived_refuse(struct fault *f, const char *project)
{
	return fault_set(f, ERR_ARCHIVED, "Project %s is archived: what runs "
	    "goes on, and can be looked at and taken away. An owner can bring "
	    "the project back.", project);
}

int
identity_allowed(struct db *d, const struct identity *who, enum scope scope,
	const struct place *place, struct spot *out, struct fault *f)
{
	int err = identity_holds(d, who, scope, place, out, f);

	if (err != 0 || !out->archived || !scope_rests(scope) ||
	    (who->grant & (GRANT_DEPLOYMENT | GRANT_VOLUME)) != 0)
		return err;
	return archived_refuse(f, place->project);
}

int
identity_may(struct db *d, const struct identity *who, enum action action,
	const char *project, struct spot *out, struct fault *f)
{
	const struct place place = { .project = project };
	enum scope scope = action_scope(action);
	int err;

	if (who->token.id[0] != '\0' && !token_has(&who->token.limits, scope))
		return fault_set(f, ERR_FORBIDDEN,
		    "The token lacks the scope %s.", scope_name(scope));
	err = identity_at(d, who, &place, out, f);
	if (err != 0)
		return err;
	if (!action_allow(action, out->role))
		return fault_set(f, ERR_FORBIDDEN, "This is not allowed to "
		    "you here: it takes the role %s.",
		    role_name(action_least(action)));
	if (out->personal && !action_personal(action))
		return fault_set(f, ERR_CONFLICT, "Project %s is personal: it "
		    "stays with its person.", project);
	if (out->archived && action_rests(action))
		return archived_refuse(f, project);
	return 0;
}
