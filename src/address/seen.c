/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A round:
 *
 * 1. Wait until registries are known.
 * 2. For each family: ask those with an address of it, in the order of their source, so that the
 *    same registry answers as long as it can: another one may be on the other side of a gateway.
 *    Those that see loopback or link-local addresses only come last.
 * 3. If no registry answers over TCP, ask over UDP, twice.
 * 4. When both families are done: report, and set the time of the next round. */

#include "address/seen.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "address/whoami.h"
#include "dns/name.h"
#include "dns/type.h"
#include "resolve/lookup.h"

enum { SILENT_MAX = 2 }; /* rounds without an answer, until an address is dropped */

enum how { OVER_STREAM, OVER_UDP, OVER_UDP_AGAIN };

/* One family of the registries' addresses. */
struct family {
	struct address_seen *seen;
	sa_family_t family;

	/* of the round */
	struct resolve_endpoint servers[LOCATE_REGISTRIES_MAX];
	struct resolve_lookup_servers lookup_servers;
	struct resolve_lookup *lookup; /* NULL: done, or not begun */
	enum how how;
	struct sockaddr_storage once; /* reported over UDP, and to be confirmed */

	/* across rounds */
	struct sockaddr_storage address; /* its family is AF_UNSPEC: none */
	unsigned nsilent;		 /* rounds without an answer */
};

struct address_seen {
	struct resolve_events *events;
	struct locate *locate;
	address_seen_fn on_seen;
	void *arg;
	uint8_t name[DNS_NAME_MAX];
	struct family families[ADDRESS_SEEN_MAX];
	struct locate_waiter waiter;
	struct resolve_timer timer; /* the next round, or the end of this one */
	uint32_t retry_ms;
	bool is_asking;	 /* a round is under way */
	bool is_renewed; /* another one is wanted at once after it */
};

/* ---- which registries ---- */

/* Whether a host at this address sees others by addresses that are of use to further hosts. */
static bool is_far(const struct sockaddr_storage *a)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)a;

	if (a->ss_family == AF_INET)
		return *(const uint8_t *)&((const struct sockaddr_in *)a)->sin_addr != 127;
	return !IN6_IS_ADDR_LOOPBACK(&six->sin6_addr) && !IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr);
}

static bool is_preferred(const struct locate_registry *a, const struct locate_registry *b)
{
	bool is_a_far = is_far(&a->endpoint.address), is_b_far = is_far(&b->endpoint.address);

	return is_a_far != is_b_far ? is_a_far : a->rank < b->rank;
}

/* Finds the registries of the family that are asked alike: all over TLS, or all without. */
static void servers_find(struct family *f)
{
	const struct locate_registry *chosen[LOCATE_REGISTRIES_MAX];
	struct locate *locate = f->seen->locate;
	size_t n = 0, nall, nservers = 0;
	const struct locate_registry *all = locate_registries(locate, &nall);

	for (size_t i = 0; i < nall && n < LOCATE_REGISTRIES_MAX; i++) {
		size_t at = n;

		if (all[i].endpoint.address.ss_family != f->family)
			continue;
		for (; at > 0 && is_preferred(&all[i], chosen[at - 1]); at--)
			chosen[at] = chosen[at - 1];
		chosen[at] = &all[i];
		n++;
	}
	for (size_t i = 0; i < n; i++)
		if (chosen[i]->endpoint.is_tls == chosen[0]->endpoint.is_tls)
			f->servers[nservers++] = chosen[i]->endpoint;
	f->lookup_servers = (struct resolve_lookup_servers){
		.servers = f->servers,
		.nservers = nservers,
		.tls = nservers > 0 && f->servers[0].is_tls ? locate_tls(locate) : NULL,
	};
}

/* ---- the end of a round ---- */

static uint32_t next_ms(struct address_seen *s, bool has_answer)
{
	uint32_t wait_ms = s->retry_ms;

	if (!has_answer) {
		s->retry_ms = 2 * wait_ms < ADDRESS_SEEN_MS ? 2 * wait_ms : ADDRESS_SEEN_MS;
		return wait_ms;
	}
	s->retry_ms = ADDRESS_SEEN_RETRY_MIN_MS;
	for (unsigned i = 0; i < ADDRESS_SEEN_MAX; i++)
		if (s->families[i].nsilent > 0 && s->families[i].address.ss_family != AF_UNSPEC)
			return ADDRESS_SEEN_SOON_MS;
	return ADDRESS_SEEN_MS;
}

static bool is_listed(const struct sockaddr_storage *list, size_t n,
		      const struct sockaddr_storage *address)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(&list[i], address, sizeof(*address)) == 0)
			return true;
	return false;
}

/* A family that is silent again while the other one answers has lost its way out: its address is
 * dropped. When nobody answers, addresses remain. */
static size_t addresses_find(struct address_seen *s, struct sockaddr_storage *out)
{
	size_t n = 0;

	for (unsigned i = 0; i < ADDRESS_SEEN_MAX; i++) {
		struct family *f = &s->families[i];

		if (f->nsilent >= SILENT_MAX)
			f->address.ss_family = AF_UNSPEC;
		if (f->address.ss_family != AF_UNSPEC && !is_listed(out, n, &f->address))
			out[n++] = f->address;
	}
	return n;
}

