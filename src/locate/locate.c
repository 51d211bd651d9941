/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/locate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fabric/tls.h"
#include "locate/list.h"
#include "locate/locate_priv.h"
#include "resolve/conf.h"

/* ---- waiting ---- */

static void waiter_link(struct locate_waiter **list, struct locate_waiter *w)
{
	w->next = *list;
	if (w->next != NULL)
		w->next->link = &w->next;
	w->link = list;
	*list = w;
}

void locate_wait(struct locate *l, struct locate_waiter *w)
{
	waiter_link(&l->waiters, w);
	resolve_timer_set(&l->events->timers, &l->wake, 0);
}

void locate_wait_end(struct locate *l, struct locate_waiter *w)
{
	(void)l;
	if (w->link == NULL)
		return;
	*w->link = w->next;
	if (w->next != NULL)
		w->next->link = w->link;
	w->link = NULL;
}

static void on_wake(void *arg, uint64_t now_ms)
{
	struct locate *l = arg;
	struct locate_waiter *waiters = l->waiters;

	/* Those that begin to wait meanwhile are called at the next turn. */
	l->waiters = NULL;
	if (waiters != NULL)
		waiters->link = &waiters;
	while (waiters != NULL) {
		struct locate_waiter *w = waiters;

		locate_wait_end(l, w);
		w->on_known(w->arg, l->known.n > 0 ? 0 : -ENOENT, now_ms);
	}
}

void locate_refresh(struct locate *l, uint64_t now_ms)
{
	(void)l;
	(void)now_ms;
}

/* ---- the context ---- */

static int list_add(struct locate *l, const char *text, const char *source,
		    struct base_error *error)
{
	struct locate_list list;
	int ret = locate_list_parse(&list, text, error);

	for (size_t i = 0; ret == 0 && i < list.n; i++) {
		const struct resolve_endpoint e = {.address = list.items[i].address};

		if (list.items[i].host[0] != 0)
			return base_error_set(error, -EINVAL,
					      "a host's name as registry is not "
					      "supported yet");
		locate_known_add(&l->known, &e, list.items[i].transport, source);
	}
	return ret;
}

static int sources_read(struct locate *l, const struct locate_settings *settings,
			struct base_error *error)
{
	static const char path[] = "/etc/resolv.conf";
	const char *list = getenv("WEFT_REGISTRY");
	struct resolve_conf resolv;
	int ret;

	if (settings->registry != NULL)
		return list_add(l, settings->registry, "given", error);
	if (list != NULL && *list != '\0')
		return list_add(l, list, "WEFT_REGISTRY", error);
	ret = resolve_conf_read(&resolv, path);
	if (ret < 0)
		return base_error_set(error, ret, "%s: %s", path, strerror(-ret));
	for (size_t i = 0; i < resolv.nservers; i++) {
		const struct resolve_endpoint e = {.address = resolv.servers[i]};

		locate_known_add(&l->known, &e, LOCATE_UDP, path);
	}
	return 0;
}

int locate_new(struct locate **out, struct resolve_events *events,
	       const struct locate_settings *settings, struct base_error *error)
{
	const struct fabric_tls_client trust = {.trust = FABRIC_TLS_TRUST_CA,
						.ca_file = settings->tls_ca};
	struct locate *l = calloc(1, sizeof(*l));
	int ret;

	if (l == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	l->events = events;
	l->wake = (struct resolve_timer){.on_due = on_wake, .arg = l};
	ret = sources_read(l, settings, error);
	if (ret == 0)
		ret = fabric_tls_client_new(&l->tls, &trust, error);
	if (ret < 0) {
		free(l);
		return ret;
	}
	locate_connections_init(&l->connections, events, l->tls);
	*out = l;
	return 0;
}

void locate_free(struct locate *l)
{
	if (l == NULL)
		return;
	resolve_timer_clear(&l->events->timers, &l->wake);
	locate_connections_fini(&l->connections);
	fabric_tls_context_release(l->tls);
	free(l);
}

const uint8_t *locate_domain(const struct locate *l)
{
	return l->domain;
}

const struct dns_tsig_key *locate_key(const struct locate *l)
{
	(void)l;
	return NULL;
}

struct fabric_tls_context *locate_tls(const struct locate *l)
{
	return l->tls;
}

const struct locate_registry *locate_registries(const struct locate *l, size_t *n)
{
	*n = l->known.n;
	return l->known.items;
}

void locate_succeeded(struct locate *l, const struct resolve_endpoint *at, uint32_t rtt_us)
{
	locate_known_succeeded(&l->known, at, rtt_us);
}

void locate_failed(struct locate *l, const struct resolve_endpoint *at, uint64_t now_ms)
{
	locate_known_failed(&l->known, at, now_ms);
}
