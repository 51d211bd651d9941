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

#include "cli/cli.h"

enum { ARGS_MANY = 1000 };

static const struct cli_command commands[] = {
	{"status", "", "how weftd is", 0, 0, 0, cli_control_run},
	{"stats", "", "what weftd has counted", 0, 0, 0, cli_control_run},
	{"log", "LEVEL", "log error, warning, info or debug from now on", 1, 1, 0, cli_control_run},
	{"reload", "", "read the configuration and changed zone files, as SIGHUP does", 0, 0, 0,
	 cli_control_run},
	{"stop", "", "end weftd as SIGTERM does", 0, 0, 0, cli_control_run},
	{"zone list", "", "the zones that are served", 0, 0, 0, cli_control_run},
	{"zone status", "[ZONE...]", "serial, size and state of zones", 0, ARGS_MANY, 0,
	 cli_control_run},
	{"zone reload", "[ZONE...]", "merge what changed in zone files", 0, ARGS_MANY, 0,
	 cli_control_run},
	{"zone dump", "ZONE", "write the whole zone as a zone file", 1, 1, CLI_TAKES_OUTPUT,
	 cli_control_dump},
	{"zone checkpoint", "[ZONE...]", "write zones to the store anew", 0, ARGS_MANY, 0,
	 cli_control_run},
	{"zone check", "ZONE", "whether a zone's service view is what its instances imply", 1, 1, 0,
	 cli_control_run},
	{"zone purge", "ZONE", "forget a zone that is not configured any more", 1, 1, 0,
	 cli_control_run},
	{"drain", "INSTANCE...", "let no client find an instance that does not know it", 1,
	 ARGS_MANY, 0, cli_control_run},
	{"undrain", "INSTANCE...", "let clients find a drained instance again", 1, ARGS_MANY, 0,
	 cli_control_run},
	{"store check", "[FOLDER]", "examine the store of a weftd that does not run", 0, 1, 0,
	 cli_store_check},
	{"store export", "ZONE [FOLDER]", "write a zone from such a store as a zone file", 1, 2,
	 CLI_TAKES_OUTPUT, cli_store_export},
	{"fabric init", "NAME", "make a fabric: its key pair and secret, in NAME.fabric", 1, 1,
	 CLI_TAKES_FILE | CLI_TAKES_PASSPHRASE_FILE | CLI_TAKES_PASSPHRASE, cli_fabric_init},
	{"fabric show", "[NAME]", "name, public key and epoch of a fabric", 0, 1, CLI_TAKES_FILE,
	 cli_fabric_show},
	{"fabric export", "[NAME]", "write the public half of a fabric", 0, 1,
	 CLI_TAKES_FILE | CLI_TAKES_PUBLIC, cli_fabric_export},
	{"fabric rotate", "[NAME]", "begin a new epoch: issue all keys again", 0, 1,
	 CLI_TAKES_FILE | CLI_TAKES_PASSPHRASE_FILE, cli_fabric_rotate},
	{"key issue", "NAME", "print a key of a fabric as a BIND key file", 1, 1,
	 CLI_TAKES_OUTPUT | CLI_TAKES_FILE | CLI_TAKES_PASSPHRASE_FILE | CLI_TAKES_ALGORITHM |
		 CLI_TAKES_FOR,
	 cli_key_issue},
	{"key revoke", "KEY", "take nothing that a fabric's key signs any more", 1, 1, 0,
	 cli_control_run},
	{"key restore", "KEY", "trust a revoked key again", 1, 1, 0, cli_control_run},
	{"key list", "", "the keys that are revoked", 0, 0, 0, cli_control_run},
	{"lease list", "[ZONE | NAME...]", "which leases run, and how long yet", 0, ARGS_MANY, 0,
	 cli_control_run},
	{"lease show", "NAME", "the leases of a name and what they hold", 1, 1, 0, cli_control_run},
	{"lease extend", "NAME SECONDS", "let a lease end so many seconds from now", 2, 2, 0,
	 cli_control_run},
	{"lease drop", "NAME", "end a lease now", 1, 1, 0, cli_control_run},
	{"key generate", "NAME [ALGORITHM]", "print a new TSIG key as a BIND key file", 1, 2,
	 CLI_TAKES_OUTPUT, cli_key_generate},
	{0},
};

