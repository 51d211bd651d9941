/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The zones of a configuration: its `zone:` entries. Names in them are looked up when all files are
 * read, so that keys, fabrics and zones may come in any order. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/reader.h"
#include "conf/table.h"
#include "conf/type.h"
#include "settings/settings_priv.h"
#include "update/policy.h"
#include "update/report.h"

#define ZONE(field) offsetof(struct settings_zone_entry, field)
#define SERVICES(field) offsetof(struct view_rule, field)
#define SUSPECT(field) offsetof(struct view_suspect_rule, field)
#define LIMITS(field) offsetof(struct zone_limits, field)
#define QUOTA(field) offsetof(struct settings_quota_entry, field)
#define LEASE(field) offsetof(struct ledger_lease_rule, field)

enum { LIST = CONF_LIST, REQUIRED = CONF_REQUIRED };
enum { LEASE_MAX_S = 365 * 86400 };

static const char *const yes_words[] = {"no", "yes", NULL};
static const char *const enable_words[] = {"no", "yes", "auto", NULL};

/* By enum view_then, and by enum view_panic. */
static const char *const then_words[] = {"demote", "withdraw", "ignore", NULL};
static const char *const panic_words[] = {"all", "last", "none", NULL};

static const struct conf_type types_type = {.name = "a mapping of service types to keys"};

static const struct conf_setting update_table[] = {
	{"key", &conf_type_located, .offset = ZONE(update.key) - ZONE(update), .flags = LIST},
	{"policy", &conf_type_located, .offset = ZONE(update.policy) - ZONE(update), .flags = LIST},
	{"fabric", &conf_type_located, .offset = ZONE(update.fabric) - ZONE(update)},
	{"types", &types_type, .offset = ZONE(update.types) - ZONE(update),
	 .read = settings_types_read},
	{0},
};

/* By enum ledger_kind: what a key of a fabric may have unless the zone configures it. A service
 * with a key lease has two leases. */
static const uint64_t quota_initial[LEDGER_KINDS] = {2000, 20000, 8 << 20, 5000, 1000};

static const struct conf_setting quota_table[] = {
	{"instances", &conf_type_number, .offset = QUOTA(instances), .max = 1000000000,
	 .initial_shown = "2000 with update.fabric"},
	{"records", &conf_type_number, .offset = QUOTA(records), .max = 1000000000,
	 .initial_shown = "20000 with update.fabric"},
	{"octets", &conf_type_size, .offset = QUOTA(octets), .max = UINT64_C(1) << 40,
	 .initial_shown = "8M with update.fabric"},
	{"leases", &conf_type_number, .offset = QUOTA(leases), .max = 1000000000,
	 .initial_shown = "5000 with update.fabric"},
	{"reports", &conf_type_number, .offset = QUOTA(reports), .max = 1000000000,
	 .initial_shown = "1000 with update.fabric"},
	{0},
};

static const struct conf_setting lease_table[] = {
	{"minimum", &conf_type_duration, .offset = LEASE(minimum_s), .min = 1, .max = LEASE_MAX_S,
	 .initial = "30"},
	{"maximum", &conf_type_duration, .offset = LEASE(maximum_s), .min = 1, .max = LEASE_MAX_S,
	 .initial = "2h"},
	{"key-maximum", &conf_type_duration, .offset = LEASE(key_maximum_s), .min = 1,
	 .max = LEASE_MAX_S, .initial = "14d"},
	{"default", &conf_type_duration, .offset = LEASE(default_s), .max = LEASE_MAX_S,
	 .initial = "0", .initial_shown = "0, none"},
	{"grace", &conf_type_duration, .offset = LEASE(grace_s), .max = 86400,
	 .initial_shown = "a third of the lease, at most 60"},
	{0},
};

static const struct conf_setting services_table[] = {
	{"enable", &conf_type_word, .offset = SERVICES(is_on), .words = enable_words,
	 .initial = "auto", .initial_shown = "yes with update.fabric, otherwise no"},
	{"srv", &conf_type_word, .offset = SERVICES(has_srv), .words = yes_words, .initial = "yes"},
	{"srv-max", &conf_type_number, .offset = SERVICES(srv_max), .min = 1, .max = VIEW_SRV_MAX,
	 .initial = "64"},
	{"weight-scale", &conf_type_number, .offset = SERVICES(weight_scale), .max = 65535,
	 .initial = "1"},
	{"reverse", &conf_type_word, .offset = SERVICES(has_reverse), .words = yes_words,
	 .initial = "yes"},
	{"ttl", &conf_type_duration, .offset = SERVICES(ttl_s), .max = 86400, .initial = "10"},
	{"negative-ttl", &conf_type_duration, .offset = SERVICES(negative_ttl_s), .max = 86400,
	 .initial = "5"},
	{0},
};

