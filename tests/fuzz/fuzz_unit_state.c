/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The state of a unit: lines that are given the right checksum, or a file as it is. What was read
 * is written and read again. */

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "scratch.h"
#include "supervise/state.h"

enum { SEED = 14, BYTES_MAX = 8192 }; /* as in supervise/state.c */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[BYTES_MAX], path[SCRATCH_PATH_MAX + 8];
	struct supervise_state state, again;
	int n;

	if (size == 0)
		return 0;
	snprintf(path, sizeof(path), "%s/it", scratch_folder());
	n = snprintf(text, sizeof(text), "weft-unit 1\n%.*s", (int)size - 1,
		     (const char *)data + 1);
	if ((data[0] & 1) != 0 && n < BYTES_MAX - 64) {
		n += sprintf(text + n, "checksum %016" PRIx64 "\n",
			     base_checksum(text, (size_t)n, SEED));
		scratch_write("it", text, (size_t)n);
	} else {
		scratch_write("it", data + 1, size - 1);
	}
	if (supervise_state_read(&state, path, NULL) < 0)
		return 0;
	if (supervise_state_write(path, &state) == 0 &&
	    (supervise_state_read(&again, path, NULL) < 0 || again.nsockets != state.nsockets ||
	     again.nrestarts != state.nrestarts))
		abort();
	return 0;
}
