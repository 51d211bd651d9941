/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "advertise/advert.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "advertise/settings.h"
#include "base/counter.h"
#include "base/log.h"
#include "lan/group.h"
#include "lan/name.h"
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
	LINES_MAX = 100,	 /* of the log, about the LAN */
};

/* Whose a name on the LAN is. */
enum owner {
	NOBODYS,   /* it is not there */
	UNKNOWN,   /* it is not resolved */
	UNDECIDED, /* the addresses are not known yet */
	OURS,	   /* this bridge's */
	RIVALS,	   /* another bridge's of the zone, or the node's itself */
	STALE,	   /* with another bridge's marker, but not what the zone has */
	STRANGERS
};

/* ---- what is shown of it ---- */

static void count(uint64_t *counter, bool was, bool is)
{
	base_counter_add(counter, (uint64_t)is - (uint64_t)was);
}

/* Sets the row, and the figures that follow from it. */
static void show(struct advertise_advert *a, enum mdns_row_state state, const char *why)
{
	const struct advertise_settings *s = a->shared->settings;
	enum mdns_row_state old = a->row.state;

	count(&s->stats->nadvertised, old == MDNS_ROW_ACTIVE, state == MDNS_ROW_ACTIVE);
	count(&s->stats->nstandby, old == MDNS_ROW_STANDBY, state == MDNS_ROW_STANDBY);
	count(&s->stats->nrefused, old == MDNS_ROW_REFUSED, state == MDNS_ROW_REFUSED);
	mdns_rows_set(s->rows, &a->row, state, a->lan_name, why);
}

static void add_row(struct advertise_advert *a, const uint8_t *spelled)
{
	if (a->has_row)
		return;
	a->row = (struct mdns_row){.direction = MDNS_ADVERTISE, .state = MDNS_ROW_PENDING};
	memcpy(a->row.name, spelled, dns_name_nbytes(spelled));
	memcpy(a->row.lan_name, a->lan_name, dns_name_nbytes(a->lan_name));
	mdns_rows_add(a->shared->settings->rows, &a->row);
	a->has_row = true;
}

static void remove_row(struct advertise_advert *a)
{
	if (!a->has_row)
		return;
	show(a, MDNS_ROW_PENDING, "");
	mdns_rows_remove(a->shared->settings->rows, &a->row);
	a->has_row = false;
}

static void log_renamed(const struct advertise_advert *a)
{
	char name[DNS_NAME_TEXT_MAX], lan_name[DNS_NAME_TEXT_MAX];
	char quoted[DNS_NAME_TEXT_MAX + 2], lan_quoted[DNS_NAME_TEXT_MAX + 2];

	if (!base_log_may_few("lan", LINES_MAX))
		return;
	dns_name_to_text(name, a->row.name);
	dns_name_to_text(lan_name, a->lan_name);
	base_log(BASE_LOG_INFO, "bridge",
		 "renamed name=%s lan=%s why=\"the name is taken on the LAN\"",
		 base_log_quote(quoted, sizeof(quoted), name),
		 base_log_quote(lan_quoted, sizeof(lan_quoted), lan_name));
}

/* ---- its name on the LAN ---- */

static void drop_name(struct advertise_advert *a)
{
	uint64_t *nrenamed = &a->shared->settings->stats->nrenamed;

	if (a->number == 0)
		return;
	mdns_table_remove(&a->shared->by_lan_name, &a->by_lan_name);
	count(nrenamed, a->number > 1, false);
	a->number = 0;
}

/* Makes the name that it has on the LAN if that is not taken. Returns false if it has none. */
static bool make_original(const struct advertise_advert *a, uint8_t out[static DNS_NAME_MAX])
{
	return lan_name_is_text(a->name) &&
	       lan_name_move(out, a->name, zone_name(a->shared->settings->rule->zone),
			     lan_name_local());
}

/* Takes the next name from `number` on that no other advert has; `a->number` stays 0 if there is
 * none. */
