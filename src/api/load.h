/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* api/load.h - makes the rooms below for a context, each when it is first needed.
 *
 * From then on settings cannot be changed; weft_free() frees the rooms. Functions that return int
 * return WEFT_OK or another enum weft_error, described in the context. One thread. */
#pragma once

#include "api/context.h"

struct find_name;

/* Reads settings, files and environment. */
int api_load_locate(struct weft *w);

/* Returns `timeout_ms` from now; if it is negative, `times` the timeout of client.conf(5) from now.
 * api_load_locate must have succeeded. */
uint64_t api_load_deadline(const struct weft *w, int timeout_ms, unsigned times);

/* Reads a name to be found, completed with the domain. api_load_locate must have succeeded. */
int api_load_name(struct weft *w, struct find_name *out, const char *name);

/* Make what is needed to find, follow, connect and register. */
int api_load_find(struct weft *w);
int api_load_follower(struct weft *w);
int api_load_memory(struct weft *w);
int api_load_registrant(struct weft *w);
