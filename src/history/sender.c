/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* An event goes through these steps:
 *
 *  1. It is appended to those that wait, and to the file.
 *  2. After a moment, in which others are gathered, an update adds it, if its name is free, with
 *     others; the same update removes the oldest ones that are too many.
 *  3. NOERROR: it is in the zone, and waits no more.
 *
 * YXDOMAIN: one of the names is taken. Either the answer to an earlier attempt was lost, or the
 * file has lost what was sent before, as in a power failure; or another node has the same era. A
 * question finds out: if the record that is there is ours, the event is in the zone; else a new era
 * begins, in which all that waits is numbered again.
 *
 * REFUSED may be the key's quota: then as many old events make way. Else, and while no registry
 * answers, it is tried again, ever more rarely. */

#include "history/sender.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dns/type.h"
#include "history/kept.h"
#include "history/message.h"
#include "registrant/registrant.h"
#include "resolve/events.h"

enum {
	GATHER_MS = 2,
	SENDING_MS = 5000, /* until an update is given up */
	STUCK_MS = 100,	   /* an update that is older is sent again when registries answer again */
	RETRY_MS = 100,
	RETRY_MOST_MS = 1000,	       /* while no registry answers */
	RETRY_REFUSED_MOST_MS = 30000, /* while it refuses */
	MAKING_WAY_UPDATES = 256,      /* for as many updates a quota is taken for full */
};

/* Returns how many events of the zone are too many once `nadded` have been added. */
static uint64_t nexcess(const struct history_sender *s, uint64_t nadded)
{
	uint64_t n = history_content_nthere(&s->kept->content) + nadded;

	return n > s->keep ? n - s->keep : 0;
}

static bool has_work(const struct history_sender *s)
{
	return s->kept->content.nwaiting > 0 || nexcess(s, 0) > 0 || s->kept->nuncounted > 0;
}

static void send_at(struct history_sender *s, enum history_sender_next next, uint64_t due_ms)
{
	s->next = next;
	resolve_timer_set(&s->events->timers, &s->due, due_ms);
}

/* ---- what comes of an update ---- */

static void note_done(struct history_sender *s)
{
	history_kept_done(s->kept, s->nevents, s->nremoved);
	s->nfailures = s->ncollisions = 0;
	s->is_refused = s->is_question = false;
	s->nmost = HISTORY_MESSAGE_EVENTS_MAX;
}

static void retry(struct history_sender *s, uint64_t most_ms, uint64_t now_ms)
{
	uint64_t wait_ms = (uint64_t)RETRY_MS << (s->nfailures < 10 ? s->nfailures : 10);

	s->nfailures++;
	if (s->is_hurried)
		wait_ms = 0;
	send_at(s, HISTORY_SENDER_SENDS, now_ms + (wait_ms < most_ms ? wait_ms : most_ms));
}

/* Another has a name that an event was to get. */
static void collide(struct history_sender *s, uint64_t now_ms)
{
	uint64_t next = history_content_era(&s->kept->content)->era + 1;
	char text[128];

	/* What was removed with it may be the other's, too. */
	if (s->ncollisions++ > 0)
		s->kept->content.nspans = 0;
	history_kept_begin(s->kept, next);
	snprintf(text, sizeof(text),
		 "an event of the same number is in the zone: era %" PRIu64 " begins",
		 history_content_era(&s->kept->content)->era);
	history_kept_report(s->kept, BASE_LOG_WARNING, -EEXIST, text);
	s->is_question = false;
	if (s->ncollisions == 1)
		send_at(s, HISTORY_SENDER_SENDS, now_ms);
	else
		retry(s, RETRY_REFUSED_MOST_MS, now_ms);
}

/* The records that were asked for are not there, or are not all ours. */
static void take_no(struct history_sender *s, uint64_t now_ms)
{
	if (s->nevents <= 1) {
		collide(s, now_ms);
		return;
	}
	s->nmost = s->nevents / 2;
	send_at(s, HISTORY_SENDER_SENDS, now_ms);
}

static void take_refusal(struct history_sender *s, const char *why, uint64_t now_ms)
{
	char text[640];

	s->is_question = false;
	if (s->nmaking_way == 0 && history_content_nthere(&s->kept->content) > 0) {
		s->nmaking_way = MAKING_WAY_UPDATES;
		send_at(s, HISTORY_SENDER_SENDS, now_ms);
		return;
	}
	if (!s->is_refused) {
		s->is_refused = true;
		snprintf(text, sizeof(text), "the registry takes no events: %s", why);
		history_kept_report(s->kept, BASE_LOG_ERROR, -EACCES, text);
	}
	s->nmost = 1;
	retry(s, RETRY_REFUSED_MOST_MS, now_ms);
}

static void take_answer(struct history_sender *s, uint16_t rcode, const char *why, uint64_t now_ms)
{
	switch (rcode) {
	case DNS_RCODE_NOERROR:
		if (s->nmaking_way > 0)
			s->nmaking_way--;
		note_done(s);
		if (has_work(s))
			send_at(s, HISTORY_SENDER_SENDS, now_ms);
		return;
	case DNS_RCODE_YXDOMAIN:
	case DNS_RCODE_YXRRSET:
		s->is_question = true;
		send_at(s, HISTORY_SENDER_SENDS, now_ms);
		return;
	case DNS_RCODE_NXDOMAIN:
	case DNS_RCODE_NXRRSET:
		take_no(s, now_ms);
		return;
	default:
		take_refusal(s, why, now_ms);
	}
}

