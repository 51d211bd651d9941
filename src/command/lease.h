/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/lease.h - commands that show leases, and change them by hand.
 *
 * The registrar's thread copies the leases that are asked for and makes the change; the answer is
 * made from the copies in the main thread, where these functions run. `daemon` is the struct
 * daemon.
 */
#pragma once

struct control_request;

/* `lease list [ZONE | NAME...]`: the leases of these zones and names, or all. */
void command_lease_list(void *daemon, struct control_request *request);

/* `lease show NAME`: the leases of a name, with the records that they hold. */
void command_lease_show(void *daemon, struct control_request *request);

/* `lease extend NAME SECONDS`: sets the time left of the leases of a name. */
void command_lease_extend(void *daemon, struct control_request *request);

/* `lease drop NAME`: ends the leases of a name now. */
void command_lease_drop(void *daemon, struct control_request *request);
