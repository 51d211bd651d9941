/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/location.h - a line of a file, as messages name it: FILE:LINE. A view; any thread. */
#pragma once

struct base_location {
	const char *file; /* path as the user gave it; NULL: no file. Borrowed */
	unsigned line;	  /* from 1; 0: the file as a whole */
};