static void flush_care(struct history_sender *s)
{
	if (s->on_flushed != NULL && s->kept->content.nwaiting == 0)
		resolve_timer_set(&s->events->timers, &s->flush, 0);
}

static void on_sent(void *arg, int error, uint16_t rcode, const char *why, uint64_t now_ms)
{
	struct history_sender *s = arg;
	struct registrant_update *over = s->update;

	s->update = NULL;
	if (error == 0)
		take_answer(s, rcode, why, now_ms);
	else
		retry(s, RETRY_MOST_MS, now_ms);
	s->is_hurried = false;
	flush_care(s);
	registrant_update_free(over);
}

/* Returns how many events the next update removes: those that are too many once it has added its
 * own. */
static uint64_t nremovals(const struct history_sender *s)
{
	uint64_t nadded =
		s->kept->content.nwaiting < s->nmost ? s->kept->content.nwaiting : s->nmost;
	uint64_t n = nexcess(s, nadded);
	/* While the quota is full, as many are removed as are added; after a refusal, one more. */
	uint64_t least = s->nmaking_way > 0 ? nadded + (s->nfailures > 0) : 0;

	return n < least ? least : n;
}

static void begin(struct history_sender *s, uint64_t now_ms)
{
	struct history_message m;
	int ret = s->is_question
			  ? history_message_write_question(&m, &s->kept->content, s->zone, s->nmost)
			  : history_message_write(&m, &s->kept->content, s->zone, s->nmost,
						  nremovals(s));

	if (ret == 0)
		ret = registrant_update_new(&s->update, s->registrant, m.bytes, m.nbytes,
					    now_ms + SENDING_MS, on_sent, s);
	if (ret < 0) {
		retry(s, RETRY_MOST_MS, now_ms);
		return;
	}
	s->nevents = m.nevents;
	s->nremoved = m.nremoved;
	s->sent_ms = now_ms;
}

static void on_due(void *arg, uint64_t now_ms)
{
	struct history_sender *s = arg;

	if (s->next == HISTORY_SENDER_GATHERS) {
		send_at(s, HISTORY_SENDER_SENDS, now_ms + GATHER_MS);
		return;
	}
	if (s->update != NULL && now_ms - s->sent_ms < STUCK_MS)
		return;
	registrant_update_free(s->update);
	s->update = NULL;
	s->is_hurried = false;
	history_kept_count_dropped(s->kept);
	if (s->kept->content.nwaiting == 0)
		s->is_question = false;
	if (s->kept->content.nwaiting > 0 || nexcess(s, 0) > 0)
		begin(s, now_ms);
	else if (s->kept->nuncounted > 0)
		retry(s, RETRY_MOST_MS, now_ms);
}

static void on_flush_due(void *arg, uint64_t now_ms)
{
	struct history_sender *s = arg;
	history_sender_flushed_fn done = s->on_flushed;

	s->on_flushed = NULL;
	if (done != NULL)
		done(s->flushed_arg, s->kept->content.nwaiting == 0, now_ms);
}

void history_sender_init(struct history_sender *s, const struct history_sender_settings *settings)
{
	*s = (struct history_sender){
		.events = settings->events,
		.registrant = settings->registrant,
		.kept = settings->kept,
		.zone = settings->zone,
		.nmost = HISTORY_MESSAGE_EVENTS_MAX,
		.due = {.on_due = on_due, .arg = s},
		.flush = {.on_due = on_flush_due, .arg = s},
	};
}

void history_sender_fini(struct history_sender *s)
{
	resolve_timer_clear(&s->events->timers, &s->due);
	resolve_timer_clear(&s->events->timers, &s->flush);
	registrant_update_free(s->update);
}

void history_sender_wake(struct history_sender *s)
{
	if (s->update == NULL && !resolve_timer_is_set(&s->due) && has_work(s))
		send_at(s, HISTORY_SENDER_GATHERS, 0);
}

void history_sender_hurry(struct history_sender *s)
{
	s->nfailures = 0;
	s->is_hurried = s->update != NULL;
	if (s->update != NULL || resolve_timer_is_set(&s->due))
		send_at(s, HISTORY_SENDER_SENDS, 0);
}

void history_sender_set_keep(struct history_sender *s, uint32_t keep)
{
	s->keep = keep;
	history_sender_wake(s);
}

void history_sender_flush(struct history_sender *s, uint64_t deadline_ms,
			  history_sender_flushed_fn done, void *arg)
{
	s->on_flushed = done;
	s->flushed_arg = arg;
	if (done == NULL)
		resolve_timer_clear(&s->events->timers, &s->flush);
	else
		resolve_timer_set(&s->events->timers, &s->flush,
				  s->kept->content.nwaiting == 0 ? 0 : deadline_ms);
}
