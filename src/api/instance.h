/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* api/instance.h - instances as callers of libweft have them, and as the rooms below do.
 *
 * A struct weft_instance is a struct find_instance: the conversions cost nothing. Any thread. */
#pragma once

#include <weft/find.h>

#include "find/find.h"
#include "find/instance.h"

struct weft_instances {
	struct find_set set;
};

static inline const struct find_instance *api_instance_in(const struct weft_instance *i)
{
	return (const struct find_instance *)i;
}

static inline const struct weft_instance *api_instance_out(const struct find_instance *i)
{
	return (const struct weft_instance *)i;
}
