/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "advertise/phases.h"

#include <errno.h>
#include <string.h>

#include "advertise/advert.h"
#include "advertise/owner.h"
#include "advertise/settings.h"
#include "base/counter.h"
#include "lan/group.h"
#include "lan/name.h"
#include "mdns/marker.h"
#include "mdns/rules.h"
#include "mdns/seen.h"
#include "mdns/stats.h"
#include "zone/zone.h"

enum {
	PAUSE_MS = 1000, /* between two tries */
	PAUSE_MAX_MS = 60000,
	COLLISIONS_MAX = 4, /* one after the other; then each pause is twice the one before */
	CHECK_MS = 2000,    /* for an instance to be resolved */
	STALE_MS = 30000,   /* in which changes reach all bridges of a zone */
	WELL_MS = 60000,
	NAMES_AGAIN_MS = 300000, /* after all names were taken */
};

/* ---- waiting ---- */

static void show_group(struct advertise_advert *a, enum lan_group_state state)
{
	switch (state) {
	case LAN_GROUP_ESTABLISHED:
		advertise_advert_show(a, MDNS_ROW_ACTIVE, advertise_advert_why_renamed(a));
		break;
	case LAN_GROUP_NO_ROOM:
	case LAN_GROUP_REFUSED:
		advertise_advert_show(a, MDNS_ROW_REFUSED, lan_group_why(a->group));
		break;
	case LAN_GROUP_WAITING:
		advertise_advert_show(a, MDNS_ROW_PENDING, lan_group_why(a->group));
		break;
	default:
		advertise_advert_show(a, MDNS_ROW_PENDING, advertise_advert_why_renamed(a));
	}
}

static struct advertise_advert *of_wait(struct advertise_wait *w)
{
	return (struct advertise_advert *)((char *)w - offsetof(struct advertise_advert, wait));
}

/* Memory was short. */
static void on_again(struct advertise_wait *w)
{
	struct advertise_advert *a = of_wait(w);

	if (advertise_phases_read(a, true) < 0)
		advertise_wait_begin(&a->shared->waits, &a->wait, PAUSE_MS, on_again);
}

/* Goes on from a phase; if memory is short, in a second. */
static void go_on(struct advertise_advert *a, enum advertise_advert_phase phase)
{
	advertise_advert_stop(a);
	a->phase = phase;
	on_again(&a->wait);
}

/* ---- conflicts ---- */

/* All names were taken: they are tried again, from the first one on. */
static void on_names_again(struct advertise_wait *w)
{
	struct advertise_advert *a = of_wait(w);

	if (advertise_advert_take_name(a, 1) == 0 && a->number > 0)
		advertise_alternatives_set(&a->shared->alternatives, a->name, a->lan_name);
	go_on(a, ADVERTISE_ADVERT_IDLE);
}

/* Sets when the next name is probed for, after the one before was taken: a peer may want that none
 * is left. */
static void pause_probes(struct advertise_advert *a)
{
	uint64_t pause_ms = PAUSE_MS, now = advertise_waits_now(&a->shared->waits);

	a->nrenames++;
	for (unsigned i = COLLISIONS_MAX; i < a->nrenames && pause_ms < PAUSE_MAX_MS; i++)
		pause_ms *= 2;
	if (pause_ms > PAUSE_MAX_MS)
		pause_ms = PAUSE_MAX_MS;
	if (a->nrenames > COLLISIONS_MAX)
		a->next_ms = now + pause_ms;
}

/* Renames the instance on the LAN. Returns false if there is no other name: it is refused. */
static bool rename_advert(struct advertise_advert *a)
{
	struct advertise_shared *shared = a->shared;

	if (a->is_collided)
		pause_probes(a);
	else
		base_counter_add(&shared->settings->stats->nconflicts, 1);
	advertise_advert_stop(a);
	/* There is room in the table for the name, as one was just removed. */
	advertise_advert_take_name(a, a->number + 1);
	if (a->number == 0) {
		advertise_advert_refuse(a, "all names that it could have are taken on the LAN");
		advertise_wait_begin(&shared->waits, &a->wait, NAMES_AGAIN_MS, on_names_again);
		return false;
	}
	a->is_collided = a->has_retried = false;
	advertise_alternatives_set(&shared->alternatives, a->name, a->lan_name);
	advertise_advert_log_renamed(a);
	return true;
}

