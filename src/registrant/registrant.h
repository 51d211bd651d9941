/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/registrant.h - keeping services and nodes registered (RFC 2136, RFC 9664).
 *
 * A registrant sends the updates of all its registrations, several in a message where they fit. It
 * refreshes them at 80 % of the lease that was granted, and registers them again when the registry
 * has lost them, when addresses change and after the host slept. It also keeps claims: names that
 * one holder has at a time. One thread. */
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
struct registrant_update;

enum registrant_event {
	REGISTRANT_DONE,
	REGISTRANT_RENAMED,
	REGISTRANT_FAILED,
	REGISTRANT_LOST,
	REGISTRANT_ENDED,
};

/* Takes an event: `error` is 0, or -EACCES (refused), -EEXIST (another key's, or another holder's),
 * -ESTALE (the given incarnation was followed by a later one, or is another node's), -ENOKEY (no
 * key, or not known), -ETIME (clocks differ), -EHOSTUNREACH or -ETIMEDOUT (no registry answers),
 * -EADDRNOTAVAIL (no registry is known), -EMSGSIZE, -ENOMEM. `why` is for people; after -EEXIST of
 * a claim it is the holder, the value of `by=` in its record. Of a failure that lasts only the
 * first event comes, and one more for each other reason or holder. */
typedef void (*registrant_fn)(void *arg, enum registrant_event event, int error, const char *why,
			      uint64_t now_ms);

/* `events`, `l` and `clocks` (registrant/clocks.h; NULL: the system's) are borrowed until the end.
 * Returns 0 or -ENOMEM. */
int registrant_new(struct registrant **out, struct resolve_events *events, struct locate *l,
		   const struct registrant_clocks *clocks);

/* Frees all without removing anything from the registry. NULL is fine. */
void registrant_free(struct registrant *r);

/* Has all that has failed, or waits to be sent or tried again, be sent now: registries answer
 * again. Messages that have waited for an answer are given up, and sent anew. */
void registrant_hurry(struct registrant *r);

/* Writes the name of this host's node in the domain: called as the key if that is of a fabric, as
 * in n1.keys.lab.cloud, else as the host. Returns false if it has no such name. */
bool registrant_node_name(const struct registrant *r, const uint8_t *domain,
			  uint8_t out[static DNS_NAME_MAX]);

/* ---- one registration ---- */

enum registrant_kind {
	REGISTRANT_INSTANCE,
	REGISTRANT_NODE,  /* addresses, and a TXT record if `txt` is given: then it is sent in
			     messages of its own, so that its lease is its own */
	REGISTRANT_CLAIM, /* one TXT record, `txt` as it is, which is added while there is none at
			     the name, or one with the same `by=`: what is left from an earlier life
			     is replaced. While another holds the name, it is tried each second */
};

#define REGISTRANT_INCARNATION_MAX UINT64_C(999999999999999999) /* as the registry reads it */

/* What is registered. Texts and names are copied. */
struct registrant_settings {
	enum registrant_kind kind;
	uint8_t name[DNS_NAME_MAX]; /* of the instance, the node or the claim, whole */
	uint8_t host[DNS_NAME_MAX]; /* target of the SRV; the root: this host's node, whose A and
				       AAAA records are replaced by its addresses */
	uint16_t port, priority, weight; /* a port of 0 only with an `incarnation` */
	const uint8_t *txt;		 /* rdata, of an instance without id, inc and state */
	size_t ntxt;
	const char *id; /* "" or NULL: the first label */
	enum dnssd_state state;
	const char *const *subtypes; /* labels: `_printer` */
	size_t nsubtypes;
	const uint8_t *const *uses; /* names that `_uses.INSTANCE` points to */
	size_t nuses;
	const struct sockaddr_storage *addresses; /* of the node; none: those of the network */
	size_t naddresses;
	uint32_t lease_s;
	uint32_t ttl_s; /* 0: half of the lease, at most a minute */

	/* Of an instance. 0: the registrant numbers its registrations, as milliseconds since 1970.
	 * Else exactly this number, also after the registry has lost it: what has the same number,
	 * of the same `node=`, is what an earlier life of the caller has registered, and is only
	 * refreshed if it is the same. A later number is -ESTALE: the caller gives a higher one by
	 * registrant_service_change, or gives up; it is registered by itself if the name gets free.
	 * If the TXT record that is there has another `node=` than this one, it is replaced only
	 * with `can_take_over`: until then, or until the name is free, it is -EEXIST. */
	uint64_t incarnation;
	bool can_take_over;

	bool is_adopted; /* an earlier life has probably registered the same: refreshed first. If
			    it is not there REGISTRANT_LOST is reported before it is registered */
	bool is_eager;	 /* no registry answers: tried each second, however long that takes */
	bool is_shared;	 /* of a claim: several hold it, each has a record, whose `shared=` is
			    added; its `node=` is that of the key (weft-fabric(7)) */
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

/* Registers what has changed; all fields may but for `kind` and `name`, and
 * `incarnation` only grows. Nothing is sent if nothing has changed. Returns 0, -EINVAL or -ENOMEM.
 */
int registrant_service_change(struct registrant_service *s,
			      const struct registrant_settings *settings);

/* Removes it from the registry, and reports REGISTRANT_ENDED. */
void registrant_service_end(struct registrant_service *s);

/* Frees it, also from within a call; what is registered is removed in the background, or stays
 * until its lease ends. NULL is fine. */
void registrant_service_free(struct registrant_service *s);

/* The name it has now, the lease that was granted, 0 if it is not registered, the incarnation, and
 * the one that was last seen at the name in the registry, 0: none. */
const uint8_t *registrant_service_name(const struct registrant_service *s);
uint32_t registrant_service_lease_s(const struct registrant_service *s);
uint64_t registrant_service_incarnation(const struct registrant_service *s);
uint64_t registrant_service_seen(const struct registrant_service *s);

/* The holder of a claim, or the node of an instance, after -EEXIST; "": not known. */
const char *registrant_service_holder(const struct registrant_service *s);

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

/* Takes the answer to an update: an error of registrant_fn if there is none, else 0 and the RCODE.
 * The owner frees the update, then or later. */
typedef void (*registrant_update_fn)(void *arg, int error, uint16_t rcode, const char *why,
				     uint64_t now_ms);

/* Signs and sends an update of any content (dns/update_write.h), in memory from malloc, which is
 * taken also if the call fails. Nothing is called before resolve_events_run. Returns 0 or -ENOMEM.
 */
int registrant_update_new(struct registrant_update **out, struct registrant *r, uint8_t *take_msg,
			  size_t nbytes, uint64_t deadline_ms, registrant_update_fn done,
			  void *arg);

/* Ends waiting for it, also from within `done`; NULL is fine. */
void registrant_update_free(struct registrant_update *u);
