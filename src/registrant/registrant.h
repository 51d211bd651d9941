/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/registrant.h - keeping services and nodes registered (RFC 2136, RFC 9664).
 *
 * A registrant sends the updates of all its registrations, several in a message where they fit. It
 * refreshes them at 80 % of the lease that was granted, and registers them again when the registry
 * has lost them, when addresses change and after the host slept. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "dnssd/txt.h"
#include "locate/locate.h"

struct registrant;
struct registrant_change;
struct registrant_clocks;
struct registrant_service;

enum registrant_event {
	REGISTRANT_DONE,
	REGISTRANT_RENAMED,
	REGISTRANT_FAILED,
	REGISTRANT_LOST,
	REGISTRANT_ENDED,
};

/* Takes an event: `error` is 0, or -EACCES (refused), -EEXIST (another key's), -ENOKEY (no key, or
 * not known), -ETIME (clocks differ), -EHOSTUNREACH or -ETIMEDOUT (no registry answers),
 * -EADDRNOTAVAIL (no registry is known), -EMSGSIZE, -ENOMEM. `why` is for people. */
typedef void (*registrant_fn)(void *arg, enum registrant_event event, int error, const char *why,
			      uint64_t now_ms);

/* `events`, `l` and `clocks` (registrant/clocks.h; NULL: the system's) are borrowed until the end.
 * Returns 0 or -ENOMEM. */
int registrant_new(struct registrant **out, struct resolve_events *events, struct locate *l,
		   const struct registrant_clocks *clocks);

/* Frees all without removing anything from the registry. NULL is fine. */
void registrant_free(struct registrant *r);

/* Writes the name of this host's node in the domain: called as the key if that is of a fabric, as
 * in n1.keys.lab.cloud, else as the host. Returns false if it has no such name. */
bool registrant_node_name(const struct registrant *r, const uint8_t *domain,
			  uint8_t out[static DNS_NAME_MAX]);

/* ---- one registration ---- */

/* What is registered. Texts and names are copied. */
struct registrant_settings {
	bool is_node; /* `name` is that of a node: its addresses are registered alone */
	uint8_t name[DNS_NAME_MAX]; /* of the instance or the node, whole */
	uint8_t host[DNS_NAME_MAX]; /* target of the SRV; the root: this host's node, whose A and
				       AAAA records are replaced by its addresses */
	uint16_t port, priority, weight;
	const uint8_t *txt; /* rdata, without id, inc and state */
	size_t ntxt;
	const char *id; /* "" or NULL: the first label */
	enum dnssd_state state;
	const char *const *subtypes; /* labels: `_printer` */
	size_t nsubtypes;
	const struct sockaddr_storage *addresses; /* of the node; none: those of the network */
	size_t naddresses;
	uint32_t lease_s;
	bool is_renamed; /* a name of another key's is changed to the next number */
	enum dnssd_state (*health)(void *arg); /* asked before each refresh; it frees nothing; or
						  NULL */
	void *health_arg;
};

/* Begins to register, and keeps it up; `on_event` may be NULL. An incarnation that another process
 * has followed by a later one is not registered until the name is free. Returns 0, -EINVAL or
 * -ENOMEM. */
int registrant_service_new(struct registrant_service **out, struct registrant *r,
			   const struct registrant_settings *settings, registrant_fn on_event,
			   void *arg);

/* Registers what has changed; all fields may but for `is_node` and `name`. */
int registrant_service_change(struct registrant_service *s,
			      const struct registrant_settings *settings);

/* Removes it from the registry, and reports REGISTRANT_ENDED. */
void registrant_service_end(struct registrant_service *s);

/* Frees it, also from within a call; what is registered is removed in the background, or stays
 * until its lease ends. NULL is fine. */
void registrant_service_free(struct registrant_service *s);

/* The name it has now, the lease that was granted, 0 if it is not registered, and the
 * incarnation. */
const uint8_t *registrant_service_name(const struct registrant_service *s);
uint32_t registrant_service_lease_s(const struct registrant_service *s);
uint64_t registrant_service_incarnation(const struct registrant_service *s);

/* ---- single updates ---- */

/* Takes the end of a change; errors are those of registrant_fn, and -ENOENT: there is nothing of
 * that name. The owner frees the change, then or later. */
typedef void (*registrant_change_fn)(void *arg, int error, const char *why, uint64_t now_ms);

/* Removes all that is registered at the name of an instance or a node. */
int registrant_change_remove(struct registrant_change **out, struct registrant *r,
			     const uint8_t *name, uint64_t deadline_ms, registrant_change_fn done,
			     void *arg);

/* Sets the state of an instance, which has a lease of two hours until its owner refreshes it: how
 * long the owner's is cannot be asked for, and it must not end earlier. */
int registrant_change_state(struct registrant_change **out, struct registrant *r,
			    const uint8_t *name, enum dnssd_state state, uint64_t deadline_ms,
			    registrant_change_fn done, void *arg);

/* Reports, at `_suspect.INSTANCE`, that the instance could not be reached. One that was reported in
 * the last REGISTRANT_REPORT_MS is not reported again, which is not an error. */
enum { REGISTRANT_REPORT_MS = 10000 };
int registrant_change_report(struct registrant_change **out, struct registrant *r,
			     const uint8_t *name, const char *why, uint64_t deadline_ms,
			     registrant_change_fn done, void *arg);

/* Ends waiting for it, also from within `done`; NULL is fine. */
void registrant_change_free(struct registrant_change *c);
