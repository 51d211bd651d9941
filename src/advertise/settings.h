/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* advertise/settings.h - what advertise/advertise.h and its parts work with. The bridge's
 * thread. */
#pragma once

#include <stdint.h>

#include "mdns/marker.h"

struct advertise_names;
struct ev_loop;
struct lan_daemon;
struct lan_interfaces;
struct mdns_rows;
struct mdns_rule;
struct mdns_rules;
struct mdns_seen;
struct mdns_stats;

/* Everything is borrowed. */
struct advertise_settings {
	const struct mdns_rules *rules;
	const struct mdns_rule *rule; /* one of them */
	struct ev_loop *loop;
	struct lan_daemon *daemon;
	const struct lan_interfaces *where;
	struct mdns_seen *seen; /* of the rule */
	struct advertise_names *names;
	struct mdns_rows *rows;
	struct mdns_stats *stats;
	mdns_id id;
	uint64_t seed;
};
