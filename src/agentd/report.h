/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agentd/report.h - problems of the configuration, for people at a terminal. One thread. */
#pragma once

#include "base/error.h"

/* Writes a problem to standard error as compilers do, `FILE:LINE: text`. Fits base_report_fn; `arg`
 * is not used. */
void agentd_report_plain(void *arg, enum base_log_level level, const struct base_error *error);
