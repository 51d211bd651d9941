/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/key.h - revoking keys of fabrics: durable in the store, at once in all workers.
 *
 * A change is an item that the registrar commits; then the workers get the new set, and the request
 * is answered when the last of them uses it. Main thread; `daemon` is the struct daemon. */
#pragma once

struct control_request;
struct store_item;

/* Takes a revoked key from an item of the store, at the start; ignores items of other kinds.
 * Returns 0 or -ENOMEM. */
int command_key_read(void *daemon, const struct store_item *item);

/* `key uses`: which keys of fabrics have signed requests, of which epoch, since when and when last,
 * and until when that epoch is valid. */
void command_key_uses(void *daemon, struct control_request *request);

/* `key list`: the revoked keys, and since when. */
void command_key_list(void *daemon, struct control_request *request);

/* `key revoke KEY`: from now on rejects what is signed with a key of a fabric. */
void command_key_revoke(void *daemon, struct control_request *request);

/* `key restore KEY`: lifts a revocation. */
void command_key_restore(void *daemon, struct control_request *request);

/* `key usage [KEY]`: answers with what each key, or this one, has registered in each zone, and with
 * its quotas. */
void command_key_usage(void *daemon, struct control_request *request);
