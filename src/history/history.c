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

#include "history/history.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "dnssd/fabric_name.h"
#include "history/content.h"
#include "history/event.h"
#include "history/file.h"
#include "history/message.h"
#include "registrant/clocks.h"
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

/* What the timer is for. */
enum next { NEXT_GATHERS, NEXT_SENDS };

struct history {
	struct resolve_events *events;
	struct registrant *registrant;
	const struct registrant_clocks *clocks;
	base_report_fn report;
	void *report_arg;
	uint8_t zone[DNS_NAME_MAX];
	char node[DNS_NAME_TEXT_MAX];
	uint32_t keep;
	struct history_file *file;
	bool is_file_bad; /* reported */
	struct history_content content;
	uint64_t ndropped, nuncounted; /* in all; those that no event counts yet */

	/* sending */
	struct resolve_timer due;
	enum next next;
	struct registrant_update *update; /* under way */
	uint64_t sent_ms;		  /* when that began */
	size_t nevents, nremoved;	  /* in it */
	size_t nmost;			  /* events of the next one */
	bool is_question;		  /* the next one, or the one under way, is one */
	bool is_hurried;
	bool is_refused;		 /* reported */
	unsigned nmaking_way;		 /* updates that are to add no more than they remove */
	unsigned nfailures, ncollisions; /* in a row */

	/* the end */
	struct resolve_timer flush;
	history_flushed_fn on_flushed; /* or NULL */
	void *flushed_arg;
};

static void report(struct history *h, enum base_log_level level, int code, const char *text)
{
	struct base_error error;

	if (h->report == NULL)
		return;
	base_error_set(&error, code, "%s", text);
	h->report(h->report_arg, level, &error);
}

/* ---- the file ---- */

/* Takes what came of writing to the file, and writes it anew where that is due. A file that cannot
 * be written costs what waits when the program ends, no more. */
static void file_care(struct history *h, int ret)
{
	char text[512];

	if (history_file_is_due(h->file))
		ret = history_file_write(h->file, &h->content);
	if (ret == 0) {
		h->is_file_bad = false;
		return;
	}
	if (ret == -EAGAIN || h->is_file_bad)
		return;
	h->is_file_bad = true;
	snprintf(text, sizeof(text), "%.300s: %s: events that wait are in memory only",
		 history_file_path(h->file), strerror(-ret));
	report(h, BASE_LOG_ERROR, ret, text);
}

/* Begins an era, whose number is at least `least`. */
static void era_begin(struct history *h, uint64_t least)
{
	uint64_t now = h->clocks->wall_ms(h->clocks->arg);

	history_content_begin(&h->content, now > least ? now : least);
	file_care(h, history_file_write(h->file, &h->content));
}

/* ---- adding ---- */

static uint64_t nexcess(const struct history *h)
{
	uint64_t nthere = history_content_nthere(&h->content);

	return nthere > h->keep ? nthere - h->keep : 0;
}

static bool has_work(const struct history *h)
{
	return h->content.nwaiting > 0 || nexcess(h) > 0 || h->nuncounted > 0;
}

static void send_at(struct history *h, enum next next, uint64_t due_ms)
{
	h->next = next;
	resolve_timer_set(&h->events->timers, &h->due, due_ms);
}

/* Has what is to be done begin, unless it is under way, or is tried again later. */
static void wake(struct history *h)
{
	if (h->update == NULL && !resolve_timer_is_set(&h->due) && has_work(h))
		send_at(h, NEXT_GATHERS, 0);
}

static const char *text_or_none(const char *text)
{
	return text == NULL ? "" : text;
}

static int event_add(struct history *h, const struct history_event_parts *parts)
{
	struct history_event *e;
	uint64_t n;

	if (h->content.nwaiting >= HISTORY_WAITING_MOST)
		return -ENOSPC;
	e = history_event_new(parts);
	if (e == NULL)
		return -ENOMEM;
	n = history_content_add(&h->content, e);
	file_care(h, history_file_add(h->file, n, e));
	wake(h);
	return 0;
}

