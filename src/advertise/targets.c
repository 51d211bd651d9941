/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "advertise/targets.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "advertise/alternatives.h"
#include "advertise/records.h"
#include "advertise/settings.h"
#include "base/counter.h"
#include "base/log.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "lan/group.h"
#include "lan/name.h"
#include "mdns/rules.h"
#include "mdns/stats.h"
#include "zone/zone.h"

enum {
	AGAIN_MS = 1000, /* after the first collision; doubled at each one */
	AGAIN_MAX_MS = 60000,
	WELL_MS = 60000,
	COLLISIONS_MAX = 3,	 /* then it is looked whose name it is */
	NAMES_AGAIN_MS = 300000, /* after all names were taken */
	LINES_MAX = 100,	 /* of the log, about the LAN */
};

/* ---- names ---- */

/* Writes the labels of the host before its zone, joined by "-": that of its zone if there are none.
 * The last label is left out if it is `nodes`. */
static size_t join_labels(char out[static DNS_NAME_MAX], const uint8_t *name, const uint8_t *zone)
{
	unsigned labels;
	size_t n = 0;

	dns_name_relative(name, zone, &labels);
	if (labels > 1 && dnssd_label_is(dns_name_strip(name, labels - 1), "nodes"))
		labels--;
	for (unsigned i = 0; i < labels || (i == 0 && name[0] > 0); i++) {
		if (i > 0)
			out[n++] = '-';
		memcpy(out + n, name + 1, name[0]);
		n += name[0];
		name += name[0] + 1;
	}
	return n;
}

