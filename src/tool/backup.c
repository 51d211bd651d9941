/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/output.h"
#include "offline/restore.h"
#include "remote/control.h"
#include "tool/store.h"

/* A backup contains the keys' owners and all records: it is for its owner only. */
enum { BACKUP_MODE = 0600 };

static bool is_standard(const char *file)
{
	return strcmp(file, "-") == 0;
}

int tool_backup(const struct cli_command *command, const struct cli_options *options, int nargs,
		char **args)
{
	if (is_standard(args[0])) {
		if (isatty(STDOUT_FILENO)) {
			cli_error("a backup is not for a terminal: name a file");
			return CLI_USAGE;
		}
		return remote_control_write(command, options, nargs, args, STDOUT_FILENO, true);
	}
	return remote_control_save(command, options, nargs, args, args[0], BACKUP_MODE, true);
}

/* Shows what was restored: the lines of the backup, as members. */
static int restored_show(const struct cli_options *options, struct offline_restore *r)
{
	json_t *result = json_pack("{s:s}", "store", r->folder);
	char *save = NULL;
	int status;

	for (char *line = strtok_r(r->text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, ' ');

		if (value == NULL || strncmp(line, "weft ", 5) == 0)
			continue;
		*value++ = '\0';
		json_object_set_new(result, line, json_string(value));
	}
	if (r->aside[0] != '\0')
		json_object_set_new(result, "old-store", json_string(r->aside));
	status = cli_output_result(options, result);
	json_decref(result);
	return status;
}

static void error_show(const char *file, const struct base_error *error)
{
	const char *at = error->at.file;

	if (at != NULL)
		cli_error("%s: %s", at, error->text);
	else
		cli_error("%s %s", is_standard(file) ? "standard input" : file, error->text);
}

/* As root, becomes the owner of the folder if there is one: it is the owner's to put links where
 * files are about to be made or removed, and root would follow them anywhere. Returns 0, or -1
 * after a message. */
static int become_owner(const char *folder)
{
	struct stat st;

	if (geteuid() != 0 || stat(folder, &st) < 0 || st.st_uid == 0)
		return 0;
	if (setgroups(0, NULL) == 0 && setgid(st.st_gid) == 0 && setuid(st.st_uid) == 0)
		return 0;
	cli_error("%s: cannot become its owner: %s", folder, strerror(errno));
	return -1;
}

int tool_restore(const struct cli_command *command, const struct cli_options *options, int nargs,
		 char **args)
{
	struct offline_restore r = {.fd = STDIN_FILENO, .is_forced = options->is_forced};
	struct base_error error = {0};
	int status = CLI_FAILURE;
	char *folder;

	(void)command;
	(void)nargs;
	if (!is_standard(args[0]))
		r.fd = open(args[0], O_RDONLY | O_CLOEXEC);
	if (r.fd < 0) {
		cli_error("%s: %s", args[0], strerror(errno));
		return CLI_FAILURE;
	}
	folder = tool_store_folder(options, options->state_dir);
	if (folder != NULL && become_owner(folder) == 0) {
		r.folder = folder;
		r.time_s = base_clock_wall_s();
		if (offline_restore(&r, &error) == 0)
			status = restored_show(options, &r);
		else
			error_show(args[0], &error);
	}
	if (r.fd != STDIN_FILENO)
		close(r.fd);
	free(folder);
	return status;
}
