/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/command_lease.h - showing leases, and changing them by hand.
 *
 * The registrar's thread copies what is asked for and makes the change; what is shown is made of
 * the copy here, in main's thread. */
#pragma once

struct control_request;

/* The commands `lease list`, `lease show`, `lease extend` and `lease drop`. */
void weftd_lease_list(void *daemon, struct control_request *request);
void weftd_lease_show(void *daemon, struct control_request *request);
void weftd_lease_extend(void *daemon, struct control_request *request);
void weftd_lease_drop(void *daemon, struct control_request *request);
