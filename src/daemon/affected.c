/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "daemon/affected.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "dns/name.h"
#include "dns/type.h"
#include "zone/changeset.h"
#include "zone/zone.h"

int daemon_affected_add_name(struct daemon_affected *a, const uint8_t *name)
{
	size_t n = dns_name_nbytes(name);
	uint8_t *names;

	for (size_t at = 0; at < a->nbytes; at += dns_name_nbytes(a->names + at))
		if (dns_name_equal(a->names + at, name))
			return 0;
	names = base_grow_bytes(a->names, a->nbytes, &a->capacity, DNS_NAME_MAX);
	if (names == NULL)
		return -ENOMEM;
	a->names = names;
	dns_name_lower(names + a->nbytes, name);
	a->nbytes += n;
	return 0;
}

/* The SOA changes with every commit: clients that watch it need not be waited for. */
static void add_part(struct daemon_affected *a, const uint8_t *bytes, size_t nbytes,
		     uint32_t *ttl_s)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct dns_record r;

	while (zone_changeset_next(&b, &r)) {
		if (r.type == DNS_TYPE_SOA)
			continue;
		if (ttl_s != NULL && r.ttl > *ttl_s)
			*ttl_s = r.ttl;
		daemon_affected_add_name(a, r.owner);
	}
}

void daemon_affected_add(struct daemon_affected *a, const struct zone *zone,
			 const struct zone_changeset *changes)
{
	if (a == NULL || zone != a->zone)
		return;
	a->version = zone_snapshot_version(zone_current(zone));
	add_part(a, changes->removed, changes->nremoved_bytes, &a->ttl_s);
	add_part(a, changes->added, changes->nadded_bytes, NULL);
}

void daemon_affected_fini(struct daemon_affected *a)
{
	free(a->names);
	memset(a, 0, sizeof(*a));
}
