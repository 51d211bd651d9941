/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "disk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal/system.h"

enum { SECTOR = 512, PAGE = 4096, FD_MAX = 4096, FILES_MAX = 4096, FOLDER = -2, UNKNOWN = -1 };

enum what { CREATE, TRUNCATE, WRITE, GROW, SYNC, SYNC_FAILED, RENAME, UNLINK };

struct step {
	enum what what;
	int file;	 /* its number, or FOLDER */
	char *from, *to; /* names in the folder */
	uint64_t at, nbytes;
	uint8_t *bytes;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum { SYSTEM, REMEMBERING, WITHOUT_SYNC } mode;
static struct step *steps;
static size_t nsteps_now, steps_capacity;
static int file_of_fd[FD_MAX];
static char *name_of_file[FILES_MAX]; /* as it is now; NULL: no such name any more */
static int nfiles;
static struct {
	int error;
	unsigned after, count;
	bool is_of_thread; /* only calls of this one fail */
	pthread_t thread;
} failures[DISK_CALLS];
static size_t short_write;
static bool is_direct[FD_MAX];
static enum disk_direct direct;
static size_t ndirect;

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static struct step *step_add(enum what what, int file)
{
	if (nsteps_now == steps_capacity) {
		steps_capacity = steps_capacity * 2 + 1024;
		steps = realloc(steps, steps_capacity * sizeof(*steps));
		assert(steps != NULL);
	}
	steps[nsteps_now] = (struct step){.what = what, .file = file};
	return &steps[nsteps_now++];
}

static int file_named(const char *name)
{
	for (int i = 0; i < nfiles; i++)
		if (name_of_file[i] != NULL && strcmp(name_of_file[i], name) == 0)
			return i;
	return UNKNOWN;
}

/* Returns whether this call is to fail. */
static bool fails(enum disk_call call)
{
	if (failures[call].count == 0 ||
	    (failures[call].is_of_thread && !pthread_equal(failures[call].thread, pthread_self())))
		return false;
	if (failures[call].after > 0) {
		failures[call].after--;
		return false;
	}
	failures[call].count--;
	errno = failures[call].error;
	return true;
}

/* Opens the file without the page cache as far as the system can: the test writes whole blocks
 * only. */
static int open_really(const char *path, int flags, mode_t permissions)
{
	if ((flags & O_CREAT) && fails(DISK_OPEN))
		return -1;
	if ((flags & O_DIRECT) && direct == DISK_DIRECT_NOT_OPENED) {
		errno = EINVAL;
		return -1;
	}
	return open(path, flags & ~O_DIRECT, permissions);
}

static int disk_open(const char *path, int flags, mode_t permissions)
{
	const char *name = base_name(path);
	int fd, file;

	if (mode != REMEMBERING)
		return open(path, flags, permissions);
	pthread_mutex_lock(&lock);
	fd = open_really(path, flags, permissions);
	if (fd >= 0) {
		assert(fd < FD_MAX);
		is_direct[fd] = (flags & O_DIRECT) != 0;
		file = flags & O_DIRECTORY ? FOLDER : file_named(name);
		if (file == UNKNOWN && (flags & O_CREAT)) {
			assert(nfiles < FILES_MAX);
			file = nfiles++;
			name_of_file[file] = strdup(name);
			step_add(CREATE, file)->to = strdup(name);
		} else if (file >= 0 && (flags & O_TRUNC)) {
			step_add(TRUNCATE, file);
		}
		file_of_fd[fd] = file;
	}
	pthread_mutex_unlock(&lock);
	return fd;
}

/* Returns whether a disk of large blocks takes this direct write. */
static bool is_aligned(const struct iovec *pieces, int npieces, off_t at)
{
	uintptr_t bits = (uintptr_t)at;

	for (int i = 0; i < npieces; i++)
		bits |= (uintptr_t)pieces[i].iov_base | pieces[i].iov_len;
	return bits % PAGE == 0;
}

/* A copy of the pieces in one. */
static uint8_t *pieces_join(const struct iovec *pieces, int npieces, size_t *total)
{
	uint8_t *bytes;

	*total = 0;
	for (int i = 0; i < npieces; i++)
		*total += pieces[i].iov_len;
	bytes = malloc(*total + 1);
	assert(bytes != NULL);
	*total = 0;
	for (int i = 0; i < npieces; i++) {
		memcpy(bytes + *total, pieces[i].iov_base, pieces[i].iov_len);
		*total += pieces[i].iov_len;
	}
	return bytes;
}

static ssize_t disk_pwritev(int fd, const struct iovec *pieces, int npieces, off_t at)
{
	size_t total, most;
	uint8_t *bytes;
	ssize_t n;
	bool is_failing;

	if (mode != REMEMBERING)
		return pwritev(fd, pieces, npieces, at);
	pthread_mutex_lock(&lock);
	if (is_direct[fd] && (direct != DISK_DIRECT || !is_aligned(pieces, npieces, at))) {
		pthread_mutex_unlock(&lock);
		errno = EINVAL;
		return -1;
	}
	ndirect += is_direct[fd];
	bytes = pieces_join(pieces, npieces, &total);
	is_failing = fails(DISK_WRITE);
	most = is_failing				? total / 2
	       : short_write > 0 && short_write < total ? short_write
							: total;
	n = pwrite(fd, bytes, most, at);
	assert(n == (ssize_t)most);
	if (file_of_fd[fd] >= 0) {
		struct step *s = step_add(WRITE, file_of_fd[fd]);

		s->at = (uint64_t)at;
		s->nbytes = most;
		s->bytes = bytes;
	} else {
		free(bytes);
	}
	if (is_failing)
		errno = failures[DISK_WRITE].error;
	pthread_mutex_unlock(&lock);
	return is_failing ? -1 : n;
}

static int sync_step(int fd, enum disk_call call)
{
	bool is_failing;

	pthread_mutex_lock(&lock);
	is_failing = fails(call);
	step_add(is_failing ? SYNC_FAILED : SYNC, file_of_fd[fd]);
	if (is_failing)
		errno = failures[call].error;
	pthread_mutex_unlock(&lock);
	return is_failing ? -1 : 0;
}

static int disk_fdatasync(int fd)
{
	return mode == SYSTEM	      ? fdatasync(fd)
	       : mode == WITHOUT_SYNC ? 0
				      : sync_step(fd, DISK_FDATASYNC);
}

static int disk_fsync(int fd)
{
	return mode == SYSTEM ? fsync(fd) : mode == WITHOUT_SYNC ? 0 : sync_step(fd, DISK_FSYNC);
}

static int disk_fallocate(int fd, int how, off_t at, off_t nbytes)
{
	int ret = -1;

	if (mode != REMEMBERING)
		return fallocate(fd, how, at, nbytes);
	pthread_mutex_lock(&lock);
	if (!fails(DISK_FALLOCATE))
		ret = fallocate(fd, how, at, nbytes);
	if (ret == 0 && file_of_fd[fd] >= 0)
		step_add(GROW, file_of_fd[fd])->nbytes = (uint64_t)(at + nbytes);
	pthread_mutex_unlock(&lock);
	return ret;
}

static int disk_rename(const char *from, const char *to)
{
	int file, over, ret = -1;

	if (mode != REMEMBERING)
		return rename(from, to);
	pthread_mutex_lock(&lock);
	if (!fails(DISK_RENAME))
		ret = rename(from, to);
	if (ret == 0) {
		struct step *s;

		file = file_named(base_name(from));
		over = file_named(base_name(to));
		assert(file >= 0);
		if (over >= 0) {
			free(name_of_file[over]);
			name_of_file[over] = NULL;
		}
		free(name_of_file[file]);
		name_of_file[file] = strdup(base_name(to));
		s = step_add(RENAME, file);
		s->from = strdup(base_name(from));
		s->to = strdup(base_name(to));
	}
	pthread_mutex_unlock(&lock);
	return ret;
}

static int disk_unlink(const char *path)
{
	int ret, file;

	if (mode != REMEMBERING)
		return unlink(path);
	pthread_mutex_lock(&lock);
	ret = unlink(path);
	file = file_named(base_name(path));
	if (ret == 0 && file >= 0) {
		step_add(UNLINK, file)->from = strdup(base_name(path));
		free(name_of_file[file]);
		name_of_file[file] = NULL;
	}
	pthread_mutex_unlock(&lock);
	return ret;
}

/* Replaces the table of journal/system.c, which is not linked here. */
const struct journal_system journal_system = {
	.open = disk_open,
	.pwritev = disk_pwritev,
	.fdatasync = disk_fdatasync,
	.fsync = disk_fsync,
	.fallocate = disk_fallocate,
	.rename = disk_rename,
	.unlink = disk_unlink,
};

void disk_begin(void)
{
	memset(failures, 0, sizeof(failures));
	short_write = 0;
	direct = DISK_DIRECT;
	ndirect = 0;
	for (int i = 0; i < FD_MAX; i++)
		file_of_fd[i] = UNKNOWN;
	mode = REMEMBERING;
}

void disk_end(void)
{
	mode = SYSTEM;
	for (size_t i = 0; i < nsteps_now; i++) {
		free(steps[i].from);
		free(steps[i].to);
		free(steps[i].bytes);
	}
	for (int i = 0; i < nfiles; i++)
		free(name_of_file[i]);
	free(steps);
	steps = NULL;
	nsteps_now = steps_capacity = 0;
	nfiles = 0;
}

void disk_fail(enum disk_call call, int error, unsigned after, unsigned count)
{
	pthread_mutex_lock(&lock);
	failures[call].error = error;
	failures[call].after = after;
	failures[call].count = count;
	failures[call].is_of_thread = false;
	pthread_mutex_unlock(&lock);
}

void disk_fail_here(enum disk_call call, int error, unsigned after, unsigned count)
{
	disk_fail(call, error, after, 0);
	pthread_mutex_lock(&lock);
	failures[call].count = count;
	failures[call].is_of_thread = true;
	failures[call].thread = pthread_self();
	pthread_mutex_unlock(&lock);
}

void disk_short_writes(size_t nbytes)
{
	pthread_mutex_lock(&lock);
	short_write = nbytes;
	pthread_mutex_unlock(&lock);
}

void disk_direct(enum disk_direct what)
{
	pthread_mutex_lock(&lock);
	direct = what;
	pthread_mutex_unlock(&lock);
}

size_t disk_direct_writes(void)
{
	size_t n;

	pthread_mutex_lock(&lock);
	n = ndirect;
	pthread_mutex_unlock(&lock);
	return n;
}

size_t disk_steps(void)
{
	size_t n;

	pthread_mutex_lock(&lock);
	n = nsteps_now;
	pthread_mutex_unlock(&lock);
	return n;
}

/* ---- after the loss of power ---- */

static uint64_t dice;

static uint32_t roll(uint32_t below)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (uint32_t)(dice >> 32) % below;
}

