/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/agent_policy.h - the part of the built-in policy that is about the names by which the
 * agents of nodes work together (weft(7), weft-fabric(7)).
 *
 *  - `_runs.N.nodes`: the leader's key. `L._names.N.nodes`: the key of N.
 *  - `_uses.INSTANCE`: the key that owns the instance.
 *  - `R._resources`, `ID._sessions`: the key that came first; but while all records of a resource
 *    have `shared=`, the key of each N has those with `node=N`.
 *  - `_leader._cluster`: any node's key while it is free, with a lease, for its own node.
 *  - `E-N._events._cluster`: the leader's key, and the key of the node that the event concerns; not
 *    changed by another key once it is written, but removed by the leader's.
 *  - `_spec.INSTANCE`, `S._schemas`, `_rules._cluster`: the administrator alone.
 *
 * The leader's key is that of the node which `_leader._cluster` names in the draft. Only the
 * registrar thread may call this. */
#pragma once

#include <stdint.h>

#include "dnssd/kind.h"
#include "update/right.h"

/* Returns NOERROR if the key, which is not the administrator's, may do what a record at a name of
 * that kind asks; else the RCODE of the answer, with the reason in `text`. */
uint16_t update_agent_policy_check(const struct update_fabric_policy *a,
				   const struct dns_update_record *r, enum dnssd_kind kind,
				   char text[static UPDATE_FABRIC_POLICY_TEXT_MAX]);
