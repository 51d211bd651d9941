/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* All that happens is a turn, whether a socket is ready or a time has come:
 *
 * 1. Look at all sockets, since a caller that was late must not take its own silence for the
 *    peer's. The first connected one wins.
 * 2. Begin what is due: the next address of an instance, or the next instance.
 * 3. If nothing is left to wait for, or the deadline has passed: that is the end.
 * 4. Report failures, and the end. Only here functions of the owner are called. */
#include "reach/reach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "reach/attempt.h"
#include "reach/pace.h"

enum {
	STARTS_MAX = 16,     /* connections begun in a turn; then other timers have theirs */
	SHORT_AGAIN_MS = 50, /* between two attempts to get a descriptor */
	SYN_AGAIN_MS = 1000, /* when the kernel sends a second one (RFC 6298 section 2.1) */
	SLOWER_TIMES = 4,    /* a loser is silent if it took N times what the winner took */
};

struct attempt {
	struct resolve_descriptor descriptor;
	struct reach_candidate *candidate; /* NULL: not in use */
	const struct sockaddr *to;
	uint64_t since_ms;
};

struct reach {
	struct resolve_events *events;
	struct resolve_timer timer;
	struct reach_memory *memory;
	struct reach_options options;
	reach_fn done;
	reach_failed_fn on_failed;
	void *arg;
	struct reach_pace pace;
	struct attempt attempts[REACH_ATTEMPTS_MAX];
	unsigned nattempts;
	bool is_ordered, is_over;
	int short_error; /* this host is short of something: until when, since when */
	uint64_t short_until_ms, short_since_ms;
	struct reach_why why;
	struct reach_candidate *first_failed, **last_failed; /* to be reported */
	int error, fd;					     /* what the owner gets */
	const struct find_instance *to;
	bool *was_freed; /* during a report */
};

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* ---- failures ---- */

/* Takes that an active candidate has lost a connection: it has failed if it has neither another one
 * nor an address left. Faults of this host do not count. */
static void candidate_check(struct reach *r, struct reach_candidate *c, uint64_t now_ms)
{
	if (c->npending > 0 || c->next < c->naddresses)
		return;
	reach_pace_drop(&r->pace, c);
	if (c->error == 0)
		return;
	if (!reach_memory_failed(r->memory, c->i, now_ms) && c->is_doubtful)
		return;
	*r->last_failed = c;
	r->last_failed = &c->next_failed;
}

static void address_fail(struct reach *r, struct reach_candidate *c, const struct sockaddr *to,
			 int error, uint64_t now_ms)
{
	reach_memory_address_failed(r->memory, c->i, to, now_ms);
	c->error = error;
}

static void attempt_close(struct reach *r, struct attempt *a)
{
	resolve_events_close(r->events, &a->descriptor);
	a->candidate->npending--;
	a->candidate = NULL;
	r->nattempts--;
}

static void attempt_fail(struct reach *r, struct attempt *a, int error, uint64_t now_ms)
{
	struct reach_candidate *c = a->candidate;

	reach_why_add(&r->why, c->i, a->to, reach_why_reason(error));
	address_fail(r, c, a->to, error, now_ms);
	c->next_ms = now_ms;
	attempt_close(r, a);
	candidate_check(r, c, now_ms);
}

/* ---- the end ---- */

static void reach_end(struct reach *r, int error)
{
	r->is_over = true;
	r->error = error;
	resolve_timer_clear(&r->events->timers, &r->timer);
}

/* Closes what was still connecting when `took_ms` after its beginning another one was connected.
 * What was silent for much longer than that has failed: most likely its host is gone, and the next
 * caller is not to wait for it again. */
static void losers_close(struct reach *r, const struct reach_candidate *winner, uint64_t took_ms,
			 uint64_t now_ms)
{
	for (unsigned k = 0; k < REACH_ATTEMPTS_MAX; k++) {
		struct attempt *a = &r->attempts[k];
		struct reach_candidate *c = a->candidate;
		uint64_t silent_ms = now_ms - a->since_ms;

		if (c == NULL)
			continue;
		c->next = c->naddresses;
		if (silent_ms >= SLOWER_TIMES * took_ms && silent_ms >= r->pace.patience_ms / 2 &&
		    (c == winner || now_ms >= c->patient_until_ms)) {
			c->is_doubtful = c->error == 0 && silent_ms < SYN_AGAIN_MS;
			attempt_fail(r, a, -ETIMEDOUT, now_ms);
			continue;
		}
		attempt_close(r, a);
		candidate_check(r, c, now_ms);
	}
}

static void reach_win(struct reach *r, struct attempt *a, uint64_t now_ms)
{
	struct reach_candidate *c = a->candidate;
	uint64_t took_ms = now_ms - a->since_ms;
	int flags;

	r->fd = resolve_events_remove(r->events, &a->descriptor);
	r->to = c->i;
	a->candidate = NULL; /* c->npending still counts it: so the winner does not fail */
	r->nattempts--;
	flags = r->options.is_nonblocking ? -1 : fcntl(r->fd, F_GETFL);
	if (flags >= 0)
		fcntl(r->fd, F_SETFL, flags & ~O_NONBLOCK);
	losers_close(r, c, took_ms, now_ms);
	if (r->options.is_datagram)
		reach_memory_used(r->memory, c->i, a->to);
	else
		reach_memory_succeeded(r->memory, c->i, a->to, took_ms);
	reach_end(r, 0);
}