static int take_name(struct advertise_advert *a, unsigned number)
{
	struct advertise_shared *shared = a->shared;
	uint8_t original[DNS_NAME_MAX];

	drop_name(a);
	a->lan_name[0] = 0;
	if (!make_original(a, original))
		return 0;
	if (number == 0)
		number = advertise_alternatives_find(&shared->alternatives, a->name, original,
						     lan_name_alternative);
	number = advertise_alternative_choose(a->lan_name, original, number, &shared->by_lan_name,
					      lan_name_alternative);
	a->by_lan_name.name = a->lan_name;
	if (number == 0 || mdns_table_add(&shared->by_lan_name, &a->by_lan_name) < 0)
		return number == 0 ? 0 : -ENOMEM;
	a->number = number;
	count(&shared->settings->stats->nrenamed, false, number > 1);
	return 0;
}

/* ---- what is published, and what is followed ---- */

static void resolve(struct advertise_advert *a, bool is_resolving)
{
	struct mdns_seen *seen = a->shared->settings->seen;

	/* Without memory it is not resolved, and the time for that ends. */
	if (is_resolving && !a->is_resolving)
		a->is_resolving = mdns_seen_resolve(seen, a->lan_name) == 0;
	else if (!is_resolving && a->is_resolving)
		mdns_seen_unresolve(seen, a->lan_name);
	a->is_resolving &= is_resolving;
}

static void stop_twins(struct advertise_advert *a)
{
	uint8_t original[DNS_NAME_MAX];

	if (make_original(a, original))
		advertise_twins_stop(&a->twins, a->shared->settings->seen, original);
}

static void unpublish(struct advertise_advert *a)
{
	lan_group_free(a->group);
	a->group = NULL;
	if (a->is_target_shown)
		advertise_target_hide(a->target);
	a->is_target_shown = false;
	a->well_ms = 0;
}

/* Leaves all that a phase has begun. */
static void stop(struct advertise_advert *a)
{
	advertise_wait_end(&a->wait);
	resolve(a, false);
	stop_twins(a);
	unpublish(a);
}

static void leave_target(struct advertise_advert *a)
{
	struct advertise_target *t = a->target;

	if (t == NULL)
		return;
	if (a->is_target_shown)
		advertise_target_hide(t);
	a->is_target_shown = false;
	if (a->target_next != NULL)
		a->target_next->target_previous = a->target_previous;
	if (a->target_previous != NULL)
		a->target_previous->target_next = a->target_next;
	else
		t->users = a->target_next;
	a->target = NULL;
	a->target_next = a->target_previous = NULL;
	advertise_targets_release(t);
}

static void join_target(struct advertise_advert *a, struct advertise_target *t)
{
	a->target = t;
	a->target_next = t->users;
	if (a->target_next != NULL)
		a->target_next->target_previous = a;
	t->users = a;
}

static int read_target(struct advertise_advert *a, const struct advertise_source_service *source)
{
	struct advertise_shared *shared = a->shared;
	const struct zone *z = advertise_source_zone(shared->settings->rules, source->target);
	struct advertise_target *t = NULL;
	bool is_shown = a->is_target_shown;

	if (a->target != NULL && a->target->zone == z &&
	    dns_name_equal(a->target->name, source->target))
		return 0;
	if (z != NULL) {
		t = advertise_targets_acquire(&shared->targets, z, source->target);
		if (t == NULL)
			return -ENOMEM;
	}
	/* While it is published, so are the new target's addresses before the old one's go. */
	if (is_shown && t != NULL && advertise_target_fault(t) == NULL) {
		if (advertise_target_show(t) < 0) {
			advertise_targets_release(t);
			return -ENOMEM;
		}
	} else {
		is_shown = false;
	}
	leave_target(a);
	if (t != NULL)
		join_target(a, t);
	a->is_target_shown = is_shown;
	return 0;
}

static void withdraw(struct advertise_advert *a)
{
	stop(a);
	leave_target(a);
	remove_row(a);
	drop_name(a);
	a->phase = ADVERTISE_ADVERT_IDLE;
	a->is_collided = a->has_retried = false;
	a->nrenames = 0;
}

