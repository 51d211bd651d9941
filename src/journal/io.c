/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "journal/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "journal/system.h"

enum {
	PIECES_MAX = 1024, /* IOV_MAX of Linux */
	ZEROES = 64 * 1024,
	ZERO_PIECES = 16,
};

/* Takes `nbytes` off the front of the pieces. Returns how many pieces are used up. */
static size_t pieces_use(struct iovec *pieces, size_t npieces, size_t nbytes)
{
	size_t i = 0;

	while (i < npieces && nbytes >= pieces[i].iov_len) {
		nbytes -= pieces[i].iov_len;
		i++;
	}
	if (i < npieces) {
		pieces[i].iov_base = (char *)pieces[i].iov_base + nbytes;
		pieces[i].iov_len -= nbytes;
	}
	return i;
}

int journal_io_write(int fd, struct iovec *pieces, size_t npieces, uint64_t at)
{
	while (npieces > 0) {
		int count = npieces < PIECES_MAX ? (int)npieces : PIECES_MAX;
		ssize_t n = journal_system.pwritev(fd, pieces, count, (off_t)at);
		size_t used;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		used = pieces_use(pieces, npieces, (size_t)n);
		/* Nothing was written of a piece that is not empty: the disk takes no more. */
		if (n == 0 && used == 0)
			return -EIO;
		pieces += used;
		npieces -= used;
		at += (uint64_t)n;
	}
	return 0;
}

/* Copies the next bytes of the pieces, from byte `*skip` of piece `*piece` on, to `buffer`. Returns
 * how many, and moves both on. */
static size_t pieces_copy(uint8_t *buffer, const struct iovec *pieces, size_t npieces,
			  size_t *piece, size_t *skip)
{
	size_t fill = 0;

	while (*piece < npieces && fill < JOURNAL_IO_DIRECT) {
		size_t left = pieces[*piece].iov_len - *skip;
		size_t n = left < JOURNAL_IO_DIRECT - fill ? left : JOURNAL_IO_DIRECT - fill;

		if (n > 0)
			memcpy(buffer + fill, (const char *)pieces[*piece].iov_base + *skip, n);
		fill += n;
		*skip += n;
		if (n == left) {
			(*piece)++;
			*skip = 0;
		}
	}
	return fill;
}

int journal_io_write_direct(int fd, void *buffer, const struct iovec *pieces, size_t npieces,
			    uint64_t at)
{
	size_t piece = 0, skip = 0;
	int ret = 0;

	while (piece < npieces && ret == 0) {
		size_t n = pieces_copy(buffer, pieces, npieces, &piece, &skip);
		struct iovec whole = {buffer, n};

		ret = journal_io_write(fd, &whole, 1, at);
		at += n;
	}
	return ret;
}

int journal_io_write_zeroes(int fd, uint64_t at, uint64_t nbytes)
{
	static _Alignas(JOURNAL_IO_ALIGNED) char zeroes[ZEROES];
	struct iovec pieces[ZERO_PIECES];
	int ret = 0;

	while (nbytes > 0 && ret == 0) {
		size_t npieces = 0;
		uint64_t n = 0;

		while (npieces < ZERO_PIECES && n < nbytes) {
			size_t length = nbytes - n < ZEROES ? (size_t)(nbytes - n) : ZEROES;

			pieces[npieces++] = (struct iovec){zeroes, length};
			n += length;
		}
		ret = journal_io_write(fd, pieces, npieces, at);
		at += n;
		nbytes -= n;
	}
	return ret;
}

int journal_io_read(int fd, void *bytes, size_t nbytes, uint64_t at)
{
	char *p = bytes;

	while (nbytes > 0) {
		ssize_t n = pread(fd, p, nbytes, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -ENODATA;
		p += n;
		at += (uint64_t)n;
		nbytes -= (size_t)n;
	}
	return 0;
}

int journal_io_sync_folder(const char *path)
{
	int fd = journal_system.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	int ret;

	if (fd < 0)
		return -errno;
	ret = journal_system.fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

int journal_io_rename(const char *folder, const char *from, const char *to)
{
	if (journal_system.rename(from, to) < 0)
		return -errno;
	return journal_io_sync_folder(folder);
}

int journal_io_put_file(const char *folder, const char *path, const void *bytes, size_t nbytes)
{
	char temporary[PATH_MAX];
	struct iovec piece = {(void *)bytes,
			      nbytes}; /* an iovec has no const; writing only reads */
	int fd, ret;

	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = journal_system.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	ret = journal_io_write(fd, &piece, 1, 0);
	if (ret == 0 && journal_system.fsync(fd) < 0)
		ret = -errno;
	close(fd);
	if (ret == 0)
		ret = journal_io_rename(folder, temporary, path);
	if (ret < 0)
		journal_system.unlink(temporary);
	return ret;
}