/* The call is the last thing done. */
static void round_end(struct address_seen *s, uint64_t now_ms)
{
	struct sockaddr_storage addresses[ADDRESS_SEEN_MAX];
	bool has_answer = false;
	uint32_t wait_ms;
	size_t n;

	s->is_asking = false;
	for (unsigned i = 0; i < ADDRESS_SEEN_MAX; i++)
		has_answer |= s->families[i].nsilent == 0;
	/* Silence counts only beside an answer. */
	for (unsigned i = 0; !has_answer && i < ADDRESS_SEEN_MAX; i++)
		s->families[i].nsilent = 0;
	n = addresses_find(s, addresses);
	wait_ms = next_ms(s, has_answer);
	resolve_timer_set(&s->events->timers, &s->timer, s->is_renewed ? 0 : now_ms + wait_ms);
	if (has_answer)
		s->on_seen(s->arg, addresses, n, now_ms);
}

/* Whether the round is over is found out by the timer, when nothing is on the stack any more. */
static void family_done(struct family *f, uint64_t now_ms)
{
	resolve_timer_set(&f->seen->events->timers, &f->seen->timer, now_ms);
}

/* ---- asking ---- */

static void on_answer(void *arg, struct resolve_answer *answer, int error, uint64_t now_ms);

static void family_ask(struct family *f, uint64_t now_ms)
{
	struct address_seen *s = f->seen;

	if (f->lookup_servers.nservers == 0 ||
	    resolve_lookup_new(&f->lookup, s->events, &f->lookup_servers, s->name, DNS_TYPE_TXT,
			       f->how == OVER_STREAM, on_answer, f) < 0) {
		f->lookup = NULL;
		f->nsilent++;
		family_done(f, now_ms);
	}
}

static bool can_ask_over_udp(const struct family *f)
{
	return !f->servers[0].is_tls && !f->servers[0].is_stream;
}

static void on_answer(void *arg, struct resolve_answer *answer, int error, uint64_t now_ms)
{
	struct family *f = arg;
	struct sockaddr_storage address;
	bool is_good = answer != NULL && address_whoami_read(&address, answer, f->seen->name);

	(void)error;
	resolve_lookup_free(f->lookup);
	f->lookup = NULL;
	if (is_good && f->how == OVER_UDP) {
		f->once = address;
		f->how = OVER_UDP_AGAIN;
		family_ask(f, now_ms);
	} else if (is_good &&
		   (f->how == OVER_STREAM || memcmp(&f->once, &address, sizeof(address)) == 0)) {
		f->address = address;
		f->nsilent = 0;
		family_done(f, now_ms);
	} else if (f->how == OVER_STREAM && answer == NULL && can_ask_over_udp(f)) {
		f->how = OVER_UDP;
		family_ask(f, now_ms);
	} else {
		f->nsilent++;
		family_done(f, now_ms);
	}
}

static void on_known(void *arg, int error, uint64_t now_ms)
{
	struct address_seen *s = arg;

	(void)error;
	for (unsigned i = 0; i < ADDRESS_SEEN_MAX; i++)
		servers_find(&s->families[i]);
	for (unsigned i = 0; i < ADDRESS_SEEN_MAX; i++) {
		s->families[i].how = OVER_STREAM;
		family_ask(&s->families[i], now_ms);
	}
}

static void on_due(void *arg, uint64_t now_ms)
{
	struct address_seen *s = arg;

	for (unsigned i = 0; i < ADDRESS_SEEN_MAX; i++)
		if (s->families[i].lookup != NULL)
			return;
	if (s->is_asking) {
		round_end(s, now_ms);
		return;
	}
	s->is_asking = true;
	s->is_renewed = false;
	locate_wait(s->locate, &s->waiter);
}

/* ---- life ---- */

int address_seen_new(struct address_seen **out, struct resolve_events *events,
		     struct locate *locate, const uint8_t *zone, address_seen_fn on_seen, void *arg)
{
	static const uint8_t label[] = "\7_whoami";
	static const sa_family_t families[ADDRESS_SEEN_MAX] = {AF_INET, AF_INET6};
	struct address_seen *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -ENOMEM;
	s->events = events;
	s->locate = locate;
	s->on_seen = on_seen;
	s->arg = arg;
	s->waiter = (struct locate_waiter){.on_known = on_known, .arg = s};
	s->timer = (struct resolve_timer){.on_due = on_due, .arg = s};
	s->retry_ms = ADDRESS_SEEN_RETRY_MIN_MS;
	for (unsigned i = 0; i < ADDRESS_SEEN_MAX; i++) {
		s->families[i].seen = s;
		s->families[i].family = families[i];
	}
	if (dns_name_join(s->name, label, sizeof(label) - 1, zone) == 0) {
		free(s);
		return -ENAMETOOLONG;
	}
	resolve_timer_set(&events->timers, &s->timer, 0);
	*out = s;
	return 0;
}

void address_seen_free(struct address_seen *s)
{
	if (s == NULL)
		return;
	locate_wait_end(s->locate, &s->waiter);
	resolve_timer_clear(&s->events->timers, &s->timer);
	for (unsigned i = 0; i < ADDRESS_SEEN_MAX; i++)
		resolve_lookup_free(s->families[i].lookup);
	free(s);
}

void address_seen_refresh(struct address_seen *s)
{
	if (s->is_asking)
		s->is_renewed = true;
	else
		resolve_timer_set(&s->events->timers, &s->timer, 0);
}
