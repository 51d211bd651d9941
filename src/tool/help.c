/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/help.h"

#include <string.h>

#include "control/command.h"

enum { OPTION_WIDTH = 20, COMMAND_WIDTH = 30 };

/* The options in the order in which they are shown. */
static const struct {
	const char *option;
	unsigned takes;	  /* CLI_TAKES_* of the commands that take it; 0: all do */
	const char *help; /* a newline begins another line */
} options[] = {
	{"-c, --config FILE", 0, "take the control socket's path from FILE"},
	{"-s, --socket SOCKET", 0, "the control socket"},
	{"-t, --timeout DURATION", 0,
	 "wait at most this long for weftd; 0: for ever;\n"
	 "watch, subscribe: end after this time"},
	{"-j, --json", 0, "answer in JSON"},
	{"    --server HOST[@PORT]", CLI_TAKES_FOLLOWING,
	 "watch, subscribe: the DNS server; else it is found by DNS"},
	{"    --port PORT", CLI_TAKES_FOLLOWING, "the port of --server"},
	{"    --tls", CLI_TAKES_FOLLOWING, "use TLS; usual unless the server is on this host"},
	{"    --plain", CLI_TAKES_FOLLOWING, "use TCP and UDP without TLS"},
	{"    --tls-ca FILE", CLI_TAKES_FOLLOWING,
	 "authorities that certificates must be signed by; usually the\n"
	 "system's. With -f FILE it is the fabric of this file"},
	{"    --tls-pin KEY", CLI_TAKES_FOLLOWING,
	 "the public key of the fabric that certificates must be signed by"},
	{"    --tls-name NAME", CLI_TAKES_FOLLOWING, "the name in the certificate of --server"},
	{"    --tls-certificate FILE", CLI_TAKES_FOLLOWING, "present this certificate"},
	{"    --tls-key FILE", CLI_TAKES_FOLLOWING, "its private key, if it is in another file"},
	{"    --insecure", CLI_TAKES_FOLLOWING, "take any certificate"},
	{"-d, --domain DOMAIN", CLI_TAKES_FOLLOWING, "watch, subscribe: complete names with this"},
	{"    --count N", CLI_TAKES_FOLLOWING, "end after N changes"},
	{"    --keepalive DURATION", CLI_TAKES_FOLLOWING,
	 "after how long a silent server is checked; usually 60s"},
	{"-o, --output FILE", CLI_TAKES_OUTPUT,
	 "zone dump, store export, key generate, key issue, fabric cert:\n"
	 "write to this new file; import: write weftd.conf to this folder"},
	{"    --force", CLI_TAKES_FORCE,
	 "zone dump, import, key issue, fabric cert: replace the file; restore: move\n"
	 "the store that is there aside; fabric rotate: also during the\n"
	 "overlap of the last rotation"},
	{"-d, --state-dir DIR", CLI_TAKES_STATE_DIR, "restore: the folder of the store"},
	{"-f, --file FILE", CLI_TAKES_FILE,
	 "fabric, key issue, watch, subscribe: the fabric's file (also\n"
	 "--fabric-file)"},
	{"    --public FILE", CLI_TAKES_PUBLIC, "fabric export: write to this new file"},
	{"-a, --algorithm ALG", CLI_TAKES_ALGORITHM,
	 "key issue: an algorithm other than hmac-sha256"},
	{"-a, --address ADDRESS", CLI_TAKES_CERT, "fabric cert: add this address; may be repeated"},
	{"    --days N", CLI_TAKES_CERT, "fabric cert: how long it is valid; usually 365"},
	{"    --ca", CLI_TAKES_CERT, "fabric cert: the fabric's own certificate, for clients"},
	{"    --for PROGRAM", CLI_TAKES_FOR,
	 "key issue: add how nsupdate, external-dns, kea, acme.sh or\n"
	 "certbot takes the key"},
	{"    --follow", CLI_TAKES_EVENTS, "events: show those to come, until weftd ends"},
	{"    --refused", CLI_TAKES_EVENTS, "events: only refused requests and updates"},
	{"    --zone ZONE", CLI_TAKES_EVENTS | CLI_TAKES_SERVICES,
	 "events, service list: only those of this zone"},
	{"    --key KEY", CLI_TAKES_EVENTS | CLI_TAKES_SERVICES | CLI_TAKES_LEASES,
	 "events, service list, lease list: only those of this key"},
	{"    --node NODE", CLI_TAKES_SERVICES | CLI_TAKES_LEASES,
	 "service list, lease list: only those on this node"},
	{"    --type TYPE", CLI_TAKES_SERVICES, "service list: only those of this type"},
	{"    --state STATE", CLI_TAKES_SERVICES, "service list: only those in this state"},
	{"    --drop", CLI_TAKES_DROP, "key revoke: also end the leases of the key"},
	{"    --yes", CLI_TAKES_YES, "zone purge: do not ask"},
	{"    --watch[=DURATION]", CLI_TAKES_WATCH,
	 "stats: show each second, or in this interval, what counters\n"
	 "grow by a second"},
	{"    --once", CLI_TAKES_ONCE,
	 "top: show one screen; watch, subscribe: what there is; and end"},
	{"    --interval DURATION", CLI_TAKES_TOP, "top: time between screens; usually 2s"},
	{"    --passphrase", CLI_TAKES_PASSPHRASE,
	 "fabric init: ask for a passphrase and seal the file with it"},
	{"    --passphrase-file FILE", CLI_TAKES_PASSPHRASE_FILE,
	 "fabric, key issue: the passphrase is the first line of FILE"},
	{"-h, --help", 0, "show this, or how a command is used"},
	{"-V, --version", 0, "show the version"},
};

