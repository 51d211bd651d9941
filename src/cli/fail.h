/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cli/fail.h - what went wrong, for people and in the JSON answer. One thread. */
#pragma once

struct cli_options;

/* Writes the message to standard error and, with --json, an answer with it, as `error` and by its
 * lines as `errors`, to standard output. Returns `status`. */
__attribute__((format(printf, 3, 4))) int cli_fail(const struct cli_options *options, int status,
						   const char *format, ...);
