/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/command_status.h - `weft status`: whether weftd is well, and what it is. Main thread. */
#pragma once

struct control_request;

/* Answers at once, from figures that are published: also while a disk hangs. */
void weftd_command_status(void *daemon, struct control_request *request);
