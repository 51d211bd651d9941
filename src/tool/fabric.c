/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/fabric.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/cli.h"
#include "cli/conf.h"
#include "cli/error.h"
#include "cli/form.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "fabric/file.h"
#include "fabric/record.h"

/* The file of a fabric, and its passphrase. */
struct source {
	const struct cli_options *options;
	char path[PATH_MAX];
	char passphrase_file[PATH_MAX]; /* of the configuration; "": none */
	/* as it was given, to seal the file with again */
	char passphrase[FABRIC_PASSPHRASE_MAX];
	int npassphrase;
	uint32_t overlap_s; /* of the configuration, or its default */
};

enum { OVERLAP_USUAL_S = 7 * 86400 };

/* ---- which file ---- */

static void path_of_name(char out[static PATH_MAX], const char *name)
{
	size_t n = strlen(name);

	snprintf(out, PATH_MAX, "%.*s.fabric", (int)(n > 1 && name[n - 1] == '.' ? n - 1 : n),
		 name);
}

/* Takes the only fabric of a configuration. Returns false, after a message unless `report` ignores
 * errors, if there is not exactly one. */
static bool source_configured(struct source *s, const char *config_path, base_report_fn report)
{
	struct cli_conf conf;
	bool is_found = false;

	if (cli_conf_load(&conf, CLI_CONF_FABRICS, config_path, report) == 0) {
		if (conf.nfabrics == 1) {
			const char *passphrase = conf.fabrics->passphrase_file.text;

			snprintf(s->path, sizeof(s->path), "%s", conf.fabrics->key_file.text);
			snprintf(s->passphrase_file, sizeof(s->passphrase_file), "%s",
				 passphrase != NULL ? passphrase : "");
			s->overlap_s = conf.fabrics->overlap_s;
			is_found = true;
		} else if (report == cli_error_report) {
			cli_error("%s has %zu fabrics: name the file with --file", config_path,
				  conf.nfabrics);
		}
	}
	cli_conf_fini(&conf);
	return is_found;
}

/* Takes the only file in this folder whose name ends in .fabric. */
static bool source_here(struct source *s)
{
	bool is_found = false;
	glob_t found;

	if (glob("*.fabric", 0, NULL, &found) != 0)
		return false;
	if (found.gl_pathc == 1) {
		snprintf(s->path, sizeof(s->path), "%s", found.gl_pathv[0]);
		is_found = true;
	}
	globfree(&found);
	return is_found;
}

static bool source_find(struct source *s, const struct cli_options *options, const char *name)
{
	*s = (struct source){.options = options, .overlap_s = OVERLAP_USUAL_S};
	if (options->file != NULL)
		snprintf(s->path, sizeof(s->path), "%s", options->file);
	else if (name != NULL)
		path_of_name(s->path, name);
	else if (options->config != NULL)
		return source_configured(s, options->config, cli_error_report);
	else if (!source_here(s) &&
		 !source_configured(s, WEFT_SYSCONFDIR "/weftd.conf", cli_error_ignore)) {
		cli_error("which fabric? Name its file with --file");
		return false;
	}
	return true;
}

/* ---- reading ---- */

static int passphrase_ask(void *arg, char out[static FABRIC_PASSPHRASE_MAX])
{
	struct source *s = arg;
	char prompt[PATH_MAX + 32];

	snprintf(prompt, sizeof(prompt), "Passphrase of %s", s->path);
	s->npassphrase = cli_passphrase_read(
		s->options, *s->passphrase_file != '\0' ? s->passphrase_file : NULL, prompt,
		s->passphrase);
	if (s->npassphrase > 0)
		memcpy(out, s->passphrase, (size_t)s->npassphrase);
	return s->npassphrase;
}

/* What is read of a fabric's file. Its secrets may need a passphrase. */
enum part { PUBLIC_PART, WITH_SECRETS };

static struct fabric *source_open(struct source *s, enum part part, struct fabric_file_state *state)
{
	struct base_error error;
	struct fabric *f;

	if (fabric_file_read(&f, s->path, part == WITH_SECRETS ? passphrase_ask : NULL, s, state,
			     &error) == 0)
		return f;
	cli_error_report(NULL, BASE_LOG_ERROR, &error);
	return NULL;
}

static void source_wipe(struct source *s)
{
	base_secret_wipe(s->passphrase, sizeof(s->passphrase));
}

struct fabric *tool_fabric_open(const struct cli_options *options, const char *name)
{
	struct fabric *f = NULL;
	struct source s;

	if (source_find(&s, options, name))
		f = source_open(&s, WITH_SECRETS, NULL);
	source_wipe(&s);
	return f;
}

