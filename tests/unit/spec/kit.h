/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tests/unit/spec/kit.h - services from texts, and reports that a test can compare. Any function
 * fails the running test on an error that it does not return. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "spec/service.h"

struct kit {
	struct base_arena arena;
	unsigned count;
	char reports[4000]; /* `where:line: text` lines; those of warnings begin with `w ` */
};

void kit_setup(struct kit *kit);
void kit_teardown(struct kit *kit);

/* A base_report_fn; `arg` is the kit. */
void kit_report(void *arg, enum base_log_level level, const struct base_error *error);

/* Reads a service from JSON written with ' for ". Returns NULL if it has errors. */
struct spec_service *kit_service(struct kit *kit, const char *json);
