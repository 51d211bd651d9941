/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/writer.h - updates of the registry that the bridge makes.
 *
 * An update is a message (dns/update_write.h) that waits its turn in the registrar's queue like any
 * other, signed by nobody but with the key of a rule as its owner (bridge/rules.h). The bridge's
 * thread, but for what the registrar calls. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bridge_into;
struct bridge_writer;
struct ev_loop;
struct registry_registrar;
struct update_result;

/* Is called from the loop when the registrar has done an update: `granted_s` is the lease, 0 if
 * none was asked for or it was not NOERROR. `result` NULL: there was no room in the queue, or the
 * store failed; the update may be tried again. */
typedef void (*bridge_written_fn)(void *arg, const struct update_result *result,
				  uint32_t granted_s);

/* Makes a writer. Returns NULL if memory is short. */
struct bridge_writer *bridge_writer_new(struct ev_loop *loop, struct registry_registrar *registrar);

/* Sends an update of `into`; `msg` is copied, the rule is used until `done` is called, which it is
 * in any case, later. `lease_s` is what the message asks for. Returns 0 or -ENOMEM. */
int bridge_writer_put(struct bridge_writer *w, const struct bridge_into *into, const uint8_t *msg,
		      size_t nbytes, uint32_t lease_s, bridge_written_fn done, void *arg);

/* Returns how many updates have not been answered. */
size_t bridge_writer_nwaiting(const struct bridge_writer *w);

/* Has no more `done` called for `arg`; the updates are done all the same. */
void bridge_writer_forget(struct bridge_writer *w, const void *arg);

/* Waits for the answers to what was sent, and frees the writer. NULL is fine. */
void bridge_writer_free(struct bridge_writer *w);
