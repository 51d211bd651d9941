/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tests/unit/page.h - a manual page as text, for tests that compare it with the code. */
#pragma once

/* Returns the source of man/NAME below SRCDIR, or below this folder, as text that the caller frees;
 * NULL if it cannot be read. */
char *page_read(const char *name);
