/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The bridge in a build without Avahi's library: there is none. */

#include "bridge/bridge.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "lan/daemon.h"
#include "mdns/rules.h"

int bridge_start(struct bridge **out, const struct bridge_settings *settings)
{
	(void)settings;
	*out = NULL;
	return -EOPNOTSUPP;
}

void bridge_set_rules(struct bridge *b, struct mdns_rules *rules)
{
	(void)b;
	rules->release(rules);
}

void bridge_on_changed(struct bridge *b, struct zone *zone, const struct zone_changeset *changes)
{
	(void)b;
	(void)zone;
	(void)changes;
}

void bridge_stats_get(const struct bridge *b, struct mdns_stats *out, struct lan_stats *lan)
{
	(void)b;
	memset(out, 0, sizeof(*out));
	memset(lan, 0, sizeof(*lan));
}

struct mdns_rows *bridge_get_rows(struct bridge *b)
{
	(void)b;
	return NULL;
}

void bridge_stop(struct bridge *b)
{
	(void)b;
}
