/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "bench_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "supervise/host.h"

void bench_host_close(struct bench *bench)
{
	supervise_host_close(bench->host);
	bench->host = NULL;
	bench->end = NULL;
}

void bench_host(struct bench *bench, bool has_groups)
{
	struct supervise_host_settings settings = {
		.folder = bench->folder,
		.group = has_groups ? bench->group : NULL,
	};
	struct base_error error;

	if (supervise_host_open(&bench->host, bench->loop, &settings, &error) < 0)
		fail_msg("%s", error.text);
	bench->end = bench_host_close;
}
