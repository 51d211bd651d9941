/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/command_key.h - revoking keys of fabrics: durable in the store, at once in all workers.
 *
 * A change is a note that the registrar commits; then the workers get the new set, and the command
 * is answered when the last of them uses it. Main's thread. */
#pragma once

struct control_request;
struct store_item;

/* Takes a revoked key out of the store, at the start; other notes are not its own. Fits
 * hosting_item_fn with the daemon as argument. */
int weftd_keys_note(void *daemon, const struct store_item *note);

/* The commands `key list`, `key revoke` and `key restore`. */
void weftd_key_list(void *daemon, struct control_request *request);
void weftd_key_revoke(void *daemon, struct control_request *request);
void weftd_key_restore(void *daemon, struct control_request *request);
