/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cmd/daemon_keys.h - revoking keys of fabrics: durable in the store, at once in all workers.
 *
 * A change is a note that the registrar commits; then the workers get the new set, and the command
 * is answered when the last of them uses it. Main's thread. */
#pragma once

struct server_control_request;
struct store_note;

/* Takes a revoked key out of the store, at the start; other notes are not its own. Fits
 * registry_note_fn with the daemon as argument. */
int cmd_daemon_keys_note(void *daemon, const struct store_note *note);

/* The commands `key list`, `key revoke` and `key restore`. */
void cmd_daemon_key_list(void *daemon, struct server_control_request *request);
void cmd_daemon_key_revoke(void *daemon, struct server_control_request *request);
void cmd_daemon_key_restore(void *daemon, struct server_control_request *request);
