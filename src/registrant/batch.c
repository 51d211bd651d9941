/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/update_write.h"
#include "registrant/fate.h"
#include "registrant/queue.h"
#include "registrant/records.h"

enum {
	FRAME_BOUND = DNS_HEADER_SIZE + DNS_NAME_MAX + 4 + 64, /* without records and signature */
	WINDOW_PERCENT = 15, /* of the lease: refreshes that are due so soon go along */
};

/* One message. */
struct registrant_batch {
	struct registrant *r;
	struct registrant_batch *next, **link;
	struct registrant_sender *sender;
	uint64_t sent_ms;
	size_t n;
	struct registrant_service *units[REGISTRANT_BATCH_MAX];
};

static void batch_free(struct registrant_batch *b)
{
	registrant_sender_free(b->sender);
	free(b);
}

void registrant_batch_fini(struct registrant *r)
{
	struct registrant_batch *b;

	while ((b = r->batches) != NULL) {
		r->batches = b->next;
		batch_free(b);
	}
}

/* Ends a message, and has its units go on. */
static void batch_end(struct registrant_batch *b, const struct registrant_result *result,
		      uint64_t now_ms)
{
	struct registrant *r = b->r;

	*b->link = b->next;
	if (b->next != NULL)
		b->next->link = b->link;
	r->nflying--;
	for (size_t i = 0; i < b->n; i++)
		registrant_fate_sent(b->units[i], result, b->n, now_ms);
	if (r->due.n > 0)
		registrant_queue_pump(r);
	batch_free(b);
}

static void on_done(void *arg, const struct registrant_result *result, uint64_t now_ms)
{
	batch_end(arg, result, now_ms);
}

void registrant_batch_hurry(struct registrant *r, uint64_t now_ms)
{
	const struct registrant_result result = {
		.error = -ETIMEDOUT, .why = "no answer until registries answered again"};

	for (struct registrant_batch *b = r->batches, *next; b != NULL; b = next) {
		next = b->next;
		if (now_ms >= b->sent_ms + REGISTRANT_HURRY_MS)
			batch_end(b, &result, now_ms);
	}
}

/* ---- which units go together ---- */

/* Which units may be in one message. The registry has one lease for an instance and all else that
 * is in the message (weft-leases(7)): a claim, or a node whose state is its own, must not be held
 * by the leases of others. New claims may fail, and the others with them. */
enum company { INSTANCES, NODES, CLAIMS, NEW_CLAIMS };

/* What units of one message have in common. */
struct kind {
	const uint8_t *zone;
	uint32_t lease_s;
	bool is_removal;
	enum company company;
};

static enum company company_of(const struct registrant_service *s)
{
	if (registrant_is_claim(s))
		return s->todo == REGISTRANT_REGISTER ? NEW_CLAIMS : CLAIMS;
	return registrant_is_node(s) && s->settings->ntxt > 0 ? NODES : INSTANCES;
}

static struct kind kind_of(const struct registrant_service *s)
{
	return (struct kind){.zone = s->zone,
			     .lease_s = s->settings->lease_s,
			     .is_removal = s->todo == REGISTRANT_REMOVE,
			     .company = company_of(s)};
}

static bool kind_is(const struct registrant_service *s, const struct kind *k)
{
	return (s->todo == REGISTRANT_REMOVE) == k->is_removal &&
	       s->settings->lease_s == k->lease_s && company_of(s) == k->company &&
	       dns_name_equal(s->zone, k->zone);
}

/* Returns whether a refresh that is not due yet goes along with others. */
static bool is_near(const struct registrant_service *s, const struct kind *k, uint64_t now_ms)
{
	return s->place == REGISTRANT_WAITS && s->todo == REGISTRANT_REFRESH &&
	       resolve_timer_is_set(&s->due) &&
	       s->due.due_ms < now_ms + s->lease_s * UINT64_C(10) * WINDOW_PERCENT && kind_is(s, k);
}

