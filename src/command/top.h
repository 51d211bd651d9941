/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/top.h - the figures that `weft top` computes rates from, for a screen that asks every
 * other second. Main thread, registered with RCU and online. */
#pragma once

struct control_request;

/* `top`: status, statistics, the commits by their duration, and what keys have signed. Never waits
 * for a disk. */
void command_top(void *daemon, struct control_request *request);
