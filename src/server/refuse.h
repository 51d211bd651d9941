/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/refuse.h - what a worker does about a request that it refuses, beside answering it.
 *
 * It counts the refusal by its reason, and hands it on to be remembered and logged
 * (guard/refusals.h). A worker's thread. */
#pragma once

#include "guard/refusals.h"

struct server_peer;
struct server_request;
struct server_turn;
struct update_result;

/* Notes that a request is refused, for the reason that the extended error of its response has. */
void server_refuse(const struct server_request *r, const struct server_turn *turn,
		   const struct server_peer *peer, enum guard_reason reason);

/* Notes that the signature of a request is not valid. */
void server_refuse_signature(const struct server_request *r, const struct server_turn *turn,
			     const struct server_peer *peer);

/* Notes that the registrar has refused an update; the log has its line already. Does nothing if the
 * registrar has not refused it. */
void server_refuse_result(const struct server_request *r, const struct server_turn *turn,
			  const struct server_peer *peer, const struct update_result *result);
