/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/system.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "child/command.h"
#include "supervise/machine.h"

enum { ACTIONS = 4, WORDS_MAX = 5, NAME_MAX_BYTES = 255 };

struct supervise_system {
	struct supervise_machine_settings settings;
	struct child_command commands[ACTIONS];
	const char *argv[ACTIONS][WORDS_MAX];
	char name[NAME_MAX_BYTES + 1];
};

static const char *const environment[] = {"PATH=/usr/bin:/bin", "SYSTEMD_COLORS=0", NULL};

int supervise_system_is_here(struct base_error *error)
{
	struct stat st;

	/* As sd_booted(3) does. */
	if (lstat("/run/systemd/system", &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return base_error_set(error, -ENOSYS, "there is no systemd on this machine");
}

static bool is_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789:-_.\\@";
	const char *dot = strrchr(name, '.');
	size_t n = strlen(name);

	return n <= NAME_MAX_BYTES && strspn(name, letters) == n && dot != NULL && dot != name &&
	       dot[1] != '\0' && name[0] != '-';
}

/* systemctl is-active: 0 active, 3 inactive or failed, 4 there is no such unit. */
static enum supervise_machine_found found(struct child_exit exit)
{
	return exit.how == CHILD_EXIT_STATUS && exit.value == 0 ? SUPERVISE_MACHINE_RUNS
								: SUPERVISE_MACHINE_STOPPED;
}

static struct supervise_machine_action action_make(struct supervise_system *system, int i,
						   const char *verb, uint32_t timeout_ms)
{
	system->argv[i][0] = "systemctl";
	system->argv[i][1] = verb;
	system->argv[i][2] = "--";
	system->argv[i][3] = system->name;
	system->commands[i] = (struct child_command){
		.argv = system->argv[i], .environment = environment, .umask = 022};
	return (struct supervise_machine_action){&system->commands[i], timeout_ms};
}

int supervise_system_new(struct supervise_system **out, const char *name, uint32_t timeout_ms,
			 struct base_error *error)
{
	struct supervise_system *system;
	int ret;

	if (!is_name(name))
		return base_error_set(error, -EINVAL,
				      "\"%.100s\" is not a unit of systemd, as nginx.service is",
				      name);
	ret = supervise_system_is_here(error);
	if (ret < 0)
		return ret;
	system = calloc(1, sizeof(*system));
	if (system == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	strcpy(system->name, name);
	system->settings.judge = found;
	system->settings.start = action_make(system, 0, "start", timeout_ms);
	system->settings.stop = action_make(system, 1, "stop", timeout_ms);
	system->settings.check = action_make(system, 2, "is-active", timeout_ms);
	system->settings.recycle = action_make(system, 3, "restart", timeout_ms);
	*out = system;
	return 0;
}

const struct supervise_machine_settings *
supervise_system_settings(const struct supervise_system *system)
{
	return &system->settings;
}

void supervise_system_free(struct supervise_system *system)
{
	free(system);
}
