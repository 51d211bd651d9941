/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/config.h - what a client is configured with: the caller's settings, the environment,
 * client.conf(5).
 *
 * What the caller gives wins, then the environment (but in a set-user-ID program), then the user's
 * file, then the system's. It reads no key, and asks nobody. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "conf/setting.h"
#include "locate/registry.h"
#include "locate/settings.h"

enum {
	LOCATE_STALE_S = 3600, /* the defaults */
	LOCATE_TIMEOUT_S = 5,
	LOCATE_WHERE_MAX = LOCATE_SOURCE_MAX,
};

/* Values with the location that they are from; `text` NULL: not given. A location without line is
 * the name of an environment variable or of what the caller has set. */
struct locate_config {
	struct conf_texts registry;
	struct conf_text domain;
	struct conf_text key_file, key_name;
	struct conf_text public_key;
	struct {
		struct conf_text ca, certificate, key;
	} tls;
	uint32_t mdns; /* bool */
	uint32_t stale_s, timeout_s;
	bool has_mdns, has_stale, has_timeout;
	bool is_insecure;	  /* any server is trusted: only the caller can want that */
	struct base_arena *arena; /* of the texts */
};

/* Reads all. Texts are in the arena, or are the caller's settings. Returns 0, or a negative errno
 * described in `error`, whose text begins with the location. */
int locate_config_read(struct locate_config *out, struct base_arena *arena,
		       const struct locate_settings *settings, struct base_error *error);

/* Writes the location for people: `FILE:3`, or a name. Returns `out`. */
const char *locate_config_where(char out[static LOCATE_WHERE_MAX], const struct base_location *at);

/* Describes an error in the value at `at`: the text of `error` gets the location before it. Returns
 * its code. */
int locate_config_fail(struct base_error *error, const struct base_location *at);
