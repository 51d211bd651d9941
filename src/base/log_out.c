/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/log_out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "base/log_journal.h"

/* any thread, atomic */
static _Atomic enum base_log_target log_target = BASE_LOG_TO_STDERR;
/* The descriptors of the file and of syslog's socket. Their numbers never change: what is opened
 * anew is put in its place by dup3(), so that a thread which has just read the number never writes
 * to another file. */
static atomic_int log_fd = -1;
static atomic_int syslog_fd = -1;
static atomic_int journal_fd = -1;
static atomic_bool has_fields;

/* main thread only */
static char *log_path;

/* Whether standard error is the journal: JOURNAL_STREAM contains the device and inode that systemd
 * gave it. If standard error has been redirected since, its own device and inode differ. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	if (stream == NULL || sscanf(stream, "%llu:%llu", &dev, &ino) != 2)
		return false;
	return fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

/* Makes `fd`, which moves in, what `place` stands for. */
static int fd_put(atomic_int *place, int take_fd)
{
	int old = -1;
	int ret = 0;

	if (atomic_compare_exchange_strong(place, &old, take_fd))
		return 0;
	if (dup3(take_fd, old, O_CLOEXEC) < 0)
		ret = -errno;
	close(take_fd);
	return ret;
}

/* O_NONBLOCK: a named pipe that nobody reads is an error and no reason to wait. */
static int log_file_open(const char *path)
{
	int fd =
		open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);

	return fd < 0 ? -errno : fd_put(&log_fd, fd);
}

/* glibc's syslog() would wait for a daemon that hangs, and with it each thread that logs. */
static int syslog_open(void)
{
	const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = _PATH_LOG};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int ret;

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		ret = -errno;
		close(fd);
		return ret;
	}
	return fd_put(&syslog_fd, fd);
}

int base_log_out_open(const char *target)
{
	char *path;
	int ret;

	if (strcmp(target, "stderr") == 0) {
		atomic_store(&log_target,
			     stderr_is_journal() ? BASE_LOG_TO_JOURNAL : BASE_LOG_TO_STDERR);
		return 0;
	}
	if (strcmp(target, "syslog") == 0) {
		/* The daemon may be started later: each line tries again. */
		(void)syslog_open();
		atomic_store(&log_target, BASE_LOG_TO_SYSLOG);
		return 0;
	}

	path = strdup(target);
	if (path == NULL)
		return -ENOMEM;
	ret = log_file_open(path);
	if (ret != 0) {
		free(path);
		return ret;
	}
	free(log_path);
	log_path = path;
	atomic_store(&log_target, BASE_LOG_TO_FILE);
	return 0;
}

int base_log_out_reopen(void)
{
	return base_log_out_target() == BASE_LOG_TO_FILE ? log_file_open(log_path) : 0;
}

void base_log_out_set_fields(bool has)
{
	atomic_store(&has_fields, has);
}

enum base_log_target base_log_out_target(void)
{
	return atomic_load_explicit(&log_target, memory_order_relaxed);
}

/* Waits until `fd` takes at least PIPE_BUF bytes, or has an error that a write will tell. */
static bool is_ready(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int n;

	do
		n = poll(&p, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	return n != 0;
}

/* A line is one datagram without its newline. */
static bool syslog_send(const char *line, size_t nbytes, int timeout_ms)
{
	int fd = atomic_load(&syslog_fd);

	if (fd >= 0 && !is_ready(fd, timeout_ms))
		return false;
	if (fd >= 0 && send(fd, line, nbytes, MSG_NOSIGNAL) >= 0)
		return true;
	if (fd >= 0 && errno == EAGAIN)
		return false;
	/* The daemon is another one now. */
	if (syslog_open() == 0)
		(void)!send(atomic_load(&syslog_fd), line, nbytes, MSG_NOSIGNAL);
	return true;
}

/* A line is one datagram, an entry of the journal. Returns whether it was taken; it is written to
 * standard error, which is the journal too, if the socket does not take it. */
static bool journal_send(const char *line, size_t nbytes, int timeout_ms)
{
	char entry[BASE_LOG_ENTRY_MAX];
	size_t nentry = base_log_journal_entry(entry, line, nbytes);
	int fd = atomic_load(&journal_fd);

	for (unsigned attempt = 0; attempt < 2; attempt++) {
		if (fd >= 0 && !is_ready(fd, timeout_ms))
			return false;
		if (fd >= 0 && send(fd, entry, nentry, MSG_NOSIGNAL) >= 0)
			return true;
		if (fd >= 0 && errno == EAGAIN)
			return false;
		/* The journal is another one now. */
		fd = base_log_journal_connect();
		if (fd < 0)
			break;
		fd_put(&journal_fd, fd);
		fd = atomic_load(&journal_fd);
	}
	return is_ready(STDERR_FILENO, timeout_ms) && write(STDERR_FILENO, line, nbytes + 1) > 0;
}

/* Returns how much of the lines is one write: whole lines of at most PIPE_BUF bytes in all, which a
 * pipe that is ready takes without waiting, and as one. */
static size_t piece_of(const char *lines, size_t nbytes)
{
	const char *newline;

	if (nbytes <= PIPE_BUF)
		return nbytes;
	newline = memrchr(lines, '\n', PIPE_BUF);
	return newline == NULL ? PIPE_BUF : (size_t)(newline + 1 - lines);
}

/* Sends line by line. Returns how many bytes of lines were taken. */
static size_t lines_send(const char *lines, size_t nbytes, int timeout_ms,
			 bool (*line_send)(const char *line, size_t nbytes, int timeout_ms))
{
	const char *at = lines, *end = lines + nbytes, *newline;

	while (at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL &&
	       line_send(at, (size_t)(newline - at), timeout_ms))
		at = newline + 1;
	return (size_t)(at - lines);
}

size_t base_log_out_write(const char *lines, size_t nbytes, int timeout_ms)
{
	enum base_log_target target = base_log_out_target();
	int fd = target == BASE_LOG_TO_FILE ? atomic_load(&log_fd) : STDERR_FILENO;
	size_t done = 0;

	if (target == BASE_LOG_TO_SYSLOG)
		return lines_send(lines, nbytes, timeout_ms, syslog_send);
	if (target == BASE_LOG_TO_JOURNAL && atomic_load(&has_fields))
		return lines_send(lines, nbytes, timeout_ms, journal_send);
	while (done < nbytes && is_ready(fd, timeout_ms)) {
		ssize_t n = write(fd, lines + done, piece_of(lines + done, nbytes - done));

		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			/* If the log cannot be written, there is nowhere left to report it. */
			return nbytes;
	}
	return done;
}
