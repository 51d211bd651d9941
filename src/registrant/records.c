/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/records.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "dns/rdata.h"
#include "dns/type.h"

enum {
	TTL_MAX_S = 60,
	RECORD_FIXED = 10,		    /* octets of a record after its owner, without rdata */
	SUBTYPE_MAX = DNS_LABEL_MAX + 6,    /* of a subtype's labels */
	PAIRS_MAX = REGISTRANT_ID_MAX + 64, /* of the pairs that are not the owner's */
	USES_MAX = 6,			    /* of the label of what an instance uses */
	SRV_MAX = DNS_SRV_TARGET + DNS_NAME_MAX,
	INCARNATION_DIGITS = 18, /* REGISTRANT_INCARNATION_MAX */
};

/* The settings of what is in the registry, if it differs from what is to be. */
static const struct registrant_settings *settings_there(const struct registrant_service *s)
{
	return s->was != NULL ? s->was : s->settings;
}

size_t registrant_records_bound(const struct registrant_service *s)
{
	const struct registrant_settings *settings = s->settings;
	size_t owner = dns_name_nbytes(s->name) + RECORD_FIXED;
	size_t nsubtypes = settings->nsubtypes + (s->was == NULL ? 0 : s->was->nsubtypes);
	size_t host =
		s->node != NULL ? dns_name_nbytes(s->node->name) : dns_name_nbytes(settings->host);
	size_t uses = 2 * (owner + USES_MAX), pointer = 2 * owner,
	       srv = owner + DNS_SRV_TARGET + host;

	if (registrant_is_node(s))
		return (s->addresses->n + s->old->n + 3) * (owner + 16) +
		       2 * (owner + settings->ntxt);
	if (registrant_is_claim(s))
		return 4 * (owner + PAIRS_MAX) + s->present.ntxt + 2 * settings->ntxt +
		       (s->was == NULL ? 0 : s->was->ntxt);
	for (size_t i = 0; i < settings->nuses; i++)
		uses += 2 * (owner + USES_MAX + dns_name_nbytes(settings->uses[i]));
	/* SRV and TXT are prerequisites, too; both sets are removed before. */
	return uses + 2 * srv + owner + s->present.ntxt + owner + settings->ntxt + PAIRS_MAX +
	       2 * owner + pointer + nsubtypes * (pointer + SUBTYPE_MAX);
}

/* ---- rdata ---- */

static size_t srv_make(const struct registrant_service *s,
		       const struct registrant_settings *settings, uint8_t out[static SRV_MAX])
{
	const uint8_t *host =
		settings->host[0] == 0 && s->node != NULL ? s->node->name : settings->host;
	struct base_out o = base_out_over(out, SRV_MAX);

	base_out_u16(&o, settings->priority);
	base_out_u16(&o, settings->weight);
	base_out_u16(&o, settings->port);
	base_out_bytes(&o, host, dns_name_nbytes(host));
	return base_out_nbytes(&o);
}

/* Sets a pair in `txt`. What was valid when it was copied has room. */
static size_t pair_set(uint8_t *txt, size_t ntxt, const char *key, const char *value)
{
	uint8_t before[REGISTRANT_RECORDS_TXT_MAX];
	size_t n;

	memcpy(before, txt, ntxt);
	n = dnssd_txt_set(txt, REGISTRANT_RECORDS_TXT_MAX, before, ntxt, key, value);
	return n == 0 ? ntxt : n;
}

size_t registrant_records_txt(const struct registrant_service *s,
			      const struct registrant_settings *settings, uint64_t incarnation,
			      uint8_t out[static REGISTRANT_RECORDS_TXT_MAX])
{
	char id[REGISTRANT_ID_MAX + 1], number[24];
	size_t n = settings->ntxt;

	if (n > 0)
		memcpy(out, settings->txt, n);
	if (registrant_is_claim(s))
		return settings->is_shared ? pair_set(out, n, "shared", "yes") : n;
	if (settings->id[0] != '\0')
		snprintf(id, sizeof(id), "%s", settings->id);
	else
		snprintf(id, sizeof(id), "%.*s", settings->name[0],
			 (const char *)settings->name + 1);
	snprintf(number, sizeof(number), "%" PRIu64, incarnation);
	n = pair_set(out, n, "id", id);
	n = pair_set(out, n, "inc", number);
	if (settings->state != DNSSD_UP) /* no pair means up */
		n = pair_set(out, n, "state", dnssd_state_text(settings->state));
	return n;
}

