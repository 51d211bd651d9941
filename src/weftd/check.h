/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/check.h - weftd -t: checking configuration and zone files without serving them. */
#pragma once

/* Loads the configuration at `config_path` with its secrets and zone files, and logs every error
 * and warning. Returns the exit status: 0 if there is no error, else 1. Main thread. */
int weftd_check(const char *config_path);
