/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A supervise/host.h for a bench. */
#pragma once

#include "../child/bench.h"

/* Opens the host; again after bench_host_close(), as a supervisor that follows would. */
void bench_host(struct bench *bench, bool has_groups);
void bench_host_close(struct bench *bench);
