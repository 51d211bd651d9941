/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "../memory.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/rcu.h"
#include "dns/msg.h"
#include "dns/type.h"
#include "store/store.h"
#include "update/policy.h"
#include "view/drain.h"
#include "view/reconcile.h"
#include "view/update.h"

enum { TICK_MS = 100, START_MS = 1000000 };

/* ---- text to octets ---- */

const uint8_t *kit_name(const char *text)
{
	static const uint8_t apex[] = "\003lab\005cloud";
	static uint8_t names[8][DNS_NAME_MAX];
	static unsigned turn;
	uint8_t *name = names[turn++ % 8];

	assert_true(dns_name_from_text(name, text, strlen(text), apex) > 0);
	return name;
}

static void name_out(struct base_out *o, const char *text)
{
	const uint8_t *name = kit_name(text);

	base_out_bytes(o, name, dns_name_nbytes(name));
}

static void rdata_out(struct base_out *o, uint16_t type, char *text)
{
	uint8_t address[4];
	char *save = NULL;

	switch (type) {
	case DNS_TYPE_A:
		assert_int_equal(inet_pton(AF_INET, text, address), 1);
		base_out_bytes(o, address, sizeof(address));
		break;
	case DNS_TYPE_TXT: /* strings with bars between them */
		for (size_t n; text != NULL; text = text[n] == '|' ? text + n + 1 : NULL) {
			n = strcspn(text, "|");
			base_out_u8(o, (uint8_t)n);
			base_out_bytes(o, text, n);
		}
		break;
	case DNS_TYPE_SRV:
		base_out_u32(o, 0);
		base_out_u16(o, (uint16_t)atoi(strtok_r(text, " ", &save)));
		name_out(o, strtok_r(NULL, " ", &save));
		break;
	case DNS_TYPE_PTR:
	case DNS_TYPE_CNAME:
	case DNS_TYPE_NS:
		name_out(o, text);
		break;
	default:
		base_out_bytes(o, "\2\0\3\17\1\2\3", 7);
	}
}

static void line_out(struct base_out *o, char *line)
{
	char *save = NULL, *sign = strtok_r(line, " ", &save), *owner = strtok_r(NULL, " ", &save);
	char *type_text = strtok_r(NULL, " ", &save), *rdata = strtok_r(NULL, "", &save);
	uint16_t type = DNS_TYPE_ANY;
	uint8_t *rdlength;

	if (type_text != NULL)
		assert_true(dns_type_from_text(&type, type_text, strlen(type_text)));
	name_out(o, owner);
	base_out_u16(o, type);
	base_out_u16(o, *sign == '+'	? DNS_CLASS_IN
			: rdata != NULL ? DNS_CLASS_NONE
					: DNS_CLASS_ANY);
	base_out_u32(o, *sign == '+' ? 60 : 0);
	rdlength = base_out_take(o, 2);
	if (rdata != NULL)
		rdata_out(o, type, rdata);
	assert_false(o->is_full);
	base_store16(rdlength, (uint16_t)(o->at - rdlength - 2));
}

static size_t message_make(uint8_t *msg, size_t room, const char *text)
{
	struct base_out o = base_out_over(msg, room);
	char *copy = malloc(strlen(text) + 1), *save = NULL;
	uint16_t n = 0;

	base_out_bytes(&o, "\x12\x34\x28\0\0\1\0\0\0\0\0\0", DNS_HEADER_SIZE);
	name_out(&o, "lab.cloud.");
	base_out_u16(&o, DNS_TYPE_SOA);
	base_out_u16(&o, DNS_CLASS_IN);
	strcpy(copy, text);
	for (char *line = strtok_r(copy, ";", &save); line != NULL;
	     line = strtok_r(NULL, ";", &save), n++)
		line_out(&o, line);
	free(copy);
	base_store16(msg + 8, n);
	return base_out_nbytes(&o);
}

/* ---- the world ---- */

static const uint8_t soa[] =
	"\2ns\3lab\5cloud\0\1h\3lab\5cloud\0\0\0\0\1\0\0\16\20\0\0\2\130\0\1\121\200\0\0\0\12";

static void zone_fill(struct zone *zone)
{
	struct zone_draft *d = zone_draft_new(zone);
	uint8_t srv[64];
	struct base_out o = base_out_over(srv, sizeof(srv));

	base_out_bytes(&o, "\0\0\0\0\0\120", 6);
	name_out(&o, "ns");
	assert_int_equal(zone_draft_set_soa(d, 60, soa, sizeof(soa) - 1), 0);
	assert_int_equal(zone_draft_add(d, kit_name("lab.cloud."), DNS_TYPE_NS, 60, kit_name("ns"),
					dns_name_nbytes(kit_name("ns"))),
			 1);
	assert_int_equal(
		zone_draft_add(d, kit_name("ns"), DNS_TYPE_A, 60, (const uint8_t *)"\177\0\0\1", 4),
		1);
	assert_int_equal(zone_draft_add(d, kit_name("static._http._tcp"), DNS_TYPE_SRV, 60, srv,
					base_out_nbytes(&o)),
			 1);
	assert_int_equal(zone_draft_seal(d, NULL), 1);
	zone_draft_publish(d);
}

