/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "sequence.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../unit/memory.h"
#include "base/grow.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/rcu.h"
#include "dns/name.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "guard/replay.h"
#include "registry/check.h"
#include "registry/items.h"
#include "listing/leases.h"
#include "registry/registrar.h"
#include "listing/services.h"
#include "registry/state.h"
#include "listing/usage.h"
#include "registry/work.h"
#include "response.h"
#include "server/channel.h"
#include "server/query.h"
#include "server/rules.h"
#include "server/update.h"
#include "store/engine.h"
#include "store/store.h"
#include "update/policy.h"
#include "zone/catalog.h"
#include "zone/cursor.h"
#include "zone/draft.h"
#include "zone/find.h"
#include "zone/snapshot.h"
#include "zone/zone.h"

static const uint8_t apex[] = "\3lab\5cloud", reverse_apex[] = "\0010\0010\00210\7in-addr\4arpa";

/* ---- the clock ---- */

enum { START_S = 1795000000, START_MS = 1000000 };

static _Atomic uint64_t passed_ms;
static _Thread_local bool is_in_world; /* the thread reads the world's clock */

/* Instead of the C library's, in the threads of the world. */
int clock_gettime(clockid_t id, struct timespec *ts)
{
	uint64_t ms = atomic_load(&passed_ms);

	if (!is_in_world)
		return (int)syscall(SYS_clock_gettime, id, ts);
	ms += id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE ? START_S * 1000ull : START_MS;
	*ts = (struct timespec){(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
	return 0;
}

uint64_t sequence_now_s(void)
{
	return START_S + atomic_load(&passed_ms) / 1000;
}

/* ---- the store ---- */

/* A changeset or an item, as it was committed. */
struct saved {
	bool is_item;
	uint8_t kind;
	uint16_t nkey;
	struct zone_changeset changes;
	size_t nbytes;
	uint8_t *bytes; /* malloc'd: an item's key and value, or a zone's name, removed, added */
};

static struct {
	struct store store; /* first */
	struct saved *saved;
	size_t nsaved, capacity;
	_Atomic bool is_broken;
} disk;

static struct saved *saved_new(size_t nbytes)
{
	struct saved *s;

	disk.saved = base_grow(disk.saved, disk.nsaved, &disk.capacity, sizeof(*disk.saved));
	require(disk.saved != NULL);
	s = &disk.saved[disk.nsaved++];
	*s = (struct saved){.nbytes = nbytes, .bytes = malloc(nbytes + 1)};
	require(s->bytes != NULL);
	return s;
}

static void save_change(const struct store_change *c)
{
	const struct zone_changeset *from = &c->changes;
	size_t nname = dns_name_nbytes(c->zone);
	struct saved *s = saved_new(nname + from->nremoved_bytes + from->nadded_bytes);

	s->changes = *from;
	memcpy(s->bytes, c->zone, nname);
	s->changes.removed = memcpy(s->bytes + nname, from->removed, from->nremoved_bytes);
	s->changes.added =
		memcpy(s->bytes + nname + from->nremoved_bytes, from->added, from->nadded_bytes);
}

static void save_item(const struct store_item *item)
{
	struct saved *s = saved_new((size_t)item->nkey + item->nbytes);

	s->is_item = true;
	s->kind = item->kind;
	s->nkey = item->nkey;
	memcpy(s->bytes, item->key, item->nkey);
	if (item->nbytes > 0)
		memcpy(s->bytes + item->nkey, item->bytes, item->nbytes);
}

static int disk_commit(struct store *store, const struct store_batch *batch)
{
	int left;

	(void)store;
	if (atomic_load(&disk.is_broken))
		return -EIO;
	left = memory_pause();
	for (size_t i = 0; i < batch->nchanges; i++)
		save_change(&batch->changes[i]);
	for (size_t i = 0; i < batch->nitems; i++)
		save_item(&batch->items[i]);
	memory_fail_after(left);
	return 0;
}

static void disk_free(void)
{
	for (size_t i = 0; i < disk.nsaved; i++)
		free(disk.saved[i].bytes);
	free(disk.saved);
	disk.saved = NULL;
	disk.nsaved = disk.capacity = 0;
}

void sequence_break_disk(bool is_broken)
{
	atomic_store(&disk.is_broken, is_broken);
}

/* ---- the world ---- */

static struct {
	struct zone *zone[2];
	struct registry_state state;
	struct registry_registrar *registrar;
	struct server_rules rules;
	struct server_zone zone_rules[2];
	struct dns_tsig_key keys[SEQUENCE_KEYS];
	struct server_updates updates;
	struct guard_replay *replay;
	struct server_stats stats;
	sem_t replied;
	unsigned nanswered;
	bool is_short; /* memory was, during an update */
} world;

static const struct view_rule view_rule = {
	.is_on = 1,
	.has_srv = 1,
	.srv_max = 3,
	.weight_scale = 1,
	.has_reverse = 1,
	.ttl_s = 10,
	.suspect = {.reports = 2, .within_s = 60, .then = VIEW_WITHDRAW, .panic = VIEW_PANIC_ALL},
};
static const struct ledger_lease_rule lease_rule = {
	.minimum_s = 1, .maximum_s = 7200, .key_maximum_s = 7200, .grace_s = LEDGER_GRACE_THIRD};

static struct zone *zone_make(const uint8_t *name)
{
	static const uint8_t soa[] = "\1n\0\1r\0\0\0\0\1\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4";
	struct zone *zone = zone_new(name, 1);
	struct zone_draft *d = zone_draft_new(zone);
	uint8_t srv[] = "\0\0\0\0\0\120\1n", s[] = "\6static\5_http\4_tcp\3lab\5cloud";

	require(zone_draft_set_soa(d, 60, soa, sizeof(soa) - 1) == 0);
	require(zone_draft_add(d, name, DNS_TYPE_NS, 60, (const uint8_t *)"\1n", 3) == 1);
	if (name == apex)
		require(zone_draft_add(d, s, DNS_TYPE_SRV, 60, srv, sizeof(srv)) == 1);
	require(zone_draft_seal(d, NULL) == 1);
	zone_draft_publish(d);
	return zone;
}

/* Little enough for sequences to reach. */
static const struct update_quota quota = {{6, 40, 2000, 10, 3}};

static void rules_make(void)
{
	struct dns_tsig_algorithm sha256;

	dns_tsig_algorithm_from_text(&sha256, "hmac-sha256", 11);
	for (unsigned i = 0; i < SEQUENCE_KEYS; i++)
		dns_tsig_key_init(&world.keys[i], sequence_key_name[i], sha256, "secret", 6);
	for (unsigned i = 0; i < 2; i++) {
		world.zone_rules[i] = (struct server_zone){
			.zone = world.zone[i],
			.policy = i == 0 ? update_policy_new_fabric(apex)
					 : update_policy_new_key(sequence_key_name[3]),
			.lease = lease_rule,
		};
		if (i == 0)
			world.zone_rules[i].view_rule = view_rule;
		require(update_policy_set_quota(world.zone_rules[i].policy, &quota) == 0);
	}
	world.rules = (struct server_rules){
		.catalog = zone_catalog_new(world.zone, 2, 1),
		.zones = world.zone_rules,
		.nzones = 2,
		.keys = world.keys,
		.nkeys = SEQUENCE_KEYS,
		.cookies.count = 1,
		.options = {.identity = "", .version = "", .nsid = "", .udp_payload = 1232},
	};
}

static bool find_zone(void *arg, const uint8_t *name, struct zone **zone,
		      const struct ledger_lease_rule **rule)
{
	(void)arg;
	for (unsigned i = 0; i < 2; i++)
		if (dns_name_equal(name, zone_name(world.zone[i]))) {
			*zone = world.zone[i];
			*rule = &lease_rule;
			return true;
		}
	return false;
}

static void on_replied(void *arg)
{
	(void)arg;
	sem_post(&world.replied);
}

static void enter(struct registry_registrar *r, void *arg)
{
	(void)r;
	(void)arg;
	is_in_world = true;
}

static void do_nothing(struct registry_registrar *r, void *arg)
{
	(void)r;
	(void)arg;
}

static void reconcile(struct registry_registrar *r, void *arg)
{
	int *ret = arg;

	registry_work_reconcile_begin(r, world.zone[0], &view_rule, view_rule.ttl_s);
	do
		*ret = registry_work_reconcile_step(r);
	while (*ret > 0);
	if (*ret == 0)
		*ret = registry_work_count(r, world.zone[0]);
}

/* ---- what keys have ---- */

static void fabric_set(void)
{
	struct ledger_fabric *f = calloc(1, sizeof(*f));

	require(f != NULL);
	memcpy(f->zone, apex, dns_name_nbytes(apex));
	memcpy(f->fabric, apex, dns_name_nbytes(apex));
	ledger_set_fabrics(&world.state.ledger, f, 1);
}

static void usage_copy(struct listing_usage *u)
{
	while (listing_usage_walk(u, &world.state.ledger.usages, NULL, SIZE_MAX / 2) > 0)
		continue;
}

/* Counts the owners and leases of all keys. */
static void usage_count(struct ledger_usages *fresh)
{
	const struct ledger *g = &world.state.ledger;
	const struct undo_entry *e = NULL;

	require(ledger_usages_init(fresh, 1) == 0);
	while ((e = undo_table_next(&g->owners.table, e)) != NULL) {
		const struct undo_entry empty = {.key = e->key, .nkey = e->nkey};

		require(ledger_usage_on_owner(fresh, &empty, e->content) == 0);
	}
	while ((e = undo_table_next(&g->leases.table, e)) != NULL) {
		const struct undo_entry empty = {.key = e->key, .nkey = e->nkey};

		require(ledger_usage_on_lease(fresh, &empty, e->content) == 0);
	}
	undo_table_commit(&fresh->table, NULL, NULL);
}

/* What was counted change by change must be what is counted from owners, leases and zone. */
static void usage_check(struct registry_registrar *r, void *arg)
{
	static const enum ledger_kind kinds[] = {LEDGER_INSTANCES, LEDGER_LEASES, LEDGER_REPORTS};
	struct listing_usage before = {0}, after = {0};
	struct ledger_usages fresh;

	(void)arg;
	usage_copy(&before);
	require(registry_work_count(r, world.zone[0]) == 0);
	usage_copy(&after);
	usage_count(&fresh);
	require(before.count == after.count);
	for (size_t i = 0; i < before.count; i++) {
		const struct ledger_amounts *a = &before.items[i].amounts,
					    f = ledger_usage_of(&fresh, before.items[i].zone,
								before.items[i].key);

		require(memcmp(a, &after.items[i].amounts, sizeof(*a)) == 0);
		for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
			require(a->of[kinds[k]] == f.of[kinds[k]]);
	}
	listing_usage_fini(&before);
	listing_usage_fini(&after);
	ledger_usages_fini(&fresh);
}

static void run(void (*work)(struct registry_registrar *, void *), void *arg)
{
	base_rcu_offline();
	registry_registrar_run(world.registrar, work, arg);
	base_rcu_online();
}

static void items_read(void)
{
	for (size_t i = 0; i < disk.nsaved; i++) {
		const struct saved *s = &disk.saved[i];
		const struct store_item item = {.kind = s->kind,
						.key = s->bytes,
						.nkey = s->nkey,
						.bytes = s->bytes + s->nkey,
						.nbytes = (uint32_t)(s->nbytes - s->nkey)};

		if (s->is_item)
			require(registry_items_read(&world.state.ledger, &world.state.view,
						    &item) == 0);
	}
}

/* Applies what was committed of a zone, as far as it changes something. */
static void changes_read(struct zone *zone)
{
	struct zone_draft *d = zone_draft_new(zone);

	for (size_t i = 0; i < disk.nsaved; i++)
		if (!disk.saved[i].is_item && dns_name_equal(disk.saved[i].bytes, zone_name(zone)))
			require(zone_draft_apply(d, &disk.saved[i].changes) == 0);
	if (zone_draft_seal(d, NULL) > 0)
		zone_draft_publish(d);
	else
		zone_draft_abort(d);
}

static void zones_and_state_make(void)
{
	struct registry_view_rule *views = malloc(sizeof(*views));
	struct zone **zones = malloc(sizeof(struct zone *));
	uint64_t steady_ms = START_MS + atomic_load(&passed_ms);

	world.zone[0] = zone_make(apex);
	world.zone[1] = zone_make(reverse_apex);
	for (unsigned i = 0; i < 2; i++)
		changes_read(world.zone[i]);
	rules_make();
	require(registry_state_init(&world.state, 7) == 0);
	items_read();
	require(ledger_start(&world.state.ledger, steady_ms) == 0);
	fabric_set();
	require(ledger_resume(&world.state.ledger, find_zone, NULL,
			      ledger_clock_now(&world.state.ledger.clock, steady_ms)) == 0);
	*views = (struct registry_view_rule){.zone = world.zone[0], .rule = view_rule};
	registry_state_set_view_rules(&world.state, views, 1);
	zones[0] = world.zone[1];
	view_set_reverse(&world.state.view, zones, 1);
}

static void start_registrar(void)
{
	struct registry_settings settings = {
		.store = &disk.store, .state = &world.state, .on_replied = on_replied};
	struct registry_call first = {.run = enter};
	int ret;

	world.registrar = registry_registrar_new(&settings);
	require(world.registrar != NULL);
	registry_registrar_call(world.registrar, &first);
	require(registry_registrar_start(world.registrar) == 0);
	run(reconcile, &ret);
	require(ret == 0);
	server_updates_init(&world.updates);
	world.replay = guard_replay_new();
	require(world.replay != NULL);
}

static void stop_registrar(void)
{
	base_rcu_offline();
	registry_registrar_stop(world.registrar);
	base_rcu_online();
}

static void stop(void)
{
	server_updates_fini(&world.updates);
	guard_replay_free(world.replay);
	registry_state_fini(&world.state);
	zone_catalog_free(world.rules.catalog);
	base_rcu_offline();
	base_rcu_wait();
	for (unsigned i = 0; i < 2; i++) {
		update_policy_free(world.zone_rules[i].policy);
		zone_free(world.zone[i]);
	}
	base_rcu_online();
}

void sequence_world_init(void)
{
	static const struct store_engine engine = {.commit = disk_commit};
	static bool is_registered;
	sigset_t alarms;

	/* libFuzzer's alarm is for its own thread, which has the real clock. */
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarms, NULL);
	if (!is_registered)
		base_rcu_register();
	is_registered = true;
	base_log_set_level(BASE_LOG_ERROR);
	is_in_world = true;
	atomic_store(&passed_ms, 0);
	disk.store.engine = &engine;
	sequence_break_disk(false);
	sem_init(&world.replied, 0, 0);
	zones_and_state_make();
	start_registrar();
}

void sequence_world_fini(void)
{
	stop_registrar();
	stop();
	disk_free();
	sem_destroy(&world.replied);
	is_in_world = false;
}

static void next_tick(struct registry_registrar *r, void *arg)
{
	uint64_t *next_ms = arg;

	(void)r;
	*next_ms = ledger_next(&world.state.ledger);
}

static uint64_t registrar_now_ms(void)
{
	return ledger_clock_now(&world.state.ledger.clock, START_MS + atomic_load(&passed_ms));
}

void sequence_pass(uint64_t ms)
{
	uint64_t next_ms = 0;

	atomic_fetch_add(&passed_ms, ms);
	/* A tick comes after calls; one that has failed is not tried again before time passes. */
	for (unsigned i = 0; i < 20 && next_ms <= registrar_now_ms(); i++)
		run(next_tick, &next_ms);
}

/* ---- requests ---- */

static struct server_turn turn_now(void)
{
	return (struct server_turn){
		.rules = &world.rules,
		.stats = &world.stats,
		.registrar = world.registrar,
		.replay = world.replay,
		.responder = {.payload = 1232, .now_s = sequence_now_s()},
		.now_ms = START_MS + atomic_load(&passed_ms),
	};
}

static void answer(struct server_update *u)
{
	static uint8_t out[65535];
	struct server_turn turn = turn_now();
	const struct update_result *result = &u->request.result;
	size_t n = server_query_short(&u->query, &turn, result->rcode, 0, out, sizeof(out));

	response_check(out, n);
	/* No update fails but for want of memory, or because of the disk. */
	require(result->rcode != DNS_RCODE_SERVFAIL || memory_has_failed() ||
		atomic_load(&disk.is_broken));
	server_update_free(u);
	world.nanswered++;
}

static const struct server_channel channel = {.answer = answer};

/* Returns whether the registrar will answer. */
static bool send_one(const struct sequence_message *m)
{
	static uint8_t out[65535];
	struct sockaddr_in client = {.sin_family = AF_INET};
	struct server_peer peer = {.address = (struct sockaddr *)&client, .transport = SERVER_TCP};
	struct server_turn turn = turn_now();
	struct server_query q = {.request = {.msg = m->bytes, .nbytes = m->nbytes}};
	struct server_update *u;
	size_t length = 0;
	enum server_verdict verdict;

	server_query_begin_batch(&q, 1, &turn);
	verdict = server_query_end(&q, &turn, &peer, out, sizeof(out), &length);
	if (verdict == SERVER_ANSWER)
		response_check(out, length);
	if (verdict != SERVER_UPDATE)
		return false;
	u = server_update_new(&world.updates, &turn, &q, &peer);
	if (u == NULL)
		return false;
	u->channel = &channel;
	server_update_put(u, &turn);
	return true;
}

void sequence_send(const struct sequence_message *m, unsigned n, int nallocations)
{
	struct server_turn turn;
	unsigned nsent = 0;

	memory_fail_after(0);
	memory_fail_after(nallocations);
	world.nanswered = 0;
	for (unsigned i = 0; i < n; i++)
		nsent += m[i].nbytes > 0 && send_one(&m[i]);
	while (world.nanswered < nsent) {
		base_rcu_offline();
		sem_wait(&world.replied);
		base_rcu_online();
		turn = turn_now();
		server_updates_answer(&world.updates, &turn);
	}
	/* Nothing is left of the batch when a call has been done. */
	run(do_nothing, NULL);
	memory_fail_after(MEMORY_ENOUGH);
	while (sem_trywait(&world.replied) == 0)
		;
	base_rcu_quiescent();
}

struct drain {
	const uint8_t *name;
	bool is_drained;
	int ret;
};

static void drain(struct registry_registrar *r, void *arg)
{
	struct drain *d = arg;

	d->ret = registry_work_drain(r, world.zone[0], &view_rule, d->name, d->is_drained);
}

/* In one go, as no update comes between what `weft node drain` does in parts. */
static void drain_node(struct registry_registrar *r, void *arg)
{
	struct drain *d = arg;
	struct listing_services s;

	d->ret = registry_work_drain_node(r, d->name, d->is_drained);
	if (d->ret < 0)
		return;
	d->ret = listing_services_take(&s, world.zone[0], &view_rule);
	if (d->ret == 0)
		d->ret = listing_services_walk(&s, NULL);
	for (size_t i = 0; i < s.count && d->ret >= 0; i++)
		d->ret = registry_work_drain_follow(r, world.zone[0], &view_rule, &s.items[i].name,
						    1);
	listing_services_fini(&s);
}

void sequence_drain(const uint8_t *name, bool is_drained)
{
	struct drain d = {name, is_drained, 0};

	if (!dns_name_is_under(name, apex))
		return;
	run(dnssd_kind_of(name, apex) == DNSSD_NODE ? drain_node : drain, &d);
	require(d.ret >= 0 || d.ret == -ENOENT || d.ret == -EBUSY || atomic_load(&disk.is_broken));
}

/* ---- what must hold ---- */

/* Whatever can be seen of zones and leases, as sums of hashes. */
struct sums {
	uint64_t records[2], leases;
};

static uint64_t zone_sum(const struct zone *zone)
{
	struct zone_cursor *c = zone_cursor_new(zone_current(zone));
	struct dns_record r;
	uint64_t sum = 0;

	require(c != NULL);
	while (zone_cursor_next(c, &r)) {
		sum += base_hash(r.owner, dns_name_nbytes(r.owner), r.type) +
		       base_hash(r.rdata, r.nbytes, r.ttl) * 3;
		require(r.nbytes <= 65000);
	}
	zone_cursor_free(c);
	return sum;
}

static uint64_t lease_records_sum(const struct listing_lease *l)
{
	uint64_t sum = 0;
	struct base_buf b = base_buf_over(l->records, l->nbytes);
	struct dns_record r;

	while (zone_changeset_next(&b, &r))
		sum += base_hash(r.owner, dns_name_nbytes(r.owner), r.type) ^
		       base_hash(r.rdata, r.nbytes, 0);
	return sum;
}

/* While no registrar runs. */
static void sums_make(struct sums *s)
{
	struct listing_leases listing = {0};
	struct listing_lease l;
	size_t at = 0;

	memset(s, 0, sizeof(*s));
	for (unsigned i = 0; i < 2; i++)
		s->records[i] = zone_sum(world.zone[i]);
	while (listing_leases_walk(&listing, &world.state.ledger, NULL, 0, 1000) > 0)
		;
	while (listing_leases_next(&listing, &at, &l))
		s->leases +=
			base_hash(l.name, dns_name_nbytes(l.name), l.number) +
			base_hash(l.holder, dns_name_nbytes(l.holder), l.granted_s) +
			(l.owner == NULL ? 0 : base_hash(l.owner, dns_name_nbytes(l.owner), 1)) +
			lease_records_sum(&l) + l.nrecords;
	listing_leases_fini(&listing);
}

/* Ends the program if they differ, and prints where. */
static void sums_compare(const struct sums *before, const struct sums *after)
{
	for (unsigned i = 0; i < 2; i++)
		if (before->records[i] != after->records[i])
			fprintf(stderr, "the restart changes zone %u\n", i);
	if (before->leases != after->leases)
		fprintf(stderr, "the restart changes leases\n");
	require(memcmp(before, after, sizeof(*before)) == 0);
}

void sequence_restart(void)
{
	struct sums before, after;

	stop_registrar();
	sums_make(&before);
	stop();
	zones_and_state_make();
	sums_make(&after);
	start_registrar();
	sums_compare(&before, &after);
}

static void on_difference(void *arg, bool is_missing, const struct dns_record *record)
{
	char text[DNS_NAME_TEXT_MAX];

	(void)arg;
	dns_name_to_text(text, record->owner);
	fprintf(stderr, "derived record %s: %s type %u\n", is_missing ? "missing" : "surplus", text,
		record->type);
	abort();
}

static void view_is_right(struct registry_registrar *r, void *arg)
{
	int *ret = arg;

	struct registry_check *check = registry_check_take(r, world.zone[0], &view_rule);

	*ret = check == NULL ? -ENOMEM : registry_check_run(check, on_difference, NULL);
	registry_check_free(check);
}

/* Asks for all records of a name, by TCP. */
static void ask(const uint8_t *name)
{
	static uint8_t out[65535];
	uint8_t msg[DNS_HEADER_SIZE + DNS_NAME_MAX + 4] = {0, 1, 0, 0, 0, 1};
	struct base_out o = base_out_over(msg + DNS_HEADER_SIZE, sizeof(msg) - DNS_HEADER_SIZE);
	struct sockaddr_in client = {.sin_family = AF_INET};
	struct server_peer peer = {.address = (struct sockaddr *)&client, .transport = SERVER_TCP};
	struct server_turn turn = turn_now();
	struct server_query q = {0};
	size_t length = 0;

	base_out_bytes(&o, name, dns_name_nbytes(name));
	base_out_u16(&o, DNS_TYPE_ANY);
	base_out_u16(&o, DNS_CLASS_IN);
	q.request.msg = msg;
	q.request.nbytes = DNS_HEADER_SIZE + base_out_nbytes(&o);
	server_query_begin_batch(&q, 1, &turn);
	require(server_query_end(&q, &turn, &peer, out, sizeof(out), &length) == SERVER_ANSWER);
	response_check(out, length);
}

void sequence_check(void)
{
	struct zone_cursor *c = zone_cursor_new(zone_current(world.zone[0]));
	uint8_t last[DNS_NAME_MAX] = {0};
	struct dns_record r;
	unsigned nasked = 0;
	int ret = 0;

	run(usage_check, NULL);
	run(view_is_right, &ret);
	require(ret == 0);
	require(c != NULL);
	while (zone_cursor_next(c, &r) && nasked < 64)
		if (!dns_name_equal(last, r.owner)) {
			memcpy(last, r.owner, dns_name_nbytes(r.owner));
			ask(last);
			nasked++;
		}
	zone_cursor_free(c);
	base_rcu_quiescent();
}