uint64_t registrant_records_incarnation(const uint8_t *txt, size_t ntxt)
{
	uint64_t number = 0;
	const uint8_t *value;
	size_t n;

	value = dnssd_txt_find(txt, ntxt, "inc", &n);
	if (value == NULL || n > INCARNATION_DIGITS)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (value[i] < '0' || value[i] > '9')
			return 0;
		number = number * 10 + (uint64_t)(value[i] - '0');
	}
	return number < REGISTRANT_INCARNATION_MAX ? number : 0; /* so that another can follow */
}

static void present_set(struct registrant_service *s, const struct registrant_settings *settings,
			uint64_t incarnation)
{
	uint8_t txt[REGISTRANT_RECORDS_TXT_MAX];
	size_t n = registrant_records_txt(s, settings, incarnation, txt);

	s->present.is_known = s->present.is_there = true;
	s->present.incarnation = s->seen = incarnation;
	s->present.state = settings->state;
	s->present.ntxt = n <= sizeof(s->present.txt) ? (uint16_t)n : 0;
	memcpy(s->present.txt, txt, s->present.ntxt);
}

/* What has changed meanwhile was not in the message. Of a node the addresses that were are not
 * kept: all are replaced next. */
void registrant_records_note(struct registrant_service *s)
{
	if (s->sent != NULL || !s->has_changed || registrant_is_node(s)) {
		registrant_settings_free(s->was);
		s->was = s->sent;
		s->sent = NULL;
	}
	if (!registrant_is_node(s)) {
		present_set(s, settings_there(s), s->flying);
		return;
	}
	*s->old = *s->addresses;
	s->was_replaced = !s->has_changed;
}

void registrant_records_adopt(struct registrant_service *s)
{
	present_set(s, s->settings, s->incarnation);
}

/* ---- instances ---- */

static void require_ours(struct dns_update_writer *u, const struct registrant_service *s)
{
	uint8_t srv[SRV_MAX];

	if (s->todo == REGISTRANT_REFRESH && !registrant_is_claim(s))
		dns_update_write_require_record(u, s->name, DNS_TYPE_SRV, srv,
						srv_make(s, s->settings, srv));
	if (s->present.ntxt > 0)
		dns_update_write_require_record(u, s->name, DNS_TYPE_TXT, s->present.txt,
						s->present.ntxt);
}

/* An earlier life may have used something else. */
static void require_uses(struct dns_update_writer *u, const struct registrant_service *s)
{
	const struct registrant_settings *settings = s->settings;
	uint8_t name[DNS_NAME_MAX];

	if (settings->kind != REGISTRANT_INSTANCE || settings->incarnation == 0 ||
	    s->todo != REGISTRANT_REFRESH || s->is_registered ||
	    !registrant_settings_uses_name(name, s->name))
		return;
	if (settings->nuses == 0)
		dns_update_write_require_none(u, name, DNS_TYPE_PTR);
	for (size_t i = 0; i < settings->nuses; i++)
		dns_update_write_require_record(u, name, DNS_TYPE_PTR, settings->uses[i],
						dns_name_nbytes(settings->uses[i]));
}

/* Another may have set the state of a node, or the registry has lost it. */
static void require_node(struct dns_update_writer *u, const struct registrant_service *s)
{
	if (s->todo == REGISTRANT_REFRESH && s->settings->ntxt > 0)
		dns_update_write_require_record(u, s->name, DNS_TYPE_TXT, s->settings->txt,
						s->settings->ntxt);
}

/* Of a claim several of which may be there, nothing is required. A refresh requires what was
 * registered; registering, what was there when it was looked at, or, if it was not, nothing: so
 * what another registers meanwhile is noticed, whatever its key. */
void registrant_records_require(struct dns_update_writer *u, const struct registrant_service *s)
{
	if (registrant_is_node(s))
		require_node(u, s);
	if (registrant_is_node(s) || s->is_unchecked ||
	    (registrant_is_claim(s) && s->settings->is_shared))
		return;
	require_uses(u, s);
	if (s->todo == REGISTRANT_REMOVE && registrant_is_claim(s) && !s->present.is_known)
		dns_update_write_require_record(u, s->name, DNS_TYPE_TXT, s->settings->txt,
						s->settings->ntxt);
	else if (s->todo != REGISTRANT_REGISTER || (s->present.is_known && s->present.is_there))
		require_ours(u, s);
	else
		dns_update_write_require_none(u, s->name, DNS_TYPE_TXT);
}

