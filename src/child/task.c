/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "child/task.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ev.h>

#include "base/error.h"
#include "child/group.h"
#include "child/process.h"
#include "child/reaper.h"

enum { REASON_MAX = 400, LINE_MAX_BYTES = 250, PATH_BYTES = 40 };

/* Output goes into a file in memory, not a pipe: what is left of the command when the supervisor
 * dies neither gets SIGPIPE nor blocks. */
struct child_task {
	struct ev_loop *loop;
	struct child_process *process;
	ev_timer timer;
	int written; /* the file, or -1 */
	off_t begin; /* of what it writes there */
	bool is_kept;
	const char *killed; /* why it was killed, or NULL */
	char *group;
	child_task_fn on_done;
	void *arg;
};

static void destroy(struct child_task *task)
{
	ev_timer_stop(task->loop, &task->timer);
	child_process_close(task->process);
	if (task->written >= 0)
		close(task->written);
	free(task->group);
	free(task);
}

/* Kills all that the command has started, as far as it is still in its session or group. */
static void kill_all(struct child_task *task)
{
	/* A child that is not yet the leader of its session has no process group. */
	child_process_signal(task->process, SIGKILL);
	kill(-child_process_pid(task->process), SIGKILL);
	if (task->group != NULL)
		child_group_kill(task->group);
}

/* Reads the end of the output. Returns a malloc'd text, or NULL when out of memory. */
static char *output_read(const struct child_task *task, size_t *nbytes)
{
	char *text = malloc(CHILD_TASK_OUTPUT_MAX + 1);
	int fd = task->written;
	off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	off_t begin = task->begin <= end ? task->begin : 0; /* it was cut meanwhile */
	ssize_t n = 0;

	if (text == NULL)
		return NULL;
	if (end - begin > CHILD_TASK_OUTPUT_MAX)
		begin = end - CHILD_TASK_OUTPUT_MAX;
	if (end > begin)
		n = pread(fd, text, (size_t)(end - begin), begin);
	*nbytes = n > 0 ? (size_t)n : 0;
	text[*nbytes] = '\0';
	return text;
}

/* Writes the last line that is not blank, cut to what a reason may have. */
static void line_write(char out[static LINE_MAX_BYTES + 1], const char *text, size_t nbytes)
{
	size_t end = nbytes, begin;

	while (end > 0 && (unsigned char)text[end - 1] <= ' ')
		end--;
	for (begin = end; begin > 0 && text[begin - 1] != '\n'; begin--)
		;
	snprintf(out, LINE_MAX_BYTES + 1, "%.*s",
		 (int)(end - begin < LINE_MAX_BYTES ? end - begin : LINE_MAX_BYTES), text + begin);
	for (char *at = out; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 127)
			*at = '?';
}

static void reason_write(char out[static REASON_MAX], const struct child_task *task,
			 struct child_exit exit, const char *line)
{
	char how[CHILD_EXIT_TEXT_MAX];

	child_exit_to_text(how, exit);
	snprintf(out, REASON_MAX, "%s%s%s", task->killed != NULL ? task->killed : how,
		 line[0] != '\0' ? ": " : "", line);
}

static void done(struct child_task *task, struct child_task_result *result)
{
	task->on_done(task->arg, result);
	destroy(task);
}

static void on_exec(void *arg, const struct base_error *error)
{
	struct child_task_result result = {.how = CHILD_TASK_FAILED, .output = ""};

	if (error == NULL)
		return;
	result.reason = error->text;
	done(arg, &result);
}

static void on_end(void *arg, struct child_exit exit)
{
	struct child_task *task = arg;
	struct child_task_result result = {.how = CHILD_TASK_ENDED, .exit = exit};
	char reason[REASON_MAX], line[LINE_MAX_BYTES + 1], *text;

	if (!task->is_kept && task->group != NULL)
		child_group_kill(task->group);
	text = output_read(task, &result.noutput);
	if (task->killed != NULL)
		result.how = CHILD_TASK_TIMEOUT;
	result.output = text != NULL ? text : "";
	line_write(line, result.output, text != NULL ? result.noutput : 0);
	reason_write(reason, task, exit, line);
	result.line = line;
	result.reason = reason;
	task->on_done(task->arg, &result);
	free(text);
	destroy(task);
}

static const struct child_process_events events = {.on_exec = on_exec, .on_end = on_end};

static void on_timeout(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	struct child_task *task = watcher->data;

	(void)loop;
	(void)revents;
	task->killed = "timed out";
	kill_all(task);
}

/* Opens for reading the file that the command writes to, which others write to as well. */
static void written_open(struct child_task *task, int output)
{
	char path[PATH_BYTES];
	struct stat st;

	if (fstat(output, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", output);
	task->written = open(path, O_RDONLY | O_CLOEXEC);
	task->begin = st.st_size;
}

int child_task_start(struct child_task **out, struct child_reaper *reaper,
		     const struct child_task_settings *settings, child_task_fn on_done, void *arg,
		     struct base_error *error)
{
	struct child_task *task = calloc(1, sizeof(*task));
	struct child_launch launch = {
		.command = settings->command,
		.output = settings->output,
		.group = settings->group,
		.mark = settings->mark,
		.is_ended_whole = !settings->is_kept,
	};
	int ret = -ENOMEM;

	if (task == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	task->loop = child_reaper_loop(reaper);
	task->written = -1;
	task->is_kept = settings->is_kept;
	task->on_done = on_done;
	task->arg = arg;
	ev_timer_init(&task->timer, on_timeout, settings->timeout_ms / 1e3, 0);
	task->timer.data = task;
	if (settings->group != NULL && (task->group = strdup(settings->group)) == NULL)
		goto undo;
	if (launch.output < 0)
		launch.output = task->written = memfd_create("output", MFD_CLOEXEC);
	else
		written_open(task, launch.output);
	if (launch.output < 0) {
		ret = -errno;
		goto undo;
	}
	ret = child_process_start(&task->process, reaper, &launch, &events, task, error);
	if (ret < 0) {
		destroy(task);
		return ret;
	}
	ev_now_update(task->loop);
	ev_timer_start(task->loop, &task->timer);
	*out = task;
	return 0;
undo:
	destroy(task);
	return base_error_set(error, ret, "%s", strerror(-ret));
}

void child_task_cut(struct child_task *task)
{
	task->killed = "cut off";
	kill_all(task);
}

void child_task_close(struct child_task *task)
{
	if (task == NULL)
		return;
	kill_all(task);
	destroy(task);
}
