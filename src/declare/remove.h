/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* declare/remove.h - planning that something is not declared any more. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "declare/plan.h"

/* What `weft delete` is asked for. */
struct declare_remove {
	char **names; /* services, by name or type, or `schema/NAME` */
	size_t nnames;
	bool *was_found; /* each name was planned for once: what is gone is not missed */
	bool is_forced;	 /* also what others use */
};

/* Plans what a struct declare_remove, `arg`, asks for. A declare_plan_fn. */
void declare_remove_plan(void *arg, struct declare_plan *p);

/* Plans that an instance is declared and assigned no more, and that a whole service or schema is
 * so, with its item. Whether others use it is the caller's to check. */
void declare_remove_instance(struct declare_plan *p, const struct atlas_spec *spec);
void declare_remove_service(struct declare_plan *p, const struct atlas_service *s);
void declare_remove_schema(struct declare_plan *p, const struct atlas_schema *s);