/* Writes the name of a subtype. Returns false if it is too long. */
static bool subtype_name(uint8_t out[static DNS_NAME_MAX], const char *subtype, const uint8_t *type)
{
	uint8_t prefix[1 + DNS_LABEL_MAX + 5];
	size_t n = strlen(subtype);

	prefix[0] = (uint8_t)n;
	memcpy(prefix + 1, subtype, n);
	memcpy(prefix + 1 + n, "\4_sub", 5);
	return dns_name_join(out, prefix, n + 6, type) > 0;
}

/* Removes the PTRs at the subtypes, or at those that are not in `kept`. */
static void remove_subtypes(struct dns_update_writer *u, const struct registrant_service *s,
			    const struct registrant_settings *from,
			    const struct registrant_settings *kept)
{
	uint8_t name[DNS_NAME_MAX];

	for (size_t i = 0; i < from->nsubtypes; i++)
		if ((kept == NULL || !registrant_settings_has_subtype(kept, from->subtypes[i])) &&
		    subtype_name(name, from->subtypes[i], dns_name_strip(s->name, 1)))
			dns_update_write_remove(u, name, DNS_TYPE_PTR, s->name,
						dns_name_nbytes(s->name));
}

static uint32_t ttl_of(const struct registrant_service *s)
{
	if (s->settings->ttl_s > 0)
		return s->settings->ttl_s;
	return s->settings->lease_s / 2 < TTL_MAX_S ? s->settings->lease_s / 2 : TTL_MAX_S;
}

static void add_instance(struct dns_update_writer *u, const struct registrant_service *s)
{
	uint8_t srv[SRV_MAX], txt[REGISTRANT_RECORDS_TXT_MAX];
	uint32_t ttl = ttl_of(s);

	dns_update_write_add(u, s->name, DNS_TYPE_SRV, ttl, srv, srv_make(s, s->settings, srv));
	dns_update_write_add(u, s->name, DNS_TYPE_TXT, ttl, txt,
			     registrant_records_txt(s, s->settings, s->incarnation, txt));
}

/* weft's registry derives the PTR at the type, and withdraws it from an instance that is not live;
 * other servers do neither. */
static void add_pointers(struct dns_update_writer *u, const struct registrant_service *s)
{
	const uint8_t *type = dns_name_strip(s->name, 1);
	size_t nname = dns_name_nbytes(s->name);
	uint32_t ttl = ttl_of(s);
	uint8_t name[DNS_NAME_MAX];

	if (s->settings->state == DNSSD_UP)
		dns_update_write_add(u, type, DNS_TYPE_PTR, ttl, s->name, nname);
	else
		dns_update_write_remove(u, type, DNS_TYPE_PTR, s->name, nname);
	for (size_t i = 0; i < s->settings->nsubtypes; i++)
		if (subtype_name(name, s->settings->subtypes[i], type))
			dns_update_write_add(u, name, DNS_TYPE_PTR, ttl, s->name, nname);
}

/* The PTRs to what it uses are all its own. An earlier life may have left others there, if the
 * owner numbers the lives. */
static void replace_uses(struct dns_update_writer *u, const struct registrant_service *s)
{
	const struct registrant_settings *settings = s->settings;
	uint8_t name[DNS_NAME_MAX];

	if ((settings->nuses == 0 && settings->incarnation == 0 &&
	     (s->was == NULL || s->was->nuses == 0)) ||
	    !registrant_settings_uses_name(name, s->name))
		return;
	dns_update_write_remove_all(u, name, DNS_TYPE_PTR);
	for (size_t i = 0; i < settings->nuses && s->todo == REGISTRANT_REGISTER; i++)
		dns_update_write_add(u, name, DNS_TYPE_PTR, ttl_of(s), settings->uses[i],
				     dns_name_nbytes(settings->uses[i]));
}

static void change_instance(struct dns_update_writer *u, const struct registrant_service *s)
{
	switch (s->todo) {
	case REGISTRANT_REGISTER:
		dns_update_write_remove_all(u, s->name, DNS_TYPE_SRV);
		dns_update_write_remove_all(u, s->name, DNS_TYPE_TXT);
		if (s->was != NULL)
			remove_subtypes(u, s, s->was, s->settings);
		add_instance(u, s);
		add_pointers(u, s);
		replace_uses(u, s);
		break;
	case REGISTRANT_REFRESH: /* the lease holds the rest, which it prolongs */
		add_instance(u, s);
		break;
	default:
		replace_uses(u, s);
		remove_subtypes(u, s, settings_there(s), NULL);
		dns_update_write_remove(u, dns_name_strip(s->name, 1), DNS_TYPE_PTR, s->name,
					dns_name_nbytes(s->name));
		dns_update_write_remove_all(u, s->name, DNS_TYPE_ANY);
		break;
	}
}

