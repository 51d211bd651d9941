/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Lines go through these steps:
 *
 * 1. A thread that logs formats its line and puts it into the ring. It never waits.
 * 2. The writer's thread takes lines and writes them; it waits for the reader as long as that
 *    takes.
 * 3. When the writer goes on after lines were dropped, it logs how many.
 *
 * Before base_log_start and after base_log_stop there is no writer: a line is written by the thread
 * that logs, which waits for the reader at most SOLO_WAIT_MS, and not at all if it has waited in
 * vain before. */

#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log_limit.h"
#include "base/log_out.h"
#include "base/log_recent.h"
#include "base/log_ring.h"

enum {
	LINE_MAX_BYTES = 4080, /* below PIPE_BUF: one write is one line on a pipe, too */
	MANY_BYTES = 32 << 10, /* of several lines that are put at once */
	RING_BYTES = 1 << 20,
	RECENT_BYTES = 1 << 20,
	CHUNK_BYTES = 64 << 10, /* that the writer takes at once */
	SOLO_WAIT_MS = 100,
	WRITER_WAIT_MS = 200, /* after which the writer looks whether it is to give up */
	STOP_WAIT_MS = 1000,
	FLUSH_WAIT_MS = 50,
};

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
static atomic_bool is_reader_stuck; /* the last lines were not taken in time */
static _Atomic uint64_t solo_dropped;

static struct {
	struct base_log_ring ring;     /* any thread */
	struct base_log_recent recent; /* any thread */
	char chunk[CHUNK_BYTES];   /* writer only */
	uint64_t told;		   /* writer only: of the lines that were dropped */

	/* any thread, atomic */
	atomic_bool has_ring;
	atomic_bool must_give_up;
	atomic_bool is_limiting; /* a peer has logged in the last window */

	/* under done_lock */
	pthread_mutex_t done_lock;
	pthread_cond_t has_come_true;
	bool is_done;
} writer = {.done_lock = PTHREAD_MUTEX_INITIALIZER};

static pthread_mutex_t limit_lock = PTHREAD_MUTEX_INITIALIZER;
static struct base_log_limit limit; /* under limit_lock */

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

int base_log_open(const char *target)
{
	return base_log_out_open(target);
}

int base_log_reopen(void)
{
	return base_log_out_reopen();
}

void base_log_set_fields(bool has)
{
	base_log_out_set_fields(has);
}

void base_log_set_level(enum base_log_level level)
{
	atomic_store_explicit(&log_level, level, memory_order_relaxed);
}

enum base_log_level base_log_get_level(void)
{
	return atomic_load_explicit(&log_level, memory_order_relaxed);
}

/* Whether the line goes to the log's target. */
static bool is_written(enum base_log_level level)
{
	return level <= base_log_get_level();
}

static bool has_recent(void)
{
	return atomic_load_explicit(&writer.has_ring, memory_order_acquire);
}

bool base_log_is(enum base_log_level level)
{
	return is_written(level) || (level <= BASE_LOG_INFO && has_recent());
}

/* ---- lines ---- */

static uint64_t count_lines(const char *lines, size_t nbytes)
{
	uint64_t n = 0;

	for (size_t i = 0; i < nbytes; i++)
		n += lines[i] == '\n';
	return n;
}

static size_t syslog_head_write(char *line, size_t size, enum base_log_level level)
{
	time_t now = time(NULL);
	struct tm tm;
	size_t n = (size_t)snprintf(line, size, "<%d>", LOG_DAEMON | levels[level].priority);

	localtime_r(&now, &tm);
	n += strftime(line + n, size - n, "%b %e %T ", &tm);
	return n + (size_t)snprintf(line + n, size - n, "weftd[%d]: ", (int)getpid());
}

