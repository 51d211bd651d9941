/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/service.h - commands about service views. Main thread; `daemon` is the struct
 * daemon.
 */
#pragma once

struct control_request;

/* `zone check ZONE`: compares the derived records of a zone with those that its instances imply. */
void command_service_check(void *daemon, struct control_request *request);

/* `drain INSTANCE...`: hides instances from new clients, one by one up to one that is not
 * registered; those before it stay drained. */
void command_service_drain(void *daemon, struct control_request *request);

/* `undrain INSTANCE...`: shows drained instances again, in the same way. */
void command_service_undrain(void *daemon, struct control_request *request);
