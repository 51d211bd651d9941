/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "lan/browser.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <avahi-client/lookup.h>
#include <avahi-common/error.h>

#include "base/log.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "lan/daemon_priv.h"
#include "lan/interfaces_priv.h"
#include "lan/name.h"
#include "lan/sightings.h"

enum {
	RETURN_S = 3, /* after the daemon's return, peers have answered */
	RETRY_S = 2,  /* for an interface that avahi-daemon does not use yet */
};

struct lan_browser;

/* A record browser of Avahi's, on one interface or on all. */
struct lookup {
	STAILQ_ENTRY(lookup) link;
	struct lan_browser *browser;
	struct lan_client *client;
	AvahiRecordBrowser *avahi;
	int interface;
	bool has_all, has_failed;
};

struct lan_browser {
	struct lan_object object;
	lan_browser_fn on_record;
	void *arg;
	struct lan_sightings seen;
	STAILQ_HEAD(, lookup) lookups;
	struct ev_timer back, again;
	bool is_back;	  /* records that are not seen yet may still come */
	bool has_all;	  /* LAN_BROWSER_ALL has been reported of these lookups */
	bool has_failed;  /* LAN_BROWSER_FAILED has, likewise */
	bool is_overfull; /* records were ignored */
	bool *is_freed;	  /* of the function that calls the user */
	uint16_t type;
	uint8_t name[DNS_NAME_MAX];
};

/* Returns whether the browser is still there. */
static bool report(struct lan_browser *b, enum lan_browser_event event, const uint8_t *rdata,
		   size_t nbytes)
{
	bool is_freed = false, *outer = b->is_freed;

	b->is_freed = &is_freed;
	b->on_record(b->arg, b, event, rdata, nbytes);
	if (is_freed) {
		if (outer != NULL)
			*outer = true;
		return false;
	}
	b->is_freed = outer;
	return true;
}

static bool report_removed(struct lan_browser *b, struct lan_sighting *s)
{
	bool is_there = report(b, LAN_BROWSER_REMOVED, s->rdata, s->nbytes);

	free(s);
	return is_there;
}

/* Removes the records that nothing has any more. */
static bool sweep(struct lan_browser *b)
{
	struct lan_sighting *s;

	while ((s = lan_sightings_take_unseen(&b->seen)) != NULL)
		if (!report_removed(b, s))
			return false;
	return true;
}

static bool has_all(const struct lan_browser *b)
{
	const struct lookup *l;

	STAILQ_FOREACH (l, &b->lookups, link)
		if (!l->has_all)
			return false;
	return !STAILQ_EMPTY(&b->lookups);
}

/* All has come of all lookups, maybe. */
static bool all_check(struct lan_browser *b)
{
	if (!has_all(b))
		return true;
	if (b->is_back && !ev_is_active(&b->back)) {
		b->is_back = false;
		if (!sweep(b))
			return false;
	}
	if (b->has_all)
		return true;
	b->has_all = true;
	return report(b, LAN_BROWSER_ALL, NULL, 0);
}

static void on_back(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	all_check(timer->data);
}

static void on_again(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct lan_browser *b = timer->data;

	(void)loop;
	(void)revents;
	lan_object_schedule(&b->object, false);
}

/* ---- what Avahi reports ---- */

static void on_new(struct lookup *l, const struct lan_source *source, const uint8_t *rdata,
		   size_t nbytes)
{
	struct lan_browser *b = l->browser;
	int ret;

	if (!dns_rdata_is_valid(b->type, rdata, nbytes))
		return;
	ret = lan_sightings_add(&b->seen, rdata, nbytes, source);
	if (ret > 0 && !report(b, LAN_BROWSER_ADDED, rdata, nbytes))
		return;
	b->is_overfull |= ret < 0;
	if (ret == -ENOSPC && base_log_may_few("bridge-browsers", 5)) {
		char name[DNS_NAME_TEXT_MAX];

		dns_name_to_text(name, b->name);
		base_log(BASE_LOG_WARNING, "bridge", "records-ignored name=%s most=%d", name,
			 LAN_BROWSER_RECORDS_MAX);
	}
}

