/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agentd/view.h - what an agent shows of itself and of its instances, in JSON, as
 * control/agent_commands.h has it. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "dns/name.h"

struct agentd;

/* A list of owner names. */
struct agentd_names {
	uint8_t (*items)[DNS_NAME_MAX];
	size_t count;
};

/* Makes the result of `agent status`. Returns NULL if memory is short. */
json_t *agentd_view_agent(const struct agentd *d);

/* Makes the result of `service status`, of those instances; NULL: of all. One that is gone is left
 * out. Returns NULL if memory is short. */
json_t *agentd_view_services(const struct agentd *d, const struct agentd_names *names);