static int refuse(struct advertise_advert *a, const char *why)
{
	stop(a);
	a->phase = ADVERTISE_ADVERT_REFUSED;
	show(a, MDNS_ROW_REFUSED, why);
	return 0;
}

static const char *why_renamed(const struct advertise_advert *a)
{
	return a->number > 1 ? "its own name is taken on the LAN" : "";
}

static void show_group(struct advertise_advert *a, enum lan_group_state state)
{
	switch (state) {
	case LAN_GROUP_ESTABLISHED:
		show(a, MDNS_ROW_ACTIVE, why_renamed(a));
		break;
	case LAN_GROUP_NO_ROOM:
	case LAN_GROUP_REFUSED:
		show(a, MDNS_ROW_REFUSED, lan_group_why(a->group));
		break;
	case LAN_GROUP_WAITING:
		show(a, MDNS_ROW_PENDING, lan_group_why(a->group));
		break;
	default:
		show(a, MDNS_ROW_PENDING, why_renamed(a));
	}
}

/* ---- conflicts ---- */

/* Compares what is seen with what the registry has. */
static enum owner compare(const struct advertise_advert *a, const struct mdns_seen_service *s)
{
	if (s->port != a->port)
		return STRANGERS;
	if (a->target == NULL)
		return dns_name_equal(s->target, a->target_name) ? RIVALS : STRANGERS;
	if (advertise_target_shares(a->target, s->addresses, s->naddresses))
		return RIVALS;
	/* Its addresses come after the other records. */
	return s->naddresses == 0 && dns_name_is_under(s->target, lan_name_local()) ? UNDECIDED
										    : STRANGERS;
}

static enum owner owner_of(const struct advertise_advert *a, const struct mdns_seen_service *s)
{
	const struct advertise_settings *settings = a->shared->settings;
	uint8_t zone[DNS_NAME_MAX];
	mdns_id id;

	if (!s->is_resolved)
		return s->is_named ? UNKNOWN : NOBODYS;
	if (!mdns_marker_read(s->txt, s->ntxt, zone, &id))
		return compare(a, s);
	if (!dns_name_equal(zone, zone_name(settings->rule->zone)))
		return STRANGERS;
	/* After a collision it is that of another rule. */
	if (id == settings->id && !a->is_collided)
		return OURS;
	return compare(a, s) == RIVALS ? RIVALS : STALE;
}

static enum owner look(const struct advertise_advert *a)
{
	struct mdns_seen_service s;

	return mdns_seen_find(a->shared->settings->seen, a->lan_name, &s) ? owner_of(a, &s)
									  : NOBODYS;
}

static struct advertise_advert *of_wait(struct advertise_wait *w)
{
	return (struct advertise_advert *)((char *)w - offsetof(struct advertise_advert, wait));
}

/* Memory was short. */
static void on_again(struct advertise_wait *w)
{
	struct advertise_advert *a = of_wait(w);

	if (advertise_advert_read(a, true) < 0)
		advertise_wait_begin(&a->shared->waits, &a->wait, PAUSE_MS, on_again);
}

/* Goes on from a phase; if memory is short, in a second. */
static void go_on(struct advertise_advert *a, enum advertise_advert_phase phase)
{
	stop(a);
	a->phase = phase;
	on_again(&a->wait);
}

/* All names were taken: they are tried again, from the first one on. */
static void on_names_again(struct advertise_wait *w)
{
	struct advertise_advert *a = of_wait(w);

	if (take_name(a, 1) == 0 && a->number > 0)
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
	stop(a);
	/* There is room in the table for the name, as one was just removed. */
	take_name(a, a->number + 1);
	if (a->number == 0) {
		refuse(a, "all names that it could have are taken on the LAN");
		advertise_wait_begin(&shared->waits, &a->wait, NAMES_AGAIN_MS, on_names_again);
		return false;
	}
	a->is_collided = a->has_retried = false;
	advertise_alternatives_set(&shared->alternatives, a->name, a->lan_name);
	log_renamed(a);
	return true;
}

