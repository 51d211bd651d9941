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
struct control_request;

/* An instance that a request names. */
struct agentd_asked {
	uint8_t name[DNS_NAME_MAX];
	uint64_t seen_inc;    /* if it is to run: one that is not meant any more; 0: none */
	uint64_t seen_checks; /* if it is to be checked: how many checks there were before */
};

/* Makes the result of `agent status`. Returns NULL if memory is short. */
json_t *agentd_view_agent(const struct agentd *d);

/* Makes the result of `service status`, of `n` instances; `items` NULL: of all. One that is gone is
 * left out. Returns NULL if memory is short. */
json_t *agentd_view_services(const struct agentd *d, const struct agentd_asked *items, size_t n);

/* Answers the request with a result that was made here; with an error if it is NULL. */
void agentd_view_answer(struct control_request *request, json_t *take_result);
