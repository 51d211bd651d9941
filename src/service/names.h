/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/names.h - the names of services at the registry, for completion. Reports nothing. One
 * thread. */
#pragma once

#include <stdbool.h>

struct cli_options;

typedef void (*service_name_fn)(void *arg, const char *name);

/* Calls `fn` for each type of the domain, or, if `has_instances`, each instance of them, without
 * final dots. Waits two seconds at most for each answer. */
void service_names_each(const struct cli_options *options, bool has_instances, service_name_fn fn,
			void *arg);