static void on_wait(struct advertise_wait *w)
{
	struct advertise_advert *a = of_wait(w);
	enum owner owner = look(a);

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
		if ((owner == STRANGERS || owner == STALE) && !rename_advert(a))
			return;
		if (owner == RIVALS)
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
static void stand_by(struct advertise_advert *a, enum owner owner)
{
	struct mdns_seen_service s;
	uint8_t zone[DNS_NAME_MAX];
	mdns_id id;
	bool is_bridge = mdns_seen_find(a->shared->settings->seen, a->lan_name, &s) &&
			 s.is_resolved && mdns_marker_read(s.txt, s.ntxt, zone, &id);

	if (owner == RIVALS || a->phase != ADVERTISE_ADVERT_STANDBY)
		advertise_wait_end(&a->wait);
	stop_twins(a);
	unpublish(a);
	resolve(a, true);
	a->phase = ADVERTISE_ADVERT_STANDBY;
	a->has_retried = false;
	if (owner == STALE && a->wait.next == NULL)
		advertise_wait_begin(&a->shared->waits, &a->wait, STALE_MS, on_wait);
	show(a, MDNS_ROW_STANDBY,
	     is_bridge ? "another bridge of the zone advertises it"
		       : "the node advertises it itself");
}

/* Has the name resolved, for CHECK_MS. */
static void check(struct advertise_advert *a)
{
	stop_twins(a);
	unpublish(a);
	resolve(a, true);
	a->phase = ADVERTISE_ADVERT_CHECKING;
	show(a, MDNS_ROW_PENDING, "the name is on the LAN already");
	advertise_wait_begin(&a->shared->waits, &a->wait, CHECK_MS, on_wait);
}

/* Goes on when what had the name is gone. That its SRV or TXT record has been withdrawn is enough:
 * a PTR record may stay in Avahi's cache, as that of our own group does on the loopback interface
 * after a collision. Any other change may come to the registry as well in a moment. */
static void rival_changed(struct advertise_advert *a, enum owner owner)
{
	struct advertise_waits *waits = &a->shared->waits;

	if (owner == NOBODYS || owner == UNKNOWN) {
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
	advertise_advert_on_seen(a);
}

void advertise_advert_on_seen(struct advertise_advert *a)
{
	enum owner owner;

	if ((a->phase != ADVERTISE_ADVERT_CHECKING && a->phase != ADVERTISE_ADVERT_STANDBY) ||
	    a->twins.is_found)
		return;
	owner = look(a);
	if (owner == RIVALS || owner == STALE) {
		stand_by(a, owner);
	} else if (a->phase == ADVERTISE_ADVERT_STANDBY) {
		rival_changed(a, owner);
	} else if (owner == STRANGERS) {
		if (rename_advert(a))
			go_on(a, ADVERTISE_ADVERT_IDLE);
	} else if (!a->is_collided && (owner == OURS || owner == NOBODYS)) {
		go_on(a, ADVERTISE_ADVERT_READY);
	}
}

/* ---- the node's own announcement, by another name ---- */

static bool is_twin(const struct advertise_advert *a, const struct mdns_seen_service *s)
{
	uint8_t zone[DNS_NAME_MAX];
	mdns_id id;

	return s->is_named && s->is_resolved && !mdns_marker_read(s->txt, s->ntxt, zone, &id) &&
	       compare(a, s) == RIVALS;
}

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
	unpublish(a);
	a->phase = ADVERTISE_ADVERT_STANDBY;
	show(a, MDNS_ROW_STANDBY, "the node advertises it itself, by an alternative of the name");
}

/* Looks whether what is being resolved is a twin. */
static bool find_twin(struct advertise_advert *a, const uint8_t *original)
{
	struct mdns_seen_service s;
	uint8_t name[DNS_NAME_MAX];

	for (unsigned i = 0; i < ADVERTISE_TWINS_MAX; i++) {
		uint32_t bit = UINT32_C(1) << i;

		if ((a->twins.resolving & bit) == 0 || !advertise_twins_name(name, original, i) ||
		    !mdns_seen_find(a->shared->settings->seen, name, &s) || !is_twin(a, &s))
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

	if (!make_original(a, original) || !advertise_twins_next(&a->twins, shared->settings->seen,
								 original, &shared->by_lan_name))
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

void advertise_advert_on_twin(struct advertise_advert *a, const struct mdns_seen_service *s)
{
	uint8_t original[DNS_NAME_MAX];
	uint32_t bit;

	if ((a->phase != ADVERTISE_ADVERT_PUBLISHED && !a->twins.is_found) ||
	    !make_original(a, original))
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

	if (!make_original(a, original))
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
		return refuse(a, why);
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
	enum owner owner = look(a);

	while (owner == STRANGERS) {
		if (!rename_advert(a))
			return 0;
		owner = look(a);
	}
	if (owner == RIVALS || owner == STALE) {
		stand_by(a, owner);
		return 0;
	}
	if (owner == UNKNOWN || owner == UNDECIDED) {
		check(a);
		return 0;
	}
	if (now < a->next_ms) {
		a->phase = ADVERTISE_ADVERT_PAUSED;
		show(a, MDNS_ROW_PENDING, why_renamed(a));
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
	if (read_target(a, source) < 0 || (a->number == 0 && take_name(a, 0) < 0))
		return -ENOMEM;
	a->port = source->port;
	memcpy(a->target_name, source->target, dns_name_nbytes(source->target));
	add_row(a, source->name);
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
		advertise_advert_on_seen(a);
		return 0;
	case ADVERTISE_ADVERT_PAUSED:
		return 0;
	default:
		return begin(a);
	}
}

int advertise_advert_read(struct advertise_advert *a, bool is_wanted)
{
	struct advertise_shared *shared = a->shared;
	const char *why;

	if (!is_wanted ||
	    !advertise_source_service(shared->settings->rule->zone, a->name, &shared->source)) {
		withdraw(a);
		return 0;
	}
	if (prepare(a, &shared->source) < 0)
		return -ENOMEM;
	why = fault_of(a);
	if (why != NULL)
		return refuse(a, why);
	if (advance(a) < 0)
		return -ENOMEM;
	look_for_twins(a);
	return 0;
}

/* ---- subtypes, and life ---- */

static struct advertise_advert_subtype *find_subtype(const struct advertise_advert *a,
						     const uint8_t *label)
{
	for (size_t i = 0; i < a->nsubtypes; i++) {
		const uint8_t *other = a->subtypes[i].label;
		unsigned n = 0;

		while (n <= label[0] && dns_lower[label[n]] == dns_lower[other[n]])
			n++;
		if (n > label[0])
			return &a->subtypes[i];
	}
	return NULL;
}

int advertise_advert_add_subtype(struct advertise_advert *a, const uint8_t *label)
{
	struct advertise_advert_subtype *s = find_subtype(a, label);

	if (s == NULL && a->nsubtypes < ADVERTISE_SUBTYPES_MAX) {
		s = realloc(a->subtypes, (a->nsubtypes + 1) * sizeof(*s));
		if (s == NULL)
			return -ENOMEM;
		a->subtypes = s;
		s += a->nsubtypes++;
		memset(s, 0, sizeof(*s));
		memcpy(s->label, label, label[0] + 1u);
	}
	if (s != NULL)
		s->is_marked = true;
	return 0;
}

void advertise_advert_remove_subtype(struct advertise_advert *a, const uint8_t *label)
{
	struct advertise_advert_subtype *s = find_subtype(a, label);

	if (s == NULL)
		return;
	a->nsubtypes--;
	memmove(s, s + 1, (size_t)(&a->subtypes[a->nsubtypes] - s) * sizeof(*s));
}

struct advertise_advert *advertise_advert_new(struct advertise_shared *shared, const uint8_t *name)
{
	struct advertise_advert *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->shared = shared;
	memcpy(a->name, name, dns_name_nbytes(name));
	a->entry.name = a->name;
	return a;
}

void advertise_advert_free(struct advertise_advert *a)
{
	withdraw(a);
	free(a->subtypes);
	free(a);
}
