/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "lan/interfaces.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include <avahi-common/address.h>

#include "lan/daemon_priv.h"
#include "lan/interfaces_priv.h"

enum { LOOK_S = 1 };

struct lan_interfaces {
	struct lan_daemon *daemon;
	struct ev_timer look;
	size_t nnames, count;
	int indexes[LAN_INTERFACES_MAX]; /* of those that there are, in the order of the names */
	char names[LAN_INTERFACES_MAX][IF_NAMESIZE];
};

/* Returns whether something has changed. */
static bool look(struct lan_interfaces *i)
{
	int indexes[LAN_INTERFACES_MAX];
	size_t count = 0;
	bool has_changed;

	for (size_t k = 0; k < i->nnames; k++) {
		unsigned index = if_nametoindex(i->names[k]);

		if (index != 0)
			indexes[count++] = (int)index;
	}
	has_changed =
		count != i->count || memcmp(indexes, i->indexes, count * sizeof(indexes[0])) != 0;
	memcpy(i->indexes, indexes, count * sizeof(indexes[0]));
	lan_daemon_count_interfaces(i->daemon, (int)count - (int)i->count);
	i->count = count;
	return has_changed;
}

static void on_look(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct lan_interfaces *i = timer->data;

	(void)loop;
	(void)revents;
	if (look(i))
		lan_daemon_move(i->daemon, i);
}

struct lan_interfaces *lan_interfaces_new(struct lan_daemon *d, const char *const *names, size_t n)
{
	struct lan_interfaces *i = calloc(1, sizeof(*i));

	if (i == NULL)
		return NULL;
	i->daemon = d;
	ev_timer_init(&i->look, on_look, LOOK_S, LOOK_S);
	i->look.data = i;
	if (n == 0) {
		i->indexes[i->count++] = AVAHI_IF_UNSPEC;
		return i;
	}
	for (; i->nnames < n && i->nnames < LAN_INTERFACES_MAX; i->nnames++)
		if (strlen(names[i->nnames]) < IF_NAMESIZE) /* else there is no such interface */
			strcpy(i->names[i->nnames], names[i->nnames]);
	look(i);
	ev_timer_start(lan_daemon_loop(d), &i->look);
	return i;
}

const int *lan_interfaces_indexes(const struct lan_interfaces *i, size_t *n)
{
	*n = i->count;
	return i->indexes;
}

bool lan_interfaces_has(const struct lan_interfaces *i, int index)
{
	for (size_t k = 0; k < i->count; k++)
		if (i->indexes[k] == index)
			return true;
	return false;
}

void lan_interfaces_free(struct lan_interfaces *i)
{
	if (i == NULL)
		return;
	if (i->nnames > 0)
		lan_daemon_count_interfaces(i->daemon, -(int)i->count);
	ev_timer_stop(lan_daemon_loop(i->daemon), &i->look);
	free(i);
}
