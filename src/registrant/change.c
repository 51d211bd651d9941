/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A change goes through these steps, of which one that it does not need is passed over:
 *
 *  1. it begins, in resolve_events_run
 *  2. the zone of the name is found
 *  3. to set a state: the TXT record is read
 *  4. the update is sent; if what was read is not there any more, 3 follows again */

#include "registrant/change.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dns/type.h"
#include "dns/update_write.h"
#include "dnssd/kind.h"
#include "registrant/look.h"
#include "registrant/records.h"

enum {
	TRIES_MAX = 5, /* of setting a state, while others change the record */
	MESSAGE_MAX = 16384,
	REPORT_TTL_S = 10,
	REPORT_LEASE_S = 60,
	REPORT_WHY_MAX = 180, /* octets of a pair have room */
	STATE_LEASE_S = 7200, /* the longest that owners have, so that none ends earlier */
	STATE_TTL_S = 30,
};

/* Writes the update of a change. */
typedef void (*write_fn)(struct dns_update_writer *u, struct registrant_change *c);

struct registrant_change {
	struct registrant *r; /* NULL: that is gone */
	struct registrant_change *next, **link;
	write_fn write;
	resolve_timer_fn look; /* to set a state: step 3; or NULL */
	registrant_change_fn done;
	void *arg;
	uint64_t deadline_ms;
	struct resolve_timer begin;
	struct registrant_zone_waiter zone_waiter;
	struct locate_ask *ask;
	struct registrant_sender *sender;
	bool is_report, is_unchecked;
	unsigned ntries;
	enum dnssd_state state;
	uint32_t lease_s; /* that is asked for; 0: none */
	struct registrant_present present;
	uint8_t name[DNS_NAME_MAX], zone[DNS_NAME_MAX];
	char text[REPORT_WHY_MAX + 1];
	char why[REGISTRANT_WHY_MAX];
};

static void stop(struct registrant_change *c)
{
	if (c->r == NULL)
		return;
	resolve_timer_clear(&c->r->events->timers, &c->begin);
	registrant_zones_wait_end(&c->zone_waiter);
	locate_ask_free(c->ask);
	registrant_sender_free(c->sender);
	c->ask = NULL;
	c->sender = NULL;
	*c->link = c->next;
	if (c->next != NULL)
		c->next->link = c->link;
	c->r = NULL;
}

/* Ends the change; its owner may free it, and all else. What it waited for is freed before. */
static void finish(struct registrant_change *c, int error, const char *why, uint64_t now_ms)
{
	snprintf(c->why, sizeof(c->why), "%s", why);
	stop(c);
	c->done(c->arg, error, c->why, now_ms);
}

void registrant_change_free(struct registrant_change *c)
{
	if (c == NULL)
		return;
	stop(c);
	free(c);
}

void registrant_change_fini(struct registrant *r)
{
	while (r->changes != NULL)
		stop(r->changes);
}

/* ---- what is changed ---- */

/* The registry removes what it has derived of an instance; other servers do not: the PTR at the
 * type, which is the same for all instances, goes with it. */
static void write_removal(struct dns_update_writer *u, struct registrant_change *c)
{
	dns_update_write_require(u, c->name, DNS_TYPE_ANY);
	if (dnssd_kind_of(c->name, c->zone) == DNSSD_INSTANCE)
		dns_update_write_remove(u, dns_name_strip(c->name, 1), DNS_TYPE_PTR, c->name,
					dns_name_nbytes(c->name));
	dns_update_write_remove_all(u, c->name, DNS_TYPE_ANY);
}

/* Copies TXT rdata with another state; up has no pair. Returns its length, 0 if it has no room. */
static size_t state_set(uint8_t *out, size_t size, const struct registrant_present *p,
			enum dnssd_state state)
{
	return dnssd_txt_set(out, size, p->txt, p->ntxt, "state", dnssd_state_text(state));
}

static void write_state(struct dns_update_writer *u, struct registrant_change *c)
{
	uint8_t txt[REGISTRANT_PRESENT_MAX + 16];
	size_t n = state_set(txt, sizeof(txt), &c->present, c->state);

	if (!c->is_unchecked)
		dns_update_write_require_record(u, c->name, DNS_TYPE_TXT, c->present.txt,
						c->present.ntxt);
	dns_update_write_require(u, c->name, DNS_TYPE_SRV);
	dns_update_write_remove_all(u, c->name, DNS_TYPE_TXT);
	dns_update_write_add(u, c->name, DNS_TYPE_TXT, STATE_TTL_S, txt, n);
}

static size_t pair_write(uint8_t *out, const char *format, const char *value)
{
	int n = snprintf((char *)out + 1, DNS_LABEL_MAX + REPORT_WHY_MAX, format, value);

	out[0] = (uint8_t)n;
	return (size_t)n + 1;
}

