/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/* Below PIPE_BUF: so one write is one line on a pipe, too. */
#define LINE_MAX_BYTES 4080
#define MANY_BYTES (32 << 10) /* of several lines that are written at once */

enum log_target { TO_STDERR, TO_JOURNAL, TO_SYSLOG, TO_FILE };

static const struct {
	const char *text;
	int priority;
} levels[] = {
	[BASE_LOG_ERROR] = {"error", LOG_ERR},
	[BASE_LOG_WARNING] = {"warning", LOG_WARNING},
	[BASE_LOG_INFO] = {"info", LOG_INFO},
	[BASE_LOG_DEBUG] = {"debug", LOG_DEBUG},
};

/* any thread, atomic */
static _Atomic enum base_log_level log_level = BASE_LOG_INFO;
static _Atomic enum log_target log_target = TO_STDERR;
/* The descriptor of the file. Its number never changes: a reopened file is put in its place by
 * dup3(), so that a thread which has just read the number never writes to another file. */
static atomic_int log_fd = -1;

/* main thread only */
static char *log_path;

int base_log_level_from_text(const char *text, enum base_log_level *level)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(text, levels[i].text) == 0) {
			*level = (enum base_log_level)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *base_log_level_to_text(enum base_log_level level)
{
	assert(level < sizeof(levels) / sizeof(levels[0]));
	return levels[level].text;
}

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

static int log_file_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
	int old = atomic_load(&log_fd);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (old < 0) {
		atomic_store(&log_fd, fd);
		return 0;
	}
	if (dup3(fd, old, O_CLOEXEC) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

int base_log_open(const char *target)
{
	char *path;
	int ret;

	if (strcmp(target, "stderr") == 0) {
		atomic_store(&log_target, stderr_is_journal() ? TO_JOURNAL : TO_STDERR);
		return 0;
	}
	if (strcmp(target, "syslog") == 0) {
		openlog("weftd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
		atomic_store(&log_target, TO_SYSLOG);
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
	atomic_store(&log_target, TO_FILE);
	return 0;
}

int base_log_reopen(void)
{
	return atomic_load(&log_target) == TO_FILE ? log_file_open(log_path) : 0;
}

void base_log_set_level(enum base_log_level level)
{
	atomic_store_explicit(&log_level, level, memory_order_relaxed);
}

enum base_log_level base_log_get_level(void)
{
	return atomic_load_explicit(&log_level, memory_order_relaxed);
}

bool base_log_is(enum base_log_level level)
{
	return level <= base_log_get_level();
}

static size_t head_write(char *line, size_t size, enum log_target target, enum base_log_level level)
{
	struct timespec now;
	struct tm tm;
	size_t length;

	if (target == TO_SYSLOG)
		return 0;
	if (target == TO_JOURNAL)
		return (size_t)snprintf(line, size, "<%d>", levels[level].priority);

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	length = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &tm);
	return length + (size_t)snprintf(line + length, size - length, ".%03ldZ %s ",
					 now.tv_nsec / 1000000, levels[level].text);
}

static void line_clean(char *line, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	}
}

static void bytes_send(enum log_target target, const char *bytes, size_t nbytes)
{
	int fd = target == TO_FILE ? atomic_load(&log_fd) : STDERR_FILENO;

	/* If the log cannot be written, there is nowhere left to report it. */
	if (write(fd, bytes, nbytes) < 0)
		return;
}

static void line_send(enum log_target target, enum base_log_level level, char *line, size_t length)
{
	if (target == TO_SYSLOG) {
		syslog(levels[level].priority, "%s", line);
		return;
	}
	line[length] = '\n';
	bytes_send(target, line, length + 1);
}

void base_log(enum base_log_level level, const char *room, const char *fmt, ...)
{
	enum log_target target = atomic_load_explicit(&log_target, memory_order_relaxed);
	char line[LINE_MAX_BYTES + 2];
	int saved_errno = errno;
	size_t length;
	va_list args;
	int more;

	if (!base_log_is(level))
		return;

	length = head_write(line, LINE_MAX_BYTES, target, level);
	length += (size_t)snprintf(line + length, LINE_MAX_BYTES - length, "%.32s: ", room);
	va_start(args, fmt);
	more = vsnprintf(line + length, LINE_MAX_BYTES - length, fmt, args);
	va_end(args);
	if (more > 0)
		length += (size_t)more;
	if (length >= LINE_MAX_BYTES) {
		length = LINE_MAX_BYTES - 1;
		memcpy(line + length - 3, "...", 3);
	}
	line_clean(line, length);
	line_send(target, level, line, length);
	errno = saved_errno;
}

/* Writes `head` and the line to `out`, which has room for LINE_MAX_BYTES + 1. Returns the length,
 * newline included. */
static size_t line_join(char *out, const char *head, size_t nhead, const char *line, size_t length)
{
	if (length > LINE_MAX_BYTES - nhead)
		length = LINE_MAX_BYTES - nhead;
	memcpy(out, head, nhead);
	memcpy(out + nhead, line, length);
	line_clean(out + nhead, length);
	out[nhead + length] = '\n';
	return nhead + length + 1;
}

void base_log_lines(enum base_log_level level, const char *room, const char *lines, size_t nbytes)
{
	enum log_target target = atomic_load_explicit(&log_target, memory_order_relaxed);
	char head[128], many[MANY_BYTES + LINE_MAX_BYTES + 1];
	const char *end, *newline;
	size_t nhead, used = 0;

	if (nbytes == 0 || !base_log_is(level))
		return;
	end = lines + nbytes;
	nhead = head_write(head, sizeof(head), target, level);
	nhead += (size_t)snprintf(head + nhead, sizeof(head) - nhead, "%.32s: ", room);
	for (; lines < end && (newline = memchr(lines, '\n', (size_t)(end - lines))) != NULL;
	     lines = newline + 1) {
		used += line_join(many + used, head, nhead, lines, (size_t)(newline - lines));
		if (target == TO_SYSLOG) {
			many[used - 1] = '\0';
			syslog(levels[level].priority, "%s", many);
			used = 0;
		} else if (used > MANY_BYTES) {
			bytes_send(target, many, used);
			used = 0;
		}
	}
	if (used > 0)
		bytes_send(target, many, used);
}

static bool is_word(const char *value)
{
	if (*value == '\0')
		return false;
	for (; *value != '\0'; value++) {
		if ((unsigned char)*value <= ' ' || strchr("\"=\\\x7f", *value) != NULL)
			return false;
	}
	return true;
}

const char *base_log_quote(char *buf, size_t size, const char *value)
{
	size_t used = 0;

	assert(size >= 4);
	if (is_word(value)) {
		snprintf(buf, size, "%s", value);
		return buf;
	}

	buf[used++] = '"';
	/* One more character needs at most 4: itself escaped, the closing quote and the NUL. */
	for (; *value != '\0' && used + 4 <= size; value++) {
		if (*value == '"' || *value == '\\')
			buf[used++] = '\\';
		buf[used++] = *value;
	}
	buf[used++] = '"';
	buf[used] = '\0';
	return buf;
}
