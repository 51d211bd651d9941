/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "archive/out.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

enum { LINE_MAX_BYTES = 16 + 1 + 20 + 1 + ARCHIVE_NAME_MAX + 1 };

static const uint8_t zeroes[2 * ARCHIVE_BLOCK];

void archive_out_begin(struct archive_out *a, archive_bytes_fn on_bytes, void *arg, uint64_t time_s)
{
	*a = (struct archive_out){.on_bytes = on_bytes, .arg = arg, .time_s = time_s};
}

static int put(struct archive_out *a, const void *bytes, size_t nbytes)
{
	a->total += nbytes;
	return nbytes == 0 ? 0 : a->on_bytes(a->arg, bytes, nbytes);
}

/* Ends the member whose last byte was written: adds its line, and pads it. */
static int member_end(struct archive_out *a)
{
	char *grown = base_grow_bytes((uint8_t *)a->sums, a->nsums, &a->capacity, LINE_MAX_BYTES);

	if (grown == NULL)
		return -ENOMEM;
	a->sums = grown;
	a->nsums += (size_t)snprintf(a->sums + a->nsums, LINE_MAX_BYTES,
				     "%016" PRIx64 " %" PRIu64 " %s\n",
				     base_checksum_end(&a->checksum), a->member.nbytes,
				     a->member.name);
	return put(a, zeroes, archive_header_padding(a->member.nbytes));
}

int archive_out_member(struct archive_out *a, const char *name, uint64_t nbytes)
{
	uint8_t header[ARCHIVE_HEADER_MAX];
	int ret;

	assert(a->left == 0);
	a->member = (struct archive_header){.nbytes = nbytes, .time_s = a->time_s};
	if (snprintf(a->member.name, sizeof(a->member.name), "%s", name) >=
	    (int)sizeof(a->member.name))
		return -ENAMETOOLONG;
	a->left = nbytes;
	base_checksum_begin(&a->checksum, 0);
	ret = put(a, header, archive_header_write(&a->member, header));
	return ret == 0 && nbytes == 0 ? member_end(a) : ret;
}

int archive_out_bytes(struct archive_out *a, const void *bytes, size_t nbytes)
{
	int ret;

	assert(nbytes <= a->left);
	if (nbytes == 0)
		return 0;
	base_checksum_add(&a->checksum, bytes, nbytes);
	a->left -= nbytes;
	ret = put(a, bytes, nbytes);
	return ret == 0 && a->left == 0 ? member_end(a) : ret;
}

int archive_out_text(struct archive_out *a, const char *name, const char *text)
{
	int ret = archive_out_member(a, name, strlen(text));

	return ret < 0 ? ret : archive_out_bytes(a, text, strlen(text));
}

int archive_out_end(struct archive_out *a)
{
	size_t nsums = a->nsums;
	char *sums = a->sums;
	int ret;

	/* The line of the checksums themselves is not written any more. */
	a->sums = NULL;
	a->nsums = a->capacity = 0;
	ret = archive_out_member(a, ARCHIVE_OUT_SUMS, nsums);
	if (ret == 0)
		ret = archive_out_bytes(a, sums, nsums);
	free(sums);
	return ret < 0 ? ret : put(a, zeroes, sizeof(zeroes));
}

void archive_out_fini(struct archive_out *a)
{
	free(a->sums);
	a->sums = NULL;
}
