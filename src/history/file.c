/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The lines, each after its checksum in 16 hexadecimal digits and a space:
 *
 *  era E FIRST LAST	an era begins, or is as it was when the file was written
 *  event N STRINGS	an event of the present era waits
 *  done N		the events up to N are in the zone
 *  removed E FIRST	the events of era E before FIRST are not in the zone any more */

#include "history/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checksum.h"
#include "history/content.h"

enum {
	SEED = 0x68697374,
	PATH_SIZE = 4096,
	SUM_NCHARS = 17, /* of a checksum, with the space */
	LINE_MAX_NBYTES = SUM_NCHARS + 32 + HISTORY_EVENT_TEXT_MAX,
	SLACK_NBYTES = 256 << 10,    /* of lines that are not needed any more */
	FILE_MAX_NBYTES = 128 << 20, /* far more than is ever written */
};

struct history_file {
	int fd;		   /* -1: there is none to append to */
	size_t nbytes;	   /* valid ones */
	size_t due_nbytes; /* at which it is written anew */
	bool has_failed;   /* a line is missing */
	unsigned nskipped; /* lines that were not appended since */
	char path[PATH_SIZE];
};

/* ---- reading ---- */

static bool era_read(struct history_content *c, const char *text)
{
	struct history_span s;
	char end;

	if (sscanf(text, "%" SCNu64 " %" SCNu64 " %" SCNu64 "%c", &s.era, &s.first, &s.last,
		   &end) != 3 ||
	    s.first == 0 || s.last == UINT64_MAX || s.first > s.last + 1 || c->first != NULL)
		return false;
	history_content_begin(c, s.era);
	*history_content_era(c) = s;
	return true;
}

static bool event_read(struct history_content *c, const char *text)
{
	struct history_event *e;
	uint64_t n;
	int at = 0;

	if (c->nspans == 0 || sscanf(text, "%" SCNu64 " %n", &n, &at) != 1 || at == 0 ||
	    n != history_content_era(c)->last + c->nwaiting + 1)
		return false;
	e = history_event_from_text(text + at);
	if (e == NULL)
		return false;
	history_content_add(c, e);
	return true;
}

static bool done_read(struct history_content *c, const char *text)
{
	uint64_t n, last;
	char end;

	if (c->nspans == 0 || sscanf(text, "%" SCNu64 "%c", &n, &end) != 1)
		return false;
	last = history_content_era(c)->last;
	if (n <= last || n - last > c->nwaiting)
		return false;
	history_content_done(c, n - last);
	return true;
}

static bool removed_read(struct history_content *c, const char *text)
{
	uint64_t era, first;
	char end;

	return sscanf(text, "%" SCNu64 " %" SCNu64 "%c", &era, &first, &end) == 2 &&
	       history_content_removed(c, era, first);
}

/* Reads a line without its newline, which has been replaced by NUL. */
static bool line_read(struct history_content *c, const char *line, size_t nbytes)
{
	static const struct {
		const char *word;
		bool (*read)(struct history_content *c, const char *text);
	} kinds[] = {{"era ", era_read},
		     {"event ", event_read},
		     {"done ", done_read},
		     {"removed ", removed_read}};
	const char *text = line + SUM_NCHARS;
	char sum[SUM_NCHARS + 1];

	if (nbytes < SUM_NCHARS || strlen(line) != nbytes)
		return false;
	snprintf(sum, sizeof(sum), "%016" PRIx64 " ",
		 base_checksum(text, nbytes - SUM_NCHARS, SEED));
	if (memcmp(line, sum, SUM_NCHARS) != 0)
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(text, kinds[i].word, strlen(kinds[i].word)) == 0)
			return kinds[i].read(c, text + strlen(kinds[i].word));
	return false;
}

/* Reads the lines up to the first one that is not valid. Returns how many bytes they have. */
static size_t lines_read(struct history_content *c, char *bytes, size_t nbytes)
{
	size_t at = 0;

	while (at < nbytes) {
		char *end = memchr(bytes + at, '\n', nbytes - at);

		if (end == NULL)
			break;
		*end = '\0';
		if (!line_read(c, bytes + at, (size_t)(end - (bytes + at))))
			break;
		at = (size_t)(end - bytes) + 1;
	}
	return at;
}

