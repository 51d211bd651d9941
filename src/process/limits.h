/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* process/limits.h - limits of the kernel that a daemon changes for itself at its start. Before
 * there are threads. */
#pragma once

/* Lets the process open as many files as the administrator permits: the usual limit, which programs
 * may raise, is too low for a daemon of many connections or services. If that fails it remains. */
void process_limits_raise_files(void);
