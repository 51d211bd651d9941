/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/confine.h - what weftd gives up before it serves: core dumps, system calls, files.
 *
 * Of files, readable are the folders of the configuration's files, of the key files and zone files,
 * and those of server.read-from; writable are the state folder and the folders of log and control
 * socket.
 * Main thread, before others start. */
#pragma once

struct settings;

/* Gives up all that weftd does not need, as far as the kernel can (process/confine.h). What fails
 * is logged, and is then not given up. */
void weftd_confine(const struct settings *config);