/* Returns whether step `i` was made durable by the first `nsteps`. */
static bool is_durable(size_t i, size_t nsteps)
{
	bool is_name =
		steps[i].what == CREATE || steps[i].what == RENAME || steps[i].what == UNLINK;
	int file = is_name ? FOLDER : steps[i].file;

	for (size_t k = i + 1; k < nsteps; k++) {
		if (steps[k].file != file)
			continue;
		if (steps[k].what == SYNC)
			return true;
		if (steps[k].what == SYNC_FAILED)
			return false;
	}
	return false;
}

struct shown {
	char *name; /* NULL: none */
	uint8_t *bytes;
	uint64_t nbytes;
};

static void shown_grow(struct shown *f, uint64_t nbytes)
{
	if (nbytes <= f->nbytes)
		return;
	f->bytes = realloc(f->bytes, nbytes);
	assert(f->bytes != NULL);
	memset(f->bytes + f->nbytes, 0, nbytes - f->nbytes);
	f->nbytes = nbytes;
}

/* Copies the sectors (of `unit` bytes) of a write that survive. */
static void show_write(struct shown *f, const struct step *s, uint64_t unit, bool is_whole)
{
	for (uint64_t n = 0; n < s->nbytes;) {
		uint64_t length = unit - (s->at + n) % unit;

		if (length > s->nbytes - n)
			length = s->nbytes - n;
		if (is_whole || roll(2) == 0) {
			shown_grow(f, s->at + n + length);
			memcpy(f->bytes + s->at + n, s->bytes + n, length);
		}
		n += length;
	}
}

