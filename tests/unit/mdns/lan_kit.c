/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "lan_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <ev.h>

#include "dns/name.h"
#include "dns/type.h"
#include "lan/browser.h"
#include "text/rdata_write.h"

enum { ITEMS_MAX = 8192, SERVICES_MAX = 128, BROWSERS_MAX = 64, TIMERS_MAX = 4 };

struct lan_group {
	lan_group_fn on_state;
	void *arg;
	enum lan_group_state state;
	char **lines;
	size_t nlines;
	uint8_t own[DNS_NAME_MAX]; /* the name of its unique records */
};

struct lan_browser {
	uint8_t name[DNS_NAME_MAX];
	uint16_t type;
	lan_browser_fn on_record;
	void *arg;
	uint8_t address[4];
	bool has_address;
};

struct service {
	uint8_t name[DNS_NAME_MAX], target[DNS_NAME_MAX], txt[256];
	struct mdns_address address;
	struct mdns_seen_service seen; /* its views are set by find */
	unsigned nresolving;
	bool is_there;
};

static struct lan_group *groups[ITEMS_MAX];
static unsigned ngroups, npublished, nservices, nfollowed;
static struct service services[SERVICES_MAX];
static uint8_t followed[SERVICES_MAX][DNS_NAME_MAX];
static struct lan_browser *browsers[BROWSERS_MAX];
static mdns_seen_fn on_service;
static void *on_service_arg;
static double now = 1000;
static struct ev_timer *timers[TIMERS_MAX];

/* ---- time ---- */

ev_tstamp ev_now(struct ev_loop *loop)
{
	(void)loop;
	return now;
}

void ev_timer_start(struct ev_loop *loop, struct ev_timer *timer)
{
	unsigned i = 0;

	(void)loop;
	while (timers[i] != NULL && timers[i] != timer)
		i++;
	timers[i] = timer;
	timer->active = 1;
	timer->at += now; /* as libev does */
}

void ev_timer_stop(struct ev_loop *loop, struct ev_timer *timer)
{
	(void)loop;
	timer->active = 0;
	for (unsigned i = 0; i < TIMERS_MAX; i++)
		if (timers[i] == timer)
			timers[i] = NULL;
}

void lan_kit_pass(uint64_t ms)
{
	double end = now + (double)ms / 1000;

	for (;;) {
		struct ev_timer *first = NULL;

		for (unsigned i = 0; i < TIMERS_MAX; i++)
			if (timers[i] != NULL && timers[i]->at <= end &&
			    (first == NULL || timers[i]->at < first->at))
				first = timers[i];
		if (first == NULL)
			break;
		now = first->at > now ? first->at : now;
		ev_timer_stop(NULL, first);
		first->cb(NULL, first, EV_TIMER);
	}
	now = end;
}

/* ---- groups ---- */

struct lan_group *lan_group_new(struct lan_daemon *d, const struct lan_interfaces *where,
				lan_group_fn on_state, void *arg)
{
	struct lan_group *g = calloc(1, sizeof(*g));

	(void)d;
	(void)where;
	if (g == NULL)
		return NULL;
	g->on_state = on_state;
	g->arg = arg;
	assert_true(ngroups < ITEMS_MAX);
	groups[ngroups++] = g;
	return g;
}

static void group_clear(struct lan_group *g)
{
	for (size_t i = 0; i < g->nlines; i++)
		free(g->lines[i]);
	free(g->lines);
	g->lines = NULL;
	g->nlines = 0;
	g->own[0] = 0;
}

static char *record_line(const struct lan_record *r)
{
	static const char *const transports[] = {"", " IPv4", " IPv6"};
	char owner[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX], rdata[8192], line[16384];

	dns_name_to_text(owner, r->owner);
	text_rdata_to_text(rdata, sizeof(rdata), r->type, r->rdata, r->nbytes);
	snprintf(line, sizeof(line), "%s %u %s %s%s%s\n", owner, r->ttl,
		 dns_type_to_text(type, r->type), rdata, r->is_unique ? " unique" : "",
		 transports[r->transport]);
	return strdup(line);
}

