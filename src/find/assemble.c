/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "find/assemble.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/grow.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "resolve/host.h"

/* Octets of all TXT records: each instance has its own copy, and what points to the pairs in it. */
enum { TXT_NBYTES_MAX = 4 << 20 };

struct assembly {
	struct find_set *out;
	size_t size; /* of `out->all` */
	size_t ntxt; /* octets of their TXT records */
	const struct find_gather *gather;
	uint64_t now_ms;
	bool is_incomplete; /* something was not gathered */
	bool has_denied;    /* SRV records whose target is the root (RFC 2782) */
	unsigned nwithheld; /* instances that are not to be contacted */
	unsigned nlisted;   /* PTR records */
};

/* ---- parts ---- */

static uint32_t ttl_of(const struct assembly *a, const struct find_rrset *r)
{
	return r->expires_ms > a->now_ms ? (uint32_t)((r->expires_ms - a->now_ms) / 1000) : 0;
}

/* Returns the records, or NULL if there are none. */
static const struct find_rrset *records_of(struct assembly *a, struct find_parts *parts,
					   const uint8_t *name, uint16_t type)
{
	const struct find_rrset *r = find_gather_find(a->gather, name, type, &parts->is_stale);

	if (r == NULL)
		a->is_incomplete = true;
	if (r == NULL || r->kind != FIND_RRSET_DATA)
		return NULL;
	if (ttl_of(a, r) < parts->ttl_s)
		parts->ttl_s = ttl_of(a, r);
	return r;
}

/* Writes the addresses of a host, half of them at most of one family if there are too many. */
static size_t addresses_write(struct assembly *a, struct sockaddr_storage *out,
			      struct find_parts *parts, const uint8_t *host)
{
	static const uint16_t types[] = {DNS_TYPE_AAAA, DNS_TYPE_A};
	size_t n = 0;

	for (unsigned t = 0; t < 2; t++) {
		const struct find_rrset *rrset = records_of(a, parts, host, types[t]);
		size_t at = 0, most = t == 0 ? FIND_ADDRESSES_MAX / 2 : FIND_ADDRESSES_MAX;
		struct find_rdata r;

		while (rrset != NULL && n < most && find_rrset_next(rrset, &at, &r))
			resolve_host_address(&out[n++], types[t], r.bytes, parts->port);
	}
	find_route_order(&a->gather->find->routes, out, n, a->now_ms);
	return n;
}

/* ---- instances ---- */

/* Adds an instance of all parts but the addresses. Returns 0 or -ENOMEM. */
static int instance_add(struct assembly *a, struct find_parts *parts, const uint8_t *host,
			bool is_listed)
{
	struct sockaddr_storage addresses[FIND_ADDRESSES_MAX];
	struct find_instance *i;
	void *grown;

	if (parts->ntxt > TXT_NBYTES_MAX - a->ntxt)
		return 0;
	a->ntxt += parts->ntxt;
	if (host != NULL) {
		parts->naddresses = addresses_write(a, addresses, parts, host);
		parts->addresses = addresses;
	}
	i = find_instance_new(parts);
	if (i == NULL)
		return -ENOMEM;
	if (is_listed && !dnssd_state_has_clients(i->state)) {
		a->nwithheld++;
		find_instance_release(i);
		return 0;
	}
	grown = base_grow(a->out->all, a->out->n, &a->size, sizeof(struct find_instance *));
	if (grown == NULL) {
		find_instance_release(i);
		return -ENOMEM;
	}
	a->out->all = grown;
	a->out->all[a->out->n++] = i;
	a->out->is_stale |= i->is_stale;
	return 0;
}

/* Adds an instance for each SRV record at a name, with its TXT record if `has_txt`. */
static int srv_add(struct assembly *a, const uint8_t *name, bool has_txt, bool is_listed,
		   const struct find_parts *from)
{
	struct find_parts common = *from;
	const struct find_rrset *srv = records_of(a, &common, name, DNS_TYPE_SRV), *txt = NULL;
	struct find_rdata r;
	size_t at = 0;
	int status = 0;

	common.name = name;
	if (srv != NULL && has_txt)
		txt = records_of(a, &common, name, DNS_TYPE_TXT);
	if (txt != NULL && find_rrset_next(txt, &at, &r)) {
		common.txt = r.bytes;
		common.ntxt = r.nbytes;
	}
	at = 0;
	while (srv != NULL && status == 0 && a->out->n < FIND_GATHER_INSTANCES_MAX &&
	       find_rrset_next(srv, &at, &r)) {
		struct find_parts parts = common;

		parts.target = r.bytes + DNS_SRV_TARGET;
		parts.priority = base_load16(r.bytes);
		parts.weight = base_load16(r.bytes + DNS_SRV_WEIGHT);
		parts.port = base_load16(r.bytes + DNS_SRV_PORT);
		if (parts.target[0] == 0)
			a->has_denied = true;
		else
			status = instance_add(a, &parts, parts.target, is_listed);
	}
	return status;
}

