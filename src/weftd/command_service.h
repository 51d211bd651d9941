/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/command_service.h - the control commands about service views. In the main thread. */

#pragma once

struct control_request;

void weftd_zone_check(void *daemon, struct control_request *request);
void weftd_drain(void *daemon, struct control_request *request);
void weftd_undrain(void *daemon, struct control_request *request);
