/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/server.h - the network side of weftd: sockets, workers, what they count.
 *
 * main opens it, hands it a view (server/rules.h) and starts it; after that the workers serve by
 * themselves until it is stopped. All functions are main's. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "server/limit.h"
#include "server/rules.h"
#include "server/stats.h"

struct base_error;
struct fabric_revoked;
struct registry_registrar;
struct server;

struct server_settings {
	const struct sockaddr_storage *addresses;
	size_t naddresses;
	unsigned workers; /* 0: one for each CPU that this process may use */
};

/* Binds all sockets. On failure a negative errno, and `why` says which address. */
int server_open(struct server **out, const struct server_settings *settings,
		struct base_error *error);

/* The view to serve by from now on. Returns when no worker and no update on its way uses the one
 * before any more: that may be freed then. */
void server_set_rules(struct server *s, struct server_rules *rules);

/* The keys that are revoked from now on. Returns when no worker uses the set before any more: that
 * may be freed then. */
void server_set_revoked(struct server *s, const struct fabric_revoked *revoked);

/* Starts the workers; updates go to `registrar`. 0 or a negative errno. */
int server_start(struct server *s, struct registry_registrar *registrar);

/* Tells the workers to answer what they have, and ends them. Then the registrar may be stopped. */
void server_stop(struct server *s);

/* Frees everything. NULL is fine. */
void server_close(struct server *s);

/* To be given to the registrar: wakes the workers that it has replied to. */
void server_on_replied(void *server);

/* The sum over all workers. */
void server_stats_get(const struct server *s, struct server_stats *sum);

unsigned server_workers(const struct server *s);
