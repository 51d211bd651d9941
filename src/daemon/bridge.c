/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "daemon/bridge.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "bridge/bridge.h"
#include "daemon/daemon.h"
#include "fabric/fabric.h"
#include "hosting/hosting.h"
#include "lan/daemon.h"
#include "mdns/rules.h"
#include "process/report.h"
#include "registry/registrar.h"
#include "settings/settings.h"
#include "update/policy.h"

enum {
	ARENA_BLOCK = 4096,
	AWAY_MS = 5000,	    /* for so long it may be away before it is missed */
	HANGS_US = 3000000, /* a call that takes longer is not answered */
};

/* Rules with their memory. */
struct made {
	struct mdns_rules rules; /* first */
	struct base_arena arena;
	bool is_short; /* of memory */
};

/* ---- copies ---- */

static void *copy(struct made *m, const void *bytes, size_t nbytes)
{
	void *p = base_arena_copy(&m->arena, bytes, nbytes);

	m->is_short |= p == NULL;
	return p;
}

static const char *text_copy(struct made *m, const char *text)
{
	return copy(m, text, strlen(text) + 1);
}

static const char *const *texts_copy(struct made *m, const char **texts, size_t n)
{
	const char **list = base_arena_alloc(&m->arena, (n + 1) * sizeof(*list));

	m->is_short |= list == NULL;
	for (size_t i = 0; list != NULL && i < n; i++)
		list[i] = text_copy(m, texts[i]);
	return list;
}

static void types_copy(struct made *m, struct mdns_types *out,
		       const struct settings_service_types *types)
{
	*out = (struct mdns_types){.count = types->count, .has_all = types->has_all};
	out->items = copy(m, types->items, (types->count + 1) * sizeof(*types->items));
}

/* ---- a rule ---- */

static void into_fill(struct made *m, struct daemon *d, struct mdns_into *into,
		      const struct settings_mdns *s)
{
	static const uint8_t label[] = "\5_mdns";

	if (s->into_zone == NULL)
		return;
	into->zone = hosting_find(&d->zones, s->into_zone->name)->zone;
	dns_name_lower(into->name, s->into);
	dns_name_join(into->key, label, sizeof(label) - 1, into->name);
	into->policy = update_policy_new_lan(into->key, into->name);
	into->lease_rule = copy(m, &s->into_zone->lease, sizeof(s->into_zone->lease));
	if (s->into_zone->services.is_on)
		into->view_rule = copy(m, &s->into_zone->services, sizeof(s->into_zone->services));
	into->max = s->discover_max;
	m->is_short |= into->policy == NULL;
}

static bool is_reachable(const struct sockaddr_storage *a)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)a;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)a;

	return a->ss_family == AF_INET ? ntohl(v4->sin_addr.s_addr) >> 24 != IN_LOOPBACKNET
				       : !IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

/* Finds the first address that others on the LAN can reach, and over what they reach its port. */
static struct mdns_listening listening_find(const struct settings_addresses *addresses)
{
	struct mdns_listening found = {0};
	bool has_ipv4 = false, has_ipv6 = false;

	for (size_t i = 0; i < addresses->count; i++) {
		const struct sockaddr_storage *a = &addresses->items[i];
		/* The port is at the same place in both. */
		uint16_t port = ntohs(((const struct sockaddr_in *)a)->sin_port);

		if (!is_reachable(a) || (found.port != 0 && port != found.port))
			continue;
		found.port = port;
		has_ipv4 |= a->ss_family == AF_INET;
		has_ipv6 |= a->ss_family == AF_INET6;
	}
	found.transport = has_ipv4 == has_ipv6 ? LAN_ANY : has_ipv4 ? LAN_IPV4 : LAN_IPV6;
	return found;
}

static void announce_fill(struct made *m, struct mdns_rule *rule, const struct settings *config,
			  const struct settings_mdns *s)
{
	char text[BASE_SECRET_BASE64_SIZE(FABRIC_PUBLIC_SIZE)];
	const struct settings_fabric *f = s->zone->update_fabric;

	rule->dns = listening_find(&config->server.listen);
	rule->tls = listening_find(&config->server.listen_tls);
	rule->is_announced = s->is_announced && (rule->dns.port != 0 || rule->tls.port != 0);
	if (f == NULL || f->fabric == NULL)
		return;
	base_secret_to_base64(text, f->fabric->public_key, FABRIC_PUBLIC_SIZE);
	rule->fabric = text_copy(m, f->name_text);
	rule->fingerprint = text_copy(m, text);
}

static void rule_fill(struct made *m, struct daemon *d, struct mdns_rule *rule,
		      const struct settings *config, const struct settings_mdns *s)
{
	rule->zone = hosting_find(&d->zones, s->zone->name)->zone;
	rule->interfaces = texts_copy(m, s->interfaces.items, s->interfaces.count);
	rule->ninterfaces = s->interfaces.count;
	types_copy(m, &rule->advertise, &s->advertise);
	types_copy(m, &rule->discover, &s->discover);
	types_copy(m, &rule->exclude, &s->exclude);
	rule->host_suffix = text_copy(m, s->host_suffix);
	into_fill(m, d, &rule->into, s);
	announce_fill(m, rule, config, s);
}

/* ---- all rules ---- */

/* In any thread. */
static void made_release(struct mdns_rules *rules)
{
	struct made *m = (struct made *)rules;

	for (size_t i = 0; i < rules->count; i++)
		update_policy_free((struct update_policy *)rules->items[i].into.policy);
	free(rules->items);
	base_arena_fini(&m->arena);
	free(m);
}

