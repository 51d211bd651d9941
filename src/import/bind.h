/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* import/bind.h - a named.conf becomes a weftd.conf: keys, primary zones, who may update and
 * transfer them. One thread. */
#pragma once

struct import_out;

/* Reads the named.conf at `path` and enters what can be taken over in `o`. All else is reported,
 * with file and line. Returns 0, or -EBADMSG after errors. */
int import_bind(struct import_out *o, const char *path);
