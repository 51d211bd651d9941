/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd.conf: a configuration that is loaded is complete, and one that is not is reported. */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "settings/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *arg, enum base_log_level level, const struct base_error *error)
{
	unsigned *errors = arg;

	if (error->at.file == NULL || error->text[0] == '\0')
		abort();
	*errors += level == BASE_LOG_ERROR;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("config", 0);
	struct settings *config;
	unsigned errors = 0;
	char path[40];
	int ret;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ret = settings_load(&config, path, count, &errors);
	if ((ret == 0) != (errors == 0) || (ret == 0) != (config != NULL))
		abort();
	settings_free(config);
	close(fd);
	return 0;
}
