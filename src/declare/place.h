/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* declare/place.h - planning which node an instance runs on. One thread. */
#pragma once

#include <stdbool.h>

#include "declare/plan.h"

/* What `weft place` is asked for. */
struct declare_place {
	const char *instance; /* web-1, web-1._http._tcp, or with the zone */
	const char *node;     /* a label; NULL: none */
	bool is_forced;	      /* also on a node that is not in `on` */
};

/* Plans what a struct declare_place, `arg`, asks for. A declare_plan_fn. */
void declare_place_plan(void *arg, struct declare_plan *p);
