/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/import.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "cli/output.h"
#include "import/bind.h"
#include "import/knot.h"
#include "import/out.h"
#include "import/tree.h"

/* The configuration has the secrets of keys. */
enum { CONF_MODE = 0600 };

/* Shows a report at once, or keeps it for the answer in JSON (`arg`, or NULL). */
static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	char number[16] = "", *line;

	if (error->at.line > 0)
		snprintf(number, sizeof(number), ":%u", error->at.line);
	if (asprintf(&line, "%s%s%s%s", error->at.file == NULL ? "" : error->at.file, number,
		     error->at.file == NULL ? "" : ": ", error->text) < 0)
		return;
	if (arg != NULL && level != BASE_LOG_ERROR)
		json_array_append_new(arg, json_string(line));
	else
		fprintf(stderr, "%s\n", line);
	free(line);
}

static int file_write(const struct cli_options *options, const struct import_out *o,
		      const char *from, char **path)
{
	struct cli_output_file file;
	FILE *stream;
	int ret;

	if (asprintf(path, "%s/weftd.conf", options->output) < 0) {
		*path = NULL;
		cli_error("out of memory");
		return CLI_FAILURE;
	}
	stream = cli_output_open(&file, *path, CONF_MODE, options->is_forced);
	if (stream == NULL)
		return CLI_FAILURE;
	ret = import_out_write(o, stream, from);
	if (ret < 0)
		cli_error("%s was not written", *path);
	return cli_output_close(&file, ret == 0) == 0 && ret == 0 ? CLI_OK : CLI_FAILURE;
}

static json_t *text_of(const struct import_out *o, const char *from)
{
	char *text = NULL;
	size_t nbytes = 0;
	FILE *stream = open_memstream(&text, &nbytes);
	json_t *value = NULL;

	if (stream != NULL) {
		import_out_write(o, stream, from);
		fclose(stream);
		value = json_stringn(text, nbytes);
	}
	free(text);
	return value;
}

/* Shows how much was taken over, with the reports `left` in JSON. */
static int result_show(const struct cli_options *options, const struct import_out *o,
		       const char *from, const char *path, json_t *left)
{
	json_t *result = json_pack("{s:I, s:I}", "zones", (json_int_t)o->nzones, "keys",
				   (json_int_t)o->nkeys);
	int status;

	if (path != NULL)
		json_object_set_new(result, "file", json_string(path));
	else
		json_object_set_new(result, "text", text_of(o, from));
	if (options->is_json)
		json_object_set(result, "left-out", left);
	else
		json_object_set_new(result, "left-out", json_integer((json_int_t)o->nleft));
	status = cli_output_result(options, result);
	json_decref(result);
	return status;
}

static int import(const struct cli_options *options, const char *from,
		  int (*run)(struct import_out *o, const char *path))
{
	json_t *left = json_array();
	struct import_tree tree;
	struct import_out out;
	int status = CLI_OK;
	char *path = NULL;

	import_tree_init(&tree, on_report, options->is_json ? left : NULL);
	import_out_init(&out, &tree);
	if (run(&out, from) < 0) {
		cli_error("%s was not imported%s", from, tree.is_short ? ": out of memory" : "");
		status = CLI_FAILURE;
	} else if (options->output != NULL) {
		status = file_write(options, &out, from, &path);
	} else if (!options->is_json && import_out_write(&out, stdout, from) < 0) {
		cli_error("cannot write the answer");
		status = CLI_FAILURE;
	}
	if (status == CLI_OK && (options->output != NULL || options->is_json))
		status = result_show(options, &out, from, path, left);
	free(path);
	import_out_fini(&out);
	import_tree_fini(&tree);
	json_decref(left);
	return status;
}

int tool_import_bind(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args)
{
	(void)command;
	(void)nargs;
	return import(options, args[0], import_bind);
}

int tool_import_knot(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args)
{
	(void)command;
	(void)nargs;
	return import(options, args[0], import_knot);
}
