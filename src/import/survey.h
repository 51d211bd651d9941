/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* import/survey.h - whether a zone's file is one that weftd can serve as the other server did. One
 * thread. */
#pragma once

struct import_out;
struct import_zone;

/* Reads the zone's file, and looks for what the other server left beside it. Reports what is wrong
 * with it: missing, with errors, not text, signed, with a journal. */
void import_survey(struct import_out *o, const struct import_zone *z);
