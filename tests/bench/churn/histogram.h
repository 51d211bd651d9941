/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* histogram.h - how long answers took, to the microsecond. One thread. */
#pragma once

#include <stdint.h>
#include <stdio.h>

enum { HISTOGRAM_MAX_US = 2000000 };

struct histogram {
	uint32_t *count; /* HISTOGRAM_MAX_US + 1, the last for all that took longer */
	uint64_t total;
};

/* Makes an empty histogram. Returns 0, or -1 when memory is short. */
int histogram_init(struct histogram *h);
void histogram_fini(struct histogram *h);

void histogram_add(struct histogram *h, uint64_t us);
void histogram_clear(struct histogram *h);

/* Prints the percentiles as a JSON object, in milliseconds. */
void histogram_print(const struct histogram *h);
