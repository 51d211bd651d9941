/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* daemon/tls.h - what weftd needs to speak TLS: the certificates of its configuration, or some that
 * it makes itself. Main thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct daemon;
struct fabric_ring;
struct fabric_tls_context;
struct settings;

/* Records the addresses of this machine, and makes the keys of tickets. Before the process is
 * confined. Returns 0 or -ENOMEM. */
int daemon_tls_start(struct daemon *d);

/* Frees what daemon_tls_start has made, when no session is left. */
void daemon_tls_stop(struct daemon *d);

/* Makes the context for new sessions by a configuration and the fabrics in `ring`; NULL if there is
 * nothing to listen on. Without a certificate in the configuration each fabric issues one, for the
 * names and addresses by which its zones' clients know this server, which ends in 30 days. Returns
 * 0, or -1 after calling `report` with the error. */
int daemon_tls_new(struct fabric_tls_context **out, struct daemon *d, const struct settings *config,
		   const struct fabric_ring *ring, base_report_fn report, void *arg);

/* Returns when the certificates in use end, in seconds since 1970; 0 if there are none. */
uint64_t daemon_tls_until(const struct daemon *d);

/* Rotates the keys of tickets; to be called each FABRIC_TLS_TICKET_S. Returns whether the rules are
 * to be made anew, because their certificates were issued a day ago. Logs once a day that a
 * certificate of the configuration ends soon. */
bool daemon_tls_rotate(struct daemon *d);