/* The report has the reporter's name: reports of several keys should differ (weft-services(7)). A
 * name that has no instance is not reported, or a mistyped one would seem to be. */
static void write_report(struct dns_update_writer *u, struct registrant_change *c)
{
	const struct dns_tsig_key *key = locate_key(c->r->locate);
	uint8_t txt[2 * 256], name[DNS_NAME_MAX];
	char by[DNS_LABEL_MAX + 1] = "?";
	size_t n;

	if (key != NULL)
		snprintf(by, sizeof(by), "%.*s", key->name[0], (const char *)key->name + 1);
	n = pair_write(txt, "by=%s", by);
	n += pair_write(txt + n, "why=%s", c->text);
	dns_name_join(name, (const uint8_t *)"\10_suspect", 9, c->name);
	dns_update_write_require(u, c->name, DNS_TYPE_SRV);
	dns_update_write_remove_all(u, name, DNS_TYPE_TXT);
	dns_update_write_add(u, name, DNS_TYPE_TXT, REPORT_TTL_S, txt, n);
}

/* ---- the steps ---- */

/* Does the next step; the step is a timer, so that no step calls another one. */
static void go_on(struct registrant_change *c, resolve_timer_fn step)
{
	c->begin.on_due = step;
	resolve_timer_set(&c->r->events->timers, &c->begin, 0);
}

static bool is_changed_meanwhile(const struct registrant_change *c, uint16_t rcode)
{
	return c->look != NULL && c->ntries < TRIES_MAX &&
	       (rcode == DNS_RCODE_NXRRSET || rcode == DNS_RCODE_YXRRSET);
}

static int error_of(const struct registrant_result *result)
{
	if (result->error != 0)
		return result->error;
	switch (result->rcode) {
	case DNS_RCODE_NOERROR:
		return 0;
	case DNS_RCODE_NXDOMAIN:
	case DNS_RCODE_NXRRSET:
		return -ENOENT;
	case DNS_RCODE_YXDOMAIN:
		return -EEXIST;
	default:
		return -EACCES;
	}
}

static void on_sent(void *arg, const struct registrant_result *result, uint64_t now_ms)
{
	struct registrant_change *c = arg;
	char why[REGISTRANT_WHY_MAX];

	snprintf(why, sizeof(why), "%s", result->why);
	if (result->error != 0 ? result->is_turned_away : result->rcode == DNS_RCODE_NOTZONE)
		registrant_zones_forget(&c->r->zones, dns_name_strip(c->name, 1));
	if (result->error == 0 && is_changed_meanwhile(c, result->rcode)) {
		registrant_sender_free(c->sender);
		c->sender = NULL;
		go_on(c, c->look);
		return;
	}
	finish(c, error_of(result), why, now_ms);
}

static void send_update(void *arg, uint64_t now_ms)
{
	struct registrant_change *c = arg;
	struct dns_update_writer u;
	uint8_t *msg = malloc(MESSAGE_MAX);
	size_t n;

	if (msg == NULL) {
		finish(c, -ENOMEM, "out of memory", now_ms);
		return;
	}
	dns_update_write_begin(&u, msg, MESSAGE_MAX, 0, c->zone);
	c->write(&u, c);
	n = dns_update_write_end(&u, REGISTRANT_UDP_MAX, c->lease_s);
	if (registrant_sender_new(&c->sender, &c->r->signing, msg, n, c->deadline_ms, on_sent, c) <
	    0) {
		free(msg);
		finish(c, -ENOMEM, "out of memory", now_ms);
	}
}

/* The registry compares prerequisites with what the owner has registered, which is not what it
 * publishes of a drained instance: if the same was read twice, it is not compared. */
static void read_present(struct registrant_change *c, struct resolve_answer *answer,
			 uint64_t now_ms)
{
	struct registrant_present before = c->present;

	registrant_look_read(&c->present, c->name, answer);
	if (!c->present.is_known) {
		finish(c, -ENOMEM, "out of memory", now_ms);
	} else if (!c->present.is_there) {
		finish(c, -ENOENT, "there is no instance of that name", now_ms);
	} else if (c->present.ntxt == 0) {
		finish(c, -EMSGSIZE, "its TXT records are too long, or several", now_ms);
	} else {
		c->is_unchecked = before.ntxt == c->present.ntxt &&
				  memcmp(before.txt, c->present.txt, before.ntxt) == 0;
		c->lease_s = c->present.incarnation > 0 ? STATE_LEASE_S : 0;
		c->ntries++;
		locate_ask_free(c->ask);
		c->ask = NULL;
		go_on(c, send_update);
	}
}