/* ---- claims ---- */

static void change_claim(struct dns_update_writer *u, const struct registrant_service *s)
{
	const struct registrant_settings *now = s->settings, *there = settings_there(s);
	bool is_removal = s->todo == REGISTRANT_REMOVE;
	uint8_t txt[REGISTRANT_RECORDS_TXT_MAX];

	if (!now->is_shared && s->todo != REGISTRANT_REFRESH)
		dns_update_write_remove_all(u, s->name, DNS_TYPE_TXT);
	else if (now->is_shared && (is_removal || there != now))
		dns_update_write_remove(u, s->name, DNS_TYPE_TXT, txt,
					registrant_records_txt(s, there, 0, txt));
	if (!is_removal)
		dns_update_write_add(u, s->name, DNS_TYPE_TXT, ttl_of(s), txt,
				     registrant_records_txt(s, now, 0, txt));
}

/* ---- nodes ---- */

struct address {
	uint16_t type, nbytes;
	const void *bytes;
};

static struct address address_of(const struct sockaddr_storage *a)
{
	if (a->ss_family == AF_INET6)
		return (struct address){DNS_TYPE_AAAA, 16,
					&((const struct sockaddr_in6 *)a)->sin6_addr};
	return (struct address){DNS_TYPE_A, 4, &((const struct sockaddr_in *)a)->sin_addr};
}

static bool network_has(const struct registrant_network *n, const struct sockaddr_storage *address)
{
	struct address a = address_of(address);

	for (size_t i = 0; i < n->n; i++) {
		struct address b = address_of(&n->addresses[i]);

		if (a.type == b.type && memcmp(a.bytes, b.bytes, a.nbytes) == 0)
			return true;
	}
	return false;
}

static void remove_addresses(struct dns_update_writer *u, const struct registrant_service *s,
			     const struct registrant_network *from,
			     const struct registrant_network *kept)
{
	for (size_t i = 0; i < from->n; i++) {
		struct address a = address_of(&from->addresses[i]);

		if (kept == NULL || !network_has(kept, &from->addresses[i]))
			dns_update_write_remove(u, s->name, a.type, a.bytes, a.nbytes);
	}
}

/* The text of a node is this host's alone; one that has none leaves what is there. */
static void change_node_txt(struct dns_update_writer *u, const struct registrant_service *s)
{
	const struct registrant_settings *now = s->settings;
	bool has_had = now->ntxt > 0 || (s->was != NULL && s->was->ntxt > 0);

	if (has_had && s->todo != REGISTRANT_REFRESH)
		dns_update_write_remove_all(u, s->name, DNS_TYPE_TXT);
	if (now->ntxt > 0 && s->todo != REGISTRANT_REMOVE)
		dns_update_write_add(u, s->name, DNS_TYPE_TXT, ttl_of(s), now->txt, now->ntxt);
}

/* The first time, what an earlier run has left there goes: this host's addresses are for this host
 * to say. Later only what has changed. */
static void change_node(struct dns_update_writer *u, const struct registrant_service *s)
{
	uint32_t ttl = ttl_of(s);

	change_node_txt(u, s);
	if (s->todo == REGISTRANT_REMOVE) {
		remove_addresses(u, s, s->addresses, NULL);
		remove_addresses(u, s, s->old, s->addresses);
		return;
	}
	if (!s->was_replaced) {
		dns_update_write_remove_all(u, s->name, DNS_TYPE_A);
		dns_update_write_remove_all(u, s->name, DNS_TYPE_AAAA);
	} else {
		remove_addresses(u, s, s->old, s->addresses);
	}
	for (size_t i = 0; i < s->addresses->n; i++) {
		struct address a = address_of(&s->addresses->addresses[i]);

		dns_update_write_add(u, s->name, a.type, ttl, a.bytes, a.nbytes);
	}
}

void registrant_records_change(struct dns_update_writer *u, const struct registrant_service *s)
{
	if (registrant_is_node(s))
		change_node(u, s);
	else if (registrant_is_claim(s))
		change_claim(u, s);
	else
		change_instance(u, s);
}
