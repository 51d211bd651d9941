/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Settings that change while the agent runs: agent_reload() of agent/agent.h. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/node.h"
#include "agent/turn.h"
#include "base/error.h"
#include "history/history.h"

static bool is_same(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

int agent_reload(struct agent *a, const struct agent_settings *s, struct base_error *error)
{
	const struct {
		const char *option, *before, *now;
	} texts[] = {
		{"agent.node", a->node, s->node},
		{"agent.fabric", a->zone_text, s->fabric},
		{"agent.registry", a->registry, s->locate.registry},
		{"agent.key-file", a->key_file, s->locate.key_file},
		{"agent.state-dir", a->folder, s->folder},
	};
	struct address *address;
	char *rev;
	int ret;

	for (size_t n = 0; n < sizeof(texts) / sizeof(texts[0]); n++)
		if (!is_same(texts[n].before, texts[n].now))
			return base_error_set(error, -ENOTSUP,
					      "%s has changed: that needs a restart of the agent",
					      texts[n].option);
	rev = strdup(s->rev == NULL ? "" : s->rev);
	ret = rev == NULL ? -ENOMEM
			  : address_new(&address, &a->resolve, a->locate, a->zone, s->address,
					agent_node_on_addresses, a);
	if (ret < 0) {
		free(rev);
		return base_error_set(error, ret, "%s", strerror(-ret));
	}
	address_free(a->address);
	a->address = address;
	free(a->rev);
	a->rev = rev;
	a->lease_s = s->lease_s;
	a->manage_port = s->manage_port;
	history_set_keep(a->history, s->history_keep);
	agent_node_set(a);
	agent_turn_touch_all(a);
	return 0;
}
