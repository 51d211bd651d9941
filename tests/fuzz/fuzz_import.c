/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Configurations of BIND and Knot, by the first byte: each is imported or has a reported error, and
 * what is imported can be written. */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "import/bind.h"
#include "import/knot.h"
#include "import/out.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *arg, enum base_log_level level, const struct base_error *error)
{
	if (error->text[0] == '\0')
		abort();
	*(unsigned *)arg += level == BASE_LOG_ERROR;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct import_tree tree;
	struct import_out out;
	char path[40], *text = NULL;
	unsigned errors = 0;
	size_t ntext;
	FILE *stream;
	int fd, ret;

	/* Other files of the machine are not part of the case. */
	if (size < 2 || memmem(data, size, "nclude", 6) != NULL ||
	    memmem(data, size, "NCLUDE", 6) != NULL)
		return 0;
	fd = memfd_create("import", 0);
	if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)(size - 1))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	import_tree_init(&tree, count, &errors);
	import_out_init(&out, &tree);
	ret = data[0] % 2 == 0 ? import_bind(&out, path) : import_knot(&out, path);
	if ((ret == 0) != (errors == 0))
		abort();
	stream = open_memstream(&text, &ntext);
	if (stream == NULL || (ret == 0 && import_out_write(&out, stream, path) != 0))
		abort();
	fclose(stream);
	free(text);
	import_out_fini(&out);
	import_tree_fini(&tree);
	close(fd);
	return 0;
}
