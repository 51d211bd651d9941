/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "child/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What PIDFD_GET_INFO fills in: younger than the systems that weft is built on. */
struct facts {
	uint64_t mask, cgroup;
	uint32_t pid, tgid, ppid, ids[8];
	int32_t exit_code;
};
enum { FACTS_EXIT = 8, PIDFS_ROOT = -10002 };
#define FACTS_GET _IOWR(0xFF, 11, struct facts)

enum {
	STAT_BYTES = 1024,
	STAT_FLAGS = 9,
	STAT_START = 22,
	STAT_EXIT = 52,
	KERNEL_THREAD = 0x00200000, /* the kernel's own flag; no header has it */
};

int child_identity_parse_stat(struct child_stat *out, const char *text)
{
	struct child_stat stat = {0};
	const char *at = strrchr(text, ')'); /* the name in parentheses may have any byte */
	char *end;

	if (at == NULL || at[1] != ' ' || at[2] == '\0')
		return -EINVAL;
	stat.state = at[2];
	at += 3;
	for (int field = 4; field <= STAT_EXIT; field++) {
		long long value = strtoll(at, &end, 10);

		if (end == at)
			return field > STAT_START ? (*out = stat, 0) : -EINVAL;
		at = end;
		if (field == 4)
			stat.parent = (pid_t)value;
		else if (field == 5)
			stat.pgrp = (pid_t)value;
		else if (field == 6)
			stat.session = (pid_t)value;
		else if (field == STAT_FLAGS)
			stat.is_kernel = (value & KERNEL_THREAD) != 0;
		else if (field == STAT_START)
			stat.start = (uint64_t)value;
		else if (field == STAT_EXIT)
			stat.exit_status = (int)value;
	}
	*out = stat;
	return 0;
}

/* Reads a small file of /proc with a NUL after it. Returns 0 or a negative errno. */
static int file_read(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, out, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n < 0)
		return (int)n;
	out[n] = '\0';
	return 0;
}

int child_identity_stat(struct child_stat *out, pid_t pid)
{
	char path[64], text[STAT_BYTES];
	int ret;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	ret = file_read(path, text, sizeof(text));
	if (ret == -ENOENT)
		return -ESRCH;
	return ret < 0 ? ret : child_identity_parse_stat(out, text);
}

int child_identity_pidfd(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : fd;
}

static int boot_read(char out[static CHILD_BOOT_MAX])
{
	int ret = file_read("/proc/sys/kernel/random/boot_id", out, CHILD_BOOT_MAX);

	out[ret == 0 ? strcspn(out, "\n") : 0] = '\0';
	return ret;
}

/* Gets the handle of a pidfd, if the kernel has one. */
static void handle_get(struct child_identity *id, int pidfd)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + CHILD_HANDLE_MAX];
	} h;
	int mount;

	memset(&h, 0, sizeof(h));
	h.handle.handle_bytes = CHILD_HANDLE_MAX;
	if (name_to_handle_at(pidfd, "", &h.handle, &mount, AT_EMPTY_PATH) < 0)
		return;
	id->handle_type = h.handle.handle_type;
	id->handle_nbytes = h.handle.handle_bytes;
	memcpy(id->handle, h.handle.f_handle, h.handle.handle_bytes);
}

int child_identity_get(struct child_identity *out, pid_t pid, int pidfd)
{
	struct child_identity id = {.pid = pid};
	struct child_stat stat;
	int ret = child_identity_stat(&stat, pid);

	if (ret == 0)
		ret = boot_read(id.boot);
	if (ret < 0)
		return ret;
	id.start = stat.start;
	handle_get(&id, pidfd);
	*out = id;
	return 0;
}

/* Returns a pidfd, -ESRCH if the process is gone for certain, or -EOPNOTSUPP. */
static int handle_open(const struct child_identity *id)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + CHILD_HANDLE_MAX];
	} h;
	int fd;

	if (id->handle_nbytes == 0 || id->handle_nbytes > CHILD_HANDLE_MAX)
		return -EOPNOTSUPP;
	memset(&h, 0, sizeof(h));
	h.handle.handle_bytes = id->handle_nbytes;
	h.handle.handle_type = id->handle_type;
	memcpy(h.handle.f_handle, id->handle, id->handle_nbytes);
	fd = open_by_handle_at(PIDFS_ROOT, &h.handle, O_CLOEXEC);
	if (fd >= 0)
		return fd;
	return errno == ESTALE || errno == ESRCH ? -ESRCH : -EOPNOTSUPP;
}

int child_identity_open(const struct child_identity *id)
{
	char boot[CHILD_BOOT_MAX];
	struct child_stat stat;
	int ret = boot_read(boot), fd;

	if (ret < 0)
		return ret;
	if (strcmp(boot, id->boot) != 0 || id->pid <= 0)
		return -ESRCH;
	fd = handle_open(id);
	if (fd != -EOPNOTSUPP)
		return fd;
	fd = child_identity_pidfd(id->pid);
	if (fd < 0)
		return fd;

	/* While the pidfd is open it means one process; that is compared afterwards. */
	ret = child_identity_stat(&stat, id->pid);
	if (ret == 0 && stat.start != id->start)
		ret = -ESRCH;
	if (ret < 0) {
		close(fd);
		return ret;
	}
	return fd;
}

struct child_exit child_identity_exit(int pidfd, pid_t pid)
{
	struct facts facts = {.mask = FACTS_EXIT};
	struct child_stat stat;

	if (ioctl(pidfd, FACTS_GET, &facts) == 0 && (facts.mask & FACTS_EXIT) != 0)
		return child_exit_from_status(facts.exit_code);
	/* Nobody has waited for it yet, so the process id is still its own. */
	if (child_identity_stat(&stat, pid) == 0 && stat.state == 'Z' &&
	    syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0)
		return child_exit_from_status(stat.exit_status);
	/* It may have been waited for meanwhile. */
	facts.mask = FACTS_EXIT;
	if (ioctl(pidfd, FACTS_GET, &facts) == 0 && (facts.mask & FACTS_EXIT) != 0)
		return child_exit_from_status(facts.exit_code);
	return (struct child_exit){.how = CHILD_EXIT_UNKNOWN};
}