static void on_wait(struct advertise_wait *w)
{
	struct advertise_advert *a = of_wait(w);
	enum advertise_owner owner = advertise_owner_look(a);

	switch (a->phase) {
	case ADVERTISE_ADVERT_CHECKING:
		if (a->is_collided && a->has_retried) {
			if (rename_advert(a))
				go_on(a, ADVERTISE_ADVERT_IDLE);
			return;
		}
		a->has_retried = a->is_collided;
		go_on(a, ADVERTISE_ADVERT_READY);
		return;
	case ADVERTISE_ADVERT_STANDBY:
		if ((owner == ADVERTISE_OWNER_STRANGERS || owner == ADVERTISE_OWNER_STALE) &&
		    !rename_advert(a))
			return;
		if (owner == ADVERTISE_OWNER_RIVALS)
			return;
		a->is_collided = false;
		go_on(a, ADVERTISE_ADVERT_IDLE);
		return;
	default:
		go_on(a, ADVERTISE_ADVERT_IDLE);
	}
}

/* Waits until what has the name is gone. Anybody can say to be a bridge of the zone: one that does
 * not advertise what the zone has is a stranger, after a while. */
static void stand_by(struct advertise_advert *a, enum advertise_owner owner)
{
	struct mdns_seen_service s;
	uint8_t zone[DNS_NAME_MAX];
	mdns_id id;
	bool is_bridge = mdns_seen_find(a->shared->settings->seen, a->lan_name, &s) &&
			 s.is_resolved && mdns_marker_read(s.txt, s.ntxt, zone, &id);

	if (owner == ADVERTISE_OWNER_RIVALS || a->phase != ADVERTISE_ADVERT_STANDBY)
		advertise_wait_end(&a->wait);
	advertise_advert_stop_twins(a);
	advertise_advert_unpublish(a);
	advertise_advert_resolve(a, true);
	a->phase = ADVERTISE_ADVERT_STANDBY;
	a->has_retried = false;
	if (owner == ADVERTISE_OWNER_STALE && a->wait.next == NULL)
		advertise_wait_begin(&a->shared->waits, &a->wait, STALE_MS, on_wait);
	advertise_advert_show(a, MDNS_ROW_STANDBY,
			      is_bridge ? "another bridge of the zone advertises it"
					: "the node advertises it itself");
}

/* Has the name resolved, for CHECK_MS. */
static void check(struct advertise_advert *a)
{
	advertise_advert_stop_twins(a);
	advertise_advert_unpublish(a);
	advertise_advert_resolve(a, true);
	a->phase = ADVERTISE_ADVERT_CHECKING;
	advertise_advert_show(a, MDNS_ROW_PENDING, "the name is on the LAN already");
	advertise_wait_begin(&a->shared->waits, &a->wait, CHECK_MS, on_wait);
}

/* Goes on when what had the name is gone. That its SRV or TXT record has been withdrawn is enough:
 * a PTR record may stay in Avahi's cache, as that of our own group does on the loopback interface
 * after a collision. Any other change may come to the registry as well in a moment. */
static void rival_changed(struct advertise_advert *a, enum advertise_owner owner)
{
	struct advertise_waits *waits = &a->shared->waits;

	if (owner == ADVERTISE_OWNER_NOBODYS || owner == ADVERTISE_OWNER_UNKNOWN) {
		a->is_collided = false;
		go_on(a, advertise_waits_now(waits) < a->next_ms ? ADVERTISE_ADVERT_IDLE
								 : ADVERTISE_ADVERT_READY);
	} else if (a->wait.next == NULL) {
		advertise_wait_begin(waits, &a->wait, CHECK_MS, on_wait);
	}
}

