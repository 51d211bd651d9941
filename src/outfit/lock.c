/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A lock's file has one line: the holder, and what keeps the name for it without its agent - a
 * process id with its start time, 0 for the rest of the boot, or -1 for nothing - and the boot. The
 * file stays when the name is given up: removing it could take it from under a process that
 * has just opened it. */

#include "outfit/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.h"
#include "child/identity.h"
#include "outfit/folder.h"

enum { PATH_BYTES = 4096, LINE_BYTES = OUTFIT_HOLDER_MAX + 128 };

struct outfit_lock {
	int fd;
	char by[OUTFIT_HOLDER_MAX];
};

struct holder {
	char by[OUTFIT_HOLDER_MAX]; /* empty: there is none */
	int pid;
	struct child_identity process;
};

static void holder_read(struct holder *out, int fd)
{
	char line[LINE_BYTES];
	ssize_t n = pread(fd, line, sizeof(line) - 1, 0);

	*out = (struct holder){.pid = -1};
	line[n > 0 ? n : 0] = '\0';
	if (sscanf(line, "%255s %d %" SCNu64 " %39s", out->by, &out->pid, &out->process.start,
		   out->process.boot) != 4)
		*out = (struct holder){.pid = -1};
	out->process.pid = out->pid;
}

static int holder_write(int fd, const struct holder *holder)
{
	char line[LINE_BYTES];
	int n = snprintf(line, sizeof(line), "%s %d %" PRIu64 " %s\n", holder->by, holder->pid,
			 holder->process.start,
			 holder->process.boot[0] != '\0' ? holder->process.boot : "-");

	/* First the whole line, then the end: there is no time without a holder. */
	if (pwrite(fd, line, (size_t)n, 0) != n || ftruncate(fd, n) < 0)
		return errno != 0 ? -errno : -EIO;
	return 0;
}

/* Fills in the identity of a process. */
static int identity_get(struct child_identity *out, pid_t pid)
{
	int pidfd = child_identity_pidfd(pid);
	int ret = pidfd < 0 ? pidfd : child_identity_get(out, pid, pidfd);

	if (pidfd >= 0)
		close(pidfd);
	return ret;
}

/* Returns whether the name is kept for the holder though no agent has it locked. */
static bool is_kept(const struct holder *holder)
{
	struct child_identity self;
	int pidfd;

	if (holder->by[0] == '\0' || holder->pid < 0)
		return false;
	if (holder->pid == 0)
		return identity_get(&self, getpid()) == 0 &&
		       strcmp(self.boot, holder->process.boot) == 0;
	pidfd = child_identity_open(&holder->process);
	if (pidfd >= 0)
		close(pidfd);
	return pidfd >= 0;
}

/* Opens the file of a label. Returns a descriptor, or a negative errno with `error` filled in. */
static int file_open(const char *folder, const char *label, struct base_error *error)
{
	char path[PATH_BYTES];
	int fd, ret;

	if (label[0] == '\0' || label[0] == '.' || strchr(label, '/') != NULL)
		return base_error_set(error, -EINVAL, "\"%.70s\" is not a name", label);
	if (snprintf(path, sizeof(path), "%s/%s", folder, label) >= PATH_BYTES)
		return base_error_set(error, -ENAMETOOLONG, "%.100s: too long", folder);
	ret = outfit_folder_make_parents(folder, 0755, error);
	if (ret < 0)
		return ret;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	return fd < 0 ? base_error_set(error, -errno, "%s: %s", path, strerror(errno)) : fd;
}

/* Locks the file for `by`. Returns 0, or a negative errno with `error` and `was` filled in. */
static int name_take(int fd, const char *label, const char *by, struct holder *was,
		     struct base_error *error)
{
	struct holder now = {.pid = -1};
	bool is_locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
	int ret;

	if (!is_locked && errno != EWOULDBLOCK)
		return base_error_set(error, -errno, "name %s: %s", label, strerror(errno));
	holder_read(was, fd);
	if (is_locked && strcmp(was->by, by) == 0)
		return 0;
	if (!is_locked || is_kept(was))
		return base_error_set(error, -EBUSY, "name %s is held by %s", label,
				      was->by[0] != '\0' ? was->by : "another agent");
	snprintf(now.by, sizeof(now.by), "%s", by);
	ret = holder_write(fd, &now);
	return ret < 0 ? base_error_set(error, ret, "name %s: %s", label, strerror(-ret)) : 0;
}

int outfit_lock_take(struct outfit_lock **out, const char *folder, const char *label,
		     const char *by, char holder[OUTFIT_HOLDER_MAX], struct base_error *error)
{
	struct outfit_lock *lock = calloc(1, sizeof(*lock));
	struct holder was = {.pid = -1};
	int ret;

	if (lock == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	if (strlen(by) >= sizeof(lock->by) || strpbrk(by, " \t\n") != NULL || by[0] == '\0') {
		free(lock);
		return base_error_set(error, -EINVAL, "\"%.70s\" cannot hold a name", by);
	}
	strcpy(lock->by, by);
	lock->fd = file_open(folder, label, error);
	ret = lock->fd < 0 ? lock->fd : name_take(lock->fd, label, by, &was, error);
	if (ret == 0) {
		*out = lock;
		return 0;
	}
	if (ret == -EBUSY && holder != NULL)
		snprintf(holder, OUTFIT_HOLDER_MAX, "%s", was.by);
	if (lock->fd >= 0)
		close(lock->fd);
	free(lock);
	return ret;
}

int outfit_lock_record(struct outfit_lock *lock, pid_t pid)
{
	struct holder holder = {.pid = pid};
	int ret = pid >= 0 ? identity_get(&holder.process, pid != 0 ? pid : getpid()) : 0;

	if (ret == -ESRCH) /* it has just ended */
		holder.pid = -1;
	else if (ret < 0)
		return ret;
	strcpy(holder.by, lock->by);
	return holder_write(lock->fd, &holder);
}

void outfit_lock_leave(struct outfit_lock *lock)
{
	if (lock == NULL)
		return;
	close(lock->fd);
	free(lock);
}

void outfit_lock_release(struct outfit_lock *lock)
{
	if (lock != NULL && ftruncate(lock->fd, 0) < 0) {
		/* Then the file has a holder that may be taken for one that lives on: of a file on
		 * a tmpfs that is open for writing this does not happen. */
	}
	outfit_lock_leave(lock);
}
