/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tests/unit/schema/kit.h - reports that a test can compare. */
#pragma once

#include "base/error.h"

struct kit_reports {
	unsigned count;
	char text[2000]; /* lines of `pointer: text` */
};

/* A base_report_fn; `arg` is a struct kit_reports. */
void kit_report(void *arg, enum base_log_level level, const struct base_error *error);
