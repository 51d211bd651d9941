/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Archives: what is read as whole can be written, and read back as the same. */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "archive/in.h"
#include "archive/out.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a reading hands on is written again. */
struct copy {
	struct archive_out out;
	int fd;
};

static int on_bytes_out(void *arg, const void *bytes, size_t nbytes)
{
	return write(*(int *)arg, bytes, nbytes) == (ssize_t)nbytes ? 0 : -1;
}

static int on_member(void *arg, const char *name, uint64_t nbytes)
{
	struct copy *c = arg;

	/* A member may claim any size; nobody has written that much yet. */
	return archive_out_member(&c->out, name, nbytes);
}

static int on_bytes(void *arg, const void *bytes, size_t nbytes)
{
	struct copy *c = arg;

	return archive_out_bytes(&c->out, bytes, nbytes);
}

static int on_member_end(void *arg)
{
	(void)arg;
	return 0;
}

static int bytes_read(const void *bytes, size_t size, struct copy *c)
{
	const struct archive_in_reader reader = {on_member, on_bytes, on_member_end, c};
	int fd = memfd_create("archive", 0), ret;
	struct base_error error = {.code = 0};

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	c->fd = memfd_create("copy", 0);
	archive_out_begin(&c->out, on_bytes_out, &c->fd, 0);
	ret = archive_in_read(fd, &reader, &error);
	if (ret < 0 && error.text[0] == '\0')
		abort();
	close(fd);
	return ret;
}

static void copy_end(struct copy *c)
{
	archive_out_fini(&c->out);
	close(c->fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct copy first, second;
	off_t nbytes;
	void *bytes;

	if (bytes_read(data, size, &first) == 0) {
		if (archive_out_end(&first.out) != 0)
			abort();
		nbytes = lseek(first.fd, 0, SEEK_END);
		bytes = malloc((size_t)nbytes);
		if (bytes == NULL || pread(first.fd, bytes, (size_t)nbytes, 0) != nbytes ||
		    bytes_read(bytes, (size_t)nbytes, &second) != 0)
			abort();
		free(bytes);
		copy_end(&second);
	}
	copy_end(&first);
	return 0;
}
