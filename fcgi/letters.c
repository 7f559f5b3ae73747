/* SPDX-License-Identifier: ISC */
/* letters: what they say, and putting them on their way; see letters.h. */
#include "fcgi/letters.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/notice_mail.h"
#include "fcgi/outbox.h"

#define TEXT_MAX (16 * 1024)

/*
 * "%" stands for: %n the name of the account, %o the origin, %l the link, %u
 * until when it is good, %b who invites, %p into what, %w how many wait.
 */
static const struct {
	const char *word;
	const char *subject;
	const char *page;	/* of the link */
	const char *text;
} letters[LETTER_KINDS] = {
	[LETTER_VERIFY] = { "verify", "Confirm your e-mail address", "verify",
		"Hello %n,\n\n"
		"somebody, hopefully you, registered at %o\n"
		"with this address and the name %n. To confirm that the "
		"address is yours,\nopen this link before %u:\n\n"
		"  %l\n\n"
		"If it was not you, do nothing: without the link nobody can "
		"use the account,\nand it is removed after three days.\n" },
	[LETTER_KNOWN] = { "known", "You have an account already", NULL,
		"Hello,\n\n"
		"somebody, perhaps you, registered at %o\n"
		"with this address. It has an account there already, so "
		"nothing was changed.\n"
		"If it was you, sign in as before. If you forgot the "
		"password, choose a new one\nfrom the page for signing in."
		"\n" },
	[LETTER_RESET] = { "reset", "Choose a new password", "reset",
		"Hello %n,\n\n"
		"somebody, hopefully you, asked for a new password at %o.\n"
		"To choose one, open this link before %u:\n\n"
		"  %l\n\n"
		"If it was not you, do nothing: your password stays as it "
		"is.\n" },
	[LETTER_RESET_REFUSED] = { "reset-refused",
		"No new password by mail for this account", NULL,
		"Hello %n,\n\n"
		"somebody, hopefully you, asked for a new password at %o.\n"
		"For an administrator without a second factor a mail is not "
		"enough. Ask another\nadministrator to send you a link, or "
		"run \"mollymawk-auth passwd\" on the server.\n"
		"If it was not you, do nothing: your password stays as it "
		"is.\n" },
	[LETTER_RECOVER] = { "recover", "Choose a new password", "reset",
		"Hello %n,\n\n"
		"an administrator of %o sends you this link,\n"
		"with which you choose a new password. It is good before "
		"%u:\n\n"
		"  %l\n" },
	[LETTER_APPROVED] = { "approved", "Your account was approved", NULL,
		"Hello %n,\n\n"
		"an administrator approved your account. You can sign in "
		"now:\n\n"
		"  %o\n" },
	[LETTER_INVITATION] = { "invitation", "You are invited", "invitation",
		"Hello,\n\n"
		"%b invites you to register at %o%p.\n"
		"Open this link before %u:\n\n"
		"  %l\n\n"
		"If you do not want to, do nothing.\n" },
	[LETTER_ADDRESS] = { "address", "Confirm your new e-mail address",
		"verify", "Hello %n,\n\n"
		"you, hopefully, want your account at %o to have this\n"
		"address. To confirm that it is yours, open this link before "
		"%u:\n\n"
		"  %l\n\n"
		"If it was not you, do nothing: nothing changes.\n" },
	[LETTER_MOVING] = { "moving", "Your e-mail address is to be changed",
		NULL, "Hello %n,\n\n"
		"somebody in your account at %o wants it to have\n"
		"another e-mail address. It becomes that once a link is "
		"opened which was\nmailed there.\n\n"
		"If it was not you, sign in now, change your password, and "
		"end your other\nsessions; that does not stop the link: tell "
		"an administrator.\n" },
	[LETTER_WAITING] = { "waiting", "Somebody waits to be approved",
		NULL, "Hello %n,\n\n"
		"who registers at %o needs an administrator's\n"
		"approval. Waiting for it now: %w.\n\n"
		"  %o/users?state=pending\n" },
};

static void
put_link(struct buf *out, const char *origin, const struct letter_text *l)
{
	buf_putf(out, "%s/%s#secret=%s", origin, letters[l->kind].page,
	    l->secret);
}

static void
put_until(struct buf *out, time_t expires)
{
	notice_mail_time((int64_t)expires * 1000, out);
	buf_put_str(out, " UTC");
}

static void
put_part(struct buf *out, const char *origin, const struct letter_text *l,
	char what)
{
	switch (what) {
	case 'n':
		buf_put_str(out, l->name);
		break;
	case 'o':
		buf_put_str(out, origin);
		break;
	case 'l':
		put_link(out, origin, l);
		break;
	case 'u':
		put_until(out, l->expires);
		break;
	case 'b':
		buf_put_str(out, l->by);
		break;
	case 'w':
		buf_putf(out, "%" PRId64, l->waiting);
		break;
	case 'p':
		if (l->project != NULL)
			buf_putf(out, ",\ninto the project %s", l->project);
		break;
	}
}

static void
put_text(struct buf *out, const char *origin, const struct letter_text *l)
{
	for (const char *s = letters[l->kind].text; *s != '\0'; s++) {
		if (*s == '%' && s[1] != '\0')
			put_part(out, origin, l, *++s);
		else
			buf_put(out, s, 1);
	}
}

bool
letter_read(struct json_object *answer, struct letter_text *out)
{
	const char *word = json_member_text(answer, "letter", 32);
	struct json_object *expires = json_member(answer, "link_expires",
	    json_type_int);

	for (int i = 0; i < LETTER_KINDS; i++) {
		if (strcmp(letters[i].word, word) != 0)
			continue;
		*out = (struct letter_text){ .kind = (enum letter_kind)i,
			.to = json_member_text(answer, "email", 254),
			.name = json_member_text(answer, "name", 63),
			.secret = json_member_text(answer, "secret", 128),
			.expires = json_object_get_int64(expires) };
		return out->to[0] != '\0';
	}
	return false;
}

int
letter_send(struct app *app, const struct letter_text *l, struct fault *f)
{
	struct db *d = ledger_write_begin(app->ledger, f);
	struct buf subject, text;
	int err;

	if (d == NULL)
		return f->err;
	buf_init(&subject, NOTICE_SUBJECT_MAX);
	buf_init(&text, TEXT_MAX);
	buf_put_str(&subject, letters[l->kind].subject);
	put_text(&text, app->origin, l);
	err = outbox_add_mail(d, l->to, &subject, &text, wall_ms());
	err = ledger_write_close(app->ledger, err,
	    "The mail could not be stored.", f);
	if (err == 0)
		ledger_changed(app->ledger);
	return err;
}
