/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/confine.h - which files weftd can still use once it runs.
 *
 * Readable are the folders of the configuration's files, of the key files and zone files, and those
 * of server.read-from; writable are the state folder and the folders of log and control socket.
 * Main thread, before others start. */
#pragma once

struct settings;

/* Gives up all other files, if the kernel can (process/confine.h). A failure is logged; then nothing
 * is restricted. */
void weftd_confine_files(const struct settings *config);
