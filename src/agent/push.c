/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/push.h"

#include <stdio.h>
#include <string.h>

#include "agent/turn.h"

/* What an operator can do so that changes are pushed. */
static const char *advice_of(const struct client_state *state)
{
	if (state->kind != CLIENT_STATE_POLL || (state->server != NULL && state->server->is_tls))
		return "";
	return "; permit this node in server.dso-plain of its weftd.conf(5), or name a registry "
	       "with TLS in agent.registry, as tls://HOST";
}

/* Logs how changes come, unless that is as it was logged last. */
static void push_log(struct agent *a, enum client_state_kind kind)
{
	struct agent_push *p = &a->push;
	const char *at = p->server[0] == '\0' ? "" : " at ";

	if (p->was_logged && p->logged_kind == kind &&
	    (kind != CLIENT_STATE_PUSH || strcmp(p->logged_server, p->server) == 0))
		return;
	p->was_logged = true;
	p->logged_kind = kind;
	strcpy(p->logged_server, p->server);
	if (kind == CLIENT_STATE_PUSH)
		agent_turn_log(a, NULL, BASE_LOG_INFO, "changes are pushed by %s", p->server);
	else if (kind == CLIENT_STATE_POLL)
		agent_turn_log(a, NULL, BASE_LOG_WARNING,
			       "changes are not pushed, and asked for every 2 seconds%s%s: %s", at,
			       p->server, p->why);
	else
		agent_turn_log(a, NULL, BASE_LOG_WARNING, "no registry answers%s%s: %s", at,
			       p->server, p->why);
}

void agent_push_take(struct agent *a, const struct client_state *state)
{
	struct agent_push *p = &a->push;
	char name[DNS_NAME_TEXT_MAX];

	if (state->kind == CLIENT_STATE_REFUSED) {
		dns_name_to_text(name, state->name);
		agent_turn_log(a, NULL, BASE_LOG_WARNING,
			       "changes of %s are not pushed, and asked for: %s", name, state->why);
		return;
	}
	p->is_known = true;
	p->is_pushed = state->kind == CLIENT_STATE_PUSH;
	p->server[0] = '\0';
	if (state->server != NULL)
		base_address_to_text(p->server, (const struct sockaddr *)&state->server->address);
	snprintf(p->why, sizeof(p->why), "%s%s", state->why, advice_of(state));
	if (state->kind != CLIENT_STATE_LOST) /* most are back at once */
		push_log(a, state->kind);
}
