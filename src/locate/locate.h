/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/locate.h - which registries there are, in which order to ask them, and how they are.
 *
 * Registries are given, or found: by WEFT_REGISTRY, by client.conf(5), by SRV records of the search
 * domains, by mDNS, by resolv.conf(5); the first of these that has any counts. It knows how each
 * answered lately, and whose key signs; not what is asked. It never waits. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "dns/name.h"
#include "dns/tsig.h"
#include "locate/registry.h"
#include "locate/settings.h"
#include "resolve/events.h"

struct fabric_tls_context;
struct locate;

/* Reads settings, environment and files; the registries are found when they are first needed.
 * `events` is borrowed until the end. Returns 0, or a negative errno described in `error`, whose
 * text begins with the file and line that is at fault: -EINVAL for what is not valid, -ENOKEY for a
 * key, -ENOMEM, or that of reading resolv.conf. */
int locate_new(struct locate **out, struct resolve_events *events,
	       const struct locate_settings *settings, struct base_error *error);

/* Frees all; exchanges must be gone. NULL is fine. */
void locate_free(struct locate *l);

/* Returns the domain that names without final dot are completed with; the root if there is none. */
const uint8_t *locate_domain(const struct locate *l);

/* Returns the key that updates are signed with; NULL if there is none. */
const struct dns_tsig_key *locate_key(const struct locate *l);

/* Returns the context for connections with TLS, made when it is first wanted; NULL if that fails,
 * as without memory. It is the context's. */
struct fabric_tls_context *locate_tls(struct locate *l);

/* Returns for how long stale answers are used, and how long a request of a program that waits may
 * take: as configured, or the defaults of client.conf(5). */
uint32_t locate_stale_s(const struct locate *l);
uint32_t locate_timeout_s(const struct locate *l);

/* Returns the registries that are known now, in the order in which to ask them; valid until
 * resolve_events_run. */
const struct locate_registry *locate_registries(const struct locate *l, size_t *n);

/* ---- waiting for them ---- */

/* One that waits until registries are known; all zero but for `on_known` and `arg`. */
struct locate_waiter {
	void (*on_known)(void *arg, int error, uint64_t now_ms); /* -ENOENT: there are none */
	void *arg;
	struct locate_waiter *next, **link; /* private */
};

/* Has `on_known` called, from resolve_events_run, as soon as registries are known or it is known
 * that there are none: at the next turn, if they are known already. */
void locate_wait(struct locate *l, struct locate_waiter *w);

/* Ends waiting, if it was begun. */
void locate_wait_end(struct locate *l, struct locate_waiter *w);

/* ---- how they are ---- */

/* Takes that the registry at this address has answered after `rtt_us`, or has failed. */
void locate_succeeded(struct locate *l, const struct resolve_endpoint *at, uint32_t rtt_us);
void locate_failed(struct locate *l, const struct resolve_endpoint *at, uint64_t now_ms);
