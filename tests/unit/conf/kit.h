/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tests/unit/conf/kit.h - a reader whose reports a test can compare. */
#pragma once

#include "base/arena.h"
#include "conf/reader.h"

struct kit {
	struct base_arena arena;
	struct conf_reader reader;
	char reports[4000]; /* `line: text` lines; those of warnings begin with `w ` */
};

/* Prepares a reader for the table and the struct that it describes. The struct is zeroed. */
void kit_setup(struct kit *kit, const struct conf_setting *table, void *base, size_t size);

/* Ends the reading and frees all memory. Returns what conf_reader_end() returned. */
int kit_teardown(struct kit *kit);