static int content_read(struct history_file *f, struct history_content *c, bool *is_damaged)
{
	struct stat st;
	size_t nbytes;
	char *bytes;
	ssize_t n = 0;

	if (fstat(f->fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	nbytes = st.st_size < FILE_MAX_NBYTES ? (size_t)st.st_size : FILE_MAX_NBYTES;
	bytes = malloc(nbytes + 1);
	if (bytes == NULL)
		return -ENOMEM;
	for (size_t at = 0; at < nbytes; at += (size_t)n) {
		n = pread(f->fd, bytes + at, nbytes - at, (off_t)at);
		if (n <= 0) {
			n = n < 0 ? -errno : -EIO;
			break;
		}
	}
	if (n >= 0)
		f->nbytes = lines_read(c, bytes, nbytes);
	*is_damaged = n >= 0 && f->nbytes != (size_t)st.st_size;
	f->due_nbytes = f->nbytes + SLACK_NBYTES;
	free(bytes);
	return n < 0 ? (int)n : 0;
}

int history_file_open(struct history_file **out, const char *folder,
		      struct history_content *content, bool *is_damaged, struct base_error *error)
{
	struct history_file *f = calloc(1, sizeof(*f));
	int ret;

	if (f == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	f->fd = -1;
	if ((size_t)snprintf(f->path, sizeof(f->path), "%s/history", folder) >=
	    sizeof(f->path) - 8) {
		free(f);
		return base_error_set(error, -ENAMETOOLONG, "%.200s...: the path is too long",
				      folder);
	}
	f->fd = open(f->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	ret = f->fd < 0 ? -errno : content_read(f, content, is_damaged);
	if (ret < 0) {
		base_error_set(error, ret, "%.900s: %s", f->path, strerror(-ret));
		history_content_fini(content);
		history_file_close(f);
		return ret;
	}
	*out = f;
	return 0;
}

void history_file_close(struct history_file *f)
{
	if (f == NULL)
		return;
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}

const char *history_file_path(const struct history_file *f)
{
	return f->path;
}

/* ---- appending ---- */

/* Puts the checksum before a line whose text begins at SUM_NCHARS, and the newline after it.
 * Returns how long it is. */
static size_t line_end(char *line)
{
	size_t ntext = strlen(line + SUM_NCHARS);
	char sum[SUM_NCHARS + 1];

	snprintf(sum, sizeof(sum), "%016" PRIx64 " ",
		 base_checksum(line + SUM_NCHARS, ntext, SEED));
	memcpy(line, sum, SUM_NCHARS);
	line[SUM_NCHARS + ntext] = '\n';
	return SUM_NCHARS + ntext + 1;
}

/* Appends a line, all of it or nothing. After a failure nothing is appended until the file is
 * written anew: the next line would not be valid without this one. */
static int append(struct history_file *f, char *line)
{
	size_t nbytes = line_end(line);
	ssize_t n;

	if (f->has_failed) {
		f->nskipped++;
		return -EAGAIN;
	}
	n = write(f->fd, line, nbytes);
	if (n == (ssize_t)nbytes) {
		f->nbytes += nbytes;
		return 0;
	}
	f->has_failed = true;
	n = n < 0 ? -errno : -ENOSPC;
	if (ftruncate(f->fd, (off_t)f->nbytes) < 0)
		return -errno;
	return (int)n;
}

static void event_line(char line[static LINE_MAX_NBYTES], uint64_t n, const struct history_event *e)
{
	int length = sprintf(line + SUM_NCHARS, "event %" PRIu64 " ", n);

	history_event_to_text(line + SUM_NCHARS + length, e);
}

int history_file_add(struct history_file *f, uint64_t n, const struct history_event *e)
{
	char line[LINE_MAX_NBYTES];

	event_line(line, n, e);
	return append(f, line);
}

int history_file_done(struct history_file *f, uint64_t n)
{
	char line[SUM_NCHARS + 64];

	sprintf(line + SUM_NCHARS, "done %" PRIu64, n);
	return append(f, line);
}

int history_file_removed(struct history_file *f, uint64_t era, uint64_t first)
{
	char line[SUM_NCHARS + 64];

	sprintf(line + SUM_NCHARS, "removed %" PRIu64 " %" PRIu64, era, first);
	return append(f, line);
}

/* ---- writing anew ---- */

bool history_file_is_due(const struct history_file *f)
{
	enum { RETRY_LINES = 64 }; /* a full disk is not tried with each line */

	return f->has_failed ? f->nskipped % RETRY_LINES == 0 : f->nbytes > f->due_nbytes;
}

static void content_write(FILE *out, const struct history_content *c)
{
	char line[LINE_MAX_NBYTES];
	uint64_t n = 0;

	for (unsigned i = 0; i < c->nspans; i++) {
		const struct history_span *s = &c->spans[i];

		sprintf(line + SUM_NCHARS, "era %" PRIu64 " %" PRIu64 " %" PRIu64, s->era, s->first,
			s->last);
		fwrite(line, 1, line_end(line), out);
		n = s->last;
	}
	for (const struct history_event *e = c->first; e != NULL; e = e->next) {
		event_line(line, ++n, e);
		fwrite(line, 1, line_end(line), out);
	}
}

/* Writes all to another file. Returns the descriptor to append to, or a negative errno. */
static int other_write(const char *path, const struct history_content *c, size_t *nbytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600), error;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	bool is_good;
	long length;

	if (out == NULL) {
		error = errno;
		if (fd >= 0)
			close(fd);
		return -error;
	}
	errno = 0;
	content_write(out, c);
	is_good = fflush(out) == 0 && !ferror(out);
	length = ftell(out);
	if (fclose(out) != 0 || !is_good || length < 0)
		return errno != 0 ? -errno : -EIO;
	*nbytes = (size_t)length;
	fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

int history_file_write(struct history_file *f, const struct history_content *content)
{
	char other[PATH_SIZE + 8];
	size_t nbytes = 0;
	int fd;

	snprintf(other, sizeof(other), "%s.new", f->path);
	f->nskipped++;
	fd = other_write(other, content, &nbytes);
	if (fd >= 0 && rename(other, f->path) < 0) {
		int error = errno;

		close(fd);
		fd = -error;
	}
	if (fd < 0) {
		unlink(other);
		return fd;
	}
	close(f->fd);
	f->fd = fd;
	f->nbytes = nbytes;
	f->due_nbytes = 2 * nbytes + SLACK_NBYTES;
	f->has_failed = false;
	f->nskipped = 0;
	return 0;
}
