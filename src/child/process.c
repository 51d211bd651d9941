/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "child/process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ev.h>

#include "base/error.h"
#include "child/identity.h"
#include "child/reaper.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

struct child_process {
	struct child_known child;
	struct child_reaper *reaper;
	const struct child_process_events *events;
	void *arg;
	int pidfd;
	ev_io ended;
	int pipe; /* until the program runs; else -1 */
	ev_io reported;
	struct base_error *error; /* the program did not run: why. Reported when the child ends */
	bool is_ended_whole;
	bool is_calling; /* a function of `events` */
	bool was_closed; /* meanwhile */
	bool has_ended;
};

/* For a failure when there is no memory to describe it. */
static struct base_error no_memory = {.code = -ENOMEM, .text = "out of memory"};

static struct ev_loop *loop_of(const struct child_process *process)
{
	return child_reaper_loop(process->reaper);
}

static void pipe_close(struct child_process *process)
{
	if (process->pipe < 0)
		return;
	ev_io_stop(loop_of(process), &process->reported);
	close(process->pipe);
	process->pipe = -1;
}

static void destroy(struct child_process *process)
{
	pipe_close(process);
	ev_io_stop(loop_of(process), &process->ended);
	close(process->pidfd);
	if (!process->has_ended)
		child_reaper_forget(&process->child);
	if (process->error != &no_memory)
		free(process->error);
	free(process);
}

/* Reads the pipe: its end is the exec. Returns false if the process is gone. */
static bool pipe_read(struct child_process *process)
{
	struct child_launch_report report;
	ssize_t n = read(process->pipe, &report, sizeof(report));
	bool was_closed;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	pipe_close(process);
	if (n == (ssize_t)sizeof(report)) {
		report.object[sizeof(report.object) - 1] = '\0';
		process->error = malloc(sizeof(*process->error));
		if (process->error == NULL)
			process->error = &no_memory;
		else
			child_launch_explain(&report, process->error);
		return true;
	}
	process->is_calling = true;
	process->events->on_exec(process->arg, NULL);
	process->is_calling = false;
	was_closed = process->was_closed;
	if (was_closed)
		destroy(process);
	return !was_closed;
}

static void on_reported(struct ev_loop *loop, ev_io *watcher, int revents)
{
	(void)loop;
	(void)revents;
	pipe_read(watcher->data);
}

/* Waits for the process. Returns false if it has not ended. */
static bool wait_for(struct child_process *process, struct child_exit *exit)
{
	siginfo_t info = {.si_pid = 0};

	/* A leader that was not waited for still owns the number of its process group. */
	if (process->is_ended_whole &&
	    waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid != 0)
		kill(-process->child.pid, SIGKILL);
	info.si_pid = 0;
	if (waitid(P_PIDFD, (id_t)process->pidfd, &info, WEXITED | WNOHANG) == 0) {
		if (info.si_pid == 0)
			return false;
		*exit = child_exit_from_siginfo(&info);
	} else {
		*exit = child_identity_exit(process->pidfd, process->child.pid);
	}
	return true;
}

static void finish(struct child_process *process)
{
	struct child_exit exit;

	if (process->has_ended || !wait_for(process, &exit))
		return;
	ev_io_stop(loop_of(process), &process->ended);
	child_reaper_forget(&process->child);
	process->has_ended = true;
	if (process->pipe >= 0 && !pipe_read(process))
		return;
	process->is_calling = true;
	if (process->error != NULL)
		process->events->on_exec(process->arg, process->error);
	else
		process->events->on_end(process->arg, exit);
	process->is_calling = false;
	if (process->was_closed)
		destroy(process);
}

static void on_ended(struct ev_loop *loop, ev_io *watcher, int revents)
{
	(void)loop;
	(void)revents;
	finish(watcher->data);
}

static void on_child_end(struct child_known *child)
{
	finish((struct child_process *)child); /* its first member */
}

/* Makes a process of its pidfd. Returns NULL when out of memory. */
static struct child_process *watch(struct child_reaper *reaper, pid_t pid, int pidfd,
				   const struct child_process_events *events, void *arg)
{
	struct child_process *process = calloc(1, sizeof(*process));

	if (process == NULL)
		return NULL;
	process->reaper = reaper;
	process->events = events;
	process->arg = arg;
	process->pidfd = pidfd;
	process->pipe = -1;
	process->child.pid = pid;
	process->child.on_end = on_child_end;
	child_reaper_know(reaper, &process->child);
	ev_io_init(&process->ended, on_ended, pidfd, EV_READ);
	process->ended.data = process;
	ev_io_start(child_reaper_loop(reaper), &process->ended);
	return process;
}

int child_process_start(struct child_process **out, struct child_reaper *reaper,
			const struct child_launch *launch,
			const struct child_process_events *events, void *arg,
			struct base_error *error)
{
	struct child_process *process;
	struct child_image *image;
	int ret = child_launch_prepare(&image, launch, error), pidfd, pipe;
	pid_t pid;

	if (ret < 0)
		return ret;
	pid = child_launch_clone(image, &pidfd, &pipe, error);
	child_launch_free(image);
	if (pid < 0)
		return (int)pid;
	process = pidfd < 0 ? NULL : watch(reaper, pid, pidfd, events, arg);
	if (process == NULL) {
		kill(pid, SIGKILL); /* not waited for yet: still ours */
		if (pidfd >= 0)
			close(pidfd);
		close(pipe);
		return base_error_set(error, -ENOMEM, "cannot watch process %d", pid);
	}
	process->is_ended_whole = launch->is_ended_whole;
	process->pipe = pipe;
	ev_io_init(&process->reported, on_reported, pipe, EV_READ);
	process->reported.data = process;
	ev_io_start(child_reaper_loop(reaper), &process->reported);
	*out = process;
	return 0;
}

int child_process_adopt(struct child_process **out, struct child_reaper *reaper,
			const struct child_identity *id, const struct child_process_events *events,
			void *arg)
{
	int pidfd = child_identity_open(id);

	if (pidfd < 0)
		return pidfd;
	*out = watch(reaper, id->pid, pidfd, events, arg);
	if (*out == NULL) {
		close(pidfd);
		return -ENOMEM;
	}
	return 0;
}

void child_process_close(struct child_process *process)
{
	if (process == NULL)
		return;
	if (process->is_calling)
		process->was_closed = true;
	else
		destroy(process);
}

int child_process_signal(struct child_process *process, int signal)
{
	if (process->has_ended)
		return -ESRCH;
	return syscall(SYS_pidfd_send_signal, process->pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

pid_t child_process_pid(const struct child_process *process)
{
	return process->child.pid;
}

int child_process_pidfd(const struct child_process *process)
{
	return process->pidfd;
}