static const struct conf_setting suspect_table[] = {
	{"reports", &conf_type_number, .offset = SUSPECT(reports), .min = 1,
	 .max = UPDATE_REPORTS_MAX, .initial = "2"},
	{"within", &conf_type_duration, .offset = SUSPECT(within_s), .min = 1, .max = 3600,
	 .initial = "10"},
	{"then", &conf_type_word, .offset = SUSPECT(then), .words = then_words,
	 .initial = "demote"},
	{"panic", &conf_type_word, .offset = SUSPECT(panic), .words = panic_words,
	 .initial = "all"},
	{0},
};

static const struct conf_setting limits_table[] = {
	{"rrsets", &conf_type_number, .offset = LIMITS(rrsets), .min = 8, .max = 10000,
	 .initial = "100"},
	{"records", &conf_type_number, .offset = LIMITS(records), .min = 8, .max = 5000,
	 .initial = "1000"},
	{"rrset-size", &conf_type_size, .offset = LIMITS(rrset_nbytes), .min = 1024,
	 .max = ZONE_LIMIT_RRSET_NBYTES_MAX, .initial = "64000"},
	{"name-size", &conf_type_size, .offset = LIMITS(name_nbytes), .min = 1024, .max = 16 << 20,
	 .initial = "256K"},
	{0},
};

static const struct conf_setting subscribe_table[] = {
	{"key", &conf_type_located, .offset = ZONE(subscribe.key) - ZONE(subscribe), .flags = LIST},
	{"address", &conf_type_prefix, .offset = ZONE(subscribe.address) - ZONE(subscribe),
	 .flags = LIST},
	{0},
};

static const struct conf_setting transfer_table[] = {
	{"key", &conf_type_located, .offset = ZONE(transfer.key) - ZONE(transfer), .flags = LIST,
	 .initial_shown = "admin with update.fabric"},
	{"address", &conf_type_prefix, .offset = ZONE(transfer.address) - ZONE(transfer),
	 .flags = LIST},
	{0},
};

/* Reports `more`, called `name`, if it is more than the maximum: at itself, or where the maximum is
 * given. */
static void maximum_check(struct conf_reader *r, const struct base_location *at,
			  const struct ledger_lease_rule *rule, const uint32_t *more,
			  const char *name)
{
	struct base_location of_maximum = conf_reader_where(r, &rule->maximum_s, *at);
	struct base_location place = conf_reader_where(r, more, of_maximum);

	if (*more > rule->maximum_s)
		conf_reader_error(r, &place, "lease.%s is %u, more than lease.maximum, %u", name,
				  *more, rule->maximum_s);
}

static void lease_check(struct conf_reader *r, const struct base_location *at, const void *fields)
{
	const struct ledger_lease_rule *rule = fields;

	maximum_check(r, at, rule, &rule->minimum_s, "minimum");
	maximum_check(r, at, rule, &rule->default_s, "default");
}

const struct conf_setting settings_zone_table[] = {
	{"name", &conf_type_located, .offset = ZONE(name), .flags = REQUIRED},
	{"file", &conf_type_file, .offset = ZONE(file), .flags = REQUIRED},
	{"update", .offset = ZONE(update), .table = update_table},
	{"quota", .offset = ZONE(quota), .table = quota_table},
	{"lease", .offset = ZONE(zone.lease), .table = lease_table, .check = lease_check},
	{"service-view", .offset = ZONE(zone.services), .table = services_table},
	{"suspect", .offset = ZONE(zone.services.suspect), .table = suspect_table},
	{"limits", .offset = ZONE(zone.limits), .table = limits_table},
	{"subscribe", .offset = ZONE(subscribe), .table = subscribe_table},
	{"transfer", .offset = ZONE(transfer), .table = transfer_table},
	{"notify", &conf_type_address, .offset = ZONE(zone.notify), .flags = LIST,
	 .warning = "NOTIFY is not sent yet"},
	{0},
};

/* Returns where `fabric` or, without it, the first rule of `policy` is given: of the options that
 * exclude each other, one that is surplus. */
static const struct base_location *update_place(const struct settings_zone_entry *entry)
{
	if (entry->update.fabric.text != NULL)
		return &entry->update.fabric.at;
	return &entry->update.policy.items[0].at;
}