static void on_remove(struct lookup *l, const struct lan_source *source, const uint8_t *rdata,
		      size_t nbytes)
{
	struct lan_browser *b = l->browser;
	struct lan_sighting *s = lan_sightings_remove(&b->seen, rdata, nbytes, source);

	if (s == NULL)
		return;
	/* There is room for what was ignored: it is asked for again. */
	if (b->is_overfull && b->seen.count < LAN_BROWSER_RECORDS_MAX / 2)
		lan_object_schedule(&b->object, false);
	report_removed(b, s);
}

static void on_event(AvahiRecordBrowser *avahi, AvahiIfIndex interface, AvahiProtocol protocol,
		     AvahiBrowserEvent event, const char *name, uint16_t class, uint16_t type,
		     const void *rdata, size_t nbytes, AvahiLookupResultFlags flags, void *arg)
{
	struct lan_source source = {.interface = interface, .protocol = protocol};
	struct lookup *l = arg;

	(void)avahi;
	(void)name;
	(void)class;
	(void)type;
	(void)flags;
	switch (event) {
	case AVAHI_BROWSER_NEW:
		on_new(l, &source, rdata, nbytes);
		break;
	case AVAHI_BROWSER_REMOVE:
		on_remove(l, &source, rdata, nbytes);
		break;
	case AVAHI_BROWSER_ALL_FOR_NOW:
		l->has_all = true;
		all_check(l->browser);
		break;
	case AVAHI_BROWSER_FAILURE:
		l->has_failed = true;
		lan_object_schedule(&l->browser->object, false);
		break;
	case AVAHI_BROWSER_CACHE_EXHAUSTED:
		break;
	}
}

/* ---- lookups ---- */

static int lookup_new(struct lan_browser *b, int interface)
{
	struct lookup *l = calloc(1, sizeof(*l));
	char name[DNS_NAME_TEXT_MAX];
	int ret;

	if (l == NULL)
		return -ENOMEM;
	l->browser = b;
	l->interface = interface;
	lan_name_to_text(name, b->name);
	do {
		ret = lan_client_find(b->object.daemon, &l->client);
		if (ret != 0)
			break;
		lan_client_enter(l->client);
		l->avahi = avahi_record_browser_new(l->client->avahi, interface, AVAHI_PROTO_UNSPEC,
						    name, DNS_CLASS_IN, b->type, 0, on_event, l);
		lan_client_leave(l->client);
		if (l->avahi == NULL)
			ret = lan_client_fault(l->client, avahi_client_errno(l->client->avahi));
	} while (ret == -ENOSPC);
	if (ret != 0) {
		free(l);
		return ret;
	}
	lan_client_add(l->client);
	STAILQ_INSERT_TAIL(&b->lookups, l, link);
	b->has_all = false;
	return 0;
}

static void lookup_free(struct lookup *l)
{
	struct lan_client *c = l->client;

	lan_client_enter(c);
	if (avahi_record_browser_free(l->avahi) < 0)
		lan_client_fault(c, avahi_client_errno(c->avahi));
	lan_client_leave(c);
	lan_client_remove(c);
	free(l);
}

static bool has_lookup(const struct lan_browser *b, int interface)
{
	const struct lookup *l;

	STAILQ_FOREACH (l, &b->lookups, link)
		if (l->interface == interface)
			return true;
	return false;
}

/* Ends lookups: those on interfaces that are gone, or that have failed, or all. Returns whether one
 * has failed. */
static bool lookups_end(struct lan_browser *b, bool is_all)
{
	STAILQ_HEAD(, lookup) stay = STAILQ_HEAD_INITIALIZER(stay);
	bool has_failed = false;

	while (!STAILQ_EMPTY(&b->lookups)) {
		struct lookup *l = STAILQ_FIRST(&b->lookups);

		STAILQ_REMOVE_HEAD(&b->lookups, link);
		has_failed |= l->has_failed;
		if (is_all || l->has_failed || !lan_interfaces_has(b->object.where, l->interface)) {
			lan_sightings_lose(&b->seen, l->interface);
			lookup_free(l);
		} else {
			STAILQ_INSERT_TAIL(&stay, l, link);
		}
	}
	STAILQ_CONCAT(&b->lookups, &stay);
	return has_failed;
}

