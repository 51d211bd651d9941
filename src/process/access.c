/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "process/access.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "process/privileges.h"

/* By the effective IDs, which are those that will open the file. */
static int may(const char *path, int mode)
{
	return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0 ? 0 : -errno;
}

/* Copies the first `n` bytes of the path. Returns false if they are too many. */
static bool part_of(char out[static PATH_MAX], const char *path, size_t n)
{
	if (n >= PATH_MAX)
		return false;
	memcpy(out, path, n);
	out[n] = '\0';
	return true;
}

/* Returns how many bytes of `path` name the folder that it is in; 0: the current one. */
static size_t folder_of(const char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n > 0 && path[n - 1] != '/')
		n--;
	while (n > 1 && path[n - 1] == '/')
		n--;
	return n;
}

static int may_in_folder(const char *path, size_t n, int mode)
{
	char folder[PATH_MAX];

	if (n == 0)
		return may(".", mode);
	return part_of(folder, path, n) ? may(folder, mode) : -ENAMETOOLONG;
}

/* Sets what is denied of the first `n` bytes of the path, to which `mode` is denied: an earlier
 * folder that cannot be searched, or all of it. */
static void find_denied(struct process_access *a, size_t n, int mode)
{
	a->ndenied = n;
	a->must_search = mode == X_OK;
	for (size_t i = 0; i + 1 < n; i++) {
		size_t nfolder = i == 0 ? 1 : i;

		if (a->path[i] != '/' || may_in_folder(a->path, nfolder, X_OK) != -EACCES)
			continue;
		a->ndenied = nfolder;
		a->must_search = true;
		return;
	}
}

/* Tries the folder in which the path is to be made; of a folder, the nearest on the way that
 * exists. */
static void try_to_make(struct process_access *a, int mode)
{
	size_t n = folder_of(a->path);
	char folder[PATH_MAX];

	a->ret = may_in_folder(a->path, n, mode);
	while (a->ret == -ENOENT && a->how == PROCESS_ACCESS_FOLDER && n > 1 &&
	       part_of(folder, a->path, n)) {
		n = folder_of(folder);
		a->ret = may_in_folder(a->path, n, mode);
	}
	if (a->ret == -EACCES)
		find_denied(a, n, mode);
}

static void try_one(struct process_access *a, bool is_root)
{
	static const int modes[] = {
		[PROCESS_ACCESS_READ] = R_OK,
		[PROCESS_ACCESS_WRITE] = W_OK,
		[PROCESS_ACCESS_FOLDER] = W_OK | X_OK,
	};

	a->ret = may(a->path, modes[a->how]);
	if (a->ret == -EACCES)
		find_denied(a, strlen(a->path), modes[a->how]);
	else if (a->ret == -ENOENT && a->how == PROCESS_ACCESS_READ)
		a->ret = 0;
	else if (a->ret == -ENOENT)
		try_to_make(a, a->how == PROCESS_ACCESS_FOLDER && is_root ? X_OK : W_OK | X_OK);
}

static void try_all(struct process_access *items, size_t count, bool is_root)
{
	for (size_t i = 0; i < count; i++)
		try_one(&items[i], is_root);
}

/* In the child. */
static void __attribute__((noreturn))
try_as_user(const struct process_privileges *p, struct process_access *items, size_t count)
{
	struct base_error error;

	if (process_privileges_drop(p, &error) < 0)
		_exit(1);
	try_all(items, count, true);
	_exit(0);
}

int process_access_try(const struct process_privileges *p, struct process_access *items,
		       size_t count)
{
	size_t nbytes = (count + 1) * sizeof(*items);
	struct process_access *shared;
	int status = 0;
	pid_t child;

	if (!p->is_changing) {
		try_all(items, count, false);
		return 0;
	}
	shared = mmap(NULL, nbytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -errno;
	if (count > 0)
		memcpy(shared, items, count * sizeof(*items));
	child = fork();
	if (child == 0)
		try_as_user(p, shared, count);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (child > 0 && status == 0 && count > 0)
		memcpy(items, shared, count * sizeof(*items));
	munmap(shared, nbytes);
	return child > 0 && status == 0 ? 0 : -EPERM;
}
