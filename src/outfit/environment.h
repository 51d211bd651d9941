/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* outfit/environment.h - the environment of an instance's processes, with its secrets: wiped when
 * it ends. Thread of the loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "spec/service.h"

struct base_error;
struct outfit_facts;
struct outfit_node;

struct outfit_environment {
	struct base_arena arena; /* also for words that were made with it */
	struct spec_pairs variables;
	const char **strings; /* the same as "NAME=value", NULL-terminated */
};

/* What is known of the instance beside its facts. */
struct outfit_environment_settings {
	const struct outfit_node *node;
	const struct spec_service *s;
	const char *parameters_file;
	uint32_t port;
	bool is_lenient; /* a secret that cannot be read is left out */
};

/* Makes it. Returns 0, or a negative errno with `error` filled in and `out` empty. */
int outfit_environment_make(struct outfit_environment *out,
			    const struct outfit_environment_settings *settings,
			    const struct outfit_facts *facts, struct base_error *error);

/* Wipes and frees it; one that is all zero is fine. */
void outfit_environment_fini(struct outfit_environment *e);
