/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Examining a store that no weftd uses (offline/check.h, offline/export.h). */
#include "tool/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/conf.h"
#include "cli/error.h"
#include "cli/output.h"
#include "dns/name.h"
#include "offline/check.h"
#include "offline/export.h"
#include "text/record.h"

char *tool_store_folder(const struct cli_options *options, const char *named)
{
	const char *path =
		options->config != NULL ? options->config : WEFT_SYSCONFDIR "/weftd.conf";
	struct cli_conf conf;
	char *folder = NULL;

	if (named != NULL)
		return strdup(named);
	if (cli_conf_load(&conf, CLI_CONF_SERVER, path, cli_error_report) == 0)
		folder = strdup(conf.server.state_dir);
	cli_conf_fini(&conf);
	return folder;
}

/* Returns the lines of a report as a list. Writes into `text`. */
static json_t *lines_list(char *text)
{
	json_t *lines = json_array();
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		json_array_append_new(lines, json_string(line));
	return lines;
}

static int check_show(const struct cli_options *options, const char *folder, int ret, char *report)
{
	json_t *result;

	if (!options->is_json) {
		fputs(report, ret == 0 ? stdout : stderr);
		return CLI_OK;
	}
	result = json_pack("{s:s, s:b, s:o}", "store", folder, "ok", ret == 0, "report",
			   lines_list(report));
	ret = cli_output_result(options, result);
	json_decref(result);
	return ret;
}

int tool_store_check(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args)
{
	char *folder = tool_store_folder(options, nargs > 0 ? args[0] : NULL), *report = NULL;
	int ret, status = CLI_FAILURE;
	size_t nbytes;
	FILE *out;

	(void)command;
	if (folder == NULL)
		return CLI_FAILURE;
	out = open_memstream(&report, &nbytes);
	if (out != NULL) {
		ret = offline_check(folder, out);
		fclose(out);
		status = check_show(options, folder, ret, report);
		if (ret != 0)
			status = CLI_FAILURE;
	}
	free(report);
	free(folder);
	return status;
}

static int record_write(void *arg, const struct dns_record *record)
{
	return text_record_write_file(arg, record) < 0 ? -EIO : 0;
}

/* A problem is a comment in the zone file, where it was met. */
static void problem_write(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)level;
	fprintf(arg, "; %s: %s\n", error->at.file, error->text);
}

/* Writes the zone to `out`. Returns 0, or a negative errno after a message: -EBADMSG if only a part
 * could be written. */
static int zone_export(FILE *out, const char *folder, const char *zone, const uint8_t *name)
{
	const struct offline_export_reader reader = {record_write, problem_write, out};
	int ret = offline_export(folder, name, &reader);

	if (fflush(out) != 0 && ret == 0)
		ret = -EIO;
	if (ret == 0)
		return 0;
	if (ret == -EBADMSG)
		cli_error("the store is damaged; what can be read of %s was written", zone);
	else if (ret == -ENOENT)
		cli_error("the store in %s has no zone %s", folder, zone);
	else
		cli_error("%s was not written: %s", zone, strerror(-ret));
	return ret;
}

/* Writes the zone as a zone file. Removes the file if it got nothing of the zone. Returns an exit
 * status. */
static int export_plainly(const struct cli_options *options, const char *folder, const char *zone,
			  const uint8_t *name)
{
	struct cli_output_file file;
	FILE *out = cli_output_open(&file, options->output, 0644, options->is_forced);
	int ret;

	if (out == NULL)
		return CLI_FAILURE;
	ret = zone_export(out, folder, zone, name);
	if (cli_output_close(&file, ret == 0 || ret == -EBADMSG) != 0)
		ret = -EIO;
	return ret == 0 ? CLI_OK : CLI_FAILURE;
}

/* Writes the zone as a text in JSON; from a damaged store, what can be read. Returns an exit
 * status.
 */
static int export_in_answer(const struct cli_options *options, const char *folder, const char *zone,
			    const uint8_t *name)
{
	char *text = NULL;
	size_t nbytes = 0;
	FILE *out = open_memstream(&text, &nbytes);
	json_t *result;
	int ret;

	if (out == NULL) {
		cli_error("out of memory");
		return CLI_FAILURE;
	}
	ret = zone_export(out, folder, zone, name);
	fclose(out);
	if (ret == 0 || ret == -EBADMSG) {
		result = json_pack("{s:s, s:s%}", "zone", zone, "text", text, nbytes);
		if (cli_output_result(options, result) != CLI_OK)
			ret = -EIO;
		json_decref(result);
	}
	free(text);
	return ret == 0 ? CLI_OK : CLI_FAILURE;
}

int tool_store_export(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args)
{
	uint8_t name[DNS_NAME_MAX];
	char *folder;
	int status;

	(void)command;
	if (dns_name_from_text(name, args[0], strlen(args[0]), NULL) == 0) {
		cli_error("%s is not a domain name", args[0]);
		return CLI_USAGE;
	}
	dns_name_lower(name, name);
	folder = tool_store_folder(options, nargs > 1 ? args[1] : NULL);
	if (folder == NULL)
		return CLI_FAILURE;
	if (options->is_json && options->output == NULL)
		status = export_in_answer(options, folder, args[0], name);
	else
		status = export_plainly(options, folder, args[0], name);
	if (status == CLI_OK && options->is_json && options->output != NULL) {
		json_t *result = json_pack("{s:s, s:s}", "zone", args[0], "file", options->output);

		status = cli_output_result(options, result);
		json_decref(result);
	}
	free(folder);
	return status;
}
