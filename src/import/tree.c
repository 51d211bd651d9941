/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "import/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARENA_BLOCK = 64 << 10, FILE_MAX_BYTES = 64 << 20 };

void import_tree_init(struct import_tree *t, base_report_fn report, void *arg)
{
	*t = (struct import_tree){.report = report, .arg = arg};
	base_arena_init(&t->arena, ARENA_BLOCK);
}

void import_tree_fini(struct import_tree *t)
{
	base_arena_fini(&t->arena);
}

static void *alloc(struct import_tree *t, size_t nbytes)
{
	void *p = base_arena_alloc(&t->arena, nbytes);

	if (p == NULL)
		t->is_short = true;
	return p;
}

struct import_node *import_tree_add(struct import_tree *t, struct import_node ***end,
				    struct base_location at)
{
	struct import_node *n = alloc(t, sizeof(*n));

	if (n == NULL)
		return NULL;
	*n = (struct import_node){.at = at};
	**end = n;
	*end = &n->next;
	return n;
}

const char *import_tree_copy(struct import_tree *t, const char *text, size_t nchars)
{
	char *copy = alloc(t, nchars + 1);

	if (copy == NULL)
		return NULL;
	memcpy(copy, text, nchars);
	copy[nchars] = '\0';
	return copy;
}

/* Statements are short: the list of words is copied for each word. */
void import_tree_word(struct import_tree *t, struct import_node *n, const char *text, size_t nchars)
{
	const char **words = alloc(t, (n->nwords + 2) * sizeof(*words));
	const char *word = import_tree_copy(t, text, nchars);

	if (words == NULL || word == NULL)
		return;
	if (n->nwords > 0)
		memcpy(words, n->words, n->nwords * sizeof(*words));
	words[n->nwords++] = word;
	words[n->nwords] = NULL;
	n->words = words;
}

const char *import_tree_join(struct import_tree *t, const char *folder, const char *path)
{
	size_t nfolder = strlen(folder), npath = strlen(path);
	char *joined;

	if (path[0] == '/' || nfolder == 0)
		return path;
	joined = alloc(t, nfolder + npath + 2);
	if (joined == NULL)
		return path;
	snprintf(joined, nfolder + npath + 2, "%s/%s", folder, path);
	return joined;
}

const char *import_tree_folder(struct import_tree *t, const char *path)
{
	const char *slash = strrchr(path, '/'), *folder;

	if (slash == NULL)
		return "";
	folder = import_tree_copy(t, path, slash == path ? 1 : (size_t)(slash - path));
	return folder == NULL ? "" : folder;
}

const char *import_tree_get(const struct import_node *n, size_t i)
{
	return n != NULL && i < n->nwords ? n->words[i] : NULL;
}

const struct import_node *import_tree_find(const struct import_node *list, const char *name)
{
	while (list != NULL &&
	       (list->nwords == 0 || strcasecmp(list->words[0], name) != 0))
		list = list->next;
	return list;
}

void import_tree_error(struct import_tree *t, struct base_location at, const char *format, ...)
{
	struct base_error error = {.code = -EBADMSG, .at = at};
	va_list list;

	va_start(list, format);
	vsnprintf(error.text, sizeof(error.text), format, list);
	va_end(list);
	t->report(t->arg, BASE_LOG_ERROR, &error);
}

char *import_tree_read(struct import_tree *t, const char *path, struct base_location at)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *bytes = NULL;
	struct stat st;
	ssize_t n = -1;

	errno = 0;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < FILE_MAX_BYTES) {
		bytes = alloc(t, (size_t)st.st_size + 1);
		n = bytes == NULL ? -1 : read(fd, bytes, (size_t)st.st_size);
	}
	if (n >= 0)
		bytes[n] = '\0';
	else
		import_tree_error(t, at, "%s: %s", path,
				  errno != 0 ? strerror(errno) : "not a file that can be read");
	if (fd >= 0)
		close(fd);
	return n >= 0 ? bytes : NULL;
}