void kit_world_init(struct kit_world *w)
{
	*w = (struct kit_world){.steady_ms = START_MS,
				.rule = {.minimum_s = 1,
					 .maximum_s = 7200,
					 .key_maximum_s = 1209600,
					 .grace_s = LEDGER_GRACE_THIRD}};
	base_rcu_register();
	w->zone = zone_new(kit_name("lab.cloud."), 42);
	zone_fill(w->zone);
	assert_int_equal(registry_state_init(&w->state, 7), 0);
	ledger_start(&w->state.ledger, w->steady_ms);
	w->policy = update_policy_new_fabric(kit_name("lab.cloud."));
	assert_non_null(w->policy);
}

static struct zone_draft *reverse_draft(void *arg, struct zone *zone)
{
	struct kit_world *w = arg;

	if (w->reverse_draft == NULL)
		w->reverse_draft = zone_draft_new(zone);
	return w->reverse_draft;
}

/* Sets the rules and zones of the state, as the daemon does at its start. */
static void view_start(struct kit_world *w)
{
	struct registry_view_rule *views = malloc(sizeof(*views));
	struct zone **zones = malloc(sizeof(struct zone *));

	*views = (struct registry_view_rule){.zone = w->zone, .rule = w->services};
	zones[0] = w->reverse;
	registry_state_set_view_rules(&w->state, views, 1);
	view_set_reverse(&w->state.view, zones, 1);
	w->state.view.draft_of = reverse_draft;
	w->state.view.draft_arg = w;
	w->draft = zone_draft_new(w->zone);
	assert_int_equal(view_reconcile(update_pass(w->state.update), &w->services,
					w->services.ttl_s, zone_current(w->zone), w->draft),
			 0);
	assert_true(kit_commit(w, false) >= 0);
}

/* Gives the nodes addresses, as the zone's file. */
static void nodes_fill(struct zone *zone)
{
	static const char *const nodes[] = {"n1.nodes", "n2.nodes", "n3.nodes"};
	struct zone_draft *d = zone_draft_new(zone);

	for (uint8_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++)
		assert_int_equal(zone_draft_add(d, kit_name(nodes[i]), DNS_TYPE_A, 60,
						(const uint8_t[]){192, 0, 2, i + 1}, 4),
				 1);
	assert_int_equal(zone_draft_seal(d, NULL), 1);
	zone_draft_publish(d);
}

void kit_view(struct kit_world *w)
{
	struct zone_draft *d;

	w->services = (struct view_rule){
		.is_on = 1,
		.has_srv = 1,
		.srv_max = 3,
		.weight_scale = 1,
		.has_reverse = 1,
		.ttl_s = 10,
		.suspect = {.reports = 2,
			    .within_s = 10,
			    .then = VIEW_WITHDRAW,
			    .panic = VIEW_PANIC_ALL},
	};
	w->reverse = zone_new(kit_name("0.0.10.in-addr.arpa."), 43);
	d = zone_draft_new(w->reverse);
	assert_int_equal(zone_draft_set_soa(d, 60, soa, sizeof(soa) - 1), 0);
	assert_int_equal(zone_draft_seal(d, NULL), 1);
	zone_draft_publish(d);
	nodes_fill(w->zone);
	view_start(w);
}

void kit_world_fini(struct kit_world *w)
{
	memory_fail_after(MEMORY_ENOUGH);
	if (w->draft != NULL)
		kit_undo(w);
	update_policy_free(w->policy);
	registry_state_fini(&w->state);
	zone_free(w->zone);
	if (w->reverse != NULL)
		zone_free(w->reverse);
	for (size_t i = 0; i < w->nitems; i++)
		free(w->items[i].bytes);
	free(w->items);
	base_rcu_unregister();
}

void kit_follow_clock(struct kit_world *w)
{
	w->steady_ms = base_clock_steady_us() / 1000;
	ledger_start(&w->state.ledger, w->steady_ms);
}

int kit_world_setup(void **state)
{
	struct kit_world *w = malloc(sizeof(*w));

	assert_non_null(w);
	kit_world_init(w);
	*state = w;
	return 0;
}

int kit_world_teardown(void **state)
{
	kit_world_fini(*state);
	free(*state);
	return 0;
}

int kit_view_setup(void **state)
{
	kit_world_setup(state);
	kit_view(*state);
	return 0;
}

