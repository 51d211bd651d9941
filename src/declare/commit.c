/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The rounds of a commit:
 *
 *  1. The zone is read, and a plan made of what it has. A plan without changes ends the commit.
 *  2. The changes are sent, in as many messages as they take. Each requires that the RRsets which
 *     it changes are as they were read; or that the whole zone is, which is only so for the first
 *     message after a reading.
 *  3. When a prerequisite is not met, or the next message requires the zone as it was read, step 1
 *     follows. What was done before is not planned again, as the zone has it.
 *  4. When a message is refused, those that were carried out are taken back, the last one first. */

#include "declare/commit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/text.h"

enum { CONFLICTS_MAX = 30 };

/* ---- reports ---- */

static void error_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	const struct declare_commit *c = arg;
	const char *warning = level == BASE_LOG_WARNING ? "warning: " : "";
	char *text;

	/* A plan that is made again would warn again. */
	if (level == BASE_LOG_WARNING && c->rounds->before != NULL)
		return;
	/* It may have names that somebody has written to the zone. */
	text = cli_text_escape(error->text, strlen(error->text));
	if (error->at.file != NULL && error->at.line > 0)
		cli_error("%s:%u: %s%s", error->at.file, error->at.line, warning,
			  text != NULL ? text : "?");
	else
		cli_error("%s%s", warning, text != NULL ? text : "?");
	free(text);
}

/* ---- rounds ---- */

static void round_free(struct declare_round *r)
{
	declare_plan_fini(&r->plan);
	atlas_free(r->atlas);
	free(r->sent);
	free(r);
}

/* Frees the round before the last one, if nothing of it was carried out. */
static void round_forget(struct declare_commit *c)
{
	struct declare_round *last = c->rounds, *before = last->before;

	/* What a lost answer belongs to may have been done: then there is nothing left to do. */
	if (before == NULL || before->nsent > 0 || last->plan.nchanges == 0)
		return;
	last->before = before->before;
	round_free(before);
}

/* Reads and plans. Returns an exit status. */
static int round_begin(struct declare_commit *c)
{
	struct declare_round *r = calloc(1, sizeof(*r));
	int status, ret;

	if (r == NULL) {
		cli_error("out of memory");
		return CLI_FAILURE;
	}
	status = declare_zone_read(c->zone, &r->atlas);
	if (status != CLI_OK) {
		free(r);
		return status;
	}
	r->before = c->rounds;
	c->rounds = r;
	declare_plan_init(&r->plan, r->atlas, error_report, c);
	c->plan(c->arg, &r->plan);
	declare_plan_sort(&r->plan);
	ret = declare_plan_status(&r->plan);
	if (ret == -ENOMEM)
		cli_error("out of memory");
	round_forget(c);
	return ret == 0 ? CLI_OK : CLI_FAILURE;
}

static bool has_sent(const struct declare_commit *c)
{
	return c->nupdates > 0;
}

/* ---- sending ---- */

/* Records that the message was carried out. */
static void sent_note(struct declare_commit *c, struct declare_message *m)
{
	struct declare_round *r = c->rounds;

	m->bytes = NULL;
	r->sent[r->nsent++] = *m;
	c->nupdates++;
}

/* Sends the changes of the last round. Returns how the last message has ended: with
 * DECLARE_CONFLICT, another round is to be begun. */
static enum declare_sent round_send(struct declare_commit *c, char why[static DECLARE_WHY_MAX])
{
	struct declare_round *r = c->rounds;
	struct declare_message m;
	enum declare_sent sent;
	int ret;

