/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/lan_judge.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/buf.h"
#include "cli/text.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "dnssd/txt.h"

const char doctor_lan_label[] = "LAN avahi";

enum { LABEL_TEXT_MAX = 4 * DOCTOR_LAN_LABEL_MAX };

/* What is compared. */
struct compared {
	struct doctor_findings *f;
	const struct doctor_lan *l;
	const struct doctor_subject *s;
	const struct doctor_hop *reference;
	const struct doctor_target *targets;
	size_t ntargets;
};

static const char *label_text(char out[static LABEL_TEXT_MAX], const void *label, size_t n)
{
	struct base_out o = base_out_over(out, LABEL_TEXT_MAX - 1);

	cli_text_write(&o, label, n);
	*o.at = '\0';
	return out;
}

/* ---- addresses ---- */

static bool is_v4(const struct sockaddr_storage *ss)
{
	return ss->ss_family == AF_INET;
}

static const uint8_t *address_bytes(const struct sockaddr_storage *ss)
{
	return is_v4(ss) ? (const void *)&((const struct sockaddr_in *)ss)->sin_addr
			 : (const void *)&((const struct sockaddr_in6 *)ss)->sin6_addr;
}

static uint16_t port_of(const struct sockaddr_storage *ss)
{
	return ntohs(is_v4(ss) ? ((const struct sockaddr_in *)ss)->sin_port
			       : ((const struct sockaddr_in6 *)ss)->sin6_port);
}

/* The registry has no addresses that are valid on one link only. */
static bool is_link_local(const struct sockaddr_storage *ss)
{
	return !is_v4(ss) && IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)ss)->sin6_addr);
}

/* Returns the registry's answer for the addresses of this family: of the host, or of an SRV's
 * target. NULL: it was not asked. */
static const struct doctor_view *addresses_find(const struct compared *c, const uint8_t *host,
						const struct sockaddr_storage *like)
{
	size_t at = is_v4(like) ? 0 : 1;

	if (c->s->types[0] == DNS_TYPE_A)
		return doctor_hop_view(c->reference, at);
	for (size_t i = 0; i < c->ntargets; i++)
		if (dns_name_equal(c->targets[i].name, host))
			return &c->targets[i].addresses[at].view;
	return NULL;
}

/* ---- one instance ---- */

/* Returns the next record of an instance in what the registry has answered, whatever the section,
 * after `last` or the first. */
static const struct doctor_record *record_next(const struct compared *c, const uint8_t *owner,
					       uint16_t type, const struct doctor_record *last)
{
	bool is_after = last == NULL;

	for (size_t k = 0; k < c->s->ntypes; k++) {
		const struct doctor_view *v = doctor_hop_view(c->reference, k);

		for (size_t i = 0; i < v->nrecords; i++) {
			const struct doctor_record *r = &v->records[i];

			if (is_after && r->type == type && dns_name_equal(r->owner, owner))
				return r;
			is_after = is_after || r == last;
		}
	}
	return NULL;
}

/* How the places of an instance, or of a host, differ: whether one port of each, and one address
 * of each, are the same. */
struct places {
	bool has_port, has_address, is_comparable;
	char wanted[BASE_ADDRESS_TEXT_MAX], found[BASE_ADDRESS_TEXT_MAX];
};

/* Compares the addresses of a host in the registry with an item. */
static void address_compare(struct places *p, const struct compared *c, const uint8_t *host,
			    uint16_t port, const struct doctor_lan_item *item)
{
	const struct doctor_view *v = addresses_find(c, host, &item->address);
	uint16_t type = is_v4(&item->address) ? DNS_TYPE_A : DNS_TYPE_AAAA;
	size_t nbytes = type == DNS_TYPE_A ? 4 : 16, n = 0;
	const struct doctor_record *r;

	r = v != NULL ? doctor_view_next(v, RESOLVE_ANSWER, type, NULL) : NULL;
	if (r == NULL || is_link_local(&item->address))
		return;
	p->is_comparable = true;
	p->has_address = p->has_address ||
			 doctor_view_find(v, type, address_bytes(&item->address), nbytes) != NULL;
	inet_ntop(item->address.ss_family, r->rdata, p->wanted, sizeof(p->wanted));
	n = strlen(p->wanted);
	if (port != 0)
		snprintf(p->wanted + n, sizeof(p->wanted) - n, "@%u", port);
	base_address_to_text(p->found, (const struct sockaddr *)&item->address);
	if (port == 0)
		p->found[strcspn(p->found, "@")] = '\0';
}

