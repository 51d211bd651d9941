/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weft - the command line for people and scripts: weft(1). */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "cmd/weft_priv.h"

enum { ARGS_MANY = 1000 };

static const struct weft_command commands[] = {
	{"status", "", "how weftd is", 0, 0, false, weft_control_run},
	{"stats", "", "what weftd has counted", 0, 0, false, weft_control_run},
	{"log", "LEVEL", "log error, warning, info or debug from now on", 1, 1, false,
	 weft_control_run},
	{"reload", "", "read the configuration and changed zone files, as SIGHUP does", 0, 0, false,
	 weft_control_run},
	{"stop", "", "end weftd as SIGTERM does", 0, 0, false, weft_control_run},
	{"zone list", "", "the zones that are served", 0, 0, false, weft_control_run},
	{"zone status", "[ZONE...]", "serial, size and state of zones", 0, ARGS_MANY, false,
	 weft_control_run},
	{"zone reload", "[ZONE...]", "merge what changed in zone files", 0, ARGS_MANY, false,
	 weft_control_run},
	{"zone dump", "ZONE", "write the whole zone as a zone file", 1, 1, true, weft_control_dump},
	{"zone checkpoint", "[ZONE...]", "write zones to the store anew", 0, ARGS_MANY, false,
	 weft_control_run},
	{"store check", "[FOLDER]", "examine the store of a weftd that does not run", 0, 1, false,
	 weft_store_check},
	{"store export", "ZONE [FOLDER]", "write a zone from such a store as a zone file", 1, 2,
	 true, weft_store_export},
	{"key generate", "NAME [ALGORITHM]", "print a new TSIG key as a BIND key file", 1, 2, true,
	 weft_key_generate},
	{0},
};

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'c'},
	{"socket", required_argument, NULL, 's'},
	{"output", required_argument, NULL, 'o'},
	{"json", no_argument, NULL, 'j'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

void weft_error(const char *fmt, ...)
{
	va_list args;

	fputs("weft: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

FILE *weft_output_open(const struct weft_options *options, unsigned mode)
{
	FILE *file;
	int fd;

	if (options->output == NULL)
		return stdout;
	fd = open(options->output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (file == NULL)
		weft_error("%s: %s", options->output, strerror(errno));
	return file;
}

static void usage_write(FILE *out)
{
	fputs("Usage: weft [-c FILE] [-s SOCKET] [-o FILE] [--json] COMMAND [ARGUMENT...]\n\n",
	      out);
	for (const struct weft_command *command = commands; command->name != NULL; command++) {
		char both[64];

		snprintf(both, sizeof(both), "%s %s", command->name, command->args);
		fprintf(out, "  %-30s %s\n", both, command->help);
	}
	fputs("\n"
	      "  -c, --config FILE    read the control socket's place from this weftd.conf\n"
	      "  -s, --socket SOCKET  the control socket\n"
	      "  -o, --output FILE    zone dump, store export, key generate: write to this new file\n"
	      "  -j, --json           answer in JSON\n"
	      "  -h, --help           show this\n"
	      "  -V, --version        show the version\n",
	      out);
}

/* The command that the words begin with; `used` tells how many words it has. */
static const struct weft_command *command_find(int nwords, char **words, int *used)
{
	for (const struct weft_command *command = commands; command->name != NULL; command++) {
		const char *space = strchr(command->name, ' ');
		size_t nfirst =
			space != NULL ? (size_t)(space - command->name) : strlen(command->name);

		if (nwords < 1 || strlen(words[0]) != nfirst ||
		    strncmp(words[0], command->name, nfirst) != 0)
			continue;
		*used = space != NULL ? 2 : 1;
		if (space == NULL || (nwords > 1 && strcmp(words[1], space + 1) == 0))
			return command;
	}
	return NULL;
}

static int command_run(const struct weft_options *options, int nwords, char **words)
{
	const struct weft_command *command;
	unsigned nargs;
	int used = 0;

	command = command_find(nwords, words, &used);
	if (command == NULL) {
		if (nwords > 0)
			weft_error("unknown command %s%s%s; see weft --help", words[0],
				   nwords > 1 ? " " : "", nwords > 1 ? words[1] : "");
		else
			usage_write(stderr);
		return WEFT_USAGE;
	}
	nargs = (unsigned)(nwords - used);
	if (nargs < command->args_min || nargs > command->args_max) {
		weft_error("usage: weft %s %s", command->name, command->args);
		return WEFT_USAGE;
	}
	if (options->output != NULL && !command->takes_output) {
		weft_error("%s takes no -o", command->name);
		return WEFT_USAGE;
	}
	return command->run(command, options, (int)nargs, words + used);
}

int main(int argc, char **argv)
{
	struct weft_options options = {0};
	int c;

	signal(SIGPIPE, SIG_IGN);
	if (sodium_init() < 0) {
		weft_error("libsodium does not start");
		return WEFT_FAILURE;
	}
	while ((c = getopt_long(argc, argv, "c:s:o:jhV", long_options, NULL)) != -1) {
		switch (c) {
		case 'c':
			options.config = optarg;
			break;
		case 's':
			options.socket = optarg;
			break;
		case 'o':
			options.output = optarg;
			break;
		case 'j':
			options.is_json = true;
			break;
		case 'h':
			usage_write(stdout);
			return WEFT_OK;
		case 'V':
			puts("weft " PACKAGE_VERSION);
			return WEFT_OK;
		default:
			return WEFT_USAGE;
		}
	}
	return command_run(&options, argc - optind, argv + optind);
}