/* Ends for lack of time. What has had little of it has not failed. */
static void reach_expire(struct reach *r, uint64_t now_ms)
{
	for (unsigned k = 0; k < REACH_ATTEMPTS_MAX; k++) {
		struct attempt *a = &r->attempts[k];
		struct reach_candidate *c = a->candidate;

		if (c == NULL)
			continue;
		c->next = c->naddresses;
		if (now_ms - a->since_ms >= r->pace.patience_ms) {
			attempt_fail(r, a, -ETIMEDOUT, now_ms);
			continue;
		}
		reach_why_add(&r->why, c->i, a->to, "no answer yet");
		attempt_close(r, a);
		candidate_check(r, c, now_ms);
	}
	reach_why_add_count(&r->why, r->pace.candidates.n - r->pace.candidates.nbegun);
	reach_end(r, r->short_error != 0 ? r->short_error : -ETIMEDOUT);
}

/* Ends because this host is short of something. */
static void reach_end_short(struct reach *r)
{
	for (unsigned k = 0; k < r->pace.nactive; k++)
		reach_why_add(&r->why, r->pace.active[k]->i, NULL,
			      reach_why_reason(r->short_error));
	reach_end(r, r->short_error);
}

static void reach_check_end(struct reach *r, uint64_t now_ms)
{
	if (reach_pace_is_over(&r->pace))
		reach_end(r, -EHOSTUNREACH);
	else if (now_ms >= r->options.deadline_ms)
		reach_expire(r, now_ms);
	else if (r->short_error != 0 && r->nattempts == 0 &&
		 now_ms >= r->short_since_ms + REACH_SHORT_MS)
		reach_end_short(r);
}

/* ---- attempts ---- */

static void attempts_check(struct reach *r, uint64_t now_ms)
{
	for (unsigned k = 0; k < REACH_ATTEMPTS_MAX; k++) {
		struct attempt *a = &r->attempts[k];
		enum reach_result result;
		int error;

		if (a->candidate == NULL)
			continue;
		result = reach_attempt_check(a->descriptor.fd, &error);
		if (result == REACH_CONNECTED) {
			reach_win(r, a, now_ms);
			return;
		}
		if (result == REACH_FAILED)
			attempt_fail(r, a, error, now_ms);
	}
}

static struct attempt *attempt_oldest(struct reach *r)
{
	struct attempt *oldest = NULL;

	for (unsigned k = 0; k < REACH_ATTEMPTS_MAX; k++) {
		struct attempt *a = &r->attempts[k];

		if (a->candidate != NULL && (oldest == NULL || a->since_ms < oldest->since_ms))
			oldest = a;
	}
	return oldest;
}

/* Returns an attempt that is not in use, if necessary that of the oldest connection, or NULL. */
static struct attempt *attempt_get(struct reach *r, uint64_t now_ms)
{
	struct attempt *a = r->attempts;

	if (r->nattempts == REACH_ATTEMPTS_MAX) {
		a = attempt_oldest(r);
		if (now_ms < a->since_ms + REACH_ABANDONED_MS)
			return NULL;
		attempt_fail(r, a, -ETIMEDOUT, now_ms);
		return a;
	}
	while (a->candidate != NULL)
		a++;
	return a;
}

static void reach_be_short(struct reach *r, int error, uint64_t now_ms)
{
	if (r->short_error == 0)
		r->short_since_ms = now_ms;
	r->short_error = error;
	r->short_until_ms = now_ms + SHORT_AGAIN_MS;
}

/* Begins to connect to the candidate's next address. Returns whether more may be begun. */
static bool attempt_begin(struct reach *r, struct attempt *a, struct reach_candidate *c,
			  uint64_t now_ms)
{
	const struct sockaddr *to = reach_candidate_address(c);
	struct resolve_descriptor *d = &a->descriptor;
	enum reach_result result;
	int error;

	d->wanted = EPOLLOUT;
	result = reach_attempt_begin(to, r->options.is_datagram, &d->fd, &error);
	if (result == REACH_PENDING) {
		error = resolve_events_add(r->events, d);
		if (error != 0)
			result = REACH_SHORT;
	}
	if (result == REACH_SHORT) {
		reach_be_short(r, error, now_ms);
		return false;
	}
	r->short_error = 0;
	reach_pace_tried(&r->pace, c, now_ms);
	if (result == REACH_FAILED || result == REACH_LOCAL) {
		reach_why_add(&r->why, c->i, to, reach_why_reason(error));
		if (result == REACH_FAILED)
			address_fail(r, c, to, error, now_ms);
		c->next_ms = now_ms;
		candidate_check(r, c, now_ms);
		return true;
	}
	a->candidate = c;
	a->to = to;
	a->since_ms = now_ms;
	c->npending++;
	r->nattempts++;
	if (result == REACH_CONNECTED)
		reach_win(r, a, now_ms);
	return result == REACH_PENDING;
}