/* ---- showing ---- */

static int source_show(const struct cli_options *options, const struct fabric *f, const char *path,
		       bool is_sealed, uint32_t overlap_s)
{
	char name[DNS_NAME_TEXT_MAX], public_key[FABRIC_PUBLIC_TEXT_MAX], begun[CLI_FORM_TEXT_MAX];
	char key[FABRIC_RECORD_TEXT_MAX], dnskey[FABRIC_RECORD_TEXT_MAX];
	json_t *value;
	int status;

	dns_name_to_text(name, f->name);
	value = json_pack("{s:s, s:s, s:s, s:s, s:i, s:I, s:s, s:b, s:s}", "name", name, "public",
			  fabric_record_public_to_text(public_key, f), "key",
			  fabric_record_to_text(key, f, "KEY", FABRIC_KEY_FLAGS), "dnskey",
			  fabric_record_to_text(dnskey, f, "DNSKEY", FABRIC_DNSKEY_FLAGS),
			  "key-tag", (int)fabric_record_tag(f, FABRIC_DNSKEY_FLAGS), "epoch",
			  (json_int_t)f->epoch[0].number, "begun",
			  cli_form_time_to_text(begun, f->epoch[0].begun_s), "sealed",
			  (int)is_sealed, "file", path);
	if (f->nepochs > 1) {
		json_object_set_new(value, "epoch-before", json_integer(f->epoch[1].number));
		json_object_set_new(
			value, "valid-until",
			json_string(cli_form_time_to_text(begun, f->epoch[0].begun_s + overlap_s)));
	}
	status = cli_output_result(options, value);
	json_decref(value);
	return status;
}

int tool_fabric_show(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args)
{
	struct fabric_file_state state;
	int status = CLI_FAILURE;
	struct fabric *f;
	struct source s;

	(void)command;
	if (!source_find(&s, options, nargs > 0 ? args[0] : NULL))
		return CLI_FAILURE;
	f = source_open(&s, PUBLIC_PART, &state);
	if (f != NULL)
		status = source_show(options, f, s.path, state.is_sealed, s.overlap_s);
	fabric_free(f);
	return status;
}

static int public_write(FILE *out, const struct fabric *f)
{
	char name[DNS_NAME_TEXT_MAX], record[FABRIC_RECORD_TEXT_MAX];

	dns_name_to_text(name, f->name);
	fprintf(out, "; public key of the fabric %s\n", name);
	fprintf(out, "%s\n", fabric_record_to_text(record, f, "KEY", FABRIC_KEY_FLAGS));
	fprintf(out, "%s ; key tag %u\n",
		fabric_record_to_text(record, f, "DNSKEY", FABRIC_DNSKEY_FLAGS),
		fabric_record_tag(f, FABRIC_DNSKEY_FLAGS));
	return fflush(out);
}

static int public_show(const struct cli_options *options, const struct fabric *f)
{
	char name[DNS_NAME_TEXT_MAX], key[FABRIC_RECORD_TEXT_MAX], dnskey[FABRIC_RECORD_TEXT_MAX];
	json_t *value;
	int status;

	dns_name_to_text(name, f->name);
	value = json_pack("{s:s, s:s, s:s, s:i}", "name", name, "key",
			  fabric_record_to_text(key, f, "KEY", FABRIC_KEY_FLAGS), "dnskey",
			  fabric_record_to_text(dnskey, f, "DNSKEY", FABRIC_DNSKEY_FLAGS),
			  "key-tag", (int)fabric_record_tag(f, FABRIC_DNSKEY_FLAGS));
	status = cli_output_result(options, value);
	json_decref(value);
	return status;
}

int tool_fabric_export(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args)
{
	int status = CLI_FAILURE;
	struct cli_output_file file;
	FILE *out = NULL;
	struct fabric *f;
	struct source s;

	(void)command;
	if (!source_find(&s, options, nargs > 0 ? args[0] : NULL))
		return CLI_FAILURE;
	f = source_open(&s, PUBLIC_PART, NULL);
	if (f != NULL && options->is_json && options->public_file == NULL)
		status = public_show(options, f);
	else if (f != NULL)
		out = cli_output_open(&file, options->public_file, 0644, options->is_forced);
	if (out != NULL && public_write(out, f) == 0)
		status = CLI_OK;
	else if (out != NULL)
		cli_error("cannot write the public key");
	if (out != NULL && cli_output_close(&file, status == CLI_OK) != 0)
		status = CLI_FAILURE;
	fabric_free(f);
	return status;
}

/* ---- making ---- */

