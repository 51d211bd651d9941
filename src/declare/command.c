/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "declare/command.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/output.h"
#include "control/command.h"
#include "declare/apply.h"
#include "declare/commit.h"
#include "declare/place.h"
#include "declare/remove.h"
#include "declare/show.h"
#include "spec/file.h"

enum { BLOCK_SIZE = 65536 };

/* ---- what the commands have in common ---- */

/* Ends a command: one that has failed shows why in JSON, too. Returns the exit status. */
static int finish(const struct cli_options *options, int status)
{
	if (status != CLI_OK)
		cli_output_failure(options);
	return status;
}

/* Writes the result, of a commit that has not failed. */
static int result_write(const struct declare_commit *c, const struct cli_options *options)
{
	int ret = 0;

	if (options->is_json) {
		json_t *value = declare_show_to_json(c);
		int status = value != NULL ? cli_output_result(options, value) : CLI_FAILURE;

		json_decref(value);
		return status;
	}
	if (c->is_dry_run)
		ret = declare_show_difference(stdout, &c->rounds->plan);
	else if (!options->is_quiet)
		declare_show_done(stdout, c);
	if (ret == 0 && fflush(stdout) == 0)
		return CLI_OK;
	cli_error("cannot write the answer");
	return CLI_FAILURE;
}

static int no_confirm(void *arg, const struct declare_plan *p)
{
	(void)arg;
	(void)p;
	return CLI_OK;
}

/* Plans and carries out. Returns an exit status. */
static int commit(const struct cli_options *options, declare_plan_fn plan,
		  declare_confirm_fn confirm, void *arg)
{
	struct declare_zone zone;
	struct declare_commit c = {
		.zone = &zone,
		.plan = plan,
		.confirm = confirm,
		.arg = arg,
		.is_dry_run = options->is_dry_run,
	};
	int status = declare_zone_open(&zone, options);

	if (status != CLI_OK)
		return status;
	status = declare_commit_run(&c);
	if (status == CLI_OK)
		status = result_write(&c, options);
	declare_commit_fini(&c);
	declare_zone_close(&zone);
	return status;
}

/* ---- apply ---- */

/* The files, and what is asked of them. */
struct applied {
	struct declare_apply asked; /* first: plans get this */
	const struct cli_options *options;
};

static void file_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	const char *warning = level == BASE_LOG_WARNING ? "warning: " : "";

	const struct cli_options *options = arg;

	cli_error_keep(options->is_json && level == BASE_LOG_ERROR);
	if (error->at.file != NULL && error->at.line > 0)
		cli_error("%s:%u: %s%s", error->at.file, error->at.line, warning, error->text);
	else
		cli_error("%s: %s%s", error->at.file != NULL ? error->at.file : "?", warning,
			  error->text);
	cli_error_keep(options->is_json);
}

/* Asks whether what the files do not have is to be deleted. */
static int prune_confirm(void *arg, const struct declare_plan *p)
{
	const struct applied *a = arg;
	char line[16] = "";

	if (!a->asked.is_pruned)
		return CLI_OK;
	if (a->asked.set->nservices == 0 && p->ndeleted > 0 && !a->options->is_forced) {
		cli_error("nothing is declared in the files, so --prune deletes all there is: if "
			  "that is meant, it needs --force");
		return CLI_FAILURE;
	}
	if (a->options->is_yes)
		return CLI_OK;
	if (!isatty(STDIN_FILENO)) {
		declare_show_deleted(stderr, p);
		cli_error("--prune deletes %zu of these: without a terminal to ask it needs --yes",
			  p->ndeleted);
		return CLI_USAGE;
	}
	declare_show_deleted(stderr, p);
	fputs("Delete these? [y/N] ", stderr);
	if (fgets(line, sizeof(line), stdin) != NULL && (line[0] == 'y' || line[0] == 'Y'))
		return CLI_OK;
	cli_error("nothing was changed");
	return CLI_FAILURE;
}

int declare_command_apply(const struct cli_command *command, const struct cli_options *options,
			  int nargs, char **args)
{
	const char *paths[CONTROL_ARGS_MANY];
	struct base_arena arena;
	struct spec_set set;
	struct applied a = {
		.asked = {.set = &set,
			  .is_pruned = options->is_pruned,
			  .is_forced = options->is_forced},
		.options = options,
	};
	int status = CLI_FAILURE;

	(void)command;
	cli_error_keep(options->is_json);
	for (int i = 0; i < nargs; i++)
		paths[i] = args[i];
	base_arena_init(&arena, BLOCK_SIZE);
	switch (spec_file_read(&set, &arena, paths, (size_t)nargs, file_report, (void *)options)) {
	case 0:
		status = commit(options, declare_apply_plan, prune_confirm, &a);
		break;
	case -EBADMSG:
		break;
	default:
		cli_error("out of memory");
		break;
	}
	base_arena_fini(&arena);
	return finish(options, status);
}

/* ---- delete, place ---- */

int declare_command_delete(const struct cli_command *command, const struct cli_options *options,
			   int nargs, char **args)
{
	bool was_found[CONTROL_ARGS_MANY] = {0};
	struct declare_remove r = {.names = args,
				   .nnames = (size_t)nargs,
				   .was_found = was_found,
				   .is_forced = options->is_forced};

	(void)command;
	cli_error_keep(options->is_json);
	return finish(options, commit(options, declare_remove_plan, no_confirm, &r));
}

int declare_command_place(const struct cli_command *command, const struct cli_options *options,
			  int nargs, char **args)
{
	struct declare_place p = {.instance = args[0],
				  .node = nargs > 1 ? args[1] : NULL,
				  .is_forced = options->is_forced};

	(void)command;
	cli_error_keep(options->is_json);
	if ((nargs > 1) == options->is_none) {
		cli_error(options->is_none ? "--none is for no node: name none"
					   : "name the node, or use --none");
		return finish(options, CLI_USAGE);
	}
	return finish(options, commit(options, declare_place_plan, no_confirm, &p));
}