/* The owner's function may change the state before what is refreshed; what it returned the last
 * time was taken already, and a state that was set since remains. */
static void ask_health(struct registrant_service *s)
{
	enum dnssd_state state;

	if (s->todo != REGISTRANT_REFRESH || s->settings->health == NULL || !s->has_owner)
		return;
	state = s->settings->health(s->settings->health_arg);
	if (s->has_health && state == s->health)
		return;
	s->has_health = true;
	s->health = state;
	if (state == s->settings->state)
		return;
	s->settings->state = state;
	s->todo = REGISTRANT_REGISTER;
}

/* Adds a unit to the message if it has room. */
static bool add(struct registrant_batch *b, size_t *bound, size_t *most,
		struct registrant_service *s)
{
	size_t n;

	if (s->nmost > 0 && s->nmost < *most)
		*most = s->nmost;
	if (b->n >= *most)
		return false;
	ask_health(s);
	n = registrant_records_bound(s);
	if (*bound + n > DNS_MSG_MAX && b->n > 0)
		return false;
	*bound += n;
	registrant_queue_take(s);
	b->units[b->n++] = s;
	s->place = REGISTRANT_FLIES;
	return true;
}

/* Fills the message with what is due and goes with the first unit. Returns a bound of its size. */
static size_t fill(struct registrant_batch *b, uint64_t now_ms)
{
	struct registrant *r = b->r;
	const struct kind k = kind_of(r->due.first);
	bool is_refresh = r->due.first->todo == REGISTRANT_REFRESH;
	size_t bound = FRAME_BOUND + registrant_sender_room(&r->signing);
	size_t most = REGISTRANT_BATCH_MAX;

	for (struct registrant_service *s = r->due.first, *next; s != NULL; s = next) {
		next = s->next_listed;
		if (kind_is(s, &k) && !add(b, &bound, &most, s))
			return bound;
	}
	for (struct registrant_service *s = r->units; is_refresh && s != NULL; s = s->next)
		if (is_near(s, &k, now_ms) && !add(b, &bound, &most, s))
			return bound;
	return bound;
}

/* ---- sending ---- */

static size_t write_message(const struct registrant_batch *b, uint8_t *msg, size_t size)
{
	const struct registrant_service *first = b->units[0];
	struct dns_update_writer u;

	dns_update_write_begin(&u, msg, size, 0, first->zone);
	for (size_t i = 0; i < b->n; i++)
		registrant_records_require(&u, b->units[i]);
	for (size_t i = 0; i < b->n; i++)
		registrant_records_change(&u, b->units[i]);
	return dns_update_write_end(&u, REGISTRANT_UDP_MAX,
				    first->todo == REGISTRANT_REMOVE ? 0
								     : first->settings->lease_s);
}

static uint64_t patience_ms(const struct registrant_service *first)
{
	if (first->todo == REGISTRANT_REMOVE)
		return REGISTRANT_REMOVAL_MS;
	return first->settings->is_eager ? REGISTRANT_EAGER_MS : REGISTRANT_SENDING_MS;
}

static int send_batch(struct registrant_batch *b, size_t bound, uint64_t now_ms)
{
	size_t room = registrant_sender_room(&b->r->signing), n;
	uint8_t *msg = malloc(bound);
	int ret;

	if (msg == NULL)
		return -ENOMEM;
	n = write_message(b, msg, bound);
	if (n == 0 || n + room > DNS_MSG_MAX) {
		free(msg);
		return -EMSGSIZE;
	}
	ret = registrant_sender_new(&b->sender, &b->r->signing, msg, n,
				    now_ms + patience_ms(b->units[0]), on_done, b);
	if (ret < 0)
		free(msg);
	return ret;
}

