/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agentd/identity.h - which node this is, of which fabric: as configured, else by the name of its
 * key, as in n1.keys.lab.cloud; the node else by the name of the host.
 *
 * The key, and all that is needed to reach registries, is read for it, so that errors in these
 * files are found when the configuration is. It keeps none of them. One thread. */
#pragma once

#include "agent/agent.h"
#include "base/error.h"
#include "dns/name.h"

struct agentd_settings;

struct agentd_identity {
	char node[DNS_NAME_TEXT_MAX];	/* n1 */
	char fabric[DNS_NAME_TEXT_MAX]; /* lab.cloud */
};

/* Finds the identity. Returns 0, or a negative errno after reporting what is wrong, with the
 * location of the option in the configuration. */
int agentd_identity_find(struct agentd_identity *out, const struct agentd_settings *settings,
			 base_report_fn report, void *arg);

/* Makes the settings of the agent: what needs a restart of `first`, what does not of `next`. All
 * three are borrowed by the result. */
struct agent_settings agentd_identity_settings(const struct agentd_identity *identity,
					       const struct agentd_settings *first,
					       const struct agentd_settings *next);
