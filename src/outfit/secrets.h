/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* outfit/secrets.h - the values of `secret`: files on this node, whose paths alone are declared.
 *
 * No value appears in an error. Any thread; a file on a network may block. */
#pragma once

#include "spec/service.h"

struct base_arena;
struct base_error;

enum { OUTFIT_SECRET_MAX = 65536 }; /* bytes of a value */

/* Reads the files of `declared`, names and paths: a value is the whole file without the end of its
 * last line. `out` lives in the arena, which the caller wipes before it ends. Returns 0, or a
 * negative errno with `error` filled in: "secret NAME: PATH: No such file or directory". */
int outfit_secrets_read(struct spec_pairs *out, struct base_arena *arena,
			const struct spec_pairs *declared, struct base_error *error);
