/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "setup/setup.h"

#include <errno.h>
#include <jansson.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "cli/output.h"
#include "setup/complete.h"
#include "setup/detect.h"
#include "setup/place.h"
#include "setup/snippet.h"

extern char **environ;

/* What is to be done, and what was done. */
struct setup {
	const struct cli_options *options;
	const char *root;
	enum setup_resolver resolver;
	char reason[SETUP_REASON_MAX]; /* "": the resolver is named on the command line */
	struct setup_wish wish;
	struct setup_snippet snippet;
	enum setup_done done[SETUP_FILES_MAX];
};

/* ---- the command line ---- */

/* Returns what is wrong with the options together, or NULL. */
static const char *options_fault(const struct cli_options *o)
{
	if (o->root != NULL && o->root[0] == '\0')
		return "--root: the folder is empty; / is this host";
	if (o->is_install && o->is_remove)
		return "--install and --remove exclude each other";
	if (o->output != NULL && (o->is_install || o->is_remove))
		return "-o excludes --install and --remove";
	if (o->is_reload && !o->is_install && !o->is_remove)
		return "--reload needs --install or --remove";
	if (o->is_reload && o->root != NULL)
		return "--reload is for this host, not for --root";
	return NULL;
}

/* Finds which resolver it is about. Returns an exit status. */
static int resolver_find(struct setup *s, int nargs, char **args)
{
	if (nargs > 0) {
		s->resolver = setup_resolver_from_name(args[0]);
		if (s->resolver != SETUP_RESOLVERS)
			return CLI_OK;
		cli_error("unknown resolver \"%s\": systemd-resolved, unbound, dnsmasq or "
			  "networkmanager",
			  args[0]);
		return CLI_USAGE;
	}
	s->resolver = setup_detect(s->root, s->reason);
	if (s->resolver != SETUP_RESOLVERS) {
		if (!s->options->is_json)
			cli_error("%s: %s", setup_resolver_name(s->resolver), s->reason);
		return CLI_OK;
	}
	cli_error("no resolver found: %s; name one: systemd-resolved, unbound, dnsmasq or "
		  "networkmanager",
		  s->reason);
	return CLI_FAILURE;
}

static bool reverse_add(struct setup_wish *w, const char *list, char why[static SETUP_WHY_MAX])
{
	static const char between[] = " ,";
	char prefix[64];

	for (const char *at = list + strspn(list, between); *at != '\0';) {
		size_t n = strcspn(at, between);

		snprintf(prefix, sizeof(prefix), "%.*s", (int)n, at);
		if (setup_wish_add_reverse(w, prefix, why) != 0)
			return false;
		at += n + strspn(at + n, between);
	}
	return true;
}

/* Reads the domain, the reverse zones and the registries; those that are not given are found as
 * other commands find them. Returns an exit status. */
static int wish_read(struct setup *s)
{
	const struct cli_options *o = s->options;
	char why[SETUP_WHY_MAX];

	if (o->domain != NULL && setup_wish_add_zone(&s->wish, o->domain, why) != 0) {
		cli_error("--domain: %s", why);
		return CLI_USAGE;
	}
	/* To remove files it is enough to know their names. */
	if (o->domain == NULL || !o->is_remove) {
		int status = setup_wish_complete(&s->wish, o);

		if (status != CLI_OK)
			return status;
	}
	if (o->reverse != NULL && !reverse_add(&s->wish, o->reverse, why)) {
		cli_error("--reverse: %s", why);
		return CLI_USAGE;
	}
	return CLI_OK;
}

/* ---- what is done ---- */

/* Returns the value of --json. */
static json_t *to_json(const struct setup *s)
{
	bool is_done = s->options->is_install || s->options->is_remove;
	json_t *files = json_array(), *reload = json_array(), *value;

	for (size_t i = 0; i < s->snippet.nfiles; i++) {
		const struct setup_file *f = &s->snippet.files[i];
		json_t *file = json_pack("{s:s}", "path", f->path);

		if (!s->options->is_remove)
			json_object_set_new(file, "text", json_string(f->text));
		if (is_done)
			json_object_set_new(file, "done", json_string(setup_done_name(s->done[i])));
		json_array_append_new(files, file);
	}
	for (size_t i = 0; i < s->snippet.nreload; i++)
		json_array_append_new(reload, json_string(s->snippet.reload[i]));
	value = json_pack("{s:s, s:s, s:o, s:o}", "resolver", setup_resolver_name(s->resolver),
			  "domain", s->wish.zones[0], "files", files, "reload", reload);
	if (s->reason[0] != '\0')
		json_object_set_new(value, "because", json_string(s->reason));
	return value;
}

