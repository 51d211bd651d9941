/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "registrant/queue.h"
#include "registrant/records.h"
#include "registrant/report.h"
#include "registrant/standing.h"

static void on_due(void *arg, uint64_t now_ms)
{
	(void)now_ms;
	registrant_queue_again(arg);
}

static void link_last(struct registrant_service *s)
{
	struct registrant_service **at = s->r->last;

	s->link = at;
	*at = s;
	s->r->last = &s->next;
}

int registrant_unit_new(struct registrant_service **out, struct registrant *r,
			const struct registrant_settings *settings)
{
	struct registrant_service *s = calloc(1, sizeof(*s));
	int ret;

	if (s == NULL)
		return -ENOMEM;
	ret = registrant_settings_copy(&s->settings, settings);
	if (ret == 0 && settings->kind == REGISTRANT_NODE) {
		s->addresses = calloc(2, sizeof(*s->addresses));
		s->old = s->addresses == NULL ? NULL : s->addresses + 1;
		ret = s->addresses == NULL ? -ENOMEM : 0;
	}
	/* Where the kernel cannot be asked, as without AF_NETLINK, a node without addresses must
	 * not replace the one that is registered. */
	if (ret == 0 && settings->kind == REGISTRANT_NODE && settings->naddresses == 0 &&
	    r->network == NULL)
		ret = registrant_addresses_new(&r->network, r->events, registrant_unit_on_network,
					       r);
	if (ret < 0) {
		registrant_settings_free(s->settings);
		free(s->addresses);
		free(s);
		return ret;
	}
	s->r = r;
	memcpy(s->name, settings->name, dns_name_nbytes(settings->name));
	s->due = (struct resolve_timer){.on_due = on_due, .arg = s};
	s->lease_end = (struct resolve_timer){.on_due = registrant_standing_lease_end, .arg = s};
	if (settings->kind == REGISTRANT_NODE)
		registrant_unit_set_addresses(s, settings);
	else
		registrant_standing_incarnate(s, 0);
	if (settings->is_adopted && registrant_is_given(s)) {
		registrant_records_adopt(s);
		s->is_adopted = s->was_sent = true;
	}
	link_last(s);
	*out = s;
	return 0;
}

/* The node is not used by one of its instances any more. Its addresses remain until their lease
 * ends: other processes of this host may have instances there. */
void registrant_unit_leave_node(struct registrant_service *node)
{
	bool is_needed;

	node->nusers--;
	is_needed = node->nusers > 0 || (node->has_owner && !node->is_ending);
	if (is_needed || node->todo == REGISTRANT_REMOVE)
		return;
	if (node->place == REGISTRANT_FLIES)
		node->is_over = true;
	else
		registrant_queue_over(node);
}

void registrant_unit_free(struct registrant_service *s)
{
	struct registrant *r = s->r;

	registrant_queue_take(s);
	registrant_report_drop(s);
	resolve_timer_clear(&r->events->timers, &s->lease_end);
	*s->link = s->next;
	if (s->next != NULL)
		s->next->link = s->link;
	else
		r->last = s->link;
	if (s->node != NULL)
		registrant_unit_leave_node(s->node);
	registrant_settings_free(s->settings);
	registrant_settings_free(s->was);
	registrant_settings_free(s->sent);
	free(s->addresses);
	free(s->holder);
	free(s->why);
	free(s);
}

void registrant_unit_reap(void *arg, uint64_t now_ms)
{
	struct registrant *r = arg;

	(void)now_ms;
	for (struct registrant_service *s = r->units, *next; s != NULL; s = next) {
		next = s->next;
		if (s->is_over && !s->has_owner && s->nusers == 0 && s->place != REGISTRANT_FLIES)
			registrant_unit_free(s);
	}
}

/* ---- nodes ---- */

void registrant_unit_set_addresses(struct registrant_service *node,
				   const struct registrant_settings *settings)
{
	if (settings->naddresses == 0)
		return;
	node->has_given = true;
	node->addresses->n = settings->naddresses;
	for (size_t i = 0; i < settings->naddresses; i++)
		registrant_addresses_bare(&node->addresses->addresses[i], &settings->addresses[i]);
}

/* Returns whether the addresses of the node are known. */
static bool node_is_ready(const struct registrant_service *node)
{
	return node->has_given || registrant_addresses_now(node->r->network) != NULL;
}

