/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "child/group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

enum { DEPTH_MAX = 8 /* of groups that services make below their own */ };

/* The group below that of this process into which it moves when that needs controllers. */
static const char leaf[] = "weft-supervisor";

/* Finds where cgroup v2 is mounted. Returns 0, or -ENOENT. */
static int mount_find(char *out, size_t size)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[4096], point[CHILD_GROUP_PATH_MAX], root[CHILD_GROUP_PATH_MAX];
	int ret = -ENOENT;

	if (file == NULL)
		return -errno;
	while (ret != 0 && fgets(line, sizeof(line), file) != NULL) {
		const char *type = strstr(line, " - ");

		if (type == NULL || strncmp(type, " - cgroup2 ", 11) != 0)
			continue;
		if (sscanf(line, "%*s %*s %*s %511s %511s", root, point) != 2 ||
		    strcmp(root, "/") != 0 || strchr(point, '\\') != NULL)
			continue;
		if ((size_t)snprintf(out, size, "%s", point) < size)
			ret = 0;
	}
	fclose(file);
	return ret;
}

/* Reads a file /proc/.../cgroup: the group in the hierarchy of version 2, which begins with a
 * slash. Returns 0 or a negative errno. */
static int group_read(char out[static CHILD_GROUP_PATH_MAX], const char *path)
{
	FILE *file = fopen(path, "re");
	char line[CHILD_GROUP_PATH_MAX + 3];
	int ret = -ENOENT;

	if (file == NULL)
		return -errno;
	while (ret != 0 && fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::/", 4) != 0)
			continue;
		snprintf(out, CHILD_GROUP_PATH_MAX, "%s", line + 3);
		ret = 0;
	}
	fclose(file);
	return ret;
}

/* Strips the group into which this process has moved, for controllers; of the root nothing is left.
 */
static void own_strip(char *own)
{
	char *last = strrchr(own, '/');

	if (last != NULL && (strcmp(last + 1, leaf) == 0 || last[1] == '\0'))
		*last = '\0';
}

int child_group_find(char out[static CHILD_GROUP_PATH_MAX], const char *name,
		     struct base_error *error)
{
	char point[CHILD_GROUP_PATH_MAX], own[CHILD_GROUP_PATH_MAX];
	char path[2 * CHILD_GROUP_PATH_MAX + 256];
	int ret = mount_find(point, sizeof(point));

	if (ret == 0)
		ret = group_read(own, "/proc/self/cgroup");
	if (ret < 0)
		return base_error_set(error, ret, "cgroup v2 is not mounted");
	own_strip(own);
	snprintf(path, sizeof(path), "%s%s/%s", point, own, name);
	if (strlen(path) + 256 > CHILD_GROUP_PATH_MAX)
		return base_error_set(error, -ENAMETOOLONG, "%s: too long", path);
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return base_error_set(error, -errno, "%s: %s", path, strerror(errno));
	strcpy(out, path);
	return 0;
}

int child_group_open(const char *path)
{
	int fd;

	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Writes a text to a file of a group. Returns 0 or a negative errno. */
static int file_write(const char *group, const char *file, const char *text)
{
	char path[CHILD_GROUP_PATH_MAX + 64];
	size_t n = strlen(text);
	int fd, ret = 0;

	snprintf(path, sizeof(path), "%s/%s", group, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, n) != (ssize_t)n)
		ret = -errno;
	close(fd);
	return ret;
}

static void parent_of(char out[static CHILD_GROUP_PATH_MAX], const char *path)
{
	char *slash;

	snprintf(out, CHILD_GROUP_PATH_MAX, "%s", path);
	slash = strrchr(out, '/');
	if (slash != NULL && slash != out)
		*slash = '\0';
}

