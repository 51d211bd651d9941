/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agentd/service.h - the commands `service status`, `start`, `stop`, `restart` and `check`.
 *
 * Either all instances of a request are known, or nothing is done. One thread. */
#pragma once

struct control_request;

/* Each is a control_run_fn, whose argument is a struct agentd. */
void agentd_service_status(void *arg, struct control_request *request);
void agentd_service_start(void *arg, struct control_request *request);
void agentd_service_stop(void *arg, struct control_request *request);
void agentd_service_restart(void *arg, struct control_request *request);
void agentd_service_check(void *arg, struct control_request *request);
