/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/ask.h - work that only the registrar's thread may do, asked for by the main thread. */
#pragma once

struct registry_registrar;
struct weftd;

/* Runs `run` with `arg` in the registrar's thread, between two batches, and returns when it has
 * run. In the main thread, which is registered with RCU and online. */
void weftd_ask(struct weftd *d, void (*run)(struct registry_registrar *r, void *arg), void *arg);
