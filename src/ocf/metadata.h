/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ocf/metadata.h - what an OCF resource agent writes about itself, as XML: its parameters, its
 * actions and their timeouts.
 *
 * Expat parses it, with limits and without external entities: an agent is a script that somebody
 * has installed, but its text is still input. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct base_error;

struct ocf_parameter {
	char *name;
	char *type;	     /* "string", "integer", "boolean" ...; "" if it has none */
	char *default_value; /* NULL: none */
	char *text;	     /* its short description; "" if it has none */
	bool is_required, is_unique;
};

struct ocf_action {
	char *name;	     /* "start", "monitor" ... */
	uint32_t timeout_ms; /* 0: not given */
	uint32_t interval_ms;
	unsigned depth; /* of a monitor action */
	char *role;	/* "" if for any */
};

struct ocf_metadata {
	char *name, *version, *text;
	struct ocf_parameter *parameters;
	size_t nparameters;
	struct ocf_action *actions;
	size_t nactions;
};

enum { OCF_METADATA_MAX = 1024 * 1024 }; /* bytes of XML */

/* Parses XML. Returns 0 with `out` to be ended by ocf_metadata_fini(), or a negative errno with
 * `error` filled in, with the line in the XML. */
int ocf_metadata_parse(struct ocf_metadata *out, const char *xml, size_t nbytes,
		       struct base_error *error);

void ocf_metadata_fini(struct ocf_metadata *metadata);

/* Returns the action of that name with the least depth and no role, or NULL. */
const struct ocf_action *ocf_metadata_action(const struct ocf_metadata *metadata, const char *name);

/* Returns the parameter, or NULL. */
const struct ocf_parameter *ocf_metadata_parameter(const struct ocf_metadata *metadata,
						   const char *name);

/* Parses a time of the API: "20", "20s", "1min", "500ms", "1h", "20 sec". Returns 0 with
 * milliseconds, or -EINVAL. */
int ocf_metadata_parse_time(uint32_t *out_ms, const char *text);