static size_t head_write(char *line, size_t size, enum base_log_level level)
{
	enum base_log_target target = base_log_out_target();
	struct timespec now;
	struct tm tm;
	size_t length;

	if (target == BASE_LOG_TO_SYSLOG)
		return syslog_head_write(line, size, level);
	if (target == BASE_LOG_TO_JOURNAL)
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

/* Writes one line to `line`, which has room for LINE_MAX_BYTES + 1, and its length, newline
 * included, to `nbytes`. Returns where the text after the subject begins. */
__attribute__((format(printf, 5, 0))) static size_t line_write(char *line, size_t *nbytes,
							       enum base_log_level level,
							       const char *subject, const char *fmt,
							       va_list args)
{
	size_t length = head_write(line, LINE_MAX_BYTES, level), head;
	int more;

	length += (size_t)snprintf(line + length, LINE_MAX_BYTES - length, "%.32s: ", subject);
	head = length;
	more = vsnprintf(line + length, LINE_MAX_BYTES - length, fmt, args);
	if (more > 0)
		length += (size_t)more;
	if (length >= LINE_MAX_BYTES) {
		length = LINE_MAX_BYTES - 1;
		memcpy(line + length - 3, "...", 3);
	}
	line_clean(line, length);
	line[length] = '\n';
	*nbytes = length + 1;
	return head;
}

/* Writes lines without a writer. */
static void lines_write_solo(const char *lines, size_t nbytes)
{
	size_t done =
		base_log_out_write(lines, nbytes, atomic_load(&is_reader_stuck) ? 0 : SOLO_WAIT_MS);

	atomic_store(&is_reader_stuck, done < nbytes);
	if (done < nbytes)
		atomic_fetch_add(&solo_dropped, count_lines(lines + done, nbytes - done));
}

static void lines_put(const char *lines, size_t nbytes, uint64_t nlines)
{
	if (!atomic_load_explicit(&writer.has_ring, memory_order_acquire) ||
	    !base_log_ring_put(&writer.ring, lines, nbytes, nlines))
		lines_write_solo(lines, nbytes);
}

static void recent_put(enum base_log_level level, const char *subject, const char *text,
		       size_t nchars)
{
	struct timespec now = base_clock_read(CLOCK_REALTIME_COARSE);

	if (has_recent())
		base_log_recent_put(&writer.recent,
				    (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000,
				    level, subject, text, nchars);
}

void base_log(enum base_log_level level, const char *subject, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES + 1];
	int saved_errno = errno;
	size_t head, length;
	va_list args;

	if (!base_log_is(level))
		return;
	va_start(args, fmt);
	head = line_write(line, &length, level, subject, fmt, args);
	va_end(args);
	if (is_written(level))
		lines_put(line, length, 1);
	recent_put(level, subject, line + head, length - head - 1);
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

void base_log_lines(enum base_log_level level, const char *subject, const char *lines,
		    size_t nbytes)
{
	char head[128], many[MANY_BYTES + LINE_MAX_BYTES + 1];
	const char *end, *newline;
	size_t nhead, used = 0;
	uint64_t nlines = 0;

	if (nbytes == 0 || !base_log_is(level))
		return;
	end = lines + nbytes;
	nhead = head_write(head, sizeof(head), level);
	nhead += (size_t)snprintf(head + nhead, sizeof(head) - nhead, "%.32s: ", subject);
	for (; lines < end && (newline = memchr(lines, '\n', (size_t)(end - lines))) != NULL;
	     lines = newline + 1) {
		recent_put(level, subject, lines, (size_t)(newline - lines));
		if (!is_written(level))
			continue;
		used += line_join(many + used, head, nhead, lines, (size_t)(newline - lines));
		nlines++;
		if (used > MANY_BYTES) {
			lines_put(many, used, nlines);
			used = 0;
			nlines = 0;
		}
	}
	if (used > 0)
		lines_put(many, used, nlines);
}

void base_log_seek(struct base_log_cursor *at, bool is_oldest)
{
	*at = (struct base_log_cursor){0};
	if (has_recent())
		base_log_recent_seek(&writer.recent, at, is_oldest);
}

bool base_log_read(struct base_log_cursor *at, struct base_log_past *out)
{
	if (!has_recent() || !base_log_recent_read(&writer.recent, at, out))
		return false;
	line_clean(out->line, out->nchars);
	return true;
}

bool base_log_may(const char *peer)
{
	return base_log_may_few(peer, BASE_LOG_LIMIT_LINES);
}

bool base_log_may_few(const char *peer, uint32_t most)
{
	char name[BASE_LOG_PEER_MAX];
	bool may;

	snprintf(name, sizeof(name), "%s", peer);
	name[strcspn(name, "@")] = '\0';
	pthread_mutex_lock(&limit_lock);
	may = base_log_limit_take(&limit, name, most, base_clock_steady_us() / 1000000);
	pthread_mutex_unlock(&limit_lock);
	atomic_store_explicit(&writer.is_limiting, true, memory_order_relaxed);
	return may;
}

void base_log_leave_out(const char *peer, uint32_t n)
{
	pthread_mutex_lock(&limit_lock);
	base_log_limit_leave_out(&limit, peer, n, base_clock_steady_us() / 1000000);
	pthread_mutex_unlock(&limit_lock);
	atomic_store_explicit(&writer.is_limiting, true, memory_order_relaxed);
}

void base_log_get_stats(struct base_log_stats *out)
{
	*out = (struct base_log_stats){.dropped = atomic_load(&solo_dropped)};
	if (atomic_load_explicit(&writer.has_ring, memory_order_acquire))
		out->dropped += base_log_ring_dropped(&writer.ring);
	pthread_mutex_lock(&limit_lock);
	out->left_out = limit.left_out;
	pthread_mutex_unlock(&limit_lock);
}

/* ---- the writer's thread ---- */

/* Writes lines, however long the reader takes; gives up when the log is stopped meanwhile. */
static void writer_write(const char *lines, size_t nbytes)
{
	size_t done = 0;

	while (done < nbytes && !atomic_load(&writer.must_give_up)) {
		done += base_log_out_write(lines + done, nbytes - done, WRITER_WAIT_MS);
		atomic_store(&is_reader_stuck, done < nbytes);
	}
	if (done < nbytes)
		base_log_ring_drop(&writer.ring, count_lines(lines + done, nbytes - done));
}

__attribute__((format(printf, 1, 2))) static void writer_say(const char *fmt, ...)
{
	char line[LINE_MAX_BYTES + 1];
	size_t head, length;
	va_list args;

	va_start(args, fmt);
	head = line_write(line, &length, BASE_LOG_WARNING, "log", fmt, args);
	va_end(args);
	writer_write(line, length);
	recent_put(BASE_LOG_WARNING, "log", line + head, length - head - 1);
}

static void say_dropped(void)
{
	uint64_t dropped = base_log_ring_dropped(&writer.ring);

	if (dropped == writer.told)
		return;
	writer_say("dropped count=%llu why=\"the log was not read in time\"",
		   (unsigned long long)(dropped - writer.told));
	writer.told = dropped;
}

static void say_left_out(bool is_end)
{
	char name[BASE_LOG_LIMIT_NAME], quoted[BASE_LOG_LIMIT_NAME + 8];
	uint64_t now_s = base_clock_steady_us() / 1000000;
	uint32_t count;

	do {
		pthread_mutex_lock(&limit_lock);
		count = base_log_limit_report(&limit, now_s, is_end, name);
		pthread_mutex_unlock(&limit_lock);
		if (count > 0)
			writer_say("left-out count=%u peer=%s seconds=%d", count,
				   base_log_quote(quoted, sizeof(quoted), name),
				   BASE_LOG_LIMIT_WINDOW_S);
	} while (count > 0);
}

static void *writer_run(void *arg)
{
	size_t n;

	(void)arg;
	do {
		/* Only after lines by peers there may be something to say when time has passed. */
		int timeout_ms = atomic_exchange(&writer.is_limiting, false)
					 ? BASE_LOG_LIMIT_WINDOW_S * 1000
					 : -1;

		n = base_log_ring_take(&writer.ring, writer.chunk, sizeof(writer.chunk),
				       timeout_ms);
		writer_write(writer.chunk, n);
		say_dropped();
		say_left_out(false);
	} while (n > 0 || !base_log_ring_has_ended(&writer.ring));
	say_left_out(true);

	pthread_mutex_lock(&writer.done_lock);
	writer.is_done = true;
	pthread_cond_signal(&writer.has_come_true);
	pthread_mutex_unlock(&writer.done_lock);
	return NULL;
}

/* The end by a failed assertion, or by the service manager's watchdog: what is in the ring may say
 * why. The lock may be held by this very thread, so it is only tried. */
static void on_abort(int number)
{
	size_t n;

	(void)number;
	while ((n = base_log_ring_take_now(&writer.ring, writer.chunk, sizeof(writer.chunk))) > 0 &&
	       base_log_out_write(writer.chunk, n, SOLO_WAIT_MS) == n)
		;
}

static int thread_start(void)
{
	pthread_attr_t attr;
	sigset_t all, before;
	pthread_t thread;
	int ret;

	pthread_attr_init(&attr);
	/* At the end nobody can wait for a thread that a disk holds. */
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = pthread_create(&thread, &attr, writer_run, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return -ret;
}

int base_log_start(void)
{
	const struct sigaction action = {.sa_handler = on_abort, .sa_flags = (int)SA_RESETHAND};
	pthread_condattr_t attr;
	int ret;

	assert(!atomic_load(&writer.has_ring));
	ret = base_log_ring_init(&writer.ring, RING_BYTES);
	if (ret < 0)
		return ret;
	ret = base_log_recent_init(&writer.recent, RECENT_BYTES);
	if (ret < 0) {
		base_log_ring_fini(&writer.ring);
		return ret;
	}
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&writer.has_come_true, &attr);
	pthread_condattr_destroy(&attr);
	writer.is_done = false;
	writer.told = 0;
	atomic_store(&writer.must_give_up, false);
	ret = thread_start();
	if (ret < 0) {
		pthread_cond_destroy(&writer.has_come_true);
		base_log_recent_fini(&writer.recent);
		base_log_ring_fini(&writer.ring);
		return ret;
	}
	atomic_store_explicit(&writer.has_ring, true, memory_order_release);
	sigaction(SIGABRT, &action, NULL);
	return 0;
}

void base_log_flush(void)
{
	if (atomic_load_explicit(&writer.has_ring, memory_order_acquire) &&
	    !atomic_load(&is_reader_stuck))
		base_log_ring_wait_idle(&writer.ring, FLUSH_WAIT_MS);
}

/* Waits until the writer is done, at most so long. */
static bool wait_for_writer(unsigned timeout_ms)
{
	struct timespec deadline = base_clock_steady_in(timeout_ms);
	bool is_done;
	int ret = 0;

	pthread_mutex_lock(&writer.done_lock);
	while (!writer.is_done && ret == 0)
		ret = pthread_cond_timedwait(&writer.has_come_true, &writer.done_lock, &deadline);
	is_done = writer.is_done;
	pthread_mutex_unlock(&writer.done_lock);
	return is_done;
}

void base_log_stop(void)
{
	if (!atomic_load(&writer.has_ring) || base_log_ring_has_ended(&writer.ring))
		return;
	base_log_ring_end(&writer.ring);
	if (wait_for_writer(STOP_WAIT_MS))
		return;
	atomic_store(&is_reader_stuck, true);
	atomic_store(&writer.must_give_up, true);
	wait_for_writer(2 * WRITER_WAIT_MS);
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