static uint64_t now(const struct kit_world *w)
{
	return ledger_clock_now(&w->state.ledger.clock, w->steady_ms);
}

static int apply(struct kit_world *w, const uint8_t *key, struct ledger_lease_terms lease,
		 const uint8_t *msg, size_t nbytes)
{
	struct update_request request = {
		.msg = msg,
		.nbytes = nbytes,
		.key = key,
		.policy = w->policy,
		.lease_rule = &w->rule,
		.view_rule = &w->services,
		.lease = &lease,
		.now_ms = now(w),
		.result = &w->result,
	};

	if (w->draft == NULL)
		w->draft = zone_draft_new(w->zone);
	if (w->draft == NULL)
		return -ENOMEM;
	request.draft = w->draft;
	return update_run(w->state.update, &request);
}

int kit_update(struct kit_world *w, const char *key, uint32_t lease_s, uint32_t key_lease_s,
	       const char *text)
{
	const struct ledger_lease_terms asked = {.is_present = lease_s > 0,
						 .has_key = key_lease_s > 0,
						 .lease_s = lease_s,
						 .key_lease_s =
							 key_lease_s > 0 ? key_lease_s : lease_s};
	uint8_t msg[8192];
	char full[64];
	int left = memory_pause();
	size_t nbytes;

	nbytes = message_make(msg, sizeof(msg), text);
	snprintf(full, sizeof(full), "%s.keys", key == NULL ? "admin" : key);
	memory_fail_after(left);
	return apply(w, kit_name(full), asked, msg, nbytes);
}

static void keep(struct kit_world *w, const struct store_item *items, size_t nitems)
{
	w->items = realloc(w->items, (w->nitems + nitems + 1) * sizeof(*w->items));
	for (size_t i = 0; i < nitems; i++) {
		struct kit_item *n = &w->items[w->nitems++];

		*n = (struct kit_item){.kind = items[i].kind,
				       .nkey = items[i].nkey,
				       .nbytes = items[i].nbytes,
				       .bytes = malloc(items[i].nbytes + 1)};
		memcpy(n->key, items[i].key, n->nkey);
		memcpy(n->bytes, items[i].bytes, n->nbytes);
	}
}

static int seal(struct zone_draft *d)
{
	return d == NULL ? 0 : zone_draft_seal(d, NULL);
}

static struct zone_draft *end_draft(struct zone_draft *d, int sealed)
{
	if (d != NULL && sealed > 0)
		zone_draft_publish(d);
	else if (d != NULL)
		zone_draft_abort(d);
	return NULL;
}

int kit_commit(struct kit_world *w, bool is_tick)
{
	const struct store_item *items;
	size_t nitems = 0;
	int sealed = seal(w->draft), reverse = sealed < 0 ? sealed : seal(w->reverse_draft);
	int ret = reverse < 0 ? reverse
			      : registry_items_collect(&w->state.items, &w->state.ledger,
						       &w->state.view, now(w), is_tick, NULL,
						       &items, &nitems);

	if (ret < 0) {
		kit_undo(w);
		return ret;
	}
	memory_fail_after(MEMORY_ENOUGH);
	keep(w, items, nitems);
	registry_state_commit(&w->state, now(w));
	w->draft = end_draft(w->draft, sealed);
	w->reverse_draft = end_draft(w->reverse_draft, reverse);
	base_rcu_quiescent();
	return (int)nitems;
}

void kit_undo(struct kit_world *w)
{
	memory_fail_after(MEMORY_ENOUGH);
	w->draft = end_draft(w->draft, 0);
	w->reverse_draft = end_draft(w->reverse_draft, 0);
	registry_state_undo(&w->state);
}

int kit_do(struct kit_world *w, const char *key, uint32_t lease_s, uint32_t key_lease_s,
	   const char *text)
{
	int ret = kit_update(w, key, lease_s, key_lease_s, text);

	assert_true(ret >= 0);
	assert_true(kit_commit(w, false) >= 0);
	return ret;
}

static void tick(struct kit_world *w)
{
	struct ledger_lease *lease;

	while ((lease = ledger_schedule_due(&w->state.ledger.leases.schedule, now(w))) != NULL) {
		if (w->draft == NULL)
			w->draft = zone_draft_new(w->zone);
		assert_true(update_expire(w->state.update, lease, w->draft,
					  registry_state_view_rule(&w->state, w->zone)) >= 0);
	}
	assert_true(kit_commit(w, true) >= 0);
}

void kit_pass(struct kit_world *w, uint64_t ms)
{
	for (uint64_t end = w->steady_ms + ms; w->steady_ms < end;) {
		w->steady_ms += TICK_MS;
		tick(w);
	}
}

static bool find_zone(void *arg, const uint8_t *name, struct zone **zone,
		      const struct ledger_lease_rule **rule)
{
	struct kit_world *w = arg;

	*zone = w->zone;
	*rule = &w->rule;
	return dns_name_equal(name, zone_name(w->zone));
}

