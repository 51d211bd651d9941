/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* spec/version.h - the keys `cfg` and `ver` of a running instance: by these an agent recognizes
 * whether what runs is what is declared. Any thread. */
#pragma once

#include "spec/service.h"

enum {
	SPEC_CFG_MAX = 17, /* 16 hexadecimal digits and a NUL */
	SPEC_VER_MAX = 65, /* characters of `version`, or 16 digits, and a NUL */
};

/* Writes the hash of the configuration: of the canonical JSON of the service, of which only the
 * options are left whose change makes a restart necessary (spec/diff.h). The same on every machine
 * and in every version of weft. Returns 0, or -ENOMEM. */
int spec_version_cfg(char out[static SPEC_CFG_MAX], const struct spec_service *s);

/* Writes the version: `version` of the service, else a hash of `prepare`, the empty text if there
 * is neither. `prepare` is run again when it changes. Returns 0, or -ENOMEM. */
int spec_version_ver(char out[static SPEC_VER_MAX], const struct spec_service *s);
