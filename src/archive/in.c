/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "archive/in.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/out.h"
#include "base/checksum.h"
#include "base/grow.h"

enum {
	BUFFER = 256 << 10,
	SUMS_MAX = 64 << 20, /* bytes of the checksums */
};

struct archive_in {
	int fd;
	const struct archive_in_reader *reader;
	struct base_error *error;
	uint8_t *buffer; /* BUFFER bytes */
	struct archive_out found; /* its lines are what the checksums must be */
};

static int fail(struct archive_in *a, const char *text)
{
	return base_error_set(a->error, -EBADMSG, "%s", text);
}

/* Reads exactly `nbytes`. */
static int take(struct archive_in *a, void *bytes, size_t nbytes)
{
	char *p = bytes;

	while (nbytes > 0) {
		ssize_t n = read(a->fd, p, nbytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return base_error_set(a->error, -errno, "cannot be read: %s",
					      strerror(errno));
		if (n == 0)
			return fail(a, "is not complete: its end is missing");
		p += n;
		nbytes -= (size_t)n;
	}
	return 0;
}

static int padding_skip(struct archive_in *a, uint64_t nbytes)
{
	uint8_t zeroes[ARCHIVE_BLOCK];

	return take(a, zeroes, archive_header_padding(nbytes));
}

/* Reads the extended header that `h` is of, and the header after it, into `h`. */
static int extended_read(struct archive_in *a, struct archive_header *h)
{
	char content[2 * ARCHIVE_BLOCK];
	uint8_t block[ARCHIVE_BLOCK];
	uint64_t nbytes = h->nbytes;
	int ret;

	if (nbytes > sizeof(content))
		return fail(a, "is damaged: a header is too long");
	ret = take(a, content, nbytes);
	if (ret == 0)
		ret = padding_skip(a, nbytes);
	if (ret == 0)
		ret = take(a, block, sizeof(block));
	if (ret < 0)
		return ret;
	if (archive_header_parse(h, block) != ARCHIVE_HEADER_FILE ||
	    !archive_header_extend(h, content, nbytes))
		return fail(a, "is damaged: a header cannot be read");
	return 0;
}

static int sink(void *arg, const void *bytes, size_t nbytes)
{
	(void)arg;
	(void)bytes;
	(void)nbytes;
	return 0;
}

/* Reads the content of a member and hands it on. The member is written again, to nowhere, so that
 * its line is among those that the checksums are compared with. */
static int content_read(struct archive_in *a, const struct archive_header *h)
{
	uint64_t left = h->nbytes;
	int ret = archive_out_member(&a->found, h->name, h->nbytes);

	if (ret == 0)
		ret = a->reader->on_member(a->reader->arg, h->name, h->nbytes);
	while (ret == 0 && left > 0) {
		size_t n = left < BUFFER ? (size_t)left : BUFFER;

		ret = take(a, a->buffer, n);
		if (ret == 0)
			ret = archive_out_bytes(&a->found, a->buffer, n);
		if (ret == 0)
			ret = a->reader->on_bytes(a->reader->arg, a->buffer, n);
		left -= n;
	}
	if (ret == 0)
		ret = a->reader->on_member_end(a->reader->arg);
	return ret < 0 ? ret : padding_skip(a, h->nbytes);
}

/* Reads the checksums and compares them with what was found. */
static int sums_check(struct archive_in *a, const struct archive_header *h)
{
	char *sums;
	int ret;

	if (h->nbytes > SUMS_MAX)
		return fail(a, "is damaged: its checksums are too long");
	sums = malloc(h->nbytes + 1);
	if (sums == NULL)
		return -ENOMEM;
	ret = take(a, sums, h->nbytes);
	if (ret == 0 && (h->nbytes != a->found.nsums || a->found.sums == NULL ||
			 memcmp(sums, a->found.sums, h->nbytes) != 0))
		ret = fail(a, "is damaged: its checksums do not agree");
	free(sums);
	return ret;
}

/* Reads members up to the checksums. */
static int members_read(struct archive_in *a)
{
	uint8_t block[ARCHIVE_BLOCK];
	struct archive_header h;

	for (;;) {
		int ret = take(a, block, sizeof(block));

		if (ret < 0)
			return ret;
		switch (archive_header_parse(&h, block)) {
		case ARCHIVE_HEADER_FILE:
			break;
		case ARCHIVE_HEADER_EXTENDED:
			ret = extended_read(a, &h);
			break;
		case ARCHIVE_HEADER_END:
			return fail(a, "is not complete: its checksums are missing");
		default:
			return fail(a, "is not a backup, or is damaged");
		}
		if (ret < 0)
			return ret;
		if (strcmp(h.name, ARCHIVE_OUT_SUMS) == 0)
			return sums_check(a, &h);
		ret = content_read(a, &h);
		if (ret < 0)
			return ret;
	}
}

int archive_in_read(int fd, const struct archive_in_reader *reader, struct base_error *error)
{
	struct archive_in a = {.fd = fd, .reader = reader, .error = error};
	int ret = -ENOMEM;

	archive_out_begin(&a.found, sink, NULL, 0);
	a.buffer = malloc(BUFFER);
	if (a.buffer != NULL)
		ret = members_read(&a);
	free(a.buffer);
	archive_out_fini(&a.found);
	return ret;
}