int history_add_ruled(struct history *h, const char *what, const char *of, const char *why,
		      const char *rule)
{
	const struct history_event_parts parts = {
		.time_ms = h->clocks->wall_ms(h->clocks->arg),
		.node = h->node,
		.what = text_or_none(what),
		.of = text_or_none(of),
		.why = text_or_none(why),
		.rule = text_or_none(rule),
	};
	int ret;

	if (parts.what[0] == '\0')
		return -EINVAL;
	ret = event_add(h, &parts);
	if (ret < 0) {
		h->ndropped++;
		h->nuncounted++;
		wake(h);
	}
	return ret;
}

int history_add(struct history *h, const char *what, const char *of, const char *why)
{
	return history_add_ruled(h, what, of, why, NULL);
}

/* Adds the event that counts those that were dropped. */
static void dropped_add(struct history *h)
{
	char why[64];
	const struct history_event_parts parts = {
		.time_ms = h->clocks->wall_ms(h->clocks->arg),
		.node = h->node,
		.what = "dropped",
		.of = "",
		.why = why,
		.rule = "",
	};

	snprintf(why, sizeof(why), "%" PRIu64 " events: too many waited", h->nuncounted);
	if (h->nuncounted > 0 && event_add(h, &parts) == 0)
		h->nuncounted = 0;
}

/* ---- what comes of an update ---- */

/* Notes that the oldest `n` events are not in the zone any more. */
static void note_removed(struct history *h, uint64_t n)
{
	struct history_content *c = &h->content;

	for (unsigned i = 0; i < c->nspans && n > 0; i++) {
		const struct history_span *s = &c->spans[i];
		uint64_t nthere = s->last + 1 - s->first, first;

		if (nthere == 0)
			continue;
		first = s->first + (n < nthere ? n : nthere);
		n -= first - s->first;
		history_content_removed(c, s->era, first);
		file_care(h, history_file_removed(h->file, s->era, first));
	}
}

static void note_done(struct history *h)
{
	note_removed(h, h->nremoved);
	if (h->nevents > 0) {
		history_content_done(&h->content, h->nevents);
		file_care(h, history_file_done(h->file, history_content_era(&h->content)->last));
	}
	h->nfailures = h->ncollisions = 0;
	h->is_refused = h->is_question = false;
	h->nmost = HISTORY_MESSAGE_EVENTS_MAX;
}

static void retry(struct history *h, uint64_t most_ms, uint64_t now_ms)
{
	uint64_t wait_ms = (uint64_t)RETRY_MS << (h->nfailures < 10 ? h->nfailures : 10);

	h->nfailures++;
	if (h->is_hurried)
		wait_ms = 0;
	send_at(h, NEXT_SENDS, now_ms + (wait_ms < most_ms ? wait_ms : most_ms));
}

/* Another has a name that an event was to get. */
static void collide(struct history *h, uint64_t now_ms)
{
	uint64_t next = history_content_era(&h->content)->era + 1;
	char text[128];

	/* What was removed with it may be the other's, too. */
	if (h->ncollisions++ > 0)
		h->content.nspans = 0;
	era_begin(h, next);
	snprintf(text, sizeof(text),
		 "an event of the same number is in the zone: era %" PRIu64 " begins",
		 history_content_era(&h->content)->era);
	report(h, BASE_LOG_WARNING, -EEXIST, text);
	h->is_question = false;
	if (h->ncollisions == 1)
		send_at(h, NEXT_SENDS, now_ms);
	else
		retry(h, RETRY_REFUSED_MOST_MS, now_ms);
}

/* The records that were asked for are not there, or are not all ours. */
static void take_no(struct history *h, uint64_t now_ms)
{
	if (h->nevents <= 1) {
		collide(h, now_ms);
		return;
	}
	h->nmost = h->nevents / 2;
	send_at(h, NEXT_SENDS, now_ms);
}

