/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The file of a history: lines that are given their checksums, or a file as it is. What was read is
 * written anew, and read again as the same. */

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "history/content.h"
#include "history/event.h"
#include "history/file.h"
#include "scratch.h"

enum { SEED = 0x68697374, BYTES_MAX = 65536 }; /* as in history/file.c */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes the lines with their checksums. */
static size_t lines_write(char *out, const char *data, size_t size)
{
	size_t n = 0;

	while (size > 0) {
		const char *end = memchr(data, '\n', size);
		size_t nline = end != NULL ? (size_t)(end - data) : size;

		if (n + nline + 20 > BYTES_MAX)
			break;
		n += (size_t)sprintf(out + n, "%016" PRIx64 " ", base_checksum(data, nline, SEED));
		memcpy(out + n, data, nline);
		n += nline;
		out[n++] = '\n';
		nline += end != NULL;
		data += nline;
		size -= nline;
	}
	return n;
}

static struct history_file *file_open(struct history_content *content)
{
	struct history_file *f;
	struct base_error error;
	bool is_damaged;

	history_content_init(content);
	if (history_file_open(&f, scratch_folder(), content, &is_damaged, &error) < 0)
		abort();
	return f;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char lines[BYTES_MAX];
	struct history_content content, again;
	struct history_file *f;

	if (size == 0)
		return 0;
	if ((data[0] & 1) != 0)
		scratch_write("history", lines,
			      lines_write(lines, (const char *)data + 1, size - 1));
	else
		scratch_write("history", data + 1, size - 1);
	f = file_open(&content);
	if (content.nspans > 0) {
		if (history_file_write(f, &content) < 0)
			abort();
		history_file_close(f);
		f = file_open(&again);
		if (again.nspans != content.nspans || again.nwaiting != content.nwaiting ||
		    history_content_nthere(&again) != history_content_nthere(&content))
			abort();
		history_content_fini(&again);
	}
	history_content_fini(&content);
	history_file_close(f);
	return 0;
}
