/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "advertise/advert.h"

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
	LINES_MAX = 100, /* of the log, about the LAN */
};

/* ---- what is shown of it ---- */

static void count(uint64_t *counter, bool was, bool is)
{
	base_counter_add(counter, (uint64_t)is - (uint64_t)was);
}

/* Sets the row, and the figures that follow from it. */
void advertise_advert_show(struct advertise_advert *a, enum mdns_row_state state, const char *why)
{
	const struct advertise_settings *s = a->shared->settings;
	enum mdns_row_state old = a->row.state;

	count(&s->stats->nadvertised, old == MDNS_ROW_ACTIVE, state == MDNS_ROW_ACTIVE);
	count(&s->stats->nstandby, old == MDNS_ROW_STANDBY, state == MDNS_ROW_STANDBY);
	count(&s->stats->nrefused, old == MDNS_ROW_REFUSED, state == MDNS_ROW_REFUSED);
	mdns_rows_set(s->rows, &a->row, state, a->lan_name, why);
}

void advertise_advert_add_row(struct advertise_advert *a, const uint8_t *spelled)
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
	advertise_advert_show(a, MDNS_ROW_PENDING, "");
	mdns_rows_remove(a->shared->settings->rows, &a->row);
	a->has_row = false;
}

void advertise_advert_log_renamed(const struct advertise_advert *a)
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

const char *advertise_advert_why_renamed(const struct advertise_advert *a)
{
	return a->number > 1 ? "its own name is taken on the LAN" : "";
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
bool advertise_advert_original(const struct advertise_advert *a, uint8_t out[static DNS_NAME_MAX])
{
	return lan_name_is_text(a->name) &&
	       lan_name_move(out, a->name, zone_name(a->shared->settings->rule->zone),
			     lan_name_local());
}

/* Takes the next name from `number` on that no other advert has; `a->number` stays 0 if there is
 * none. */
int advertise_advert_take_name(struct advertise_advert *a, unsigned number)
{
	struct advertise_shared *shared = a->shared;
	uint8_t original[DNS_NAME_MAX];

	drop_name(a);
	a->lan_name[0] = 0;
	if (!advertise_advert_original(a, original))
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

void advertise_advert_resolve(struct advertise_advert *a, bool is_resolving)
{
	struct mdns_seen *seen = a->shared->settings->seen;

	/* Without memory it is not resolved, and the time for that ends. */
	if (is_resolving && !a->is_resolving)
		a->is_resolving = mdns_seen_resolve(seen, a->lan_name) == 0;
	else if (!is_resolving && a->is_resolving)
		mdns_seen_unresolve(seen, a->lan_name);
	a->is_resolving &= is_resolving;
}

void advertise_advert_stop_twins(struct advertise_advert *a)
{
	uint8_t original[DNS_NAME_MAX];

	if (advertise_advert_original(a, original))
		advertise_twins_stop(&a->twins, a->shared->settings->seen, original);
}

void advertise_advert_unpublish(struct advertise_advert *a)
{
	lan_group_free(a->group);
	a->group = NULL;
	if (a->is_target_shown)
		advertise_target_hide(a->target);
	a->is_target_shown = false;
	a->well_ms = 0;
}

/* Leaves all that a phase has begun. */
void advertise_advert_stop(struct advertise_advert *a)
{
	advertise_wait_end(&a->wait);
	advertise_advert_resolve(a, false);
	advertise_advert_stop_twins(a);
	advertise_advert_unpublish(a);
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

int advertise_advert_read_target(struct advertise_advert *a,
				 const struct advertise_source_service *source)
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

void advertise_advert_withdraw(struct advertise_advert *a)
{
	advertise_advert_stop(a);
	leave_target(a);
	remove_row(a);
	drop_name(a);
	a->phase = ADVERTISE_ADVERT_IDLE;
	a->is_collided = a->has_retried = false;
	a->nrenames = 0;
}

int advertise_advert_refuse(struct advertise_advert *a, const char *why)
{
	advertise_advert_stop(a);
	a->phase = ADVERTISE_ADVERT_REFUSED;
	advertise_advert_show(a, MDNS_ROW_REFUSED, why);
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
	advertise_advert_withdraw(a);
	free(a->subtypes);
	free(a);
}
