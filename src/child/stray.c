/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "child/stray.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child/identity.h"

enum { ENVIRON_BYTES = 131072 };

/* Finds `mark` in the environment of a process: as a whole variable, or if it ends with a colon as
 * the beginning of one. Returns what follows it, in `bytes`, or NULL. */
static const char *mark_find(pid_t pid, const char *mark, char *bytes)
{
	size_t nmark = strlen(mark), nbytes = 0;
	const char *at = bytes;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/environ", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	for (ssize_t n; nbytes < ENVIRON_BYTES - 1; nbytes += (size_t)n) {
		n = read(fd, bytes + nbytes, ENVIRON_BYTES - 1 - nbytes);
		if (n <= 0)
			break;
	}
	close(fd);
	bytes[nbytes] = '\0';
	while (at < bytes + nbytes) {
		size_t n = strlen(at);

		if (strncmp(at, mark, nmark) == 0 && (n == nmark || mark[nmark - 1] == ':'))
			return at + nmark;
		at += n + 1;
	}
	return NULL;
}

static bool is_stray(pid_t pid, const char *mark, pid_t session, char *bytes, const char **rest)
{
	struct child_stat stat;

	if (child_identity_stat(&stat, pid) < 0 || stat.is_kernel || stat.state == 'Z' ||
	    stat.state == 'X')
		return false;
	*rest = NULL;
	if (session != 0 && stat.session == session)
		return true;
	*rest = mark != NULL ? mark_find(pid, mark, bytes) : NULL;
	return *rest != NULL;
}

unsigned child_stray_each(const char *mark, pid_t session, child_stray_fn fn, void *arg)
{
	char *bytes = malloc(ENVIRON_BYTES);
	DIR *dir = bytes != NULL ? opendir("/proc") : NULL;
	pid_t own = getpid();
	struct dirent *entry;
	const char *rest;
	unsigned count = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;

		if (pid <= 1 || pid == own || !is_stray(pid, mark, session, bytes, &rest))
			continue;
		count++;
		if (!fn(arg, pid, rest))
			break;
	}
	if (dir != NULL)
		closedir(dir);
	free(bytes);
	return count;
}

static bool signal_one(void *arg, pid_t pid, const char *rest)
{
	(void)rest;
	kill(pid, *(const int *)arg);
	return true;
}

unsigned child_stray_signal(const char *mark, pid_t session, int signal)
{
	return child_stray_each(mark, session, signal_one, &signal);
}