static struct mdns_rules *rules_make(struct daemon *d, const struct settings *config)
{
	struct made *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	base_arena_init(&m->arena, ARENA_BLOCK);
	m->rules.release = made_release;
	m->rules.items = calloc(config->nmdns + 1, sizeof(*m->rules.items));
	m->is_short = m->rules.items == NULL;
	for (const struct settings_mdns *s = config->mdns; s != NULL && !m->is_short; s = s->next)
		rule_fill(m, d, &m->rules.items[m->rules.count++], config, s);
	if (!m->is_short)
		return &m->rules;
	made_release(&m->rules);
	return NULL;
}

/* The main thread's own look at it. */
static struct bridge *bridge_of(struct daemon *d)
{
	return atomic_load_explicit(&d->bridge, memory_order_relaxed);
}

static int thread_start(struct daemon *d)
{
	const struct bridge_settings settings = {
		.registrar = d->registrar,
		.state_dir = d->config->server.state_dir,
		.seed = d->seed,
	};
	struct bridge *b;
	int ret = bridge_start(&b, &settings);

	if (ret < 0)
		return ret;
	d->bridge_started_ms = base_clock_steady_ms();
	atomic_store_explicit(&d->bridge, b, memory_order_release);
	return 0;
}

int daemon_bridge_prepare(struct mdns_rules **out, struct daemon *d, const struct settings *config)
{
	int ret = 0;

	*out = NULL;
	if (config->nmdns == 0 && bridge_of(d) == NULL)
		return 0;
	*out = rules_make(d, config);
	if (*out == NULL)
		return -ENOMEM;
	if (bridge_of(d) == NULL)
		ret = thread_start(d);
	if (ret < 0) {
		daemon_bridge_drop(*out);
		*out = NULL;
	}
	return ret;
}

/* Logs entries that are to be announced, but whose weftd cannot be reached. */
static void report_unreachable(const struct daemon *d, const struct mdns_rules *rules)
{
	const struct settings_mdns *s = d->config->mdns;

	for (size_t i = 0; i < rules->count; i++, s = s->next)
		if (s->is_announced && !rules->items[i].is_announced)
			base_log(BASE_LOG_WARNING, "bridge",
				 "not-announced zone=%s why=\"weftd listens on loopback addresses "
				 "only\"",
				 s->zone->name_text);
}

void daemon_bridge_apply(struct daemon *d, struct mdns_rules *take)
{
	if (take == NULL)
		return;
	report_unreachable(d, take);
	bridge_set_rules(bridge_of(d), take);
}

void daemon_bridge_drop(struct mdns_rules *take)
{
	if (take != NULL)
		take->release(take);
}

int daemon_bridge_start(struct daemon *d)
{
	struct mdns_rules *rules;
	int ret = daemon_bridge_prepare(&rules, d, d->config);

	if (ret < 0)
		return process_report_failure("cannot start the LAN bridge", ret);
	daemon_bridge_apply(d, rules);
	return 0;
}

void daemon_bridge_on_changed(struct daemon *d, struct zone *zone,
			      const struct zone_changeset *changes)
{
	struct bridge *b = atomic_load_explicit(&d->bridge, memory_order_acquire);

	if (b != NULL)
		bridge_on_changed(b, zone, changes);
}

/* ---- how it is ---- */

enum daemon_bridge_state daemon_bridge_stats(struct daemon *d, struct mdns_stats *out,
					     struct lan_stats *lan)
{
	struct bridge *b = bridge_of(d);

	memset(out, 0, sizeof(*out));
	memset(lan, 0, sizeof(*lan));
	if (b == NULL)
		return DAEMON_BRIDGE_OFF;
	bridge_stats_get(b, out, lan);
	if (lan->calling_since_us > 0 && base_clock_steady_us() > lan->calling_since_us + HANGS_US)
		return DAEMON_BRIDGE_HANGS;
	return lan->is_running ? DAEMON_BRIDGE_RUNNING : DAEMON_BRIDGE_AWAY;
}

bool daemon_bridge_has_problem(struct daemon *d, char *text, size_t size)
{
	struct mdns_stats stats;
	struct lan_stats lan;
	enum daemon_bridge_state state = daemon_bridge_stats(d, &stats, &lan);

	if (d->config->nmdns == 0 || base_clock_steady_ms() < d->bridge_started_ms + AWAY_MS)
		return false;
	if (state == DAEMON_BRIDGE_AWAY)
		snprintf(text, size,
			 "avahi-daemon or D-Bus does not run: nothing is bridged to the LAN");
	else if (state == DAEMON_BRIDGE_HANGS)
		snprintf(text, size,
			 "avahi-daemon or D-Bus has not answered for %llu seconds: nothing is "
			 "bridged to the LAN",
			 (unsigned long long)(base_clock_steady_us() - lan.calling_since_us) /
				 1000000);
	return state == DAEMON_BRIDGE_AWAY || state == DAEMON_BRIDGE_HANGS;
}

/* ---- the end ---- */

/* In the registrar's thread: what it was doing with the bridge is over. */
static void registrar_pass(struct registry_registrar *r, void *arg)
{
	(void)r;
	(void)arg;
}

void daemon_bridge_stop(struct daemon *d)
{
	struct bridge *b = atomic_exchange(&d->bridge, NULL);

	if (b == NULL)
		return;
	registry_registrar_run(d->registrar, registrar_pass, NULL);
	bridge_stop(b);
}
