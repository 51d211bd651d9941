/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* declare/names.h - the names that the arguments of weft delete and weft place may be, for
 * completion. One thread. */
#pragma once

struct cli_options;

enum declare_names {
	DECLARE_NAMES_DECLARED, /* services, their types, and `schema/NAME` */
	DECLARE_NAMES_INSTANCES,
	DECLARE_NAMES_NODES,
};

/* Reads the zone, for two seconds at most, and calls `on_name` with each name.
 * Without a registry, or if that refuses, there are none. */
void declare_names_each(const struct cli_options *options, enum declare_names which,
			void (*on_name)(void *arg, const char *name), void *arg);