int lan_group_publish(struct lan_group *g, const struct lan_record *records, size_t n)
{
	char **lines = calloc(n + 1, sizeof(*lines));

	for (size_t i = 0; lines != NULL && i < n; i++)
		if ((lines[i] = record_line(&records[i])) == NULL) {
			while (i-- > 0)
				free(lines[i]);
			free(lines);
			return -1;
		}
	if (lines == NULL)
		return -1;
	group_clear(g);
	g->lines = lines;
	g->nlines = n;
	for (size_t i = 0; i < n; i++)
		if (records[i].is_unique)
			memcpy(g->own, records[i].owner, dns_name_nbytes(records[i].owner));
	if (g->state != LAN_GROUP_ESTABLISHED)
		g->state = LAN_GROUP_PROBING;
	npublished++;
	return 0;
}

enum lan_group_state lan_group_state(const struct lan_group *g)
{
	return g->state;
}

const char *lan_group_why(const struct lan_group *g)
{
	(void)g;
	return "Avahi has no room";
}

void lan_group_free(struct lan_group *g)
{
	unsigned i = 0;

	if (g == NULL)
		return;
	while (groups[i] != g)
		i++;
	groups[i] = groups[--ngroups];
	group_clear(g);
	free(g);
}

static void name_of(uint8_t out[static DNS_NAME_MAX], const char *text)
{
	assert_true(dns_name_from_text(out, text, strlen(text), NULL) > 0);
}

void lan_kit_set_state(const char *text, enum lan_group_state state)
{
	uint8_t name[DNS_NAME_MAX];

	name_of(name, text);
	for (unsigned i = 0; i < ngroups; i++)
		if (dns_name_equal(groups[i]->own, name)) {
			groups[i]->state = state;
			groups[i]->on_state(groups[i]->arg, groups[i], state);
			return;
		}
	fail_msg("no group has %s", text);
}

static int line_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

const char *lan_kit_records(void)
{
	static char text[1 << 20];
	static const char *lines[1 << 16];
	size_t n = 0, at = 0;

	for (unsigned i = 0; i < ngroups; i++)
		for (size_t j = 0; j < groups[i]->nlines; j++)
			if (groups[i]->state != LAN_GROUP_COLLISION)
				lines[n++] = groups[i]->lines[j];
	qsort(lines, n, sizeof(*lines), line_order);
	text[0] = '\0';
	for (size_t i = 0; i < n && at < sizeof(text) - 16384; i++)
		at += (size_t)sprintf(text + at, "%s", lines[i]);
	return text;
}

unsigned lan_kit_npublished(void)
{
	return npublished;
}

unsigned lan_kit_ngroups(void)
{
	return ngroups;
}

/* ---- browsers ---- */

struct lan_browser *lan_browser_new(struct lan_daemon *d, const struct lan_interfaces *where,
				    const uint8_t *name, uint16_t type, lan_browser_fn on_record,
				    void *arg)
{
	struct lan_browser *b = calloc(1, sizeof(*b));
	unsigned i = 0;

	(void)d;
	(void)where;
	if (b == NULL)
		return NULL;
	memcpy(b->name, name, dns_name_nbytes(name));
	b->type = type;
	b->on_record = on_record;
	b->arg = arg;
	while (browsers[i] != NULL)
		i++;
	browsers[i] = b;
	return b;
}

void lan_browser_each(const struct lan_browser *b,
		      void (*each)(void *arg, const uint8_t *rdata, size_t nbytes), void *arg)
{
	if (b->has_address)
		each(arg, b->address, sizeof(b->address));
}

void lan_browser_free(struct lan_browser *b)
{
	for (unsigned i = 0; i < BROWSERS_MAX; i++)
		if (browsers[i] == b)
			browsers[i] = NULL;
	free(b);
}

void lan_kit_add_address(const char *host, const char *address)
{
	uint8_t name[DNS_NAME_MAX];

	name_of(name, host);
	for (unsigned i = 0; i < BROWSERS_MAX; i++) {
		struct lan_browser *b = browsers[i];

		if (b == NULL || b->type != DNS_TYPE_A || !dns_name_equal(b->name, name))
			continue;
		b->has_address = inet_pton(AF_INET, address, b->address) == 1;
		b->on_record(b->arg, b, LAN_BROWSER_ADDED, b->address, sizeof(b->address));
	}
}

/* ---- what is seen ---- */