static void on_collision(struct advertise_advert *a)
{
	struct advertise_shared *shared = a->shared;

	base_counter_add(&shared->settings->stats->nconflicts, 1);
	if (a->well_ms > 0 && advertise_waits_now(&shared->waits) - a->well_ms > WELL_MS) {
		a->has_retried = false;
		a->nrenames = 0;
	}
	a->is_collided = true;
	check(a);
	advertise_phases_on_seen(a);
}

void advertise_phases_on_seen(struct advertise_advert *a)
{
	enum advertise_owner owner;

	if ((a->phase != ADVERTISE_ADVERT_CHECKING && a->phase != ADVERTISE_ADVERT_STANDBY) ||
	    a->twins.is_found)
		return;
	owner = advertise_owner_look(a);
	if (owner == ADVERTISE_OWNER_RIVALS || owner == ADVERTISE_OWNER_STALE) {
		stand_by(a, owner);
	} else if (a->phase == ADVERTISE_ADVERT_STANDBY) {
		rival_changed(a, owner);
	} else if (owner == ADVERTISE_OWNER_STRANGERS) {
		if (rename_advert(a))
			go_on(a, ADVERTISE_ADVERT_IDLE);
	} else if (!a->is_collided &&
		   (owner == ADVERTISE_OWNER_OURS || owner == ADVERTISE_OWNER_NOBODYS)) {
		go_on(a, ADVERTISE_ADVERT_READY);
	}
}

/* ---- the node's own announcement, by another name ---- */

static struct advertise_advert *of_twins_wait(struct advertise_wait *w)
{
	return (struct advertise_advert *)((char *)w -
					   offsetof(struct advertise_advert, twins.wait));
}

/* Makes way for a twin, which keeps its name: its daemon does not look whether the other one gets
 * free. */
static void stand_by_twin(struct advertise_advert *a, const uint8_t *original, uint32_t bit)
{
	advertise_twins_find(&a->twins, a->shared->settings->seen, original, bit);
	advertise_wait_end(&a->wait);
	advertise_advert_unpublish(a);
	a->phase = ADVERTISE_ADVERT_STANDBY;
	advertise_advert_show(a, MDNS_ROW_STANDBY,
			      "the node advertises it itself, by an alternative of the name");
}

/* Looks whether what is being resolved is a twin. */
static bool find_twin(struct advertise_advert *a, const uint8_t *original)
{
	struct mdns_seen_service s;
	uint8_t name[DNS_NAME_MAX];

	for (unsigned i = 0; i < ADVERTISE_TWINS_MAX; i++) {
		uint32_t bit = UINT32_C(1) << i;

		if ((a->twins.resolving & bit) == 0 || !advertise_twins_name(name, original, i) ||
		    !mdns_seen_find(a->shared->settings->seen, name, &s) ||
		    !advertise_owner_is_twin(a, &s))
			continue;
		if (!a->twins.is_found)
			stand_by_twin(a, original, bit);
		return true;
	}
	return false;
}

/* Looks at the next alternatives of the name, each for CHECK_MS. */
static void on_twins_wait(struct advertise_wait *w)
{
	struct advertise_advert *a = of_twins_wait(w);
	struct advertise_shared *shared = a->shared;
	uint8_t original[DNS_NAME_MAX];

	if (!advertise_advert_original(a, original) ||
	    !advertise_twins_next(&a->twins, shared->settings->seen, original,
				  &shared->by_lan_name))
		return;
	if (!find_twin(a, original))
		advertise_wait_begin(&shared->waits, &a->twins.wait, CHECK_MS, on_twins_wait);
}

static void on_twin_gone(struct advertise_wait *w)
{
	go_on(of_twins_wait(w), ADVERTISE_ADVERT_IDLE);
}