/* Moves this process to a group of its own below `group`. Returns 0 or a negative errno. */
static int self_move(const char *group)
{
	char path[CHILD_GROUP_PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", group, leaf);
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return -errno;
	return file_write(path, "cgroup.procs", "0");
}

/* Turns a controller on for the groups in the folder of group `path`: in that folder, and in the
 * group of this process, which has the folder. */
static int controller_enable(const char *path, const char *controller)
{
	char folder[CHILD_GROUP_PATH_MAX], own[CHILD_GROUP_PATH_MAX];
	int ret;

	parent_of(folder, path);
	parent_of(own, folder);
	if (file_write(folder, "cgroup.subtree_control", controller) == 0)
		return 0;
	ret = file_write(own, "cgroup.subtree_control", controller);
	if (ret == -EBUSY && self_move(own) == 0)
		ret = file_write(own, "cgroup.subtree_control", controller);
	return ret == 0 ? file_write(folder, "cgroup.subtree_control", controller) : ret;
}

static int limit_set(const char *path, const char *controller, const char *file, uint64_t limit,
		     struct base_error *error)
{
	char text[32] = "max";
	int ret;

	if (limit != 0)
		snprintf(text, sizeof(text), "%" PRIu64, limit);
	ret = file_write(path, file, text);
	if (limit == 0) /* without the controller there is no limit */
		return 0;
	if (ret == -ENOENT && controller_enable(path, controller) == 0)
		ret = file_write(path, file, text);
	if (ret < 0)
		return base_error_set(
			error, ret == -ENOENT ? -ENOTSUP : ret, "%s/%s: %s", path, file,
			ret == -ENOENT ? "there is no such controller" : strerror(-ret));
	return 0;
}

int child_group_limit(const char *path, uint64_t memory, uint32_t processes,
		      struct base_error *error)
{
	int fd = child_group_open(path), ret;

	if (fd < 0)
		return base_error_set(error, fd, "%s: %s", path, strerror(-fd));
	close(fd);
	ret = limit_set(path, "+memory", "memory.max", memory, error);
	return ret < 0 ? ret : limit_set(path, "+pids", "pids.max", processes, error);
}

bool child_group_is_populated(const char *path)
{
	char file[CHILD_GROUP_PATH_MAX + 32], text[256];
	ssize_t n = -1;
	int fd;

	snprintf(file, sizeof(file), "%s/cgroup.events", path);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	if (n < 0)
		return false;
	text[n] = '\0';
	return strstr(text, "populated 1") != NULL;
}

/* Calls `fn` for each process of the group and of those below it. Returns how many there were. */
static unsigned each_process(const char *path, unsigned depth, void (*fn)(void *arg, pid_t pid),
			     void *arg)
{
	char name[CHILD_GROUP_PATH_MAX + 300];
	struct dirent *entry;
	unsigned count = 0;
	FILE *file;
	DIR *dir;
	int pid;

	snprintf(name, sizeof(name), "%s/cgroup.procs", path);
	file = fopen(name, "re");
	if (file == NULL)
		return 0;
	while (fscanf(file, "%d", &pid) == 1) {
		fn(arg, pid);
		count++;
	}
	fclose(file);
	dir = depth < DEPTH_MAX ? opendir(path) : NULL;
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if (snprintf(name, sizeof(name), "%s/%s", path, entry->d_name) <
		    CHILD_GROUP_PATH_MAX)
			count += each_process(name, depth + 1, fn, arg);
	}
	if (dir != NULL)
		closedir(dir);
	return count;
}

static void signal_one(void *arg, pid_t pid)
{
	if (pid > 0)
		kill(pid, *(const int *)arg);
}

unsigned child_group_signal(const char *path, int signal)
{
	return each_process(path, 0, signal_one, &signal);
}

static void freeze(const char *path, const char *value)
{
	char file[CHILD_GROUP_PATH_MAX + 32];
	int fd;

	snprintf(file, sizeof(file), "%s/cgroup.freeze", path);
	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, value, 1) < 0) {
		/* Older than Linux 5.2: those that fork meanwhile are killed the next time. */
	}
	close(fd);
}

/* Not by cgroup.kill: Linux 6.16 and later kill whatever is cloned into a group (CLONE_INTO_CGROUP)
 * that was killed so before, since they compare the counts of two different groups. */
void child_group_kill(const char *path)
{
	freeze(path, "1"); /* what is frozen cannot fork, but it can be killed */
	child_group_signal(path, SIGKILL);
	freeze(path, "0");
}

/* Removes the groups below one, and then that. */
static int remove_tree(const char *path, unsigned depth)
{
	char name[CHILD_GROUP_PATH_MAX + 300];
	struct dirent *entry;
	DIR *dir;

	if (rmdir(path) == 0 || errno == ENOENT)
		return 0;
	dir = depth < DEPTH_MAX ? opendir(path) : NULL;
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if (snprintf(name, sizeof(name), "%s/%s", path, entry->d_name) <
		    CHILD_GROUP_PATH_MAX)
			remove_tree(name, depth + 1);
	}
	if (dir != NULL)
		closedir(dir);
	return rmdir(path) == 0 || errno == ENOENT ? 0 : -errno;
}

int child_group_remove(const char *path)
{
	return remove_tree(path, 0);
}

struct search {
	pid_t pid;
	bool is_found;
};

static void search_one(void *arg, pid_t pid)
{
	struct search *search = arg;

	search->is_found = search->is_found || pid == search->pid;
}

bool child_group_has(const char *path, pid_t pid)
{
	struct search search = {.pid = pid};

	each_process(path, 0, search_one, &search);
	return search.is_found;
}

void child_group_of(char out[static CHILD_GROUP_PATH_MAX], pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	if (group_read(out, path) < 0)
		out[0] = '\0';
}

bool child_group_may_have(const char *path, const char *of)
{
	const char *last = strrchr(path, '/'), *at = last;
	size_t n;

	if (last == NULL)
		return false;
	for (n = strlen(last); (at = strstr(of, last)) != NULL; of = at + 1)
		if (at[n] == '\0' || at[n] == '/')
			return true;
	return false;
}
