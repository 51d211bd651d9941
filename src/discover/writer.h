/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* discover/writer.h - updates of the registry that the bridge makes.
 *
 * An update is a message (dns/update_write.h) that waits its turn in the registrar's queue like any
 * other, signed by nobody but with the key of a rule as its owner (mdns/rules.h). The bridge's
 * thread, but for what the registrar calls. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct discover_writer;
struct ev_loop;
struct mdns_into;
struct registry_registrar;
struct update_result;

/* Is called from the loop when the registrar has done an update: `granted_s` is the lease, 0 if
 * none was asked for or it was not NOERROR. `result` NULL: there was no room in the queue, or the
 * store failed; the update may be tried again. */
typedef void (*discover_written_fn)(void *arg, const struct update_result *result,
				    uint32_t granted_s);

/* Makes a writer. Returns NULL if memory is short. */
struct discover_writer *discover_writer_new(struct ev_loop *loop,
					    struct registry_registrar *registrar);

/* Sends an update of `into`; `msg` is copied, the rule is used until `done` is called, which it is
 * in any case, later. `lease_s` is what the message asks for. Returns 0 or -ENOMEM. */
int discover_writer_put(struct discover_writer *w, const struct mdns_into *into, const uint8_t *msg,
			size_t nbytes, uint32_t lease_s, discover_written_fn done, void *arg);

/* Returns how many updates have not been answered. */
size_t discover_writer_nwaiting(const struct discover_writer *w);

/* Has no more `done` called for `arg`; the updates are done all the same. */
void discover_writer_forget(struct discover_writer *w, const void *arg);

/* Waits for the answers to what was sent, and frees the writer. NULL is fine. */
void discover_writer_free(struct discover_writer *w);