static void zone_item(struct conf_reader *r, struct yaml_node_s *item, void *arg)
{
	struct settings_loading *load = (struct settings_loading *)r;
	struct settings_zone_entry *entry = conf_reader_alloc(r, sizeof(*entry));
	char name[DNS_NAME_TEXT_MAX];

	(void)arg;
	if (entry == NULL)
		return;
	entry->zone.at = conf_table_locate(r, item);
	conf_table_set_defaults(r, settings_zone_table, entry);
	entry->zone.lease.grace_s = LEDGER_GRACE_THIRD;
	memset(&entry->quota, 0xff, sizeof(entry->quota)); /* nothing is given */
	conf_table_read_item(r, settings_zone_table, item, entry, "zone");
	if (r->is_short_of_memory || entry->name.text == NULL ||
	    !settings_key_parse_name(r, &entry->name, entry->zone.name))
		return;
	if ((entry->update.key.count > 0) + (entry->update.policy.count > 0) +
		    (entry->update.fabric.text != NULL) >
	    1)
		conf_reader_error(r, update_place(entry),
				  "update takes only one of key, policy and fabric");

	entry->zone.name_text =
		base_arena_copy(r->arena, name, dns_name_to_text(name, entry->zone.name) + 1);
	if (entry->zone.name_text == NULL)
		r->is_short_of_memory = true;
	entry->zone.at = entry->name.at;
	entry->zone.file = entry->file.text;
	entry->zone.file_at = entry->file.at;
	entry->zone.update_policy = entry->update.policy;
	entry->zone.subscribe_addresses = entry->subscribe.address;
	entry->zone.transfer_addresses = entry->transfer.address;
	*load->zones_end = &entry->zone;
	load->zones_end = &entry->zone.next;
	load->whole->config.nzones++;
}

void settings_zone_read(struct conf_reader *r, const struct conf_setting *s,
			struct yaml_node_s *node, void *field)
{
	(void)s;
	conf_table_each(r, node, zone_item, field);
}

/* Makes a key for a fabric key that a zone names: it has no entry, and its secret is derived later.
 * Returns NULL if memory is short. */
static struct settings_key *fabric_key_make(struct conf_reader *r, const struct conf_text *text,
					    const uint8_t *name)
{
	struct settings_key *key = conf_reader_alloc(r, sizeof(*key));

	if (key == NULL)
		return NULL;
	key->at = text->at;
	key->name = text->text;
	memcpy(key->key.name, name, dns_name_nbytes(name));
	return key;
}

static void keys_look_up(struct settings_loading *load, const struct conf_texts *names,
			 struct settings_keys *out)
{
	struct conf_reader *r = &load->reader;
	uint8_t name[DNS_NAME_MAX];

	out->items = conf_reader_alloc(r, names->count * sizeof(*out->items));
	for (size_t i = 0; out->items != NULL && i < names->count; i++) {
		if (names->items[i].text == NULL ||
		    !settings_key_parse_name(r, &names->items[i], name))
			continue;
		out->items[out->count] = settings_key_find(load->whole, name);
		if (out->items[out->count] == NULL &&
		    settings_fabric_has_key(&load->whole->config, name))
			out->items[out->count] = fabric_key_make(r, &names->items[i], name);
		if (out->items[out->count] != NULL)
			out->count++;
		else if (!settings_key_has_failed(load->failed_keys, name) &&
			 load->failed_fabrics == NULL)
			conf_reader_error(r, &names->items[i].at, "there is no key %s",
					  names->items[i].text);
	}
}

struct rules {
	struct conf_reader *reader;
	const struct conf_texts *texts;
};

static void rule_error(void *arg, size_t index, const char *text)
{
	const struct rules *rules = arg;

	conf_reader_error(rules->reader, &rules->texts->items[index].at, "%s", text);
}

/* Reports invalid rules of the policy. The policy itself is made with the workers' rules. */
static void policy_check(struct settings_loading *load, const struct settings_zone *zone)
{
	struct rules rules = {&load->reader, &zone->update_policy};
	size_t count = zone->update_policy.count;
	const char **texts = conf_reader_alloc(&load->reader, count * sizeof(*texts));
	struct update_policy *policy = NULL;

	for (size_t i = 0; texts != NULL && i < count; i++) {
		texts[i] = zone->update_policy.items[i].text;
		if (texts[i] == NULL)
			return;
	}
	if (texts != NULL &&
	    update_policy_parse(&policy, texts, count, zone->name, rule_error, &rules) == -ENOMEM)
		load->reader.is_short_of_memory = true;
	update_policy_free(policy);
}

static void fabric_look_up(struct settings_loading *load, const struct conf_text *text,
			   struct settings_zone *zone)
{
	uint8_t name[DNS_NAME_MAX];