void kit_restart(struct kit_world *w, uint64_t away_ms)
{
	assert_null(w->draft);
	registry_state_fini(&w->state);
	w->steady_ms += away_ms;
	assert_int_equal(registry_state_init(&w->state, 8), 0);
	for (size_t i = 0; i < w->nitems; i++) {
		const struct kit_item *n = &w->items[i];
		const struct store_item item = {.kind = n->kind,
						.key = n->key,
						.nkey = n->nkey,
						.bytes = n->bytes,
						.nbytes = n->nbytes};

		assert_int_equal(registry_items_read(&w->state.ledger, &w->state.view, &item), 0);
	}
	ledger_start(&w->state.ledger, w->steady_ms);
	assert_int_equal(ledger_resume(&w->state.ledger, find_zone, w, now(w)), 0);
	if (w->services.is_on)
		view_start(w);
}

int kit_drain(struct kit_world *w, const char *instance, bool is_drained)
{
	struct view_pass *p = update_pass(w->state.update);
	int ret, changed;

	if (w->draft == NULL)
		w->draft = zone_draft_new(w->zone);
	if (w->draft == NULL)
		return -ENOMEM;
	view_pass_begin(p, &w->services, w->draft);
	changed = view_drain_set(p, kit_name(instance), is_drained);
	ret = changed < 0 ? changed : view_update(p);
	return ret < 0 ? ret : changed;
}

/* ---- looking ---- */

unsigned kit_count(struct kit_world *w, const char *owner, const char *type_text)
{
	struct zone_draft *d = w->draft == NULL ? zone_draft_new(w->zone) : w->draft;
	struct zone_rrset rrset;
	unsigned count = 0;
	uint16_t type;

	assert_true(dns_type_from_text(&type, type_text, strlen(type_text)));
	if (zone_draft_find(d, kit_name(owner), type, &rrset))
		count = rrset.count;
	if (w->draft == NULL)
		zone_draft_abort(d);
	return count;
}

bool kit_points(struct kit_world *w, const char *owner, const char *target)
{
	bool is_reverse = dns_name_is_under(kit_name(owner), kit_name("in-addr.arpa."));
	struct zone_draft *d = zone_draft_new(is_reverse ? w->reverse : w->zone);
	const uint8_t *name = kit_name(target);
	bool points = zone_draft_has(d, kit_name(owner), DNS_TYPE_PTR, name, dns_name_nbytes(name));

	zone_draft_abort(d);
	return points;
}

static void on_wrong(void *arg, bool is_missing, const struct dns_record *record)
{
	unsigned *count = arg;
	char text[DNS_NAME_TEXT_MAX];

	dns_name_to_text(text, record->owner);
	print_message("%s type %u %s\n", text, record->type, is_missing ? "missing" : "surplus");
	++*count;
}

int kit_check(struct kit_world *w, view_difference_fn on_difference, void *arg)
{
	const struct view *v = &w->state.view;
	struct view fresh;
	int ret = view_check_copy(&fresh, v, zone_name(w->zone));

	fresh.draft_of = v->draft_of;
	fresh.draft_arg = v->draft_arg;
	fresh.owner_of = v->owner_of;
	fresh.owner_arg = v->owner_arg;
	fresh.reverse = v->reverse; /* borrowed */
	fresh.nreverse = v->nreverse;
	if (ret == 0)
		ret = view_check_run(&fresh, &w->services, zone_current(w->zone), w->draft,
				     on_difference, arg);
	fresh.reverse = NULL;
	view_fini(&fresh);
	return ret;
}

unsigned kit_wrong(struct kit_world *w)
{
	unsigned count = 0;

	assert_null(w->draft);
	w->draft = zone_draft_new(w->zone);
	assert_int_equal(kit_check(w, on_wrong, &count), 0);
	w->draft = end_draft(w->draft, 0);
	w->reverse_draft = end_draft(w->reverse_draft, 0);
	return count;
}

int64_t kit_left_ms(const struct kit_world *w, const char *name, uint8_t number)
{
	const struct ledger_lease *lease = ledger_leases_find(
		&w->state.ledger.leases, zone_name(w->zone), kit_name(name), number);

	return lease == NULL ? -1 : (int64_t)(lease->expires_ms - now(w));
}

const char *kit_owner(const struct kit_world *w, const char *name)
{
	static char text[DNS_NAME_TEXT_MAX];
	const uint8_t *owner =
		ledger_owner_of(&w->state.ledger.owners, zone_name(w->zone), kit_name(name));

	text[0] = '\0';
	if (owner != NULL)
		snprintf(text, sizeof(text), "%.*s", owner[0], owner + 1);
	return text;
}
