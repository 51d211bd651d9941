/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "hosting/purge.h"

#include <stdint.h>

#include "dns/name.h"
#include "hosting/hosting.h"
#include "registry/registrar.h"
#include "registry/work.h"
#include "store/store.h"
#include "zone/zone.h"

struct purging {
	const uint8_t *zone;
	int ret;
};

/* In the registrar's thread: records, leases and owners are removed with one commit. */
static void purge_run(struct registry_registrar *registrar, void *arg)
{
	struct purging *p = arg;
	const struct store_item item = {.kind = STORE_ITEM_ZONE,
					.key = p->zone,
					.nkey = (uint16_t)dns_name_nbytes(p->zone)};

	p->ret = registry_work_purge(registrar, p->zone, &item);
}

int hosting_purge(struct hosting_zone *h, struct registry_registrar *registrar)
{
	struct purging p = {.zone = zone_name(h->zone)};

	registry_registrar_run(registrar, purge_run, &p);
	return p.ret;
}