/* Cuts text to at most `max` octets, at the beginning of a character. */
static size_t cut(const char *text, size_t n, size_t max)
{
	if (n <= max)
		return n;
	while (max > 0 && (text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

/* Makes the name that the host is to have on the LAN: one label, and `local.` Returns false if that
 * is not text. */
static bool make_original(struct advertise_target *t)
{
	const char *suffix = t->owner->settings->rule->host_suffix;
	char text[DNS_NAME_MAX];
	size_t nsuffix = suffix == NULL ? 0 : strlen(suffix), n;
	uint8_t label[ADVERTISE_LABEL_SIZE];

	nsuffix = nsuffix < DNS_LABEL_MAX ? nsuffix : DNS_LABEL_MAX - 1;
	n = join_labels(text, t->name, zone_name(t->zone));
	n = cut(text, n, DNS_LABEL_MAX - nsuffix);
	label[0] = (uint8_t)(n + nsuffix);
	memcpy(label + 1, text, n);
	if (nsuffix > 0)
		memcpy(label + 1 + n, suffix, nsuffix);
	dns_name_join(t->original, label, label[0] + 1u, lan_name_local());
	return label[0] > 0 && lan_name_is_text(label);
}

/* Gives the target the next name from `number` on that no other one has; or, if there is none, no
 * name. */
static int take_name(struct advertise_target *t, unsigned number)
{
	struct advertise_targets *ts = t->owner;

	if (t->number > 0)
		mdns_table_remove(&ts->by_lan_name, &t->by_lan_name);
	t->number = advertise_alternative_choose(t->lan_name, t->original, number, &ts->by_lan_name,
						 lan_name_alternative_host);
	if (t->number == 0)
		return 0;
	t->by_lan_name.name = t->lan_name;
	if (mdns_table_add(&ts->by_lan_name, &t->by_lan_name) == 0)
		return 0;
	t->number = 0;
	return -ENOMEM;
}

/* ---- what is published ---- */

static int publish(struct advertise_target *t)
{
	struct lan_record records[ADVERTISE_SOURCE_ADDRESSES_MAX];

	for (size_t i = 0; i < t->naddresses; i++) {
		bool is_ipv4 = t->addresses[i].type == DNS_TYPE_A;

		records[i] = (struct lan_record){.owner = t->lan_name,
						 .type = t->addresses[i].type,
						 .ttl = ADVERTISE_TTL_HOST,
						 .rdata = t->addresses[i].bytes,
						 .nbytes = is_ipv4 ? 4 : 16,
						 .is_unique = true,
						 .transport = is_ipv4 ? LAN_IPV4 : LAN_IPV6};
	}
	return lan_group_publish(t->group, records, t->naddresses);
}

static void end_rivalry(struct advertise_target *t)
{
	if (t->rival != NULL)
		mdns_addresses_release(t->rival);
	t->rival = NULL;
	advertise_wait_end(&t->wait);
}

static bool is_strangers(const struct advertise_target *t)
{
	size_t n = t->rival == NULL ? 0 : mdns_host_naddresses(t->rival);

	return t->ncollisions >= COLLISIONS_MAX && n > 0 &&
	       !advertise_target_shares(t, t->rival->addresses, n);
}

/* All names were taken: they are tried again, from the first one on. */
static void on_names_again(struct advertise_wait *w)
{
	struct advertise_target *t = (void *)((char *)w - offsetof(struct advertise_target, again));

	take_name(t, 1);
	if (t->number == 0) {
		advertise_wait_begin(t->owner->waits, w, NAMES_AGAIN_MS, on_names_again);
		return;
	}
	advertise_alternatives_set(t->owner->alternatives, t->name, t->lan_name);
	t->owner->on_target(t->owner->arg, t);
}

static void rename_target(struct advertise_target *t)
{
	char name[DNS_NAME_TEXT_MAX], lan_name[DNS_NAME_TEXT_MAX];

	end_rivalry(t);
	t->ncollisions = 0;
	t->nrenames++;
	/* After a removal there is room in the table. */
	take_name(t, t->number + 1);
	if (t->number == 0) {
		advertise_wait_begin(t->owner->waits, &t->again, NAMES_AGAIN_MS, on_names_again);
		return;
	}
	advertise_alternatives_set(t->owner->alternatives, t->name, t->lan_name);
	if (!base_log_may_few("lan", LINES_MAX))
		return;
	dns_name_to_text(name, t->name);
	lan_name_to_text(lan_name, t->lan_name);
	base_log(BASE_LOG_INFO, "bridge",
		 "host-renamed name=%s lan=%s why=\"another host has its name on the LAN\"", name,
		 lan_name);
}

static void on_wait(struct advertise_wait *w)
{
	struct advertise_target *t = (void *)((char *)w - offsetof(struct advertise_target, wait));
	bool is_renamed = is_strangers(t);

	if (is_renamed)
		rename_target(t);
	if (t->group != NULL && advertise_target_fault(t) == NULL && publish(t) < 0)
		advertise_wait_begin(t->owner->waits, &t->wait, AGAIN_MS, on_wait);
	if (is_renamed)
		t->owner->on_target(t->owner->arg, t);
}

static void on_collision(struct advertise_target *t)
{
	struct advertise_targets *ts = t->owner;
	uint64_t now = advertise_waits_now(ts->waits), in_ms = AGAIN_MS;

	base_counter_add(&ts->settings->stats->nconflicts, 1);
	if (t->well_ms > 0 && now - t->well_ms > WELL_MS)
		t->ncollisions = t->nrenames = 0;
	t->well_ms = 0;
	/* A peer may want that no name is left. */
	for (unsigned i = 0; i < t->ncollisions + t->nrenames && in_ms < AGAIN_MAX_MS; i++)
		in_ms *= 2;
	t->ncollisions++;
	if (t->rival == NULL)
		t->rival = mdns_addresses_acquire(&ts->rivals, t->lan_name);
	advertise_wait_begin(ts->waits, &t->wait, in_ms < AGAIN_MAX_MS ? in_ms : AGAIN_MAX_MS,
			     on_wait);
}

static void on_group(void *arg, struct lan_group *g, enum lan_group_state state)
{
	struct advertise_target *t = arg;

	(void)g;
	if (state == LAN_GROUP_COLLISION) {
		on_collision(t);
	} else if (state == LAN_GROUP_ESTABLISHED) {
		t->well_ms = advertise_waits_now(t->owner->waits);
		end_rivalry(t);
	}
}

int advertise_target_show(struct advertise_target *t)
{
	const struct advertise_settings *s = t->owner->settings;

	if (t->group == NULL) {
		t->group = lan_group_new(s->daemon, s->where, on_group, t);
		if (t->group == NULL)
			return -ENOMEM;
		if (publish(t) < 0) {
			lan_group_free(t->group);
			t->group = NULL;
			return -ENOMEM;
		}
	}
	t->nshown++;
	return 0;
}

void advertise_target_hide(struct advertise_target *t)
{
	assert(t->nshown > 0);
	if (--t->nshown > 0)
		return;
	end_rivalry(t);
	lan_group_free(t->group);
	t->group = NULL;
	t->ncollisions = 0;
	t->well_ms = 0;
}

/* ---- what the registry has ---- */

const char *advertise_target_fault(const struct advertise_target *t)
{
	if (t->number == 0)
		return "its host cannot have a name on the LAN";
	return t->naddresses == 0 ? "its host has no address for a LAN" : NULL;
}

enum lan_transport advertise_target_transport(const struct advertise_target *t)
{
	size_t nipv4 = 0;

	for (size_t i = 0; i < t->naddresses; i++)
		nipv4 += t->addresses[i].type == DNS_TYPE_A;
	if (nipv4 == 0 || nipv4 < t->naddresses)
		return nipv4 == 0 && t->naddresses > 0 ? LAN_IPV6 : LAN_ANY;
	return LAN_IPV4;
}

bool advertise_target_shares(const struct advertise_target *t, const struct mdns_address *addresses,
			     size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < t->naddresses; j++)
			if (addresses[i].type == t->addresses[j].type &&
			    memcmp(addresses[i].bytes, t->addresses[j].bytes,
				   addresses[i].type == DNS_TYPE_A ? 4 : 16) == 0)
				return true;
	return false;
}

/* Returns whether the addresses were others. */
static bool read_addresses(struct advertise_target *t)
{
	struct mdns_address addresses[ADVERTISE_SOURCE_ADDRESSES_MAX] = {0};
	size_t n;

	/* Rules may have changed, and the zone with them. */
	t->zone = advertise_source_zone(t->owner->settings->rules, t->name);
	n = t->zone == NULL ? 0 : advertise_source_addresses(t->zone, t->name, addresses);

	if (n == t->naddresses && memcmp(addresses, t->addresses, n * sizeof(*addresses)) == 0)
		return false;
	memcpy(t->addresses, addresses, sizeof(addresses));
	t->naddresses = n;
	return true;
}

int advertise_target_read(struct advertise_target *t)
{
	const char *fault = advertise_target_fault(t);
	enum lan_transport transport = advertise_target_transport(t);
	int ret = 0;

	/* One that waits after a collision is not published earlier because it has changed. */
	if (read_addresses(t) && t->group != NULL && t->naddresses > 0 && t->wait.next == NULL)
		ret = publish(t);
	if (ret < 0)
		advertise_wait_begin(t->owner->waits, &t->wait, AGAIN_MS, on_wait);
	if (fault != advertise_target_fault(t) || transport != advertise_target_transport(t))
		t->owner->on_target(t->owner->arg, t);
	return ret;
}

struct advertise_target *advertise_targets_find(const struct advertise_targets *ts,
						const uint8_t *name)
{
	return mdns_table_find(&ts->by_name, name);
}

struct advertise_target *advertise_targets_next(const struct advertise_targets *ts,
						const struct advertise_target *t)
{
	return mdns_table_next(&ts->by_name, t);
}

static struct advertise_target *target_new(struct advertise_targets *ts, const struct zone *z,
					   const uint8_t *name)
{
	struct advertise_target *t = calloc(1, sizeof(*t));
	unsigned number;

	if (t == NULL)
		return NULL;
	t->owner = ts;
	t->zone = z;
	memcpy(t->name, name, dns_name_nbytes(name));
	t->entry.name = t->name;
	if (mdns_table_add(&ts->by_name, &t->entry) < 0) {
		free(t);
		return NULL;
	}
	if (!make_original(t))
		return t;
	number = advertise_alternatives_find(ts->alternatives, name, t->original,
					     lan_name_alternative_host);
	if (take_name(t, number) < 0) {
		mdns_table_remove(&ts->by_name, &t->entry);
		free(t);
		return NULL;
	}
	/* It was told apart from another host of a like name: so it stays. */
	if (t->number > number)
		advertise_alternatives_set(ts->alternatives, t->name, t->lan_name);
	return t;
}

struct advertise_target *advertise_targets_acquire(struct advertise_targets *ts,
						   const struct zone *z, const uint8_t *name)
{
	struct advertise_target *t = advertise_targets_find(ts, name);

	if (t == NULL) {
		t = target_new(ts, z, name);
		if (t == NULL)
			return NULL;
		read_addresses(t);
	}
	t->nusers++;
	return t;
}

void advertise_targets_release(struct advertise_target *t)
{
	struct advertise_targets *ts = t->owner;

	assert(t->nusers > 0);
	if (--t->nusers > 0)
		return;
	assert(t->nshown == 0);
	advertise_wait_end(&t->again);
	if (t->number > 0)
		mdns_table_remove(&ts->by_lan_name, &t->by_lan_name);
	mdns_table_remove(&ts->by_name, &t->entry);
	free(t);
}

static void on_rival(void *arg, struct mdns_host *host)
{
	/* Its addresses are looked at when the time has come to publish again. */
	(void)arg;
	(void)host;
}

void advertise_targets_init(struct advertise_targets *ts, const struct advertise_settings *settings,
			    struct advertise_waits *waits,
			    struct advertise_alternatives *alternatives,
			    void (*on_target)(void *arg, struct advertise_target *t), void *arg)
{
	ts->settings = settings;
	ts->waits = waits;
	ts->alternatives = alternatives;
	ts->on_target = on_target;
	ts->arg = arg;
	mdns_table_init(&ts->by_name, settings->seed);
	mdns_table_init(&ts->by_lan_name, settings->seed);
	mdns_addresses_init(&ts->rivals, settings->daemon, settings->where, settings->seed,
			    on_rival, NULL);
}

void advertise_targets_fini(struct advertise_targets *ts)
{
	mdns_addresses_fini(&ts->rivals);
	mdns_table_fini(&ts->by_lan_name);
	mdns_table_fini(&ts->by_name);
}
