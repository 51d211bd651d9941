/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* spec/expand.h - the environment of a service's processes, and variables in its commands.
 *
 * `$NAME` and `${NAME}` in the words of commands, in values of `environment` and in check.http
 * become the variable's value; `$$` is a `$`. Words are not split, and no shell is asked. Which
 * variables there are is known when a service is declared, so an unknown one is an error then:
 * spec/file.h and spec/json.h report it. Pure functions; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "spec/service.h"

struct base_arena;

/* What is known of an instance when it is started. No text is NULL. */
struct spec_facts {
	const char *id;
	const char *name; /* the instance's label */
	const char *node, *registry, *key_file;
	uint64_t inc;
	uint32_t port;		      /* the one in use; 0: none */
	bool has_state;		      /* which it is to restore */
	const char *parameters_file;  /* its path */
	const struct spec_pair *uses; /* names of `uses`, and HOST:PORT of each that was found */
	size_t nuses;
	const struct spec_pair *secrets; /* variables of `secret`, and what their files contain */
	size_t nsecrets;
	const char *fence_node; /* to be fenced, by this command; NULL: none */
	uint64_t fence_inc;
};

/* Where a text is, on which its variables depend. */
enum spec_expand_where {
	SPEC_EXPAND_VALUE,   /* in `environment` */
	SPEC_EXPAND_COMMAND, /* may use those of `environment`, too */
	SPEC_EXPAND_FENCE,   /* and what is to be fenced */
};

/* Makes the environment of a process of the service: the variables that weft-spec(5) lists,
 * `environment` with variables replaced, and the secrets. Nothing is inherited; PATH has a default.
 * `out` lives in the arena; it is sorted by name. Returns 0, or -ENOMEM. */
int spec_expand_environment(struct spec_pairs *out, struct base_arena *arena,
			    const struct spec_service *s, const struct spec_facts *facts);

/* Makes the text in which the variables of `environment` are replaced. One that is not there
 * becomes nothing: it was found to be one of the service when that was read. Returns 0 with the
 * result in the arena, or -ENOMEM. */
int spec_expand_text(const char **out, struct base_arena *arena, const char *text,
		     const struct spec_pairs *environment);

/* Like spec_expand_text, for all words of a command; a NULL follows the last. */
int spec_expand_command(struct spec_words *out, struct base_arena *arena,
			const struct spec_words *command, const struct spec_pairs *environment);

/* Checks that all variables in `text` are such that a process of the service has. Commands may also
 * use those of `environment`, which themselves may not, and none may use a secret: it would be seen
 * by everybody in the list of processes. Returns 0, or -EINVAL with `error` filled in. */
int spec_expand_check(const struct spec_service *s, const char *text, enum spec_expand_where where,
		      struct base_error *error);
