/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "daemon/rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/secret.h"
#include "daemon/daemon.h"
#include "daemon/retire.h"
#include "daemon/tls.h"
#include "dns/tsig.h"
#include "fabric/ring.h"
#include "fabric/tls.h"
#include "guard/limit.h"
#include "registry/registrar.h"
#include "server/rules.h"
#include "server/server.h"
#include "settings/settings.h"
#include "update/policy.h"
#include "update/types.h"
#include "zone/catalog.h"
#include "zone/zone.h"

enum { SESSIONS_DEFAULT = 20000 };

/* By which the location of an invalid rule is found, and reported. */
struct rule_report {
	const struct settings_zone *zone;
	size_t nkeys; /* rules that were made from `key`; those of `policy` follow */
	base_report_fn report;
	void *arg;
};

static void rule_error(void *arg, size_t index, const char *text)
{
	struct rule_report *r = arg;
	struct base_location at = r->zone->at;
	struct base_error error;

	if (index >= r->nkeys && index - r->nkeys < r->zone->update_policy.count)
		at = r->zone->update_policy.items[index - r->nkeys].at;
	base_error_set_at(&error, -EBADMSG, at, "%s", text);
	r->report(r->arg, BASE_LOG_ERROR, &error);
}

/* Parses the rules of a zone: one that permits everything for each of its keys, then those of its
 * policy. `rules` has room for all of them; the caller frees its texts. Returns 0 or -1. */
static int rules_parse(struct update_policy **out, const struct settings_zone *z, char **rules,
		       struct rule_report *report)
{
	size_t n = 0;

	for (size_t i = 0; i < z->update_keys.count; i++) {
		char key[DNS_NAME_TEXT_MAX];

		dns_name_to_text(key, z->update_keys.items[i]->key.name);
		if (asprintf(&rules[n], "grant %s zonesub ANY", key) < 0) {
			rules[n] = NULL;
			return -1;
		}
		n++;
	}
	report->nkeys = n;
	for (size_t i = 0; i < z->update_policy.count; i++, n++)
		if ((rules[n] = strdup(z->update_policy.items[i].text)) == NULL)
			return -1;
	return update_policy_parse(out, (const char *const *)rules, n, z->name, rule_error, report);
}

static int policy_new(struct update_policy **out, const struct settings_zone *z,
		      base_report_fn report, void *arg)
{
	struct rule_report r = {.zone = z, .report = report, .arg = arg};
	size_t count = z->update_keys.count + z->update_policy.count;
	char **rules;
	int ret = -1;

	*out = NULL;
	if (z->update_fabric != NULL) {
		*out = update_policy_new_fabric(z->update_fabric->name);
		return *out == NULL ? -1 : 0;
	}
	if (count == 0)
		return 0;
	if (z->update_policy.count == 0 && z->update_keys.count == 1) {
		*out = update_policy_new_key(z->update_keys.items[0]->key.name);
		return *out == NULL ? -1 : 0;
	}
	rules = calloc(count, sizeof(*rules));
	if (rules != NULL)
		ret = rules_parse(out, z, rules, &r);
	for (size_t i = 0; rules != NULL && i < count; i++)
		free(rules[i]);
	free(rules);
	return ret;
}

/* Completes the policy by what the zone gives beside it. Returns 0 or -1. */
static int policy_complete(struct update_policy *policy, const struct settings_zone *z)
{
	struct update_types *types = NULL;

	if (policy == NULL)
		return 0;
	if (z->types.count > 0) {
		types = update_types_new(z->types.items, z->types.count);
		if (types == NULL)
			return -1;
		update_policy_set_types(policy, types);
	}
	return update_policy_set_quota(policy, &z->quota) < 0 ? -1 : 0;
}

static int keys_new(struct server_rules *v, const struct settings *config)
{
	v->keys = calloc(config->nkeys + 1, sizeof(*v->keys));
	if (v->keys == NULL)
		return -1;
	for (const struct settings_key *k = config->keys; k != NULL; k = k->next)
		dns_tsig_key_init(&v->keys[v->nkeys++], k->key.name, k->key.algorithm,
				  k->key.secret.bytes, k->key.secret.nbytes);
	return 0;
}

static int ring_new(struct server_rules *v, const struct settings *config)
{
	struct fabric_ring_entry *entries = calloc(config->nfabrics + 1, sizeof(*entries));
	size_t n = 0;

	if (entries == NULL)
		return -1;
	for (const struct settings_fabric *f = config->fabrics; f != NULL; f = f->next)
		entries[n++] = (struct fabric_ring_entry){f->fabric, f->overlap_s};
	v->ring = fabric_ring_new(entries, n);
	free(entries);
	return v->ring == NULL ? -1 : 0;
}

static const uint8_t **key_names(const struct settings_keys *keys)
{
	const uint8_t **names = calloc(keys->count + 1, sizeof(*names));

	for (size_t i = 0; names != NULL && i < keys->count; i++)
		names[i] = keys->items[i]->key.name;
	return names;
}

static int zone_rules(struct server_zone *out, const struct settings_zone *z, base_report_fn report,
		      void *arg)
{
	out->transfer_keys = key_names(&z->transfer_keys);
	out->subscribe_keys = key_names(&z->subscribe_keys);
	if (out->transfer_keys == NULL || out->subscribe_keys == NULL)
		return -1;
	out->ntransfer_keys = z->transfer_keys.count;
	out->nsubscribe_keys = z->subscribe_keys.count;
	out->subscribe_prefixes = z->subscribe_addresses.items;
	out->nsubscribe_prefixes = z->subscribe_addresses.count;
	out->lease = z->lease;
	out->view_rule = z->services;
	out->transfer_prefixes = z->transfer_addresses.items;
	out->ntransfer_prefixes = z->transfer_addresses.count;
	out->is_transfer_either = z->is_transfer_either;
	if (policy_new(&out->policy, z, report, arg) < 0)
		return -1;
	return policy_complete(out->policy, z);
}

