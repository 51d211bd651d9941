/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/bridge.h - commands that show what is bridged to the LAN and back.
 *
 * They read figures and rows that the bridge's thread has published, and so answer at once while an
 * avahi-daemon hangs. Main thread; `daemon` is the struct daemon. */
#pragma once

struct control_request;

/* `bridge status`: whether avahi-daemon runs, the figures, and the rules. */
void command_bridge_status(void *daemon, struct control_request *request);

/* `bridge list [advertised | discovered | refused]...`: the services, all or those. */
void command_bridge_list(void *daemon, struct control_request *request);
