/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <unistd.h>

#include "daemon/daemon.h"

enum { POLL_MS = 200 };

/* A pipe that polls writable takes PIPE_BUF bytes without blocking. */
int command_output_write(const struct daemon *d, int fd, const void *bytes, size_t nbytes)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	const uint8_t *at = bytes;

	while (nbytes > 0) {
		ssize_t n;

		if (atomic_load_explicit(&d->is_stopping, memory_order_relaxed))
			return -ECANCELED;
		if (poll(&p, 1, POLL_MS) == 0)
			continue;
		n = write(fd, at, nbytes < PIPE_BUF ? nbytes : PIPE_BUF);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n > 0) {
			at += n;
			nbytes -= (size_t)n;
		}
	}
	return 0;
}