static void on_answer(void *arg, struct resolve_answer *answer, int error, const char *why,
		      uint64_t now_ms)
{
	struct registrant_change *c = arg;

	if (answer == NULL)
		finish(c, error == -ENOENT ? -EADDRNOTAVAIL : error, why, now_ms);
	else
		read_present(c, answer, now_ms);
}

static void look(void *arg, uint64_t now_ms)
{
	struct registrant_change *c = arg;

	if (locate_ask_new(&c->ask, c->r->locate, c->name, DNS_TYPE_TXT, c->deadline_ms, on_answer,
			   c) < 0)
		finish(c, -ENOMEM, "out of memory", now_ms);
}

static void on_zone(void *arg, const uint8_t *zone, int error, const char *why, uint64_t now_ms)
{
	struct registrant_change *c = arg;

	if (zone == NULL) {
		finish(c, error, why, now_ms);
		return;
	}
	memcpy(c->zone, zone, dns_name_nbytes(zone));
	go_on(c, c->look != NULL ? c->look : send_update);
}

/* Returns whether the instance was reported lately; if not, notes that it is. The place of the
 * report that ends first is taken. */
static bool was_reported(struct registrant_change *c, uint64_t now_ms)
{
	struct registrant *r = c->r;
	uint8_t lower[DNS_NAME_MAX];
	uint64_t hash = base_hash(lower, dns_name_lower(lower, c->name), 0);
	unsigned first = 0;

	for (unsigned i = 0; i < REGISTRANT_REPORTS_MAX; i++) {
		if (r->reports[i].hash == hash && r->reports[i].until_ms > now_ms)
			return true;
		if (r->reports[i].until_ms < r->reports[first].until_ms)
			first = i;
	}
	r->reports[first].hash = hash;
	r->reports[first].until_ms = now_ms + REGISTRANT_REPORT_MS;
	return false;
}

static void begin(void *arg, uint64_t now_ms)
{
	struct registrant_change *c = arg;
	const uint8_t *above = dns_name_strip(c->name, 1), *zone;

	if (c->is_report && was_reported(c, now_ms)) {
		finish(c, 0, "was reported a moment ago", now_ms);
		return;
	}
	zone = registrant_zones_find(&c->r->zones, above);
	if (zone != NULL)
		on_zone(c, zone, 0, "", now_ms);
	else if (registrant_zones_wait(&c->r->zones, above, &c->zone_waiter, now_ms) < 0)
		finish(c, -ENOMEM, "out of memory", now_ms);
}

/* ---- the door ---- */

static int change_new(struct registrant_change **out, struct registrant *r, const uint8_t *name,
		      uint64_t deadline_ms, registrant_change_fn done, void *arg)
{
	struct registrant_change *c;

	if (dns_name_labels(name) < 2)
		return -EINVAL;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return -ENOMEM;
	c->r = r;
	c->done = done;
	c->arg = arg;
	c->deadline_ms = deadline_ms;
	memcpy(c->name, name, dns_name_nbytes(name));
	c->begin.arg = c;
	c->zone_waiter = (struct registrant_zone_waiter){.on_found = on_zone, .arg = c};
	c->next = r->changes;
	c->link = &r->changes;
	if (c->next != NULL)
		c->next->link = &c->next;
	r->changes = c;
	go_on(c, begin);
	*out = c;
	return 0;
}

int registrant_change_remove(struct registrant_change **out, struct registrant *r,
			     const uint8_t *name, uint64_t deadline_ms, registrant_change_fn done,
			     void *arg)
{
	int ret = change_new(out, r, name, deadline_ms, done, arg);

	if (ret == 0)
		(*out)->write = write_removal;
	return ret;
}

int registrant_change_state(struct registrant_change **out, struct registrant *r,
			    const uint8_t *name, enum dnssd_state state, uint64_t deadline_ms,
			    registrant_change_fn done, void *arg)
{
	int ret = change_new(out, r, name, deadline_ms, done, arg);

	if (ret < 0)
		return ret;
	(*out)->write = write_state;
	(*out)->look = look;
	(*out)->state = state;
	return 0;
}

int registrant_change_report(struct registrant_change **out, struct registrant *r,
			     const uint8_t *name, const char *why, uint64_t deadline_ms,
			     registrant_change_fn done, void *arg)
{
	int ret;

	if (dns_name_nbytes(name) + sizeof("_suspect") > DNS_NAME_MAX)
		return -EINVAL;
	ret = change_new(out, r, name, deadline_ms, done, arg);
	if (ret < 0)
		return ret;
	(*out)->write = write_report;
	(*out)->is_report = true;
	(*out)->lease_s = REPORT_LEASE_S;
	snprintf((*out)->text, sizeof((*out)->text), "%s", why != NULL ? why : "");
	return 0;
}