/* Options without a letter. */
enum { PASSPHRASE = 256, PASSPHRASE_FILE, PUBLIC, FOR };

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'c'},
	{"socket", required_argument, NULL, 's'},
	{"timeout", required_argument, NULL, 't'},
	{"output", required_argument, NULL, 'o'},
	{"file", required_argument, NULL, 'f'},
	{"fabric-file", required_argument, NULL, 'f'},
	{"algorithm", required_argument, NULL, 'a'},
	{"for", required_argument, NULL, FOR},
	{"public", required_argument, NULL, PUBLIC},
	{"passphrase", no_argument, NULL, PASSPHRASE},
	{"passphrase-file", required_argument, NULL, PASSPHRASE_FILE},
	{"json", no_argument, NULL, 'j'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

void cli_error(const char *fmt, ...)
{
	va_list args;

	fputs("weft: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

FILE *cli_output_open(const struct cli_options *options, unsigned mode)
{
	FILE *file;
	int fd;

	if (options->output == NULL)
		return stdout;
	fd = open(options->output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (file == NULL)
		cli_error("%s: %s", options->output, strerror(errno));
	return file;
}

static void usage_write(FILE *out)
{
	fputs("Usage: weft [OPTION...] COMMAND [ARGUMENT...]\n\n", out);
	for (const struct cli_command *command = commands; command->name != NULL; command++) {
		char both[64];

		snprintf(both, sizeof(both), "%s %s", command->name, command->args);
		fprintf(out, "  %-30s %s\n", both, command->help);
	}
	fputs("\n"
	      "  -c, --config FILE    read the control socket's place from this weftd.conf\n"
	      "  -s, --socket SOCKET  the control socket\n"
	      "  -t, --timeout SECONDS\n"
	      "                       wait no longer for weftd; 0: for ever\n"
	      "  -j, --json           answer in JSON\n"
	      "  -o, --output FILE    zone dump, store export, key generate, key issue: write to\n"
	      "                       this new file\n"
	      "  -f, --file FILE      fabric, key issue: the fabric's file (also --fabric-file)\n"
	      "      --public FILE    fabric export: write to this new file\n"
	      "  -a, --algorithm ALG  key issue: another algorithm than hmac-sha256\n"
	      "      --for PROGRAM    key issue: say how nsupdate, external-dns, kea or acme.sh\n"
	      "                       takes the key\n"
	      "      --passphrase     fabric init: seal the file with a passphrase that is asked "
	      "for\n"
	      "      --passphrase-file FILE\n"
	      "                       fabric, key issue: the passphrase is the first line of FILE\n"
	      "  -h, --help           show this\n"
	      "  -V, --version        show the version\n",
	      out);
}

/* The command that the words begin with; `used` tells how many words it has. */
static const struct cli_command *command_find(int nwords, char **words, int *used)
{
	for (const struct cli_command *command = commands; command->name != NULL; command++) {
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

/* An option that the command does not take, or NULL. */
static const char *option_unwanted(const struct cli_command *command,
				   const struct cli_options *options)
{
	const struct {
		const char *name;
		bool is_given;
		unsigned takes;
	} given[] = {
		{"-o", options->output != NULL, CLI_TAKES_OUTPUT},
		{"--file", options->file != NULL, CLI_TAKES_FILE},
		{"--public", options->public_file != NULL, CLI_TAKES_PUBLIC},
		{"--algorithm", options->algorithm != NULL, CLI_TAKES_ALGORITHM},
		{"--for", options->purpose != NULL, CLI_TAKES_FOR},
		{"--passphrase", options->is_passphrase, CLI_TAKES_PASSPHRASE},
		{"--passphrase-file", options->passphrase_file != NULL, CLI_TAKES_PASSPHRASE_FILE},
	};

	for (size_t i = 0; i < sizeof(given) / sizeof(*given); i++)
		if (given[i].is_given && !(command->takes & given[i].takes))
			return given[i].name;
	return NULL;
}

static int command_run(const struct cli_options *options, int nwords, char **words)
{
	const struct cli_command *command;
	const char *unwanted;
	unsigned nargs;
	int used = 0;

	command = command_find(nwords, words, &used);
	if (command == NULL) {
		if (nwords > 0)
			cli_error("unknown command %s%s%s; see weft --help", words[0],
				  nwords > 1 ? " " : "", nwords > 1 ? words[1] : "");
		else
			usage_write(stderr);
		return CLI_USAGE;
	}
	nargs = (unsigned)(nwords - used);
	if (nargs < command->args_min || nargs > command->args_max) {
		cli_error("usage: weft %s%s%s", command->name, command->args[0] != '\0' ? " " : "",
			  command->args);
		return CLI_USAGE;
	}
	unwanted = option_unwanted(command, options);
	if (unwanted != NULL) {
		cli_error("%s takes no %s", command->name, unwanted);
		return CLI_USAGE;
	}
	return command->run(command, options, (int)nargs, words + used);
}

/* Takes one option that is not about help or version; false if it is none of ours. */
static bool option_take(struct cli_options *options, int c)
{
	switch (c) {
	case 'c':
		options->config = optarg;
		return true;
	case 's':
		options->socket = optarg;
		return true;
	case 't':
		options->timeout = optarg;
		return true;
	case 'o':
		options->output = optarg;
		return true;
	case 'j':
		options->is_json = true;
		return true;
	case 'f':
		options->file = optarg;
		return true;
	case 'a':
		options->algorithm = optarg;
		return true;
	case FOR:
		options->purpose = optarg;
		return true;
	case PUBLIC:
		options->public_file = optarg;
		return true;
	case PASSPHRASE:
		options->is_passphrase = true;
		return true;
	case PASSPHRASE_FILE:
		options->passphrase_file = optarg;
		return true;
	default:
		return false;
	}
}

int main(int argc, char **argv)
{
	struct cli_options options = {0};
	int c;

	signal(SIGPIPE, SIG_IGN);
	if (sodium_init() < 0) {
		cli_error("libsodium does not start");
		return CLI_FAILURE;
	}
	while ((c = getopt_long(argc, argv, "c:s:t:o:f:a:jhV", long_options, NULL)) != -1) {
		if (option_take(&options, c))
			continue;
		if (c == 'h')
			usage_write(stdout);
		else if (c == 'V')
			puts("weft " PACKAGE_VERSION);
		return c == 'h' || c == 'V' ? CLI_OK : CLI_USAGE;
	}
	return command_run(&options, argc - optind, argv + optind);
}
