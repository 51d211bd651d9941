/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* spec/check.h - whether the options of a declared service make sense together, and whether one
 * contains what looks like a secret: everybody can read a zone. Within the room only. Reports by a
 * reader (conf/reader.h); one thread for it. */
#pragma once

#include <stdbool.h>

#include "base/location.h"

struct conf_reader;

/* Checks a service, a struct spec_service, that was read from the mapping at `at`. A
 * conf_check_fn. */
void spec_check_service(struct conf_reader *r, const struct base_location *at, const void *fields);

/* Checks a name and its value in `environment`, `secret` or `text`. Returns false after reporting
 * an error. */
bool spec_check_pair(struct conf_reader *r, const char *option, const struct base_location *at,
		     const char *name, const char *value);