/* Sends a message with the first unit that is due. */
static void send_first(struct registrant *r, uint64_t now_ms)
{
	struct registrant_batch *b = calloc(1, sizeof(*b));
	struct registrant_result failure = {.error = -ENOMEM, .why = "out of memory"};
	struct registrant_service *s = r->due.first;
	size_t bound;

	if (b == NULL) {
		registrant_queue_take(s);
		registrant_fate_sent(s, &failure, 1, now_ms);
		return;
	}
	b->r = r;
	b->sent_ms = now_ms;
	bound = fill(b, now_ms);
	for (size_t i = 0; i < b->n; i++) {
		b->units[i]->was_sent = true;
		b->units[i]->flying = b->units[i]->incarnation;
		if (b->units[i]->todo == REGISTRANT_REMOVE && b->units[i]->give_up_ms == 0)
			b->units[i]->give_up_ms = now_ms + REGISTRANT_REMOVAL_MS;
	}
	failure.error = send_batch(b, bound, now_ms);
	if (failure.error == 0) {
		b->next = r->batches;
		b->link = &r->batches;
		if (b->next != NULL)
			b->next->link = &b->next;
		r->batches = b;
		r->nflying++;
		return;
	}
	if (failure.error == -EMSGSIZE)
		failure.why = "the records do not fit in a message";
	for (size_t i = 0; i < b->n; i++)
		registrant_fate_sent(b->units[i], &failure, b->n, now_ms);
	batch_free(b);
}

/* ---- zones ---- */

static void on_zone(void *arg, const uint8_t *zone, int error, const char *why, uint64_t now_ms)
{
	struct registrant_service *s = arg;

	s->place = REGISTRANT_WAITS;
	if (zone == NULL) {
		registrant_fate_no_zone(s, error, why, now_ms);
		return;
	}
	memcpy(s->zone, zone, dns_name_nbytes(zone));
	registrant_queue_now(s, s->todo);
}

/* Finds the zones of those that are due; the others wait for theirs. */
static void find_zones(struct registrant *r, uint64_t now_ms)
{
	for (struct registrant_service *s = r->due.first, *next; s != NULL; s = next) {
		const uint8_t *above = dns_name_strip(s->name, 1), *zone;

		next = s->next_listed;
		if (s->zone[0] != 0)
			continue;
		zone = registrant_zones_find(&r->zones, above);
		if (zone != NULL) {
			memcpy(s->zone, zone, dns_name_nbytes(zone));
			continue;
		}
		registrant_queue_take(s);
		s->zone_waiter.on_found = on_zone;
		s->zone_waiter.arg = s;
		s->place = REGISTRANT_FOR_ZONE;
		if (registrant_zones_wait(&r->zones, above, &s->zone_waiter, now_ms) < 0)
			registrant_fate_no_zone(s, -ENOMEM, "out of memory", now_ms);
	}
}

/* Returns for how long others are waited for. An eager one alone does not wait: what comes while it
 * is in flight goes together. */
static uint64_t gather_ms(const struct registrant *r)
{
	const struct registrant_service *s = r->due.first;

	if (r->due.n == 0 || r->due.n >= REGISTRANT_BATCH_MAX ||
	    (r->due.n == 1 && s->settings->is_eager && r->nflying == 0))
		return 0;
	while (s != NULL && !s->settings->is_eager)
		s = s->next_listed;
	return r->nlooks > 0 && s == NULL ? REGISTRANT_GATHER_LOOKS_MS : REGISTRANT_GATHER_MS;
}

/* The first call only begins to gather: what comes one by one, as answers do, goes together. */
void registrant_batch_pump(void *arg, uint64_t now_ms)
{
	struct registrant *r = arg;
	uint64_t wait_ms;

	find_zones(r, now_ms);
	wait_ms = gather_ms(r);
	if (wait_ms > 0 && !r->is_gathered) {
		r->is_gathered = true;
		resolve_timer_set(&r->events->timers, &r->pump, now_ms + wait_ms);
		return;
	}
	r->is_gathered = false;
	while (r->nflying < REGISTRANT_FLYING_MAX && r->due.n > 0)
		send_first(r, now_ms);
}
