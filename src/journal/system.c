/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "journal/system.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* open() itself takes a variable number of arguments. */
static int system_open(const char *path, int flags, mode_t mode)
{
	return open(path, flags, mode);
}

const struct journal_system journal_system = {
	.open = system_open,
	.pwritev = pwritev,
	.fdatasync = fdatasync,
	.fsync = fsync,
	.fallocate = fallocate,
	.rename = rename,
	.unlink = unlink,
};