static int zones_new(struct server_rules *v, struct daemon *d, const struct settings *config,
		     base_report_fn report, void *arg)
{
	struct zone **zones = calloc(config->nzones + 1, sizeof(*zones));
	int ret = 0;

	v->zones = calloc(config->nzones + 1, sizeof(*v->zones));
	if (zones == NULL || v->zones == NULL)
		ret = -1;
	for (const struct settings_zone *z = config->zones; z != NULL && ret == 0; z = z->next) {
		zones[v->nzones] = hosting_find(&d->zones, z->name)->zone;
		v->zones[v->nzones].zone = zones[v->nzones];
		ret = zone_rules(&v->zones[v->nzones++], z, report, arg);
	}
	if (ret == 0)
		v->catalog = zone_catalog_new(zones, v->nzones, d->seed);
	free(zones);
	return v->catalog == NULL ? -1 : ret;
}

static void cookies_fill(struct server_rules *v, struct daemon *d, const struct settings_server *s)
{
	v->cookies = d->cookies;
	if (s->cookie_secrets.count == 0)
		return;
	v->cookies.count = 0;
	for (size_t i = 0; i < s->cookie_secrets.count && i < DNS_COOKIE_SECRETS_MAX; i++)
		memcpy(v->cookies.secret[v->cookies.count++], s->cookie_secrets.items[i],
		       DNS_COOKIE_SECRET_SIZE);
}

static int limit_new(struct server_rules *v, struct daemon *d)
{
	const struct guard_limit_settings *settings = &v->options.rate_limit;

	if (settings->responses_per_second > 0 &&
	    (v->limit = guard_limit_new(settings, d->seed)) == NULL)
		return -1;
	if (settings->large_per_second > 0 &&
	    (v->large_limit = guard_limit_new_large(settings, d->seed)) == NULL)
		return -1;
	return 0;
}

/* A session takes a descriptor; connections and files need the others. weftd raises its
 * limit to the highest at its start. */
static uint32_t sessions_default(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_max / 2 > SESSIONS_DEFAULT)
		return SESSIONS_DEFAULT;
	return (uint32_t)(files.rlim_max / 2);
}

struct server_rules *daemon_rules_new(struct daemon *d, const struct settings *config,
				      base_report_fn report, void *arg)
{
	const struct settings_server *s = &config->server;
	struct server_rules *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return NULL;
	v->options = s->options;
	if (v->options.dso.sessions == 0)
		v->options.dso.sessions = sessions_default();
	v->options.tls = s->tls.limits;
	v->made_s = base_clock_wall_s();
	cookies_fill(v, d, s);
	if (keys_new(v, config) < 0 || ring_new(v, config) < 0 ||
	    zones_new(v, d, config, report, arg) < 0 || limit_new(v, d) < 0 ||
	    daemon_tls_new(&v->tls, d, config, v->ring, report, arg) < 0) {
		daemon_rules_free(v);
		return NULL;
	}
	return v;
}

void daemon_rules_free(struct server_rules *v)
{
	if (v == NULL)
		return;
	for (size_t i = 0; i < v->nzones; i++) {
		update_policy_free(v->zones[i].policy);
		free(v->zones[i].transfer_keys);
		free(v->zones[i].subscribe_keys);
	}
	for (size_t i = 0; i < v->nkeys; i++)
		dns_tsig_key_fini(&v->keys[i]);
	fabric_ring_free(v->ring);
	fabric_tls_context_release(v->tls);
	zone_catalog_free(v->catalog);
	guard_limit_free(v->limit);
	guard_limit_free(v->large_limit);
	free(v->zones);
	free(v->keys);
	base_secret_wipe(&v->cookies, sizeof(v->cookies));
	free(v);
}

/* Rules that were replaced, and the configuration that they borrow from if that was, too. */
struct retired_rules {
	struct daemon_retired retired; /* first */
	struct server_rules *rules;
	struct settings *config; /* or NULL */
};

static bool are_used(const struct daemon_retired *retired)
{
	return server_rules_are_used(((const struct retired_rules *)retired)->rules);
}

static void retired_end(struct daemon_retired *retired)
{
	struct retired_rules *r = (struct retired_rules *)retired;

	daemon_rules_free(r->rules);
	settings_free(r->config);
	free(r);
}

int daemon_rules_replace(struct daemon *d, struct server_rules *take, struct settings *config)
{
	struct retired_rules *old = calloc(1, sizeof(*old));

	if (old == NULL) {
		daemon_rules_free(take);
		return -ENOMEM;
	}
	/* Rules made later from the same configuration are retired later: the order is kept. */
	old->retired = (struct daemon_retired){
		.is_ordered = true, .is_used = are_used, .end = retired_end};
	old->rules = d->rules;
	if (config != NULL) {
		old->config = d->config;
		d->config = config;
	}
	d->rules = take;
	registry_registrar_set_limits(d->registrar, &take->options.update_queue);
	server_set_rules(d->server, take);
	daemon_retire(d, &old->retired);
	return 0;
}

void daemon_rules_roll_cookies(struct daemon *d)
{
	memmove(d->cookies.secret[1], d->cookies.secret[0], DNS_COOKIE_SECRET_SIZE);
	base_secret_random(d->cookies.secret[0], DNS_COOKIE_SECRET_SIZE);
	d->cookies.count = d->cookies.count < 2 ? d->cookies.count + 1 : 2;
}
