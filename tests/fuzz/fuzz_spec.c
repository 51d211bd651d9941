/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The rdata of a _spec record: it is a service or it is reported, and a service has one text. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "spec/json.h"
#include "spec/rdata.h"
#include "spec/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *arg, enum base_log_level level, const struct base_error *error)
{
	unsigned *errors = arg;

	if (error->at.file == NULL || error->text[0] == '\0')
		abort();
	*errors += level == BASE_LOG_ERROR;
}

static void text_read(struct base_arena *arena, const char *text, size_t nchars)
{
	struct spec_service *s = NULL, *again = NULL;
	const char *written, *rewritten;
	char cfg[SPEC_CFG_MAX];
	unsigned errors = 0;

	if ((spec_json_read(&s, arena, text, nchars, count, &errors) == 0) != (errors == 0))
		abort();
	if (errors > 0 || spec_json_write(&written, arena, s) != 0)
		return;
	if (spec_json_read(&again, arena, written, strlen(written), count, &errors) != 0 ||
	    spec_json_write(&rewritten, arena, again) != 0 || strcmp(written, rewritten) != 0 ||
	    spec_version_cfg(cfg, again) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[SPEC_RDATA_MAX + 1];
	struct base_arena arena;
	struct base_error error;
	size_t nchars;

	base_arena_init(&arena, 4096);
	if (size <= SPEC_RDATA_MAX &&
	    spec_rdata_read(text, sizeof(text), &nchars, data, size, &error) == 0)
		text_read(&arena, text, nchars);
	if (size < sizeof(text))
		text_read(&arena, (const char *)data, size);
	base_arena_fini(&arena);
	return 0;
}
