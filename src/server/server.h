/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/server.h - the network side of weftd: sockets, workers, and what they count.
 *
 * weftd opens a server, gives it rules (server/rules.h), and starts it; the workers then serve by
 * themselves until the server is stopped. It does not know the configuration or the zones' files.
 * The functions are for weftd's main thread, but for server_on_replied, server_on_changed and
 * server_nchanges. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "guard/limit.h"
#include "server/rules.h"
#include "server/stats.h"

struct base_error;
struct fabric_revoked;
struct fabric_uses;
struct guard_refusals;
struct registry_registrar;
struct server;
struct server_call;
struct server_channel;
struct zone;
struct zone_changeset;

/* The addresses that one transport listens on. */
struct server_listener {
	const struct server_channel *channel;
	const struct sockaddr_storage *addresses;
	size_t naddresses;
};

struct server_settings {
	const struct server_listener *listeners; /* one for each channel; may have no address */
	size_t nlisteners;
	unsigned workers; /* 0: one for each CPU that this process may use */
};

/* Opens a server: makes the workers and binds their sockets. `settings` are borrowed until the
 * function returns. Returns 0, or a negative errno with `error` filled in: which address cannot be
 * listened on, or that memory is short. */
int server_open(struct server **out, const struct server_settings *settings,
		struct base_error *error);

/* Has the workers serve by `rules` from their next turns on. The rules before may be freed once a
 * grace period (base/rcu.h) that begins now is over and server_rules_are_used is false for them;
 * the last ones when the server has been stopped. */
void server_set_rules(struct server *s, struct server_rules *rules);

/* Has the workers refuse the keys in `revoked` from their next turns on; NULL: none. The set before
 * may be freed once a grace period that begins now is over. */
void server_set_revoked(struct server *s, const struct fabric_revoked *revoked);

/* Returns the set that the workers use; valid during an RCU read section. Any thread. */
const struct fabric_revoked *server_revoked(const struct server *s);

/* Returns which derived keys have signed requests, as long as the server lives. Any thread. */
struct fabric_uses *server_uses(const struct server *s);

/* Returns the requests that were refused lately, as long as the server lives. Any thread. */
struct guard_refusals *server_refusals(const struct server *s);

/* Has the workers take no update that was signed before `time_s` (guard/replay.h). Before
 * server_start. Returns 0 or -ENOMEM. */
int server_forget_before(struct server *s, const uint8_t *key, uint64_t time_s);

/* Starts the workers' threads; there must be rules. Updates go to `registrar`, which is borrowed
 * until server_stop has returned. Returns 0 or a negative errno. */
int server_start(struct server *s, struct registry_registrar *registrar);

/* Has the workers answer what they have, and waits for their threads to end. The registrar must run
 * until then, to answer the updates on their way. */
void server_stop(struct server *s);

/* Closes all sockets and frees the server, which has been stopped or was not started. NULL is
 * fine. */
void server_close(struct server *s);

/* Wakes the workers to whose updates the registrar has replied. A registry_settings.on_replied,
 * with the server as argument; called in the registrar's thread. */
void server_on_replied(void *server);

/* Has worker `number` run a call (server/worker.h). Not while the server is being stopped. */
void server_run(struct server *s, unsigned number, struct server_call *call);

/* Returns the number of changesets that server_on_changed was called with so far. Any thread. */
uint64_t server_nchanges(const struct server *s);

/* Hands a changeset that is visible now to the workers with subscriptions in the zone. A
 * registry_changed_fn, with the server as argument; called in the registrar's thread. */
void server_on_changed(void *server, struct zone *zone, const struct zone_changeset *changes);

/* Writes the sum of all workers' counters to `sum`. */
void server_stats_get(const struct server *s, struct server_stats *sum);

/* Returns the number of workers. */
unsigned server_workers(const struct server *s);
