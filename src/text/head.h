/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/head.h - files that are taken for zone files, and are recognised by how they begin. No
 * state, any thread. */
#pragma once

#include <stddef.h>

/* The first line of a dump of a zone in which keys own names. */
#define TEXT_HEAD_DUMP                                                                             \
	"; weft zone dump: a copy to read, not a zone file; weft backup and weft restore keep "    \
	"owners and leases\n"

/* Judges the first bytes of a file, as many as there are. Returns what is wrong with reading it as
 * a zone file, or NULL. */
const char *text_head_judge(const char *bytes, size_t nbytes);