/* ---- what is due ---- */

static void reach_begin_due(struct reach *r, uint64_t now_ms)
{
	if (r->short_error != 0 && now_ms < r->short_until_ms)
		return;
	for (unsigned n = 0; n < STARTS_MAX && now_ms < r->options.deadline_ms; n++) {
		struct reach_candidate *c;
		struct attempt *a;

		if (reach_pace_due(&r->pace, now_ms) > now_ms)
			return;
		a = attempt_get(r, now_ms);
		if (a == NULL)
			return;
		c = reach_pace_next(&r->pace, now_ms);
		if (c->naddresses == 0) {
			reach_why_add(&r->why, c->i, NULL, reach_why_reason(-EDESTADDRREQ));
			candidate_check(r, c, now_ms);
		} else if (!attempt_begin(r, a, c, now_ms)) {
			return;
		}
	}
}

static uint64_t reach_due(struct reach *r, uint64_t now_ms)
{
	uint64_t due_ms = reach_pace_due(&r->pace, now_ms);

	if (due_ms != UINT64_MAX && r->nattempts == REACH_ATTEMPTS_MAX)
		due_ms = later(due_ms, attempt_oldest(r)->since_ms + REACH_ABANDONED_MS);
	if (r->short_error != 0)
		due_ms = later(due_ms, r->short_until_ms);
	return due_ms < r->options.deadline_ms ? due_ms : r->options.deadline_ms;
}

/* ---- turns ---- */

/* Reports what has failed. Returns false if the reach was freed meanwhile. */
static bool reach_report(struct reach *r)
{
	bool was_freed = false;

	r->was_freed = &was_freed;
	while (r->first_failed != NULL) {
		const struct reach_candidate *c = r->first_failed;

		r->first_failed = c->next_failed;
		if (r->on_failed != NULL)
			r->on_failed(r->arg, c->i, c->error);
		if (was_freed)
			return false;
	}
	r->was_freed = NULL;
	r->last_failed = &r->first_failed;
	return true;
}

/* The function may free the reach: what it is given is not part of that. */
static void reach_call_done(struct reach *r, uint64_t now_ms)
{
	const struct find_instance *to = r->to != NULL ? find_instance_acquire(r->to) : NULL;
	char why[REACH_WHY_MAX];
	int fd = r->fd;

	r->fd = -1;
	strcpy(why, reach_why_text(&r->why));
	r->done(r->arg, r->error, fd, to, why, now_ms);
	find_instance_release(to);
}

static void reach_turn(struct reach *r, uint64_t now_ms)
{
	if (!r->is_ordered) {
		reach_pace_begin(&r->pace, now_ms);
		r->is_ordered = true;
	}
	attempts_check(r, now_ms);
	if (!r->is_over)
		reach_begin_due(r, now_ms);
	if (!r->is_over)
		reach_check_end(r, now_ms);
	if (!reach_report(r))
		return;
	if (r->is_over)
		reach_call_done(r, now_ms);
	else
		resolve_timer_set(&r->events->timers, &r->timer, reach_due(r, now_ms));
}

static void on_ready(void *arg, uint32_t events, uint64_t now_ms)
{
	(void)events;
	reach_turn(arg, now_ms);
}

static void on_due(void *arg, uint64_t now_ms)
{
	reach_turn(arg, now_ms);
}

int reach_new(struct reach **out, struct resolve_events *events, struct reach_memory *memory,
	      struct find_instance *const *all, size_t n, const struct reach_options *options,
	      reach_fn done, reach_failed_fn on_failed, void *arg)
{
	struct reach *r = calloc(1, sizeof(*r));

	if (r == NULL || reach_pace_init(&r->pace, memory, all, n) != 0) {
		free(r);
		return -ENOMEM;
	}
	r->events = events;
	r->memory = memory;
	r->options = *options;
	r->done = done;
	r->on_failed = on_failed;
	r->arg = arg;
	r->fd = -1;
	r->last_failed = &r->first_failed;
	r->timer = (struct resolve_timer){.on_due = on_due, .arg = r};
	for (unsigned k = 0; k < REACH_ATTEMPTS_MAX; k++)
		r->attempts[k].descriptor =
			(struct resolve_descriptor){.fd = -1, .on_ready = on_ready, .arg = r};
	resolve_timer_set(&events->timers, &r->timer, 0);
	*out = r;
	return 0;
}

void reach_free(struct reach *r)
{
	if (r == NULL)
		return;
	if (r->was_freed != NULL)
		*r->was_freed = true;
	resolve_timer_clear(&r->events->timers, &r->timer);
	for (unsigned k = 0; k < REACH_ATTEMPTS_MAX; k++)
		resolve_events_close(r->events, &r->attempts[k].descriptor);
	if (r->fd >= 0)
		close(r->fd);
	reach_pace_fini(&r->pace);
	free(r);
}