static struct service *service_find(const uint8_t *name)
{
	for (unsigned i = 0; i < nservices; i++)
		if (dns_name_equal(services[i].name, name))
			return &services[i];
	return NULL;
}

static struct service *service_take(const uint8_t *name)
{
	struct service *s = service_find(name);

	if (s != NULL)
		return s;
	assert_true(nservices < SERVICES_MAX);
	s = &services[nservices++];
	memset(s, 0, sizeof(*s));
	memcpy(s->name, name, dns_name_nbytes(name));
	return s;
}

void mdns_seen_listen(struct mdns_seen *s, mdns_seen_fn fn, void *arg)
{
	(void)s;
	on_service = fn;
	on_service_arg = arg;
}

int mdns_seen_add_type(struct mdns_seen *s, const uint8_t *type)
{
	unsigned i = 0;

	(void)s;
	while (followed[i][0] != 0)
		i++;
	memcpy(followed[i], type, dns_name_nbytes(type));
	nfollowed++;
	return 0;
}

void mdns_seen_remove_type(struct mdns_seen *s, const uint8_t *type)
{
	unsigned i = 0;

	(void)s;
	while (!dns_name_equal(followed[i], type))
		i++;
	followed[i][0] = 0;
	nfollowed--;
}

int mdns_seen_resolve(struct mdns_seen *s, const uint8_t *name)
{
	(void)s;
	service_take(name)->nresolving++;
	nfollowed++;
	return 0;
}

void mdns_seen_unresolve(struct mdns_seen *s, const uint8_t *name)
{
	(void)s;
	assert_true(service_find(name)->nresolving-- > 0);
	nfollowed--;
}

bool mdns_seen_find(const struct mdns_seen *seen, const uint8_t *name,
		    struct mdns_seen_service *out)
{
	struct service *s = service_find(name);

	(void)seen;
	if (s == NULL || !s->is_there)
		return false;
	*out = s->seen;
	out->name = s->name;
	out->target = s->target;
	out->txt = s->txt;
	out->ntxt = s->txt[0] + 1u;
	out->addresses = &s->address;
	return true;
}

static void report(const uint8_t *name)
{
	struct mdns_seen_service out = {.name = name};

	mdns_seen_find(NULL, name, &out);
	if (on_service != NULL)
		on_service(on_service_arg, &out);
}

void lan_kit_see(const char *text, uint16_t port, const char *target, const char *txt,
		 const char *address)
{
	uint8_t name[DNS_NAME_MAX];
	struct service *s;

	name_of(name, text);
	s = service_take(name);
	s->is_there = true;
	s->seen = (struct mdns_seen_service){
		.is_named = true, .is_resolved = target != NULL, .port = port};
	if (target != NULL)
		name_of(s->target, target);
	s->txt[0] = txt == NULL ? 0 : (uint8_t)strlen(txt);
	memcpy(s->txt + 1, txt == NULL ? "" : txt, s->txt[0]);
	s->address.type = DNS_TYPE_A;
	s->seen.naddresses = address != NULL && inet_pton(AF_INET, address, s->address.bytes) == 1;
	report(name);
}

void lan_kit_unsee(const char *text)
{
	uint8_t name[DNS_NAME_MAX];

	name_of(name, text);
	service_take(name)->is_there = false;
	report(name);
}

bool lan_kit_follows(const char *type)
{
	uint8_t name[DNS_NAME_MAX];

	name_of(name, type);
	for (unsigned i = 0; i < SERVICES_MAX; i++)
		if (followed[i][0] != 0 && dns_name_equal(followed[i], name))
			return true;
	return false;
}

bool lan_kit_resolves(const char *text)
{
	uint8_t name[DNS_NAME_MAX];
	struct service *s;

	name_of(name, text);
	s = service_find(name);
	return s != NULL && s->nresolving > 0;
}

unsigned lan_kit_nfollowed(void)
{
	return nfollowed;
}

void lan_kit_reset(void)
{
	assert_int_equal(ngroups, 0);
	assert_int_equal(nfollowed, 0);
	for (unsigned i = 0; i < BROWSERS_MAX; i++)
		assert_null(browsers[i]);
	nservices = npublished = 0;
	on_service = NULL;
	memset(timers, 0, sizeof(timers));
}
