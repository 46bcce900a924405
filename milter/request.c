/*
 * request - the one question about a whole mail: who is to get it, and which SMS go with it
 */
#include "request.h"

/* Which addresses have come, so that a thousand recipients are not compared with each other. */
struct seen {
	struct td_view *keys;
	size_t         *at;
	size_t          slots; /* a power of two, at least twice the keys */
};

static bool seen_init(struct seen *seen, size_t max, struct td_arena *arena)
{
	for (seen->slots = 8; seen->slots < 2 * max + 2; seen->slots *= 2)
		;
	seen->keys = TD_NEWN(arena, seen->slots, struct td_view);
	seen->at = TD_NEWN(arena, seen->slots, size_t);
	return seen->keys && seen->at;
}

/* Where key was put before, or at (which is then remembered). Case does not tell addresses apart (policy §1). */
static size_t seen_put(struct seen *seen, struct td_view key, size_t at)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */
	size_t slot;

	for (size_t i = 0; i < key.n; i++) {
		unsigned char c = (unsigned char)key.p[i];

		hash = (hash ^ (c >= 'A' && c <= 'Z' ? c + 32u : c)) * 1099511628211u;
	}
	for (slot = (size_t)hash & (seen->slots - 1); seen->keys[slot].p; slot = (slot + 1) & (seen->slots - 1))
		if (td_view_caseeq(seen->keys[slot], key))
			return seen->at[slot];
	seen->keys[slot] = key;
	seen->at[slot] = at;
	return at;
}

/* A name without a domain is nobody the store could know (postmaster, a local user): it stays unasked. */
static void add_email(struct td_prepare *out, struct seen *seen, struct td_mail_rcpt *rcpt)
{
	if (rcpt->refused || td_view_chr(rcpt->to.plain, '@') == (size_t)-1)
		return;
	rcpt->asked = seen_put(seen, rcpt->to.plain, out->emails.n);
	if (rcpt->asked == out->emails.n)
		out->emails.v[out->emails.n++] = rcpt->to.plain;
}

static void add_dest(struct td_prepare *out, const struct td_dest *dest)
{
	((struct td_dest *)out->dests.v)[out->dests.n++] = *dest;
}

static void add_direct(const struct td_mail *mail, struct td_prepare *out, struct seen *seen, struct td_mail_rcpt *rcpt)
{
	bool number = rcpt->to.kind == TD_RCPT_NUMBER;
	struct td_dest dest = {
		.to = number ? td_view_str(rcpt->to.number.e164) : TD_VLIT(""),
		.email = number ? TD_VLIT("") : rcpt->to.email,
		.direct = true,
		.named = number,
		.notify = td_wish_notify(&mail->wish, mail->conf, true, rcpt->dsn),
	};

	rcpt->asked = seen_put(seen, number ? dest.to : dest.email, out->dests.n);
	if (rcpt->asked == out->dests.n)
		add_dest(out, &dest);
}

/* The SMS that accompany the mail. */
static void add_companions(const struct td_mail *mail, struct td_prepare *out, struct seen *seen)
{
	const struct td_wish *wish = &mail->wish;
	struct td_view lone = out->emails.n == 1 ? out->emails.v[0] : TD_VLIT("");

	for (size_t i = 0; wish->sms == TD_WISH_NUMBERS && i < wish->nnumbers; i++) {
		struct td_dest dest = {
			.to = td_view_str(wish->numbers[i].e164),
			.email = lone,
			.named = true,
			.notify = td_wish_notify(wish, mail->conf, false, 0),
		};

		if (seen_put(seen, dest.to, out->dests.n) == out->dests.n)
			add_dest(out, &dest);
	}
	for (size_t i = 0, next = 0; wish->sms == TD_WISH_ONFILE && i < mail->nrcpts; i++) {
		const struct td_mail_rcpt *rcpt = &mail->rcpts[i];
		struct td_dest dest = { .email = rcpt->to.plain };

		if (rcpt->to.kind != TD_RCPT_ORDINARY || rcpt->asked != next)
			continue;
		next++;
		dest.notify = td_wish_notify(wish, mail->conf, false, rcpt->dsn);
		add_dest(out, &dest);
	}
}

/* Room for what the mail can ask for at most, and the index of addresses. */
static enum td_status make_room(struct td_mail *mail, struct td_prepare *out, struct seen *emails, struct seen *dests,
	struct td_err *err)
{
	size_t max = mail->nrcpts + mail->wish.nnumbers;

	out->emails.v = TD_NEWN(&mail->arena, mail->nrcpts, struct td_view);
	out->dests.v = TD_NEWN(&mail->arena, max, struct td_dest);
	if (!out->emails.v || !out->dests.v || !seen_init(emails, mail->nrcpts, &mail->arena) || !seen_init(dests, max,
		&mail->arena))
		return td_err_set(err, TD_NOMEM, "recipients: over the memory limit of one mail");
	return TD_OK;
}

static bool has_unasked(const struct td_mail *mail)
{
	for (size_t i = 0; i < mail->nrcpts; i++)
		if (mail->rcpts[i].asked == TD_NONE_INDEX)
			return true;
	return false;
}

enum td_status td_request_build(struct td_mail *mail, bool with_sms, struct td_view queue_id, struct td_prepare *out,
	struct td_err *err)
{
	struct seen emails, dests;
	enum td_status status;

	*out = (struct td_prepare){ .sender = mail->sender, .envid = mail->envid, .queue_id = queue_id };
	status = td_wish_prepare(&mail->wish, &mail->grade, mail->submitter, &mail->tags, &mail->arena, out, err);
	if (status != TD_OK)
		return status;
	status = make_room(mail, out, &emails, &dests, err);
	if (status != TD_OK)
		return status;
	for (size_t i = 0; i < mail->nrcpts; i++) {
		struct td_mail_rcpt *rcpt = &mail->rcpts[i];

		if (rcpt->to.kind == TD_RCPT_ORDINARY)
			add_email(out, &emails, rcpt);
		else if (with_sms)
			add_direct(mail, out, &dests, rcpt);
	}
	if (with_sms)
		add_companions(mail, out, &dests);
	/* Nobody tells a user of sendmail(1) to try again: his mail would sit in the maildrop, unseen. */
	out->lone = !mail->local && out->emails.n == 1 && mail->ndirect == 0 && !has_unasked(mail);
	out->activate = strcmp(mail->conf->milter.commit, "eom") == 0;
	out->link = mail->submitter->link && out->emails.n == 1 && mail->ndirect == 0 &&
		mail->wish.sms == TD_WISH_NUMBERS &&
		mail->wish.nnumbers == 1;
	return TD_OK;
}
