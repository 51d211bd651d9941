/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "child/command.h"
#include "child/task.h"

enum { VERSION_BYTES = 128, REASON_MAX = 600 };

static const char version_file[] = ".weft-prepared";

struct supervise_prepare {
	struct child_reaper *reaper;
	struct supervise_prepare_settings settings;
	struct child_task *task;
	size_t next;
	supervise_prepare_fn on_done;
	void *arg;
};

static const char *version_of(const struct supervise_prepare_settings *settings)
{
	return settings->version != NULL ? settings->version : "";
}

/* Opens the folder that has the file with the version. Returns a descriptor or -1. */
static int folder_open(const struct supervise_prepare_settings *settings)
{
	const char *folder = settings->steps[settings->nsteps - 1].folder;

	return open(folder != NULL ? folder : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool is_prepared(const struct supervise_prepare_settings *settings)
{
	int folder = folder_open(settings), fd = -1;
	char version[VERSION_BYTES + 1];
	ssize_t n = -1;

	/* The folder is the service's own: whatever it has put there must not block. */
	if (folder >= 0) {
		fd = openat(folder, version_file,
			    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
		close(folder);
	}
	if (fd >= 0) {
		n = read(fd, version, VERSION_BYTES);
		close(fd);
	}
	if (n < 0)
		return false;
	version[n] = '\0';
	return strcmp(version, version_of(settings)) == 0;
}

/* Records the version; without that it is only prepared again. The file is always a new one: what
 * the service has put there may be a second name of another file. */
static void record(const struct supervise_prepare_settings *settings)
{
	const char *version = version_of(settings);
	int folder = folder_open(settings), fd;

	if (folder < 0)
		return;
	unlinkat(folder, version_file, 0);
	fd = openat(folder, version_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		    0644);
	if (fd >= 0) {
		if (write(fd, version, strlen(version)) < 0)
			unlinkat(folder, version_file, 0);
		close(fd);
	}
	close(folder);
}

static void done(struct supervise_prepare *prepare, const char *reason)
{
	supervise_prepare_fn on_done = prepare->on_done;
	void *arg = prepare->arg;

	free(prepare);
	on_done(arg, reason);
}

static void on_task(void *arg, const struct child_task_result *result);

static int step_start(struct supervise_prepare *prepare, struct base_error *error)
{
	struct child_task_settings task = {
		.command = &prepare->settings.steps[prepare->next],
		.mark = prepare->settings.mark,
		.output = -1,
		.timeout_ms = prepare->settings.timeout_ms,
	};

	return child_task_start(&prepare->task, prepare->reaper, &task, on_task, prepare, error);
}

static void on_task(void *arg, const struct child_task_result *result)
{
	struct supervise_prepare *prepare = arg;
	bool is_good = result->how == CHILD_TASK_ENDED && result->exit.how == CHILD_EXIT_STATUS &&
		       result->exit.value == 0;
	struct base_error error;
	char reason[REASON_MAX];

	prepare->task = NULL;
	if (!is_good) {
		snprintf(reason, sizeof(reason), "prepare: step %zu (%.100s): %s",
			 prepare->next + 1, prepare->settings.steps[prepare->next].argv[0],
			 result->reason);
		done(prepare, reason);
		return;
	}
	prepare->next++;
	if (prepare->next == prepare->settings.nsteps) {
		record(&prepare->settings);
		done(prepare, NULL);
	} else if (step_start(prepare, &error) < 0) {
		done(prepare, error.text);
	}
}

int supervise_prepare_start(struct supervise_prepare **out, struct child_reaper *reaper,
			    const struct supervise_prepare_settings *settings,
			    supervise_prepare_fn on_done, void *arg)
{
	struct supervise_prepare *prepare;
	int ret;

	if (settings->nsteps == 0 || is_prepared(settings))
		return 0;
	prepare = calloc(1, sizeof(*prepare));
	if (prepare == NULL)
		return -ENOMEM;
	prepare->reaper = reaper;
	prepare->settings = *settings;
	prepare->on_done = on_done;
	prepare->arg = arg;
	ret = step_start(prepare, NULL);
	if (ret < 0) {
		free(prepare);
		return ret;
	}
	*out = prepare;
	return 1;
}

void supervise_prepare_close(struct supervise_prepare *prepare)
{
	if (prepare == NULL)
		return;
	child_task_close(prepare->task);
	free(prepare);
}
