/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/secret.h"

static int failed(const struct spec_pair *secret, int code, struct base_error *error)
{
	return base_error_set(error, code, "secret %s: %s: %s", secret->name, secret->value,
			      strerror(-code));
}

/* Opens a regular file: a FIFO would never end. */
static int file_open(const struct spec_pair *secret, struct base_error *error)
{
	int fd = open(secret->value, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return failed(secret, -errno, error);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return base_error_set(error, -EINVAL, "secret %s: %s: not a regular file", secret->name,
			      secret->value);
}

/* Removes the end of the last line. Returns the length that is left. */
static size_t line_end_strip(char *value, size_t nbytes)
{
	if (nbytes > 0 && value[nbytes - 1] == '\n')
		nbytes--;
	if (nbytes > 0 && value[nbytes - 1] == '\r')
		nbytes--;
	value[nbytes] = '\0';
	return nbytes;
}

/* Reads one value, into `bytes` of OUTFIT_SECRET_MAX + 1. */
static int value_read(char *bytes, const struct spec_pair *secret, struct base_error *error)
{
	int fd = file_open(secret, error);
	size_t n = 0;
	ssize_t one;

	if (fd < 0)
		return fd;
	do {
		one = read(fd, bytes + n, OUTFIT_SECRET_MAX + 1 - n);
		n += one > 0 ? (size_t)one : 0;
	} while ((one > 0 && n <= OUTFIT_SECRET_MAX) || (one < 0 && errno == EINTR));
	close(fd);
	if (one < 0)
		return failed(secret, -errno, error);
	if (n > OUTFIT_SECRET_MAX)
		return base_error_set(error, -E2BIG, "secret %s: %s: more than %d bytes",
				      secret->name, secret->value, OUTFIT_SECRET_MAX);
	if (memchr(bytes, '\0', n) != NULL)
		return base_error_set(error, -EINVAL,
				      "secret %s: %s: a zero byte cannot be in a variable",
				      secret->name, secret->value);
	line_end_strip(bytes, n);
	return 0;
}

int outfit_secrets_read(struct spec_pairs *out, struct base_arena *arena,
			const struct spec_pairs *declared, struct base_error *error)
{
	struct spec_pair *items = base_arena_alloc(arena, (declared->count + 1) * sizeof(*items));
	char bytes[OUTFIT_SECRET_MAX + 1];
	int ret = items != NULL ? 0 : base_error_set(error, -ENOMEM, "out of memory");

	for (size_t i = 0; i < declared->count && ret == 0; i++) {
		ret = value_read(bytes, &declared->items[i], error);
		if (ret < 0)
			break;
		items[i].name = declared->items[i].name;
		items[i].value = base_arena_copy(arena, bytes, strlen(bytes) + 1);
		if (items[i].value == NULL)
			ret = base_error_set(error, -ENOMEM, "out of memory");
	}
	base_secret_wipe(bytes, declared->count > 0 ? sizeof(bytes) : 0);
	if (ret == 0)
		*out = (struct spec_pairs){items, declared->count};
	return ret;
}
