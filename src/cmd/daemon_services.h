/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cmd/daemon_services.h - the control commands about service views. In the main thread. */

#pragma once

struct server_control_request;

void cmd_daemon_zone_check(void *daemon, struct server_control_request *request);
void cmd_daemon_drain(void *daemon, struct server_control_request *request);
void cmd_daemon_undrain(void *daemon, struct server_control_request *request);