/* Goes on when the twin is gone; a change may come to the registry as well in a moment. */
static void twin_changed(struct advertise_advert *a, const uint8_t *original)
{
	struct advertise_wait *wait = &a->twins.wait;

	if (find_twin(a, original))
		advertise_wait_end(wait);
	else if (wait->next == NULL)
		advertise_wait_begin(&a->shared->waits, wait, CHECK_MS, on_twin_gone);
}

void advertise_phases_on_twin(struct advertise_advert *a, const struct mdns_seen_service *s)
{
	uint8_t original[DNS_NAME_MAX];
	uint32_t bit;

	if ((a->phase != ADVERTISE_ADVERT_PUBLISHED && !a->twins.is_found) ||
	    !advertise_advert_original(a, original))
		return;
	bit = advertise_twins_bit(original, s->name);
	if (!s->is_named)
		a->twins.known &= ~bit;
	if (a->twins.is_found)
		twin_changed(a, original);
	else if (!find_twin(a, original) && a->twins.wait.next == NULL &&
		 (bit & ~a->twins.known) != 0)
		on_twins_wait(&a->twins.wait);
}

/* Looks at all alternatives anew, as what they are compared with may have changed. */
static void look_for_twins(struct advertise_advert *a)
{
	uint8_t original[DNS_NAME_MAX];

	if (!advertise_advert_original(a, original))
		return;
	a->twins.known = 0;
	if (a->twins.is_found)
		twin_changed(a, original);
	else if (a->phase == ADVERTISE_ADVERT_PUBLISHED && !find_twin(a, original) &&
		 a->twins.wait.next == NULL)
		on_twins_wait(&a->twins.wait);
}

static void on_group(void *arg, struct lan_group *g, enum lan_group_state state)
{
	struct advertise_advert *a = arg;

	(void)g;
	if (state == LAN_GROUP_COLLISION) {
		on_collision(a);
		return;
	}
	if (state == LAN_GROUP_ESTABLISHED) {
		a->well_ms = advertise_waits_now(&a->shared->waits);
		a->is_collided = false;
	}
	show_group(a, state);
}

/* ---- publishing ---- */

static const char *make_records(struct advertise_advert *a)
{
	struct advertise_shared *shared = a->shared;
	const struct advertise_source_service *source = &shared->source;
	uint8_t labels[ADVERTISE_SUBTYPES_MAX][ADVERTISE_LABEL_SIZE];
	const uint8_t *target = a->target == NULL ? a->target_name : a->target->lan_name;
	enum lan_transport transport =
		a->target == NULL ? LAN_ANY : advertise_target_transport(a->target);
	struct advertise_records_plan plan = {
		.lan_name = a->lan_name,
		.priority = source->priority,
		.weight = source->weight,
		.port = source->port,
		.target = target,
		.txt = source->txt,
		.ntxt = source->ntxt,
		.subtypes = (const uint8_t(*)[ADVERTISE_LABEL_SIZE])labels,
		.nsubtypes = a->nsubtypes,
		.name = source->name,
		.zone = zone_name(shared->settings->rule->zone),
		.id = shared->settings->id,
		.transport = transport};

	for (size_t i = 0; i < a->nsubtypes; i++)
		memcpy(labels[i], a->subtypes[i].label, sizeof(labels[i]));
	return advertise_records_make(&shared->records, &plan);
}

static int show_target(struct advertise_advert *a)
{
	if (a->target == NULL || a->is_target_shown)
		return 0;
	if (advertise_target_show(a->target) < 0)
		return -ENOMEM;
	a->is_target_shown = true;
	return 0;
}

