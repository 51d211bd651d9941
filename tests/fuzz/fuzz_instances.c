/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A look-up whose registry sends what the input is: whatever the answers are, it ends, and what it
 * finds is valid and bounded. The first byte decides what is looked up. An answer is two bytes of
 * length, and as many of the message after its question: the records, with the counts and flags of
 * the header before them. After the last one the registry is silent. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "dns/type.h"
#include "find/find.h"
#include "locate/ask.h"
#include "resolve/lookup.h"
#include "response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COUNTS = 7, STEPS_MAX = 20000, INSTANCES_MAX = 1024, ADDRESSES_MAX = 64 };

static struct resolve_events events;
static struct base_buf input;
static unsigned nasked;

/* ---- the registry ---- */

struct locate_ask {
	struct resolve_timer timer;
	locate_ask_fn done;
	void *arg;
	uint16_t type;
	uint8_t name[DNS_NAME_MAX];
};

/* Writes the next answer. Returns its length, 0 if there is none. */
static size_t answer_write(uint8_t *msg, size_t size, const struct locate_ask *a)
{
	struct base_out out = base_out_over(msg, size);
	size_t left = base_buf_left(&input), nbytes;
	const uint8_t *bytes;

	if (left < 2 + COUNTS)
		return 0;
	nbytes = base_buf_u16(&input);
	if (nbytes > left - 2 || nbytes < COUNTS)
		nbytes = left - 2;
	bytes = base_buf_take(&input, nbytes);
	base_out_u16(&out, 1);
	base_out_u8(&out, DNS_FLAG_QR >> 8 | (bytes[0] & 0x04)); /* AA */
	base_out_u8(&out, bytes[0] & 0x03 ? DNS_RCODE_NOERROR : DNS_RCODE_NXDOMAIN);
	base_out_u16(&out, 1);
	base_out_bytes(&out, bytes + 1, 6);
	base_out_bytes(&out, a->name, dns_name_nbytes(a->name));
	base_out_u16(&out, a->type);
	base_out_u16(&out, DNS_CLASS_IN);
	base_out_bytes(&out, bytes + COUNTS, nbytes - COUNTS);
	return out.is_full ? 0 : base_out_nbytes(&out);
}

static void ask_due(void *arg, uint64_t now_ms)
{
	static uint8_t msg[DNS_MSG_MAX];
	struct locate_ask *a = arg;
	struct resolve_answer answer;
	size_t nbytes = answer_write(msg, sizeof(msg), a);

	if (nbytes > 0 && resolve_message_parse(&answer, msg, nbytes, 1, a->name, a->type))
		a->done(a->arg, &answer, 0, "fuzz", now_ms);
	else
		a->done(a->arg, NULL, nasked % 2 == 0 ? -EHOSTUNREACH : -ETIMEDOUT, "fuzz", now_ms);
}

int locate_ask_new(struct locate_ask **out, struct locate *l, const uint8_t *name, uint16_t type,
		   uint64_t deadline_ms, locate_ask_fn done, void *arg)
{
	struct locate_ask *a = malloc(sizeof(*a));

	(void)l;
	(void)deadline_ms;
	require(a != NULL);
	require(dns_name_is_valid(name, dns_name_nbytes(name)));
	*a = (struct locate_ask){
		.timer.on_due = ask_due, .timer.arg = a, .done = done, .arg = arg, .type = type};
	memcpy(a->name, name, dns_name_nbytes(name));
	resolve_timer_set(&events.timers, &a->timer, 1);
	nasked++;
	*out = a;
	return 0;
}

void locate_ask_free(struct locate_ask *a)
{
	if (a != NULL)
		resolve_timer_clear(&events.timers, &a->timer);
	free(a);
}

bool locate_ask_was_refused(const struct locate_ask *a)
{
	(void)a;
	return false;
}

bool locate_ask_has_refusal(const struct locate_ask *a)
{
	(void)a;
	return false;
}

const struct locate_registry *locate_registries(const struct locate *l, size_t *n)
{
	(void)l;
	*n = 0;
	return NULL;
}

/* The resolvers are not asked. */
int resolve_lookup_new(struct resolve_lookup **out, struct resolve_events *e,
		       const struct resolve_lookup_servers *servers, const uint8_t *name,
		       uint16_t type, bool is_stream, resolve_lookup_fn done, void *arg)
{
	(void)out;
	(void)e;
	(void)servers;
	(void)name;
	(void)type;
	(void)is_stream;
	(void)done;
	(void)arg;
	return -ENOMEM;
}

void resolve_lookup_free(struct resolve_lookup *l)
{
	(void)l;
}

/* ---- what is found ---- */

static void instance_check(const struct find_instance *i)
{
	require(dns_name_is_valid(i->name, dns_name_nbytes(i->name)));
	require(dns_name_is_valid(i->target, dns_name_nbytes(i->target)));
	require(i->naddresses <= ADDRESSES_MAX);
	require(i->ttl_s <= 86400);
	require(strlen(i->name_text) < DNS_NAME_TEXT_MAX);
	for (size_t k = 0; k < i->naddresses; k++)
		require(i->addresses[k].ss_family == AF_INET ||
			i->addresses[k].ss_family == AF_INET6);
	for (size_t k = 0; k < i->npairs; k++) {
		const struct find_pair *p = &i->pairs[k];

		require(p->key[0] != '\0' && strchr(p->key, '=') == NULL);
		require(p->nvalue == SIZE_MAX || p->value[p->nvalue] == '\0');
		require(find_instance_find(i, p->key) == p);
	}
	require(find_instance_compare(i, i) == 0);
}

static void on_done(void *arg, int error, const char *why, struct find_set *set, uint64_t now_ms)
{
	(void)now_ms;
	*(bool *)arg = true;
	require((error == 0) == (set->n > 0));
	require(error == 0 || strlen(why) > 0);
	require(error == 0 || error == -ENOENT || error == -EHOSTUNREACH || error == -ETIMEDOUT ||
		error == -EBADMSG);
	require(set->n <= INSTANCES_MAX);
	for (size_t i = 0; i < set->n; i++)
		instance_check(set->all[i]);
	find_order_sticky(set->all, set->n, "key", 3);
}

static void look_up(struct find *f, uint8_t what)
{
	static const char *const names[] = {"_http._tcp", "web._http._tcp", "db", "db:1"};
	static const uint8_t domain[] = "\3lab";
	char why[FIND_NAME_WHY_MAX];
	struct find_lookup *l;
	struct find_name name;
	bool is_done = false;

	if (what % 5 == 4) {
		require(find_lookup_new_types(&l, f, domain, 1000, on_done, &is_done) == 0);
	} else {
		require(find_name_from_text(&name, names[what % 5], domain, why) == 0);
		require(find_lookup_new(&l, f, &name, 1000, on_done, &is_done) == 0);
	}
	for (unsigned i = 0; i < STEPS_MAX && !is_done; i++)
		resolve_events_run(&events, i < 2 ? 0 : 1);
	require(is_done);
	find_lookup_free(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct find *f;

	if (size == 0)
		return 0;
	require(base_secret_start() == 0);
	require(resolve_events_init(&events) == 0);
	require(find_new(&f, &events, NULL, 60000) == 0);
	input = base_buf_over(data + 1, size - 1);
	nasked = 0;
	look_up(f, data[0]);
	/* From the cache, and what is left of the input. */
	look_up(f, data[0] / 5);
	find_free(f);
	resolve_events_fini(&events);
	return 0;
}
