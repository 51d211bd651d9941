/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agentd/check.h - checking a configuration without running it: weft-agentd -t. */
#pragma once

/* Reports everything that is wrong on standard error. Returns the exit status of the program: 0 if
 * weft-agentd would start with the configuration, else 1. */
int agentd_check(const char *config_path);