/* Adds the instances of PTR records, or of each of them its name alone. */
static int listed_add(struct assembly *a, const struct find_wanted *wanted,
		      const struct find_rrset *ptr, const struct find_parts *parts)
{
	struct find_rdata r;
	size_t at = 0;
	int status = 0;

	for (unsigned n = 0; status == 0 && n < FIND_GATHER_INSTANCES_MAX; n++) {
		struct find_parts of_type = *parts;

		if (!find_rrset_next(ptr, &at, &r))
			break;
		of_type.name = r.bytes;
		a->nlisted++;
		status = wanted->are_types ? instance_add(a, &of_type, NULL, false)
					   : srv_add(a, r.bytes, true, true, parts);
	}
	return status;
}

/* Adds the instances of a type: those of its PTR records, or else its own SRV records. */
static int type_add(struct assembly *a, const struct find_wanted *wanted, struct find_parts *parts)
{
	const uint8_t *name = wanted->name.name;
	const struct find_rrset *ptr = records_of(a, parts, name, DNS_TYPE_PTR);
	bool is_stale = false;

	if (ptr != NULL)
		return listed_add(a, wanted, ptr, parts);
	ptr = find_gather_find(a->gather, name, DNS_TYPE_PTR, &is_stale);
	if (wanted->are_types || ptr == NULL || ptr->kind != FIND_RRSET_NODATA)
		return 0;
	return srv_add(a, name, false, true, parts);
}

static int host_add(struct assembly *a, const struct find_wanted *wanted, struct find_parts *parts)
{
	parts->name = parts->target = wanted->name.name;
	parts->port = wanted->name.port;
	return instance_add(a, parts, wanted->name.name, false);
}

static int address_add(struct assembly *a, const struct find_wanted *wanted,
		       struct find_parts *parts)
{
	struct sockaddr_storage address;

	memcpy(&address, wanted->name.address, sizeof(address));
	parts->name = parts->target = wanted->name.name;
	parts->port = wanted->name.port;
	parts->addresses = &address;
	parts->naddresses = 1;
	return instance_add(a, parts, NULL, false);
}

/* ---- all ---- */

/* Whether the name of a service or instance has none of a domain after its type. */
static bool has_no_domain(const struct find_name *name)
{
	unsigned nlabels = dns_name_labels(name->name);

	return (name->kind == FIND_TYPE && nlabels == 2) ||
	       (name->kind == FIND_INSTANCE && nlabels == 3);
}

/* Explains why there is no instance. Returns -ENOENT or -ENODATA. */
static int nothing_explain(const struct assembly *a, const struct find_wanted *wanted,
			   char why[static FIND_GATHER_WHY_MAX])
{
	static const char *const reasons[] = {
		[FIND_TYPE] = "has no instances",
		[FIND_INSTANCE] = "does not exist: it has no SRV record",
		[FIND_HOST] = "has no addresses",
		[FIND_NAME] = "has no SRV records; a host is written HOST:PORT",
	};
	char name[DNS_NAME_TEXT_MAX];
	const char *reason = wanted->are_types ? "lists no types" : reasons[wanted->name.kind];

	dns_name_to_text(name, wanted->name.name);
	if (!wanted->are_types && has_no_domain(&wanted->name))
		reason = "has no domain, and none is set";
	if (a->nwithheld > 0)
		reason = "has only instances that are starting or have failed";
	else if (a->has_denied)
		reason = "is not available: its SRV record names no host";
	else if (a->is_incomplete)
		return -ENODATA;
	else if (a->nlisted > 0)
		reason = "lists instances, none of which has an SRV record";
	snprintf(why, FIND_GATHER_WHY_MAX, "%.*s %s", FIND_GATHER_WHY_MAX - 64, name, reason);
	return -ENOENT;
}

int find_assemble(struct find_set *out, const struct find_gather *g,
		  const struct find_wanted *wanted, uint64_t now_ms,
		  char why[static FIND_GATHER_WHY_MAX])
{
	struct find_set set = {0};
	struct assembly a = {.out = &set, .gather = g, .now_ms = now_ms};
	struct find_parts parts = {.ttl_s = FIND_TTL_MAX_S};
	int status;

	if (wanted->are_types || wanted->name.kind == FIND_TYPE)
		status = type_add(&a, wanted, &parts);
	else if (wanted->name.kind != FIND_HOST)
		status = srv_add(&a, wanted->name.name, wanted->name.kind == FIND_INSTANCE, false,
				 &parts);
	else if (wanted->name.is_address)
		status = address_add(&a, wanted, &parts);
	else
		status = host_add(&a, wanted, &parts);
	if (status == 0 && wanted->name.kind == FIND_HOST && !wanted->are_types &&
	    set.all[0]->naddresses == 0)
		find_set_fini(&set);
	if (status == 0 && set.n == 0)
		status = nothing_explain(&a, wanted, why);
	if (status < 0) {
		find_set_fini(&set);
		return status;
	}
	if (!wanted->are_types)
		find_order(set.all, set.n);
	*out = set;
	return 0;
}