/* Returns whether both are the same instance, by `id=`. */
static bool has_same_id(const struct compared *c, const uint8_t *owner,
			const struct doctor_lan_item *item)
{
	const struct doctor_record *r = record_next(c, owner, DNS_TYPE_TXT, NULL);
	size_t n = 0;
	const uint8_t *id = r != NULL ? dnssd_txt_find(r->rdata, r->nbytes, "id", &n) : NULL;

	return id != NULL && n > 0 && n == strlen(item->id) && memcmp(id, item->id, n) == 0;
}

static void differs_add(const struct compared *c, const char *what, const struct places *p,
			bool is_same)
{
	struct doctor_finding *found = doctor_finding_add(
		c->f, is_same ? DOCTOR_FAULT : DOCTOR_NOTE, "lan-differs", doctor_lan_label,
		"has %s at %s, where the registry has %s", what, p->found, p->wanted);

	if (is_same)
		doctor_finding_mend(found, "see what announces it on the LAN, and why it is late: "
					   "avahi-browse -r");
	else
		doctor_finding_mend(found, "nothing, if these are two with the same name; without "
					   "the same id= they are not known to be one");
}

/* Compares the instance of this label, all of its items, with the registry's of the same name. */
static void instance_judge(const struct compared *c, const uint8_t *owner,
			   const struct doctor_lan_item *first)
{
	const struct doctor_record *r = NULL;
	const struct doctor_lan *l = c->l;
	char what[LABEL_TEXT_MAX];
	struct places p = {0};

	for (size_t i = 0; i < l->n; i++) {
		const struct doctor_lan_item *item = &l->items[i];

		if (strcasecmp(item->instance, first->instance) != 0)
			continue;
		while ((r = record_next(c, owner, DNS_TYPE_SRV, r)) != NULL) {
			uint16_t port = base_load16(r->rdata + DNS_SRV_PORT);

			p.has_port = p.has_port || port == port_of(&item->address);
			address_compare(&p, c, r->rdata + DNS_SRV_TARGET, port, item);
		}
	}
	if (p.is_comparable && !(p.has_port && p.has_address))
		differs_add(c, label_text(what, first->instance, strlen(first->instance)), &p,
			    has_same_id(c, owner, first));
}

/* ---- all of them ---- */

static bool is_known(const struct doctor_lan *l, const char *label)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcasecmp(l->items[i].instance, label) == 0)
			return true;
	return false;
}

/* Makes the name of an instance in the domain. */
static bool owner_make(const struct compared *c, uint8_t out[static DNS_NAME_MAX],
		       const char *instance)
{
	const struct doctor_subject *s = c->s;
	uint8_t label[DOCTOR_LAN_LABEL_MAX];
	size_t n = strlen(instance);
	const uint8_t *type = s->types[1] == DNS_TYPE_TXT ? s->name + s->name[0] + 1
							  : dnssd_kind_type(s->name, s->zone);

	label[0] = (uint8_t)n;
	memcpy(label + 1, instance, n);
	return dns_name_join(out, label, n + 1, type) > 0;
}

/* Returns whether the registry has the instance. */
static bool has_instance(const struct compared *c, const uint8_t *owner)
{
	const struct doctor_record *r = NULL;

	if (c->s->types[1] == DNS_TYPE_TXT)
		return doctor_view_count(doctor_hop_view(c->reference, 0), RESOLVE_ANSWER,
					 DNS_TYPE_SRV) > 0;
	while ((r = doctor_view_next(doctor_hop_view(c->reference, 1), RESOLVE_ANSWER, DNS_TYPE_PTR,
				     r)) != NULL)
		if (dns_name_equal(r->rdata, owner))
			return true;
	return false;
}

