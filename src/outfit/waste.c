/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/waste.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/secret.h"

enum {
	DEPTH_MAX = 32,	   /* of folders in each other; deeper ones are moved up */
	PASSES_MAX = 1000, /* over a folder to which somebody may still add */
	NAME_BYTES = 256,
	PATH_BYTES = 4096,
};

static const char prefix[] = ".removed-";

/* ---- a tree ---- */

struct removal {
	int root; /* the folder that is emptied */
	unsigned nmoved;
};

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Opens a folder that is not a link, and where nothing is mounted: also not another folder of the
 * same file system, which has the same st_dev. Returns a descriptor or -1. */
static int folder_open(int parent, const char *name)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
	};

	return (int)syscall(SYS_openat2, parent, name, &how, sizeof(how));
}

static void folder_remove(struct removal *r, int parent, const char *name, unsigned depth);

/* Moves a folder that is too deep up into the root, which is looked at again afterwards: a service
 * must not be able to exhaust stack or descriptors by the depth of its folders. */
static void move_up(struct removal *r, int parent, const char *name)
{
	char moved[32];

	snprintf(moved, sizeof(moved), "%s%u", prefix, r->nmoved++);
	renameat(parent, name, r->root, moved);
}

/* Removes all that is in the folder `fd`, which is closed. */
static void folder_empty(struct removal *r, int fd, unsigned depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;

	if (dir == NULL) {
		close(fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (is_dot(entry->d_name) || unlinkat(dirfd(dir), entry->d_name, 0) == 0)
			continue;
		if (depth < DEPTH_MAX)
			folder_remove(r, dirfd(dir), entry->d_name, depth + 1);
		else
			move_up(r, dirfd(dir), entry->d_name);
	}
	closedir(dir);
}

static void folder_remove(struct removal *r, int parent, const char *name, unsigned depth)
{
	int fd = folder_open(parent, name);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && (st.st_mode & S_IRWXU) != S_IRWXU)
		fchmod(fd, S_IRWXU);
	folder_empty(r, fd, depth);
	unlinkat(parent, name, AT_REMOVEDIR);
}

/* Removes the folder `name` in `parent`, in as many passes as folders were moved up. */
static void tree_remove(int parent, const char *name)
{
	struct removal r = {.root = folder_open(parent, name)};
	unsigned nmoved = 0;

	if (r.root < 0)
		return;
	for (int i = 0; i < PASSES_MAX; i++) {
		folder_remove(&r, parent, name, 0);
		if (r.nmoved == nmoved)
			break;
		nmoved = r.nmoved;
	}
	close(r.root);
}

/* ---- the thread ---- */

static void *sweep_run(void *arg)
{
	int fd = open(arg, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	free(arg);
	if (dir == NULL && fd >= 0)
		close(fd);
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
			tree_remove(dirfd(dir), entry->d_name);
	if (dir != NULL)
		closedir(dir);
	return NULL;
}

/* Starts a thread that takes no signals. Without one the work is done at once. */
static void sweep_start(const char *folder)
{
	char *copy = strdup(folder);
	sigset_t all, before;
	pthread_t thread;

	if (copy == NULL)
		return; /* the next sweep finds it */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, NULL, sweep_run, copy) == 0)
		pthread_detach(thread);
	else
		sweep_run(copy);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int outfit_waste_discard(const char *folder, const char *name)
{
	char from[PATH_BYTES], to[PATH_BYTES];
	uint64_t random;

	base_secret_random(&random, sizeof(random));
	if (snprintf(from, sizeof(from), "%s/%s", folder, name) >= PATH_BYTES ||
	    snprintf(to, sizeof(to), "%s/%s%016llx", folder, prefix, (unsigned long long)random) >=
		    PATH_BYTES)
		return -ENAMETOOLONG;
	if (rename(from, to) < 0)
		return -errno;
	sweep_start(folder);
	return 0;
}

unsigned outfit_waste_sweep(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned count = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
	if (dir != NULL)
		closedir(dir);
	if (count > 0)
		sweep_start(folder);
	return count;
}

/* ---- logs ---- */

/* Writes the instance's name, if this is the name of a log. */
static bool log_parse(char out[static NAME_BYTES], const char *file)
{
	const char *dot = NULL;

	for (const char *at = strstr(file, ".log"); at != NULL; at = strstr(at + 1, ".log"))
		dot = at;
	if (dot == NULL || dot == file || strspn(dot + 4, ".0123456789") != strlen(dot + 4))
		return false;
	return snprintf(out, NAME_BYTES, "%.*s", (int)(dot - file), file) < NAME_BYTES;
}

/* Knows which instances there are. */
struct owner {
	bool (*is_known)(void *arg, const char *name);
	void *arg;
};

/* Returns whether the file is not a log, or is that of an instance that its owner knows. */
static bool is_kept(void *arg, const char *file)
{
	const struct owner *owner = arg;
	char name[NAME_BYTES];

	return !log_parse(name, file) || owner->is_known(owner->arg, name);
}

unsigned outfit_waste_logs(const char *folder, uint64_t age_s,
			   bool (*is_known)(void *arg, const char *name), void *arg)
{
	struct owner owner = {is_known, arg};

	return base_folder_prune(folder, age_s, is_kept, &owner);
}