/* Reads a new passphrase, twice if it is typed. Returns its length; 0 if the file is not to be
 * sealed; or a negative errno after a message. */
static int passphrase_choose(const struct cli_options *options, char *out)
{
	char again[FABRIC_PASSPHRASE_MAX];
	bool is_asked = options->passphrase_file == NULL && getenv("WEFT_PASSPHRASE_FILE") == NULL;
	int n, nagain;

	if (is_asked && !options->is_passphrase)
		return 0;
	n = cli_passphrase_read(options, NULL, "New passphrase", out);
	if (n == 0) {
		cli_error("--passphrase needs a passphrase, and none was given");
		return -EINVAL;
	}
	if (n < 0 || !is_asked)
		return n;
	nagain = cli_passphrase_read(options, NULL, "The same again", again);
	if (nagain >= 0 && (nagain != n || memcmp(out, again, (size_t)n) != 0)) {
		cli_error("the passphrases differ");
		nagain = -EINVAL;
	}
	base_secret_wipe(again, sizeof(again));
	return nagain < 0 ? nagain : n;
}

static int fabric_create(const struct cli_options *options, const struct fabric *f,
			 const char *path)
{
	char passphrase[FABRIC_PASSPHRASE_MAX];
	struct base_error error;
	int n = passphrase_choose(options, passphrase), status = CLI_FAILURE;

	if (n >= 0 && fabric_file_create(f, path, passphrase, (size_t)n, &error) == 0)
		status = source_show(options, f, path, n > 0, 0);
	else if (n >= 0)
		cli_error_report(NULL, BASE_LOG_ERROR, &error);
	base_secret_wipe(passphrase, sizeof(passphrase));
	return status;
}

int tool_fabric_init(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args)
{
	uint8_t name[DNS_NAME_MAX];
	char path[PATH_MAX];
	struct fabric *f;
	int ret, status;

	(void)command;
	(void)nargs;
	ret = dns_name_from_text(name, args[0], strlen(args[0]), NULL) == 0
		      ? -EINVAL
		      : fabric_new(&f, name, (uint64_t)time(NULL));
	if (ret < 0) {
		cli_error(ret == -ENOMEM ? "%s: out of memory"
					 : "%s is not a valid name for a fabric",
			  args[0]);
		return ret == -ENOMEM ? CLI_FAILURE : CLI_USAGE;
	}
	path_of_name(path, args[0]);
	status = fabric_create(options, f, options->file != NULL ? options->file : path);
	fabric_free(f);
	return status;
}

/* Whether keys of the epoch before the newest are valid, so that a rotation would end them. Reports
 * that unless it is what is wanted. */
static bool is_overlapping(const struct cli_options *options, const struct fabric *f,
			   uint32_t overlap_s)
{
	uint64_t until_s = f->epoch[0].begun_s + overlap_s;
	char text[CLI_FORM_TEXT_MAX];

	if (options->is_forced || f->nepochs < 2 || (uint64_t)time(NULL) >= until_s)
		return false;
	cli_error(
		"keys of epoch %u are valid until %s, and a rotation would end them now; weft key "
		"uses lists those that are in use, --force rotates all the same",
		(unsigned)f->epoch[1].number, cli_form_time_to_text(text, until_s));
	return true;
}

/* Shows what comes after a rotation. */
static void next_show(const struct fabric *f, uint32_t overlap_s)
{
	char until[CLI_FORM_TEXT_MAX];

	cli_form_time_to_text(until, f->epoch[0].begun_s + overlap_s);
	cli_error(
		"next: weft reload, then issue each key again (weft key issue KEY -o FILE --force) "
		"until %s; weft key uses shows which keys are still of epoch %u",
		until, (unsigned)f->epoch[1].number);
}

int tool_fabric_rotate(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args)
{
	struct fabric_file_state state;
	struct base_error error;
	int status = CLI_FAILURE;
	struct fabric *f = NULL;
	struct source s;

	(void)command;
	if (source_find(&s, options, nargs > 0 ? args[0] : NULL))
		f = source_open(&s, WITH_SECRETS, &state);
	if (f != NULL && !is_overlapping(options, f, s.overlap_s)) {
		fabric_rotate(f, (uint64_t)time(NULL));
		if (fabric_file_replace(f, s.path, s.passphrase, (size_t)s.npassphrase, &error) ==
		    0)
			status = source_show(options, f, s.path, state.is_sealed, s.overlap_s);
		else
			cli_error_report(NULL, BASE_LOG_ERROR, &error);
		if (status == CLI_OK && !options->is_json)
			next_show(f, s.overlap_s);
	}
	source_wipe(&s);
	fabric_free(f);
	return status;
}