/* Reports an instance of the registry that the link does not know, with the number of these. */
static void missing_judge(const struct compared *c)
{
	const struct doctor_record *r = NULL, *missing = NULL;
	char label[DOCTOR_LAN_LABEL_MAX], text[LABEL_TEXT_MAX];
	size_t nwanted = 0, nmissing = 0;

	while ((r = doctor_view_next(doctor_hop_view(c->reference, 1), RESOLVE_ANSWER, DNS_TYPE_PTR,
				     r)) != NULL) {
		memcpy(label, r->rdata + 1, r->rdata[0]);
		label[r->rdata[0]] = '\0';
		nwanted++;
		if (is_known(c->l, label))
			continue;
		nmissing++;
		missing = r;
	}
	if (missing == NULL || c->l->error != 0)
		return;
	label_text(text, missing->rdata + 1, missing->rdata[0]);
	doctor_finding_mend(doctor_finding_add(c->f, DOCTOR_NOTE, "lan-absent", doctor_lan_label,
					       "has %zu of %zu instances; missing: %s",
					       nwanted - nmissing, nwanted, text),
			    "nothing is wrong, unless all are to be announced on this LAN");
}

static void services_judge(const struct compared *c)
{
	const struct doctor_lan_item *extra = NULL;
	uint8_t owner[DNS_NAME_MAX];
	char text[LABEL_TEXT_MAX];
	size_t nextra = 0;

	for (size_t i = 0; i < c->l->n; i++) {
		const struct doctor_lan_item *item = &c->l->items[i];

		if (!doctor_lan_is_first(c->l, i) || !owner_make(c, owner, item->instance))
			continue;
		if (has_instance(c, owner)) {
			instance_judge(c, owner, item);
			continue;
		}
		nextra++;
		extra = item;
	}
	if (extra != NULL)
		doctor_finding_add(c->f, DOCTOR_NOTE, "lan-only", doctor_lan_label,
				   "has %zu that the registry does not have: %s", nextra,
				   label_text(text, extra->instance, strlen(extra->instance)));
	if (c->s->types[1] == DNS_TYPE_PTR)
		missing_judge(c);
}

static void host_judge(const struct compared *c)
{
	const uint8_t *label = c->s->name;
	struct places p = {.has_port = true};
	char text[LABEL_TEXT_MAX];

	for (size_t i = 0; i < c->l->n; i++)
		address_compare(&p, c, c->s->name, 0, &c->l->items[i]);
	if (p.is_comparable && !p.has_address)
		differs_add(c, label_text(text, label + 1, label[0]), &p, false);
}

/* Returns whether the registry has anything at the name. */
static bool has_any(const struct compared *c)
{
	for (size_t k = 0; k < c->s->ntypes; k++)
		if (doctor_view_count(doctor_hop_view(c->reference, k), RESOLVE_ANSWER,
				      c->s->types[k]) > 0)
			return true;
	return false;
}

void doctor_lan_judge(struct doctor_findings *f, const struct doctor_lan *l,
		      const struct doctor_subject *s, const struct doctor_hop *reference,
		      const struct doctor_target *targets, size_t ntargets)
{
	const struct compared c = {f, l, s, reference, targets, ntargets};
	bool is_host = s->types[0] == DNS_TYPE_A;

	if (!l->is_asked)
		return;
	if (l->error == -ETIMEDOUT)
		doctor_finding_mend(doctor_finding_add(f, DOCTOR_NOTE, "lan-silent",
						       doctor_lan_label, "does not answer in time"),
				    "see whether avahi-daemon and dbus-daemon are well: "
				    "systemctl status avahi-daemon dbus");
	if (reference == NULL)
		return;
	if (l->n > 0 && is_host)
		host_judge(&c);
	else if (l->n > 0)
		services_judge(&c);
	else if (l->error == 0 && has_any(&c))
		doctor_finding_mend(doctor_finding_add(f, DOCTOR_NOTE, "lan-absent",
						       doctor_lan_label, "does not know this %s",
						       is_host ? "host" : "service"),
				    "nothing is wrong, unless it is to be announced on this LAN");
}