/* Publishes what was read, unless that is published already. */
static int publish(struct advertise_advert *a)
{
	struct advertise_shared *shared = a->shared;
	const struct advertise_settings *s = shared->settings;
	const char *why = make_records(a);
	struct base_hash_wide hash;

	if (why != NULL)
		return advertise_advert_refuse(a, why);
	hash = advertise_records_hash(&shared->records);
	if (show_target(a) < 0)
		return -ENOMEM;
	if (a->phase == ADVERTISE_ADVERT_PUBLISHED && hash.low == a->published.low &&
	    hash.high == a->published.high)
		return 0;
	if (a->group == NULL)
		a->group = lan_group_new(s->daemon, s->where, on_group, a);
	if (a->group == NULL ||
	    lan_group_publish(a->group, shared->records.items, shared->records.count) < 0)
		return -ENOMEM;
	advertise_wait_end(&a->wait);
	a->published = hash;
	a->next_ms = advertise_waits_now(&shared->waits) + PAUSE_MS;
	a->phase = ADVERTISE_ADVERT_PUBLISHED;
	show_group(a, lan_group_state(a->group));
	return 0;
}

/* Publishes, unless the name is on the LAN already or was tried a moment ago. */
static int begin(struct advertise_advert *a)
{
	uint64_t now = advertise_waits_now(&a->shared->waits);
	enum advertise_owner owner = advertise_owner_look(a);

	while (owner == ADVERTISE_OWNER_STRANGERS) {
		if (!rename_advert(a))
			return 0;
		owner = advertise_owner_look(a);
	}
	if (owner == ADVERTISE_OWNER_RIVALS || owner == ADVERTISE_OWNER_STALE) {
		stand_by(a, owner);
		return 0;
	}
	if (owner == ADVERTISE_OWNER_UNKNOWN || owner == ADVERTISE_OWNER_UNDECIDED) {
		check(a);
		return 0;
	}
	if (now < a->next_ms) {
		a->phase = ADVERTISE_ADVERT_PAUSED;
		advertise_advert_show(a, MDNS_ROW_PENDING, advertise_advert_why_renamed(a));
		advertise_wait_begin(&a->shared->waits, &a->wait, a->next_ms - now, on_wait);
		return 0;
	}
	return publish(a);
}

static const char *fault_of(const struct advertise_advert *a)
{
	if (!lan_name_is_text(a->name))
		return "its name is not UTF-8 text (RFC 6763 section 4.1.1)";
	if (a->number == 0)
		return "it cannot have a name on the LAN";
	return a->target == NULL ? NULL : advertise_target_fault(a->target);
}

/* Reads what publishing and comparing need. Returns 0 or -ENOMEM. */
static int prepare(struct advertise_advert *a, const struct advertise_source_service *source)
{
	if (advertise_advert_read_target(a, source) < 0 ||
	    (a->number == 0 && advertise_advert_take_name(a, 0) < 0))
		return -ENOMEM;
	a->port = source->port;
	memcpy(a->target_name, source->target, dns_name_nbytes(source->target));
	advertise_advert_add_row(a, source->name);
	return 0;
}

/* Does what its phase needs with what was read. */
static int advance(struct advertise_advert *a)
{
	switch (a->phase) {
	case ADVERTISE_ADVERT_READY:
	case ADVERTISE_ADVERT_PUBLISHED:
		return publish(a);
	case ADVERTISE_ADVERT_CHECKING:
	case ADVERTISE_ADVERT_STANDBY:
		advertise_phases_on_seen(a);
		return 0;
	case ADVERTISE_ADVERT_PAUSED:
		return 0;
	default:
		return begin(a);
	}
}

int advertise_phases_read(struct advertise_advert *a, bool is_wanted)
{
	struct advertise_shared *shared = a->shared;
	const char *why;

	if (!is_wanted ||
	    !advertise_source_service(shared->settings->rule->zone, a->name, &shared->source)) {
		advertise_advert_withdraw(a);
		return 0;
	}
	if (prepare(a, &shared->source) < 0)
		return -ENOMEM;
	why = fault_of(a);
	if (why != NULL)
		return advertise_advert_refuse(a, why);
	if (advance(a) < 0)
		return -ENOMEM;
	look_for_twins(a);
	return 0;
}
