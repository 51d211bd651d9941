/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/locate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fabric/tls.h"
#include "locate/locate_priv.h"
#include "resolve/conf.h"

enum {
	ARENA_BLOCK = 4096,
	FIND_AGAIN_MIN_MS = 5000,   /* when all have failed, or none was found */
	FIND_AGAIN_OLD_MS = 300000, /* also when all is well */
};

static const char resolv_path[] = "/etc/resolv.conf";
static const char hosts_path[] = "/etc/hosts";

/* ---- waiting ---- */

/* Calls the waiters, none of which waits any more; those that begin to wait meanwhile are called at
 * the next turn. */
static void waiters_call(struct locate *l, uint64_t now_ms)
{
	struct locate_waiter *waiters = l->waiters;
	int error = l->known.n > 0 ? 0 : -ENOENT;

	l->waiters = NULL;
	if (waiters != NULL)
		waiters->link = &waiters;
	while (waiters != NULL) {
		struct locate_waiter *w = waiters;

		locate_wait_end(l, w);
		w->on_known(w->arg, error, now_ms);
	}
}

static void on_found(void *arg, const struct locate_known *found, uint64_t now_ms)
{
	struct locate *l = arg;

	/* What is known is better than nothing. */
	if (found->n > 0)
		locate_known_replace(&l->known, found);
	l->was_found = true;
	l->found_ms = now_ms;
	locate_finder_free(l->finder);
	l->finder = NULL;
	waiters_call(l, now_ms);
}

/* Begins to find registries, unless that is under way. Returns whether it is. */
static bool find(struct locate *l)
{
	if (l->finder == NULL &&
	    locate_finder_new(&l->finder, l->events, &l->order, on_found, l) < 0)
		l->finder = NULL;
	return l->finder != NULL;
}

static bool is_older(const struct locate *l, uint64_t ms, uint64_t now_ms)
{
	return !l->was_found || now_ms >= l->found_ms + ms;
}

static void on_wake(void *arg, uint64_t now_ms)
{
	struct locate *l = arg;

	if (l->known.n == 0 && is_older(l, FIND_AGAIN_MIN_MS, now_ms) && find(l))
		return;
	waiters_call(l, now_ms);
}

void locate_wait(struct locate *l, struct locate_waiter *w)
{
	w->next = l->waiters;
	if (w->next != NULL)
		w->next->link = &w->next;
	w->link = &l->waiters;
	l->waiters = w;
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

void locate_refresh(struct locate *l, uint64_t now_ms)
{
	bool have_failed = locate_known_have_failed(&l->known);

	if (is_older(l, have_failed ? FIND_AGAIN_MIN_MS : FIND_AGAIN_OLD_MS, now_ms))
		find(l);
	locate_probe_begin(&l->probe, l->connections.tls, now_ms);
}

/* ---- the configuration ---- */

/* Reads the lists of registries that are given, one after the other. */
static int given_read(struct locate *l, struct base_error *error)
{
	struct locate_find_order *o = &l->order;

	for (size_t i = 0; i < l->config.registry.count; i++) {
		const struct conf_text *text = &l->config.registry.items[i];
		struct locate_list list;

		if (locate_list_parse(&list, text->text, error) < 0)
			return locate_config_fail(error, &text->at);
		if (o->given.n + list.n > LOCATE_LIST_MAX) {
			base_error_set(error, -EINVAL, "more than %d registries", LOCATE_LIST_MAX);
			return locate_config_fail(error, &text->at);
		}
		for (size_t k = 0; k < list.n; k++) {
			locate_config_where(o->sources[o->given.n], &text->at);
			o->given.items[o->given.n++] = list.items[k];
		}
	}
	return 0;
}

/* Reads the domain: that of the configuration, or the first search domain. */
static int domain_read(struct locate *l, struct base_error *error)
{
	const struct conf_text *text = &l->config.domain;
	struct resolve_conf resolv;
	int ret;

	if (text->text != NULL) {
		if (dns_name_from_text(l->domain, text->text, strlen(text->text), NULL) != 0)
			return 0;
		base_error_set(error, -EINVAL, "invalid domain \"%s\"", text->text);
		return locate_config_fail(error, &text->at);
	}
	ret = resolve_conf_read(&resolv, resolv_path);
	/* Without a list the resolvers are needed. */
	if (ret < 0 && l->order.given.n == 0)
		return base_error_set(error, ret, "%s: %s", resolv_path, strerror(-ret));
	memcpy(l->domain, resolv.search, dns_name_nbytes(resolv.search));
	return 0;
}

static bool has_tls(const struct locate_find_order *o)
{
	for (size_t i = 0; i < o->given.n; i++)
		if (o->given.items[i].transport == LOCATE_TLS)
			return true;
	return false;
}

static int settings_read(struct locate *l, const struct locate_settings *settings,
			 struct base_error *error)
{
	int ret = locate_config_read(&l->config, &l->arena, settings, error);

	if (ret == 0)
		ret = given_read(l, error);
	if (ret == 0)
		ret = domain_read(l, error);
	if (ret == 0)
		ret = locate_keys_read(&l->keys, &l->config, error);
	if (ret == 0 && has_tls(&l->order) && locate_keys_tls(&l->keys) == NULL)
		ret = base_error_set(error, -EINVAL,
				     "TLS: the system's authorities cannot be read");
	l->order.has_mdns = l->config.mdns;
	l->order.has_trust = l->keys.is_trust_given;
	return ret;
}

/* ---- the context ---- */

int locate_new(struct locate **out, struct resolve_events *events,
	       const struct locate_settings *settings, struct base_error *error)
{
	struct locate *l = calloc(1, sizeof(*l));
	int ret;

	if (l == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	l->events = events;
	l->wake = (struct resolve_timer){.on_due = on_wake, .arg = l};
	l->order.resolv_path = resolv_path;
	l->order.hosts_path = hosts_path;
	l->probe = (struct locate_probe){.events = events, .known = &l->known, .name = l->domain};
	base_arena_init(&l->arena, ARENA_BLOCK);
	ret = settings_read(l, settings, error);
	locate_connections_init(&l->connections, events, l->keys.tls);
	if (ret < 0)
		locate_free(l);
	else
		*out = l;
	return ret;
}

void locate_free(struct locate *l)
{
	if (l == NULL)
		return;
	resolve_timer_clear(&l->events->timers, &l->wake);
	locate_finder_free(l->finder);
	locate_probe_end(&l->probe);
	locate_connections_fini(&l->connections);
	locate_keys_fini(&l->keys);
	base_arena_fini(&l->arena);
	free(l);
}

const uint8_t *locate_domain(const struct locate *l)
{
	return l->domain;
}

const struct dns_tsig_key *locate_key(const struct locate *l)
{
	return l->keys.has_key ? &l->keys.key : NULL;
}

struct fabric_tls_context *locate_tls(struct locate *l)
{
	return locate_keys_tls(&l->keys);
}

uint32_t locate_stale_s(const struct locate *l)
{
	return l->config.stale_s;
}

uint32_t locate_timeout_s(const struct locate *l)
{
	return l->config.timeout_s;
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