static void take_refusal(struct history *h, const char *why, uint64_t now_ms)
{
	char text[640];

	h->is_question = false;
	if (h->nmaking_way == 0 && history_content_nthere(&h->content) > 0) {
		h->nmaking_way = MAKING_WAY_UPDATES;
		send_at(h, NEXT_SENDS, now_ms);
		return;
	}
	if (!h->is_refused) {
		h->is_refused = true;
		snprintf(text, sizeof(text), "the registry takes no events: %s", why);
		report(h, BASE_LOG_ERROR, -EACCES, text);
	}
	h->nmost = 1;
	retry(h, RETRY_REFUSED_MOST_MS, now_ms);
}

static void take_answer(struct history *h, uint16_t rcode, const char *why, uint64_t now_ms)
{
	switch (rcode) {
	case DNS_RCODE_NOERROR:
		if (h->nmaking_way > 0)
			h->nmaking_way--;
		note_done(h);
		if (has_work(h))
			send_at(h, NEXT_SENDS, now_ms);
		return;
	case DNS_RCODE_YXDOMAIN:
	case DNS_RCODE_YXRRSET:
		h->is_question = true;
		send_at(h, NEXT_SENDS, now_ms);
		return;
	case DNS_RCODE_NXDOMAIN:
	case DNS_RCODE_NXRRSET:
		take_no(h, now_ms);
		return;
	default:
		take_refusal(h, why, now_ms);
	}
}

static void flush_care(struct history *h)
{
	if (h->on_flushed != NULL && h->content.nwaiting == 0)
		resolve_timer_set(&h->events->timers, &h->flush, 0);
}

static void on_sent(void *arg, int error, uint16_t rcode, const char *why, uint64_t now_ms)
{
	struct history *h = arg;
	struct registrant_update *over = h->update;

	h->update = NULL;
	if (error == 0)
		take_answer(h, rcode, why, now_ms);
	else
		retry(h, RETRY_MOST_MS, now_ms);
	h->is_hurried = false;
	flush_care(h);
	registrant_update_free(over);
}

/* ---- sending ---- */

/* Returns how many events the next update removes: those that are too many once it has added its
 * own. */
static uint64_t nremovals(const struct history *h)
{
	uint64_t nadded = h->content.nwaiting < h->nmost ? h->content.nwaiting : h->nmost;
	uint64_t nthere = history_content_nthere(&h->content);
	uint64_t n = nthere + nadded > h->keep ? nthere + nadded - h->keep : 0;

	if (h->nmaking_way > 0)
		nadded += h->nfailures > 0;
	return h->nmaking_way > 0 && n < nadded ? nadded : n;
}

static void begin(struct history *h, uint64_t now_ms)
{
	struct history_message m;
	int ret = h->is_question
			  ? history_message_write_question(&m, &h->content, h->zone, h->nmost)
			  : history_message_write(&m, &h->content, h->zone, h->nmost, nremovals(h));

	if (ret == 0)
		ret = registrant_update_new(&h->update, h->registrant, m.bytes, m.nbytes,
					    now_ms + SENDING_MS, on_sent, h);
	if (ret < 0) {
		retry(h, RETRY_MOST_MS, now_ms);
		return;
	}
	h->nevents = m.nevents;
	h->nremoved = m.nremoved;
	h->sent_ms = now_ms;
}

static void on_due(void *arg, uint64_t now_ms)
{
	struct history *h = arg;

	if (h->next == NEXT_GATHERS) {
		send_at(h, NEXT_SENDS, now_ms + GATHER_MS);
		return;
	}
	if (h->update != NULL && now_ms - h->sent_ms < STUCK_MS)
		return;
	registrant_update_free(h->update);
	h->update = NULL;
	h->is_hurried = false;
	dropped_add(h);
	if (h->content.nwaiting == 0)
		h->is_question = false;
	if (h->content.nwaiting > 0 || nexcess(h) > 0)
		begin(h, now_ms);
	else if (h->nuncounted > 0)
		retry(h, RETRY_MOST_MS, now_ms);
}