	if (text->text == NULL || !settings_key_parse_name(&load->reader, text, name))
		return;
	for (const struct settings_fabric *f = load->whole->config.fabrics; f != NULL; f = f->next)
		if (dns_name_equal(f->name, name))
			zone->update_fabric = f;
	if (zone->update_fabric == NULL && !settings_key_has_failed(load->failed_fabrics, name))
		conf_reader_error(&load->reader, &text->at, "there is no fabric %s", text->text);
}

/* The administrator of a fabric may transfer its zone from each address, unless keys are given:
 * `weft` reads it whole. */
static void transfer_resolve(struct settings_loading *load, struct settings_zone_entry *entry)
{
	static const uint8_t admin[] = "\5admin\4keys";
	struct settings_zone *zone = &entry->zone;
	struct conf_text text = entry->update.fabric;
	char name_text[DNS_NAME_TEXT_MAX];
	uint8_t name[DNS_NAME_MAX];

	if (zone->update_fabric == NULL || entry->transfer.key.count > 0 ||
	    dns_name_join(name, admin, sizeof(admin) - 1, zone->update_fabric->name) == 0)
		return;
	dns_name_to_text(name_text, name);
	text.text = conf_reader_copy(&load->reader, name_text);
	if (text.text == NULL)
		return;
	keys_look_up(load, &(const struct conf_texts){&text, 1}, &zone->transfer_keys);
	zone->is_transfer_either = entry->transfer.address.count > 0;
}

/* Takes what is given, or the default if the zone has a fabric; else there is no limit. */
static void quota_resolve(struct settings_zone *zone, const struct settings_quota_entry *entry)
{
	const uint32_t counts[LEDGER_KINDS] = {entry->instances, entry->records, UINT32_MAX,
					       entry->leases, entry->reports};

	for (int k = 0; k < LEDGER_KINDS; k++) {
		uint64_t otherwise = zone->update_fabric != NULL ? quota_initial[k] : 0;

		zone->quota.max[k] = counts[k] != UINT32_MAX ? counts[k] : otherwise;
	}
	if (entry->octets != UINT64_MAX)
		zone->quota.max[LEDGER_OCTETS] = entry->octets;
}

static int zones_order(const void *a, const void *b)
{
	const struct settings_zone *const *za = a, *const *zb = b;

	return dns_name_compare((*za)->name, (*zb)->name);
}

void settings_zone_finish(struct settings_loading *load)
{
	struct settings_whole *whole = load->whole;
	size_t i = 0, count = whole->config.nzones;

	whole->zones_sorted =
		conf_reader_alloc(&load->reader, count * sizeof(*whole->zones_sorted));
	if (whole->zones_sorted == NULL)
		return;
	for (struct settings_zone *zone = whole->config.zones; zone != NULL; zone = zone->next) {
		struct settings_zone_entry *entry = (struct settings_zone_entry *)zone;

		whole->zones_sorted[i++] = zone;
		keys_look_up(load, &entry->update.key, &zone->update_keys);
		keys_look_up(load, &entry->subscribe.key, &zone->subscribe_keys);
		keys_look_up(load, &entry->transfer.key, &zone->transfer_keys);
		policy_check(load, zone);
		fabric_look_up(load, &entry->update.fabric, zone);
		if (zone->update_fabric != NULL || entry->update.fabric.text == NULL)
			settings_types_finish(load, &entry->update.types, zone);
		transfer_resolve(load, entry);
		quota_resolve(zone, &entry->quota);
		if (zone->services.is_on == VIEW_AUTO)
			zone->services.is_on = zone->update_fabric != NULL;
	}
	if (count > 0)
		qsort(whole->zones_sorted, count, sizeof(*whole->zones_sorted), zones_order);
	for (i = 1; i < count; i++) {
		const struct settings_zone *one = whole->zones_sorted[i - 1];
		const struct settings_zone *two = whole->zones_sorted[i];

		if (zones_order(&one, &two) == 0)
			conf_reader_error(&load->reader, &two->at,
					  "zone %s is given a second time, first at %s:%u",
					  two->name_text, one->at.file, one->at.line);
	}
}

const struct settings_zone *settings_zone_find(const struct settings *config, const uint8_t *name)
{
	const struct settings_whole *whole = (const struct settings_whole *)config;
	struct settings_zone wanted, *key = &wanted, **found;

	memcpy(wanted.name, name, dns_name_nbytes(name));
	if (config->nzones == 0)
		return NULL;
	found = bsearch(&key, whole->zones_sorted, config->nzones, sizeof(key), zones_order);
	return found != NULL ? *found : NULL;
}
