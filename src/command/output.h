/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/output.h - writing a long answer to the descriptor of a client, who may be slow.
 *
 * For threads of their own: it blocks as long as the client does not read. */
#pragma once

#include <stddef.h>

struct daemon;

/* Writes all bytes to `fd`. Gives up when weftd stops, since the client may have stopped reading.
 * Returns 0, -ECANCELED if weftd stops, or another negative errno. Any thread. */
int command_output_write(const struct daemon *d, int fd, const void *bytes, size_t nbytes);