void history_hurry(struct history *h)
{
	h->nfailures = 0;
	h->is_hurried = h->update != NULL;
	if (h->update != NULL || resolve_timer_is_set(&h->due))
		send_at(h, NEXT_SENDS, 0);
}

/* ---- the door ---- */

static int settings_check(const struct history_settings *s, struct base_error *error)
{
	static const char longest[] = "18446744073709551615-18446744073709551615";
	uint8_t name[DNS_NAME_MAX];

	if (s->node[0] == '\0' || strlen(s->node) >= HISTORY_TEXT_MAX)
		return base_error_set(error, -EINVAL, "the name of the node is too long");
	if (dnssd_fabric_name_write(name, DNSSD_FABRIC_EVENT, longest, s->zone) == 0)
		return base_error_set(error, -EINVAL, "the name of the zone is too long");
	return 0;
}

static void on_flush_due(void *arg, uint64_t now_ms)
{
	struct history *h = arg;
	history_flushed_fn done = h->on_flushed;

	h->on_flushed = NULL;
	if (done != NULL)
		done(h->flushed_arg, h->content.nwaiting == 0, now_ms);
}

/* Opens the file, and begins an era if there is none. */
static int content_open(struct history *h, const char *folder, struct base_error *error)
{
	bool is_damaged = false;
	char text[512];
	int ret = history_file_open(&h->file, folder, &h->content, &is_damaged, error);

	if (ret < 0)
		return ret;
	if (is_damaged) {
		snprintf(text, sizeof(text), "%.400s is damaged: what follows is lost",
			 history_file_path(h->file));
		report(h, BASE_LOG_WARNING, -EBADMSG, text);
	}
	if (h->content.nspans == 0)
		era_begin(h, 1);
	else if (is_damaged)
		file_care(h, history_file_write(h->file, &h->content));
	return 0;
}

int history_new(struct history **out, struct resolve_events *events, struct registrant *r,
		const struct history_settings *settings, struct base_error *error)
{
	int ret = settings_check(settings, error);
	struct history *h;

	if (ret < 0)
		return ret;
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	h->events = events;
	h->registrant = r;
	h->clocks = settings->clocks != NULL ? settings->clocks : &registrant_clocks_system;
	h->report = settings->report;
	h->report_arg = settings->report_arg;
	h->nmost = HISTORY_MESSAGE_EVENTS_MAX;
	h->due = (struct resolve_timer){.on_due = on_due, .arg = h};
	h->flush = (struct resolve_timer){.on_due = on_flush_due, .arg = h};
	memcpy(h->zone, settings->zone, dns_name_nbytes(settings->zone));
	snprintf(h->node, sizeof(h->node), "%s", settings->node);
	history_content_init(&h->content);
	ret = content_open(h, settings->folder, error);
	if (ret < 0) {
		free(h);
		return ret;
	}
	history_set_keep(h, settings->keep);
	*out = h;
	return 0;
}

void history_free(struct history *h)
{
	if (h == NULL)
		return;
	resolve_timer_clear(&h->events->timers, &h->due);
	resolve_timer_clear(&h->events->timers, &h->flush);
	registrant_update_free(h->update);
	history_file_close(h->file);
	history_content_fini(&h->content);
	free(h);
}

void history_set_keep(struct history *h, uint32_t keep)
{
	h->keep = keep == 0 ? HISTORY_KEEP : keep;
	wake(h);
}

size_t history_nwaiting(const struct history *h)
{
	return h->content.nwaiting;
}

uint64_t history_ndropped(const struct history *h)
{
	return h->ndropped;
}

void history_flush(struct history *h, uint64_t deadline_ms, history_flushed_fn done, void *arg)
{
	h->on_flushed = done;
	h->flushed_arg = arg;
	if (done == NULL)
		resolve_timer_clear(&h->events->timers, &h->flush);
	else
		resolve_timer_set(&h->events->timers, &h->flush,
				  h->content.nwaiting == 0 ? 0 : deadline_ms);
}