/* Prints the files, each after a line with its path: a comment in all of them. */
static int print(const struct setup *s)
{
	struct cli_output_file file;
	FILE *out = cli_output_open(&file, s->options->output, 0644, s->options->is_forced);
	bool is_first = true;

	if (out == NULL)
		return CLI_FAILURE;
	for (size_t i = 0; i < s->snippet.nfiles; i++) {
		const struct setup_file *f = &s->snippet.files[i];

		fprintf(out, "%s%c %s\n%s", is_first ? "" : "\n", f->text[0], f->path, f->text);
		is_first = false;
	}
	if (out == stdout)
		for (size_t i = 0; i < s->snippet.nreload; i++)
			fprintf(out, "%s# then: %s\n", i == 0 ? "\n" : "", s->snippet.reload[i]);
	if (cli_output_close(&file, true) == 0)
		return CLI_OK;
	if (out == stdout)
		cli_error("cannot write the answer");
	return CLI_FAILURE;
}

/* Runs a command of blanks and words. Returns whether it has ended with 0. */
static bool command_runs(const char *command)
{
	char text[64], *words[8] = {0}, *rest = NULL;
	size_t n = 0;
	pid_t pid;
	int status = 0, ret;

	snprintf(text, sizeof(text), "%s", command);
	for (char *w = strtok_r(text, " ", &rest); w != NULL && n < 7;
	     w = strtok_r(NULL, " ", &rest))
		words[n++] = w;
	ret = posix_spawnp(&pid, words[0], NULL, NULL, words, environ);
	if (ret != 0) {
		cli_error("%s: %s", command, strerror(ret));
		return false;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	cli_error("%s: failed", command);
	return false;
}

/* Writes or removes the files, and has the resolver reload if that is wanted. */
static int carry_out(struct setup *s)
{
	const struct cli_options *o = s->options;
	bool is_well = true, has_changed = false;

	for (size_t i = 0; i < s->snippet.nfiles; i++) {
		const struct setup_file *f = &s->snippet.files[i];

		s->done[i] = o->is_remove ? setup_place_remove(f, s->root, o->is_forced)
					  : setup_place_write(f, s->root, o->is_forced);
		is_well = is_well && s->done[i] != SETUP_FAILED;
		has_changed =
			has_changed || s->done[i] == SETUP_WRITTEN || s->done[i] == SETUP_REMOVED;
		if (!o->is_json && s->done[i] != SETUP_FAILED)
			printf("%s%s: %s\n", s->root, f->path, setup_done_name(s->done[i]));
	}
	if (is_well && has_changed)
		for (size_t i = 0; i < s->snippet.nreload && is_well; i++) {
			if (o->is_reload)
				is_well = command_runs(s->snippet.reload[i]);
			else if (!o->is_json)
				printf("then: %s\n", s->snippet.reload[i]);
		}
	if (!o->is_json && fflush(stdout) != 0) {
		cli_error("cannot write the answer");
		is_well = false;
	}
	return is_well ? CLI_OK : CLI_FAILURE;
}

static int run(struct setup *s)
{
	bool is_done = s->options->is_install || s->options->is_remove;
	int status = CLI_OK;

	if (is_done)
		status = carry_out(s);
	if (s->options->is_json) {
		json_t *value = to_json(s);
		int ret = cli_output_result(s->options, value);

		json_decref(value);
		return status != CLI_OK ? status : ret;
	}
	return is_done ? status : print(s);
}

int setup_run(const struct cli_command *command, const struct cli_options *options, int nargs,
	      char **args)
{
	struct setup s = {.options = options, .root = options->root != NULL ? options->root : ""};
	const char *fault = options_fault(options);
	int status;

	(void)command;
	if (fault != NULL) {
		cli_error("%s", fault);
		return CLI_USAGE;
	}
	status = resolver_find(&s, nargs, args);
	if (status == CLI_OK)
		status = wish_read(&s);
	if (status != CLI_OK)
		return status;
	if (setup_snippet_init(&s.snippet, s.resolver, &s.wish) != 0) {
		cli_error("out of memory");
		return CLI_FAILURE;
	}
	status = run(&s);
	setup_snippet_fini(&s.snippet);
	return status;
}