/* Gives a node that has no other addresses those of the network, if they are known. */
static void node_follow(struct registrant_service *node)
{
	const struct registrant_network *now;

	if (node->has_given)
		return;
	now = registrant_addresses_now(node->r->network);
	if (now != NULL)
		*node->addresses = *now;
}

void registrant_unit_on_network(void *arg, const struct registrant_network *network,
				uint64_t now_ms)
{
	struct registrant *r = arg;

	(void)now_ms;
	for (struct registrant_service *s = r->units; s != NULL; s = s->next) {
		bool is_at_its_end = s->is_over || registrant_is_at_its_end(s);

		if (registrant_is_claim(s))
			continue;
		if (registrant_is_node(s) && !s->has_given && !is_at_its_end) {
			*s->addresses = *network;
			if (s->place == REGISTRANT_FLIES)
				s->has_changed = true;
			else
				registrant_queue_now(s, REGISTRANT_REGISTER);
		} else if (s->todo == REGISTRANT_NOTHING && s->place == REGISTRANT_WAITS &&
			   !is_at_its_end) {
			registrant_queue_now(s, REGISTRANT_REGISTER);
		}
	}
}

void registrant_unit_begin(struct registrant_service *s)
{
	const struct registrant_service *node = registrant_is_node(s) ? s : s->node;

	if (registrant_is_node(s))
		node_follow(s);
	if (node == NULL || node_is_ready(node))
		registrant_queue_now(s, s->is_adopted ? REGISTRANT_REFRESH : REGISTRANT_REGISTER);
}

/* A node of a fabric is called as its key (weft-fabric(7)); another one as the host, up to the
 * first dot. Writes the labels without root. Returns their octets, 0 if there is no such name. */
static size_t node_labels(const struct registrant *r, const uint8_t *domain, uint8_t *out)
{
	const struct dns_tsig_key *key = locate_key(r->locate);
	uint8_t keys[DNS_NAME_MAX];
	struct utsname host;
	unsigned nlabels = 0;
	size_t n;

	if (key != NULL && dns_name_join(keys, (const uint8_t *)"\4keys", 5, domain) > 0 &&
	    dns_name_relative(key->name, keys, &nlabels) && nlabels > 0 &&
	    !(nlabels == 1 && key->name[0] == 5 && memcmp(key->name + 1, "admin", 5) == 0)) {
		n = key->name_nbytes - dns_name_nbytes(keys);
		memcpy(out, key->name, n);
		return n;
	}
	if (uname(&host) < 0)
		return 0;
	n = strcspn(host.nodename, ".");
	if (n == 0 || n > DNS_LABEL_MAX)
		return 0;
	out[0] = (uint8_t)n;
	memcpy(out + 1, host.nodename, n);
	return n + 1;
}

bool registrant_node_name(const struct registrant *r, const uint8_t *domain,
			  uint8_t out[static DNS_NAME_MAX])
{
	uint8_t labels[DNS_NAME_MAX + 6];
	size_t n = node_labels(r, domain, labels);

	if (n == 0)
		return false;
	memcpy(labels + n, "\5nodes", 6);
	return dns_name_join(out, labels, n + 6, domain) > 0;
}

int registrant_unit_take_node(struct registrant_service *s)
{
	struct registrant *r = s->r;
	struct registrant_settings settings = {
		.kind = REGISTRANT_NODE,
		.lease_s = s->settings->lease_s,
		.addresses = s->settings->addresses,
		.naddresses = s->settings->naddresses,
	};
	struct registrant_service *node = r->units;
	int ret = 0;

	if (s->settings->kind != REGISTRANT_INSTANCE || s->settings->host[0] != 0)
		return 0;
	if (!registrant_node_name(r, dns_name_strip(s->name, 3), settings.name))
		return -EINVAL;
	while (node != NULL && !(registrant_is_node(node) && !node->is_over &&
				 dns_name_equal(node->name, settings.name)))
		node = node->next;
	if (node == NULL) {
		ret = registrant_unit_new(&node, r, &settings);
		if (ret == 0)
			registrant_unit_begin(node);
	} else if (settings.naddresses > 0) {
		registrant_unit_set_addresses(node, &settings);
		if (node->place == REGISTRANT_FLIES)
			node->has_changed = true;
		else if (node->todo != REGISTRANT_REMOVE)
			registrant_queue_now(node, REGISTRANT_REGISTER);
	}
	if (ret == 0) {
		node->is_orphan = false; /* fate.c registers it again after its removal */
		node->nusers++;
		s->node = node;
	}
	return ret;
}
