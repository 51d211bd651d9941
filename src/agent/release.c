/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/release.h"

#include <string.h>

#include "client/client.h"
#include "dns/type.h"

static void on_event(void *arg, enum client_event event, const struct dns_record *record)
{
	struct agent_instance *i = arg;

	(void)record;
	if (event == CLIENT_EVENT_ADDED)
		i->is_awaited_there = true;
	/* It may have gone before it was followed. */
	if (event == CLIENT_EVENT_REMOVED ||
	    (event == CLIENT_EVENT_CURRENT && !i->is_awaited_there))
		registrant_hurry(i->agent->registrant);
}

void agent_release_follow(struct agent_instance *i, const uint8_t *name)
{
	static const uint16_t types[] = {DNS_TYPE_TXT};
	struct client *client = follow_client(i->agent->follow);

	if (i->awaited != NULL && name != NULL && dns_name_equal(i->awaited_name, name))
		return;
	if (i->awaited != NULL)
		client_unsubscribe(client, i->awaited);
	i->awaited = NULL;
	if (name == NULL)
		return;
	i->is_awaited_there = false;
	memcpy(i->awaited_name, name, dns_name_nbytes(name));
	/* Without memory it is only slower. */
	if (client_subscribe(client, name, types, 1, on_event, i, &i->awaited) < 0)
		i->awaited = NULL;
	follow_touch(i->agent->follow, &i->agent->user);
}
