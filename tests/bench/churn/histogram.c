/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "histogram.h"

#include <stdlib.h>
#include <string.h>

int histogram_init(struct histogram *h)
{
	h->total = 0;
	h->count = calloc(HISTOGRAM_MAX_US + 1, sizeof(*h->count));
	return h->count == NULL ? -1 : 0;
}

void histogram_fini(struct histogram *h)
{
	free(h->count);
}

void histogram_add(struct histogram *h, uint64_t us)
{
	h->count[us < HISTOGRAM_MAX_US ? us : HISTOGRAM_MAX_US]++;
	h->total++;
}

void histogram_clear(struct histogram *h)
{
	memset(h->count, 0, (HISTOGRAM_MAX_US + 1) * sizeof(*h->count));
	h->total = 0;
}

static double percentile_ms(const struct histogram *h, double part)
{
	uint64_t wanted = (uint64_t)(part * (double)h->total), seen = 0;
	uint32_t us = 0;

	for (; us < HISTOGRAM_MAX_US; us++) {
		seen += h->count[us];
		if (seen > wanted || seen == h->total)
			break;
	}
	return us / 1000.0;
}

void histogram_print(const struct histogram *h)
{
	printf("{\"p50\": %.3f, \"p90\": %.3f, \"p99\": %.3f, \"p99.9\": %.3f, \"max\": %.3f}",
	       percentile_ms(h, 0.5), percentile_ms(h, 0.9), percentile_ms(h, 0.99),
	       percentile_ms(h, 0.999), percentile_ms(h, 1));
}