/* What has been seen stays until it is known not to be there any more. */
static void back_start(struct lan_browser *b)
{
	struct ev_loop *loop = lan_daemon_loop(b->object.daemon);

	b->is_back = true;
	ev_timer_stop(loop, &b->back);
	ev_now_update(loop);
	ev_timer_set(&b->back, RETURN_S, 0);
	ev_timer_start(loop, &b->back);
}

static int lookups_begin(struct lan_browser *b)
{
	size_t n;
	const int *interfaces = lan_interfaces_indexes(b->object.where, &n);
	int ret = 0;

	if (STAILQ_EMPTY(&b->lookups) && b->seen.count > 0)
		back_start(b);
	for (size_t i = 0; i < n && ret == 0; i++)
		if (!has_lookup(b, interfaces[i]))
			ret = lookup_new(b, interfaces[i]);
	return ret;
}

static void refused(struct lan_browser *b, int ret)
{
	struct ev_loop *loop = lan_daemon_loop(b->object.daemon);

	lan_object_refuse(&b->object);
	if (ret == -ENETDOWN) {
		/* Avahi does not report when the network is up. */
		ev_timer_stop(loop, &b->again);
		ev_timer_set(&b->again, RETRY_S, 0);
		ev_timer_start(loop, &b->again);
	}
	if (b->has_failed)
		return;
	b->has_failed = true;
	report(b, LAN_BROWSER_FAILED, NULL, 0);
}

static void work(struct lan_object *o)
{
	struct lan_browser *b = (struct lan_browser *)o; /* its first member */
	bool has_failed, is_again = b->is_overfull && b->seen.count < LAN_BROWSER_RECORDS_MAX / 2;
	int ret;

	if (!lan_daemon_is_running(o->daemon))
		return;
	has_failed = lookups_end(b, is_again);
	if (is_again)
		b->is_overfull = false;
	else if (o->is_moved && !b->is_back && !sweep(b))
		return;
	o->is_moved = false;
	ret = has_failed ? -EINVAL : lookups_begin(b);
	if (ret == 0) {
		b->has_failed = false;
		all_check(b);
	} else if (ret != -EAGAIN) {
		refused(b, ret);
	}
}

static void lose(struct lan_object *o)
{
	struct lan_browser *b = (struct lan_browser *)o;

	while (!STAILQ_EMPTY(&b->lookups)) {
		struct lookup *l = STAILQ_FIRST(&b->lookups);

		STAILQ_REMOVE_HEAD(&b->lookups, link);
		lan_sightings_lose(&b->seen, l->interface);
		free(l);
	}
	ev_timer_stop(lan_daemon_loop(o->daemon), &b->back);
}

/* ---- the browser ---- */

struct lan_browser *lan_browser_new(struct lan_daemon *d, const struct lan_interfaces *where,
				    const uint8_t *name, uint16_t type, lan_browser_fn on_record,
				    void *arg)
{
	struct lan_browser *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	lan_object_init(&b->object, d, where);
	b->object.work = work;
	b->object.lose = lose;
	b->on_record = on_record;
	b->arg = arg;
	b->type = type;
	memcpy(b->name, name, dns_name_nbytes(name));
	lan_sightings_init(&b->seen, LAN_BROWSER_RECORDS_MAX);
	STAILQ_INIT(&b->lookups);
	ev_timer_init(&b->back, on_back, 0, 0);
	ev_timer_init(&b->again, on_again, 0, 0);
	b->back.data = b->again.data = b;
	lan_object_schedule(&b->object, false);
	return b;
}

void lan_browser_each(const struct lan_browser *b,
		      void (*each)(void *arg, const uint8_t *rdata, size_t nbytes), void *arg)
{
	const struct lan_sighting *s;

	TAILQ_FOREACH (s, &b->seen.all, link)
		each(arg, s->rdata, s->nbytes);
}

void lan_browser_free(struct lan_browser *b)
{
	struct ev_loop *loop;

	if (b == NULL)
		return;
	loop = lan_daemon_loop(b->object.daemon);
	if (b->is_freed != NULL)
		*b->is_freed = true;
	lookups_end(b, true);
	ev_timer_stop(loop, &b->back);
	ev_timer_stop(loop, &b->again);
	lan_object_fini(&b->object);
	lan_sightings_fini(&b->seen);
	free(b);
}