static void name_drop(struct shown *files, const char *name)
{
	for (int i = 0; i < nfiles; i++)
		if (files[i].name != NULL && strcmp(files[i].name, name) == 0)
			files[i].name = NULL;
}

static void show_step(struct shown *files, const struct step *s, uint64_t unit, bool is_whole)
{
	struct shown *f = s->file >= 0 ? &files[s->file] : NULL;

	switch (s->what) {
	case CREATE:
	case RENAME:
		name_drop(files, s->to);
		f->name = s->to;
		break;
	case UNLINK:
		if (f->name != NULL && strcmp(f->name, s->from) == 0)
			f->name = NULL;
		break;
	case TRUNCATE:
		f->nbytes = 0;
		break;
	case GROW:
		shown_grow(f, s->nbytes);
		break;
	case WRITE:
		show_write(f, s, unit, is_whole);
		break;
	default:
		break;
	}
}

static void put(const char *folder, const struct shown *f)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, f->name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert(fd >= 0);
	assert(f->nbytes == 0 || write(fd, f->bytes, f->nbytes) == (ssize_t)f->nbytes);
	close(fd);
}

void disk_show(size_t nsteps, const char *folder, enum disk_loss loss, uint64_t seed)
{
	struct shown *files = calloc((size_t)nfiles + 1, sizeof(*files));
	size_t end;

	assert(files != NULL);
	dice = seed * 0x9e3779b97f4a7c15 + 1;
	end = loss == DISK_LOSES_THE_END ? roll((uint32_t)nsteps + 1) : 0;
	for (size_t i = 0; i < nsteps; i++) {
		uint64_t unit = loss == DISK_LOSES_PAGES ? PAGE : SECTOR;
		bool is_whole = is_durable(i, nsteps) || loss == DISK_LOSES_NOTHING || i < end;

		if (is_whole)
			show_step(files, &steps[i], unit, true);
		else if (loss == DISK_LOSES_SECTORS || loss == DISK_LOSES_PAGES ||
			 (loss == DISK_LOSES_THE_END && i == end))
			if (steps[i].what == WRITE || roll(2) == 0)
				show_step(files, &steps[i], unit, false);
	}
	for (int i = 0; i < nfiles; i++) {
		if (files[i].name != NULL)
			put(folder, &files[i]);
		free(files[i].bytes);
	}
	free(files);
}

/* ---- no disk ---- */

void disk_none(void)
{
	mode = WITHOUT_SYNC;
}

void disk_resume(void)
{
	mode = REMEMBERING;
}
