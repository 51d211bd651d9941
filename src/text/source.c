/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW_SIZE = 256 * 1024 }; /* bytes; fits in the L2 cache */

int text_source_open(struct text_source *s, char *path, struct stat *st)
{
	int ret = -ENOMEM;

	*s = (struct text_source){.path = path, .fd = -1, .size = WINDOW_SIZE};
	if (path == NULL)
		return ret;
	s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (s->fd < 0 || fstat(s->fd, st) < 0)
		ret = -errno;
	else if (!S_ISREG(st->st_mode))
		ret = S_ISDIR(st->st_mode) ? -EISDIR : -EINVAL;
	else if ((s->window = malloc(s->size + 1)) != NULL)
		return 0;
	text_source_close(s);
	return ret;
}

void text_source_close(struct text_source *s)
{
	if (s->fd >= 0)
		close(s->fd);
	free(s->window);
	free(s->path);
}

static int window_shift(struct text_source *s)
{
	char *grown;

	if (s->start > 0) {
		memmove(s->window, s->window + s->start, s->fill - s->start);
		s->fill -= s->start;
		s->start = 0;
		return 0;
	}
	if (s->fill < s->size)
		return 0;
	if (s->size * 2 > TEXT_ENTRY_MAX)
		return -EMSGSIZE;
	grown = realloc(s->window, s->size * 2 + 1);
	if (grown == NULL)
		return -ENOMEM;
	s->window = grown;
	s->size *= 2;
	return 0;
}

int text_source_fill(struct text_source *s)
{
	int ret = window_shift(s);

	while (ret == 0 && s->fill < s->size && !s->is_last) {
		ssize_t n = read(s->fd, s->window + s->fill, s->size - s->fill);

		if (n < 0 && errno != EINTR)
			ret = -errno;
		else if (n == 0)
			s->is_last = true;
		else if (n > 0)
			s->fill += (size_t)n;
	}
	return ret;
}
