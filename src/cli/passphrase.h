/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cli/passphrase.h - asking for a passphrase, or reading it from a file. One thread. */
#pragma once

struct cli_options;

/* Reads a passphrase into `out`, which has room for FABRIC_PASSPHRASE_MAX bytes: from the file of
 * --passphrase-file, of WEFT_PASSPHRASE_FILE in the environment, or from `file` (NULL: none), the
 * first of them that is given, else from the terminal after `prompt`. The caller wipes `out`.
 * Returns its length; 0 if there is no terminal; or a negative errno after a message. */
int cli_passphrase_read(const struct cli_options *options, const char *file, const char *prompt,
			char *out);