	r->sent = calloc(r->plan.nchanges, sizeof(*r->sent));
	if (r->sent == NULL) {
		snprintf(why, DECLARE_WHY_MAX, "out of memory");
		return DECLARE_REFUSED;
	}
	for (size_t at = 0; at < r->plan.nchanges; at += m.count) {
		ret = declare_message_write(&m, &r->plan, at, declare_zone_room(c->zone));
		if (ret < 0) {
			snprintf(why, DECLARE_WHY_MAX, "%s",
				 ret == -ENOMEM ? "out of memory" : "a change is too large");
			return DECLARE_REFUSED;
		}
		if (m.has_serial && r->nsent > 0) {
			declare_message_fini(&m);
			return DECLARE_CONFLICT;
		}
		sent = declare_zone_send(c->zone, m.bytes, m.nbytes, why);
		if (sent != DECLARE_SENT)
			return sent;
		sent_note(c, &m);
	}
	return DECLARE_SENT;
}

/* ---- taking back ---- */

static bool message_undo(struct declare_commit *c, const struct declare_round *r,
			 const struct declare_message *m)
{
	char why[DECLARE_WHY_MAX];
	struct declare_message undo;

	if (declare_message_undo(&undo, &r->plan, m, declare_zone_room(c->zone)) < 0)
		return false;
	return declare_zone_send(c->zone, undo.bytes, undo.nbytes, why) == DECLARE_SENT;
}

/* Takes back what was carried out. */
static void take_back(struct declare_commit *c)
{
	size_t nleft = 0, ndone = c->nupdates;

	for (struct declare_round *r = c->rounds; r != NULL; r = r->before)
		for (size_t i = r->nsent; i > 0; i--)
			nleft += !message_undo(c, r, &r->sent[i - 1]);
	if (nleft == 0)
		cli_error("what %zu update%s had changed before was taken back: nothing has "
			  "changed",
			  ndone, ndone == 1 ? "" : "s");
	else
		cli_error("%zu of %zu updates could not be taken back: a part of the changes "
			  "remains; when the reason above is removed, do the same again",
			  nleft, ndone);
}

/* Ends a commit that has failed. Returns an exit status. */
static int fail(struct declare_commit *c, enum declare_sent sent, const char *why)
{
	switch (sent) {
	case DECLARE_UNKNOWN:
		cli_error("%s: whether anything was changed is not known; do the same again: what "
			  "is done already is not done twice",
			  why);
		return CLI_NO_SERVER;
	case DECLARE_CONFLICT:
		cli_error("others change the same again and again: %s", why);
		break;
	default:
		cli_error(
			"the registry has not taken the update: %s%s", why,
			locate_key(c->zone->known.locate) == NULL
				? ""
				: "; declarations are written with the key `admin` of the fabric, "
				  "see weft-fabric(7)");
		break;
	}
	if (has_sent(c))
		take_back(c);
	return CLI_FAILURE;
}

int declare_commit_run(struct declare_commit *c)
{
	char why[DECLARE_WHY_MAX] = "";
	unsigned nconflicts = 0;
	size_t nconfirmed = 0;
	enum declare_sent sent = DECLARE_CONFLICT;
	int status;

	while (sent == DECLARE_CONFLICT && nconflicts < CONFLICTS_MAX) {
		size_t ndone = c->nupdates;

		status = round_begin(c);
		if (status != CLI_OK) {
			if (has_sent(c))
				take_back(c);
			return status;
		}
		if (c->is_dry_run || c->rounds->plan.nchanges == 0)
			return CLI_OK;
		if (c->rounds->plan.ndeleted > nconfirmed && !has_sent(c)) {
			status = c->confirm(c->arg, &c->rounds->plan);
			if (status != CLI_OK)
				return status;
			nconfirmed = c->rounds->plan.ndeleted;
		}
		sent = round_send(c, why);
		/* A round that was carried out in part is progress. */
		if (sent == DECLARE_CONFLICT && c->nupdates == ndone)
			nconflicts++;
	}
	return sent == DECLARE_SENT ? CLI_OK : fail(c, sent, why);
}

void declare_commit_fini(struct declare_commit *c)
{
	while (c->rounds != NULL) {
		struct declare_round *before = c->rounds->before;

		round_free(c->rounds);
		c->rounds = before;
	}
}
