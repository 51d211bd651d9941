/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/stamps.h"

#include <stdlib.h>

struct zone_stamps *zone_stamps_new(uint64_t nnames)
{
	uint64_t buckets = 256;
	struct zone_stamps *t;

	while (buckets < nnames / 4 && buckets < 1 << 19)
		buckets *= 2;
	t = calloc(1, sizeof(*t) + buckets * sizeof(*t->version));
	if (t != NULL)
		t->mask = buckets - 1;
	return t;
}