static void command_write(FILE *out, const struct control_command *command)
{
	char both[64];

	snprintf(both, sizeof(both), "%s %s", command->name, command->args);
	fprintf(out, "  %-*s %s\n", COMMAND_WIDTH, both, command->help);
}

static void option_write(FILE *out, size_t i)
{
	const char *line = options[i].help;
	bool is_long = strlen(options[i].option) > OPTION_WIDTH;

	fprintf(out, "  %-*s", OPTION_WIDTH, options[i].option);
	if (is_long)
		fprintf(out, "\n%*s", OPTION_WIDTH + 2, "");
	while (line != NULL) {
		const char *end = strchr(line, '\n');
		int nchars = end != NULL ? (int)(end - line) : (int)strlen(line);

		fprintf(out, " %.*s\n", nchars, line);
		line = end != NULL ? end + 1 : NULL;
		if (line != NULL)
			fprintf(out, "%*s", OPTION_WIDTH + 2, "");
	}
}

void tool_help_all(FILE *out, const struct cli_command *commands, size_t ncommands)
{
	fputs("Usage: weft [OPTION...] COMMAND [ARGUMENT...]\n\n", out);
	for (size_t i = 0; i < ncommands; i++)
		command_write(out, commands[i].is);
	fputc('\n', out);
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		option_write(out, i);
}

bool tool_help_group(FILE *out, const struct cli_command *commands, size_t ncommands,
		     const char *word)
{
	size_t nword = strlen(word);
	bool is_begun = false;

	for (size_t i = 0; i < ncommands; i++) {
		const char *name = commands[i].is->name;

		if (strncmp(name, word, nword) != 0 || name[nword] != ' ')
			continue;
		if (!is_begun)
			fprintf(out, "Usage: weft [OPTION...] %s COMMAND [ARGUMENT...]\n\n", word);
		is_begun = true;
		command_write(out, commands[i].is);
	}
	return is_begun;
}

void tool_help_command(FILE *out, const struct cli_command *command)
{
	const struct control_command *is = command->is;

	fprintf(out, "Usage: weft [OPTION...] %s%s%s\n\n  %s\n", is->name,
		is->args[0] != '\0' ? " " : "", is->args, is->help);
	fputc('\n', out);
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (options[i].takes == 0 || (options[i].takes & command->takes))
			option_write(out, i);
}
