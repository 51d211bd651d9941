/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* declare/apply.h - planning that what is in files is declared in the zone, and the rest of it as
 * before. One thread. */
#pragma once

#include <stdbool.h>

#include "declare/plan.h"
#include "spec/file.h"

/* What `weft apply` is asked for. */
struct declare_apply {
	const struct spec_set *set;
	bool is_pruned; /* what is not in the files is deleted */
	bool is_forced; /* also what others use */
};

/* Plans what a struct declare_apply, `arg`, asks for: `_spec` records of all instances, schemas,
 * and the assignment of services that are `on` a single node. A declare_plan_fn. */
void declare_apply_plan(void *arg, struct declare_plan *p);
