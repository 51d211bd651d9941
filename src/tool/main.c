/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weft - the command line for people and scripts: weft(1). */

#include <ctype.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/form.h"
#include "control/commands.h"
#include "remote/control.h"
#include "remote/diff.h"
#include "remote/drain.h"
#include "remote/events.h"
#include "remote/lease.h"
#include "remote/reload.h"
#include "remote/service.h"
#include "remote/stats.h"
#include "remote/status.h"
#include "remote/top.h"
#include "remote/zone.h"
#include "tool/backup.h"
#include "tool/cert.h"
#include "tool/complete.h"
#include "tool/fabric.h"
#include "tool/help.h"
#include "tool/import.h"
#include "tool/key.h"
#include "tool/store.h"
#include "tool/subscribe.h"
#include "tool/watch.h"

/* The commands that do not use the control socket. */
enum {
	FABRIC_CERT,
	FABRIC_INIT,
	FABRIC_SHOW,
	FABRIC_EXPORT,
	FABRIC_ROTATE,
	HELP,
	IMPORT_BIND,
	IMPORT_KNOT,
	KEY_GENERATE,
	KEY_ISSUE,
	RESTORE,
	STORE_CHECK,
	STORE_EXPORT,
	SUBSCRIBE,
	WATCH_SERVICES
};

static const struct control_command on_files[] = {
	[FABRIC_INIT] = {"fabric init", "NAME",
			 "create a fabric: its key pair and secret, in NAME.fabric", 1, 1},
	[FABRIC_SHOW] = {"fabric show", "[NAME]", "show name, public key and epoch of a fabric", 0,
			 1},
	[FABRIC_CERT] = {"fabric cert", "[FILE] [NAME | ADDRESS...]",
			 "issue a certificate for a server or a key, or show the fabric's", 0,
			 CONTROL_ARGS_MANY},
	[FABRIC_EXPORT] = {"fabric export", "[NAME]", "write the public key of a fabric", 0, 1},
	[FABRIC_ROTATE] = {"fabric rotate", "[NAME]", "begin a new epoch: issue all keys again", 0,
			   1},
	[HELP] = {"help", "[COMMAND...]", "show all commands, or how some are used", 0, 2},
	[IMPORT_BIND] = {"import bind", "FILE",
			 "make a weftd.conf of a named.conf, and name what is left out", 1, 1},
	[IMPORT_KNOT] = {"import knot", "FILE",
			 "make a weftd.conf of a knot.conf, and name what is left out", 1, 1},
	[KEY_GENERATE] = {"key generate", "NAME [ALGORITHM]",
			  "print a new TSIG key as a BIND key file", 1, 2},
	[KEY_ISSUE] = {"key issue", "NAME", "print a fabric key as a BIND key file", 1, 1},
	[RESTORE] = {"restore", "FILE | -", "make a backup the store of a stopped server", 1, 1},
	[STORE_CHECK] = {"store check", "[FOLDER]", "examine the store of a stopped server", 0, 1},
	[STORE_EXPORT] = {"store export", "ZONE [FOLDER]",
			  "write a zone from the store of a stopped server as a zone file", 1, 2},
	[SUBSCRIBE] = {"subscribe", "NAME TYPE",
		       "follow the records of a name, as the server pushes them", 2, 2},
	[WATCH_SERVICES] = {"watch", "TYPE|NAME",
			    "follow the instances of a service type, or one instance", 1, 1},
};

static const struct cli_command commands[] = {
	{&on_files[WATCH_SERVICES], CLI_TAKES_FOLLOWING | CLI_TAKES_ONCE | CLI_TAKES_FILE,
	 tool_watch},
	{&on_files[SUBSCRIBE], CLI_TAKES_FOLLOWING | CLI_TAKES_ONCE | CLI_TAKES_FILE,
	 tool_subscribe},
	{&control_commands[CONTROL_STATUS], 0, remote_status},
	{&control_commands[CONTROL_STATS], CLI_TAKES_WATCH, remote_stats},
	{&control_commands[CONTROL_TOP], CLI_TAKES_TOP | CLI_TAKES_ONCE, remote_top},
	{&control_commands[CONTROL_LOG], 0, remote_control_run},
	{&control_commands[CONTROL_RELOAD], 0, remote_reload},
	{&control_commands[CONTROL_STOP], 0, remote_control_run},
	{&control_commands[CONTROL_EVENTS], CLI_TAKES_EVENTS, remote_events},
	{&control_commands[CONTROL_EXPLAIN], 0, remote_explain},
	{&control_commands[CONTROL_ZONE_LIST], 0, remote_zone_list},
	{&control_commands[CONTROL_ZONE_STATUS], 0, remote_control_run},
	{&control_commands[CONTROL_ZONE_RELOAD], 0, remote_zone_reload},
	{&control_commands[CONTROL_ZONE_DIFF], 0, remote_diff},
	{&control_commands[CONTROL_ZONE_DUMP], CLI_TAKES_OUTPUT | CLI_TAKES_FORCE,
	 remote_control_dump},
	{&control_commands[CONTROL_ZONE_CHECKPOINT], 0, remote_control_run},
	{&control_commands[CONTROL_ZONE_CHECK], 0, remote_control_run},
	{&control_commands[CONTROL_ZONE_PURGE], CLI_TAKES_YES, remote_zone_purge},
	{&control_commands[CONTROL_BACKUP], 0, tool_backup},
	{&on_files[RESTORE], CLI_TAKES_STATE_DIR | CLI_TAKES_FORCE, tool_restore},
	{&control_commands[CONTROL_SESSIONS], 0, remote_control_run},
	{&control_commands[CONTROL_DRAIN], CLI_TAKES_WAIT, remote_drain},
	{&control_commands[CONTROL_UNDRAIN], 0, remote_control_run},
	{&control_commands[CONTROL_NODE_LIST], 0, remote_node_list},
	{&control_commands[CONTROL_NODE_DRAIN], 0, remote_control_run},
	{&control_commands[CONTROL_NODE_UNDRAIN], 0, remote_control_run},
	{&control_commands[CONTROL_SERVICE_LIST], CLI_TAKES_SERVICES, remote_service_list},
	{&control_commands[CONTROL_SERVICE_SHOW], 0, remote_control_run},
	{&control_commands[CONTROL_LEASE_LIST], CLI_TAKES_LEASES, remote_lease_list},
	{&control_commands[CONTROL_LEASE_SHOW], 0, remote_control_run},
	{&control_commands[CONTROL_LEASE_EXTEND], 0, remote_lease_extend},
	{&control_commands[CONTROL_LEASE_DROP], 0, remote_control_run},
	{&on_files[FABRIC_INIT], CLI_TAKES_FILE | CLI_TAKES_PASSPHRASE_FILE | CLI_TAKES_PASSPHRASE,
	 tool_fabric_init},
	{&on_files[FABRIC_SHOW], CLI_TAKES_FILE, tool_fabric_show},
	{&on_files[FABRIC_EXPORT], CLI_TAKES_FILE | CLI_TAKES_PUBLIC, tool_fabric_export},
	{&on_files[FABRIC_CERT],
	 CLI_TAKES_FILE | CLI_TAKES_PASSPHRASE_FILE | CLI_TAKES_OUTPUT | CLI_TAKES_FORCE |
		 CLI_TAKES_CERT,
	 tool_cert},
	{&on_files[FABRIC_ROTATE], CLI_TAKES_FILE | CLI_TAKES_PASSPHRASE_FILE | CLI_TAKES_FORCE,
	 tool_fabric_rotate},
	{&on_files[IMPORT_BIND], CLI_TAKES_OUTPUT | CLI_TAKES_FORCE, tool_import_bind},
	{&on_files[IMPORT_KNOT], CLI_TAKES_OUTPUT | CLI_TAKES_FORCE, tool_import_knot},
	{&on_files[KEY_GENERATE], CLI_TAKES_OUTPUT, tool_key_generate},
	{&on_files[KEY_ISSUE],
	 CLI_TAKES_OUTPUT | CLI_TAKES_FILE | CLI_TAKES_PASSPHRASE_FILE | CLI_TAKES_ALGORITHM |
		 CLI_TAKES_FOR | CLI_TAKES_FORCE,
	 tool_key_issue},
	{&control_commands[CONTROL_KEY_REVOKE], CLI_TAKES_DROP, tool_key_revoke},
	{&control_commands[CONTROL_KEY_RESTORE], 0, remote_control_run},
	{&control_commands[CONTROL_KEY_LIST], 0, remote_control_run},
	{&control_commands[CONTROL_KEY_USAGE], 0, remote_control_run},
	{&control_commands[CONTROL_KEY_USES], 0, remote_control_run},
	{&on_files[STORE_CHECK], 0, tool_store_check},
	{&on_files[STORE_EXPORT], CLI_TAKES_OUTPUT, tool_store_export},
	{&on_files[HELP], 0, NULL}, /* of this table: help_show */
};
enum { NCOMMANDS = sizeof(commands) / sizeof(*commands) };

/* Options that have no short form. */
enum {
	PASSPHRASE = 256,
	PASSPHRASE_FILE,
	PUBLIC,
	ALGORITHM,
	ADDRESS,
	DAYS,
	CA,
	FOR,
	FOLLOW,
	REFUSED,
	ZONE,
	KEY,
	FORCE,
	DROP,
	YES,
	WATCH,
	ONCE,
	WAIT,
	INTERVAL,
	NODE,
	TYPE,
	STATE,
	STATE_DIR,
	DOMAIN,
	SERVER,
	PORT,
	TLS,
	PLAIN,
	INSECURE,
	TLS_CA,
	TLS_PIN,
	TLS_NAME,
	TLS_CERTIFICATE,
	TLS_KEY,
	COUNT,
	KEEPALIVE
};

enum { TIMEOUT_MAX_S = 1000000 }; /* the longest of -t */

#define SHORT_OPTIONS "c:s:t:o:f:a:d:jhV"

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'c'},
	{"socket", required_argument, NULL, 's'},
	{"timeout", required_argument, NULL, 't'},
	{"output", required_argument, NULL, 'o'},
	{"file", required_argument, NULL, 'f'},
	{"fabric-file", required_argument, NULL, 'f'},
	{"algorithm", required_argument, NULL, ALGORITHM},
	{"address", required_argument, NULL, ADDRESS},
	{"days", required_argument, NULL, DAYS},
	{"ca", no_argument, NULL, CA},
	{"for", required_argument, NULL, FOR},
	{"public", required_argument, NULL, PUBLIC},
	{"passphrase", no_argument, NULL, PASSPHRASE},
	{"passphrase-file", required_argument, NULL, PASSPHRASE_FILE},
	{"follow", no_argument, NULL, FOLLOW},
	{"refused", no_argument, NULL, REFUSED},
	{"zone", required_argument, NULL, ZONE},
	{"key", required_argument, NULL, KEY},
	{"node", required_argument, NULL, NODE},
	{"type", required_argument, NULL, TYPE},
	{"state", required_argument, NULL, STATE},
	{"drop", no_argument, NULL, DROP},
	{"yes", no_argument, NULL, YES},
	{"watch", optional_argument, NULL, WATCH},
	{"once", no_argument, NULL, ONCE},
	{"wait", no_argument, NULL, WAIT},
	{"interval", required_argument, NULL, INTERVAL},
	{"state-dir", required_argument, NULL, STATE_DIR},
	{"domain", required_argument, NULL, DOMAIN},
	{"server", required_argument, NULL, SERVER},
	{"port", required_argument, NULL, PORT},
	{"tls", no_argument, NULL, TLS},
	{"plain", no_argument, NULL, PLAIN},
	{"insecure", no_argument, NULL, INSECURE},
	{"tls-ca", required_argument, NULL, TLS_CA},
	{"tls-pin", required_argument, NULL, TLS_PIN},
	{"tls-name", required_argument, NULL, TLS_NAME},
	{"tls-certificate", required_argument, NULL, TLS_CERTIFICATE},
	{"tls-key", required_argument, NULL, TLS_KEY},
	{"count", required_argument, NULL, COUNT},
	{"keepalive", required_argument, NULL, KEEPALIVE},
	{"force", no_argument, NULL, FORCE},
	{"json", no_argument, NULL, 'j'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

/* Returns the command that the words begin with, or NULL; `used` is how many words its name has. */
static const struct cli_command *command_find(int nwords, char **words, int *used)
{
	for (size_t i = 0; i < NCOMMANDS; i++) {
		const char *name = commands[i].is->name, *space = strchr(name, ' ');
		size_t nfirst = space != NULL ? (size_t)(space - name) : strlen(name);

		if (nwords < 1 || strlen(words[0]) != nfirst ||
		    strncmp(words[0], name, nfirst) != 0)
			continue;
		*used = space != NULL ? 2 : 1;
		if (space == NULL || (nwords > 1 && strcmp(words[1], space + 1) == 0))
			return &commands[i];
	}
	return NULL;
}

/* The options other than --help and --version, each with its field of struct cli_options: a bool,
 * or a text, which is the argument. */
static const struct {
	int c;		  /* as getopt_long returns it */
	const char *name; /* in messages */
	unsigned takes;	  /* CLI_TAKES_* of the commands that take it; 0: all do */
	bool is_text;
	size_t offset;
} fields[] = {
#define TEXT(field) true, offsetof(struct cli_options, field)
#define FLAG(field) false, offsetof(struct cli_options, field)
	{'c', "--config", 0, TEXT(config)},
	{'s', "--socket", 0, TEXT(socket)},
	{'t', "--timeout", 0, TEXT(timeout)},
	{'j', "--json", 0, FLAG(is_json)},
	{'o', "-o", CLI_TAKES_OUTPUT, TEXT(output)},
	{'f', "--file", CLI_TAKES_FILE, TEXT(file)},
	{PUBLIC, "--public", CLI_TAKES_PUBLIC, TEXT(public_file)},
	{ALGORITHM, "--algorithm", CLI_TAKES_ALGORITHM, TEXT(algorithm)},
	{ADDRESS, "--address", CLI_TAKES_CERT, TEXT(address)},
	{'a', "-a", CLI_TAKES_ALGORITHM | CLI_TAKES_CERT, TEXT(letter_a)},
	{DAYS, "--days", CLI_TAKES_CERT, TEXT(days)},
	{CA, "--ca", CLI_TAKES_CERT, FLAG(is_ca)},
	{FOR, "--for", CLI_TAKES_FOR, TEXT(purpose)},
	{FOLLOW, "--follow", CLI_TAKES_EVENTS, FLAG(is_follow)},
	{REFUSED, "--refused", CLI_TAKES_EVENTS, FLAG(is_refused)},
	{ZONE, "--zone", CLI_TAKES_EVENTS | CLI_TAKES_SERVICES, TEXT(zone)},
	{KEY, "--key", CLI_TAKES_EVENTS | CLI_TAKES_SERVICES | CLI_TAKES_LEASES, TEXT(key)},
	{NODE, "--node", CLI_TAKES_SERVICES | CLI_TAKES_LEASES, TEXT(node)},
	{TYPE, "--type", CLI_TAKES_SERVICES, TEXT(type)},
	{STATE, "--state", CLI_TAKES_SERVICES, TEXT(state)},
	{DROP, "--drop", CLI_TAKES_DROP, FLAG(is_drop)},
	{YES, "--yes", CLI_TAKES_YES, FLAG(is_yes)},
	{WATCH, "--watch", CLI_TAKES_WATCH, TEXT(watch)},
	{ONCE, "--once", CLI_TAKES_ONCE, FLAG(is_once)},
	{WAIT, "--wait", CLI_TAKES_WAIT, FLAG(is_wait)},
	{INTERVAL, "--interval", CLI_TAKES_TOP, TEXT(interval)},
	{'d', "-d", CLI_TAKES_STATE_DIR | CLI_TAKES_FOLLOWING, TEXT(short_d)},
	{STATE_DIR, "--state-dir", CLI_TAKES_STATE_DIR, TEXT(state_dir)},
	{DOMAIN, "--domain", CLI_TAKES_FOLLOWING, TEXT(domain)},
	{SERVER, "--server", CLI_TAKES_FOLLOWING, TEXT(server)},
	{PORT, "--port", CLI_TAKES_FOLLOWING, TEXT(port)},
	{TLS, "--tls", CLI_TAKES_FOLLOWING, FLAG(is_tls)},
	{PLAIN, "--plain", CLI_TAKES_FOLLOWING, FLAG(is_plain)},
	{INSECURE, "--insecure", CLI_TAKES_FOLLOWING, FLAG(is_insecure)},
	{TLS_CA, "--tls-ca", CLI_TAKES_FOLLOWING, TEXT(tls_ca)},
	{TLS_PIN, "--tls-pin", CLI_TAKES_FOLLOWING, TEXT(tls_pin)},
	{TLS_NAME, "--tls-name", CLI_TAKES_FOLLOWING, TEXT(tls_name)},
	{TLS_CERTIFICATE, "--tls-certificate", CLI_TAKES_FOLLOWING, TEXT(tls_certificate)},
	{TLS_KEY, "--tls-key", CLI_TAKES_FOLLOWING, TEXT(tls_key)},
	{COUNT, "--count", CLI_TAKES_FOLLOWING, TEXT(count)},
	{KEEPALIVE, "--keepalive", CLI_TAKES_FOLLOWING, TEXT(keepalive)},
	{FORCE, "--force", CLI_TAKES_FORCE, FLAG(is_forced)},
	{PASSPHRASE, "--passphrase", CLI_TAKES_PASSPHRASE, FLAG(is_passphrase)},
	{PASSPHRASE_FILE, "--passphrase-file", CLI_TAKES_PASSPHRASE_FILE, TEXT(passphrase_file)},
#undef TEXT
#undef FLAG
};
enum { NFIELDS = sizeof(fields) / sizeof(*fields) };

/* Whether the option of a row of `fields` was given. */
static bool option_is_given(const struct cli_options *options, size_t row)
{
	const char *field = (const char *)options + fields[row].offset;

	return fields[row].is_text ? *(const char *const *)(const void *)field != NULL
				   : *(const bool *)(const void *)field;
}

/* Returns an option that was given and that the command does not take, or NULL. */
static const char *option_unwanted(const struct cli_command *command,
				   const struct cli_options *options)
{
	for (size_t i = 0; i < NFIELDS; i++)
		if (option_is_given(options, i) && fields[i].takes != 0 &&
		    !(command->takes & fields[i].takes))
			return fields[i].name;
	return NULL;
}

/* Reports that no command begins with these words. Returns an exit status. */
static int command_unknown(int nwords, char **words)
{
	bool has_two = nwords > 1;

	if (nwords == 0)
		tool_help_all(stderr, commands, NCOMMANDS);
	else if (has_two || !tool_help_group(stderr, commands, NCOMMANDS, words[0]))
		cli_error("unknown command %s%s%s; see weft help", words[0], has_two ? " " : "",
			  has_two ? words[1] : "");
	return CLI_USAGE;
}

/* Shows how the command, or the commands, that the words name are used. Returns an exit status. */
static int help_show(int nwords, char **words)
{
	int used = 0;
	const struct cli_command *command = command_find(nwords, words, &used);

	if (nwords == 0)
		tool_help_all(stdout, commands, NCOMMANDS);
	else if (command != NULL)
		tool_help_command(stdout, command);
	else if (!tool_help_group(stdout, commands, NCOMMANDS, words[0]))
		return command_unknown(nwords, words);
	return CLI_OK;
}

/* Gives the value of -d to the one of its long forms that the command takes. */
static void short_d_take(struct cli_options *options, const struct cli_command *command)
{
	if (options->short_d == NULL)
		return;
	if (command->takes & CLI_TAKES_STATE_DIR)
		options->state_dir = options->short_d;
	else
		options->domain = options->short_d;
}

static int command_run(struct cli_options *options, int nwords, char **words)
{
	const struct cli_command *command;
	const struct control_command *is;
	const char *unwanted;
	unsigned nargs;
	int used = 0;

	command = command_find(nwords, words, &used);
	if (command == NULL)
		return command_unknown(nwords, words);
	is = command->is;
	nargs = (unsigned)(nwords - used);
	if (is->args_max == CONTROL_ARGS_MANY && nargs > CONTROL_ARGS_MANY) {
		cli_error("%s takes at most %d names at once", is->name, CONTROL_ARGS_MANY);
		return CLI_USAGE;
	}
	if (nargs < is->args_min || nargs > is->args_max) {
		cli_error("usage: weft %s%s%s", is->name, is->args[0] != '\0' ? " " : "", is->args);
		return CLI_USAGE;
	}
	unwanted = option_unwanted(command, options);
	if (unwanted != NULL) {
		cli_error("%s does not take %s", is->name, unwanted);
		return CLI_USAGE;
	}
	short_d_take(options, command);
	if (command->run == NULL)
		return help_show((int)nargs, words + used);
	return command->run(command, options, (int)nargs, words + used);
}

/* Reads the values of options that are not texts. Returns false after a message. */
static bool options_read(struct cli_options *options)
{
	uint64_t seconds;

	if (options->timeout == NULL)
		return true;
	if (!cli_form_duration_parse(&seconds, "timeout", options->timeout, 0, TIMEOUT_MAX_S))
		return false;
	options->has_limit = true;
	options->limit_s = (int)seconds;
	return true;
}

/* Takes the next word as the value of --watch if it is a number: getopt takes only what follows an
 * equals sign, since the value may be missing. */
static void watch_value_take(char **argv)
{
	if (optarg == NULL && argv[optind] != NULL && isdigit((unsigned char)argv[optind][0]))
		optarg = argv[optind++];
}

/* Adds a value of --address, or of -a, to the list. */
static void address_take(struct cli_options *options)
{
	if (options->naddresses < CLI_ADDRESSES_MAX)
		options->addresses[options->naddresses++] = optarg;
}

/* Takes an option other than --help and --version. Returns false if there is no such option. */
static bool option_take(struct cli_options *options, int c)
{
	for (size_t i = 0; i < NFIELDS; i++) {
		void *field = (char *)options + fields[i].offset;

		if (fields[i].c != c)
			continue;
		if (c == ADDRESS || c == 'a')
			address_take(options);
		if (fields[i].is_text) /* only --watch may be without: every second */
			*(const char **)field = optarg != NULL ? optarg : "1";
		else
			*(bool *)field = true;
		return true;
	}
	return false;
}

/* Whether a command line with the command, or one whose command is not known yet, may have the
 * option. */
static bool option_fits(const struct cli_command *command, const struct option *option)
{
	struct cli_options options = {0};

	optarg = (char[]){""};
	return command == NULL || !option_take(&options, option->val) ||
	       option_unwanted(command, &options) == NULL;
}

/* `weft --complete [WORD...] WORD`: what may follow the words; the last one, at the cursor, is
 * incomplete. Not for people: contrib/completion has the scripts that ask. */
static int complete(int nwords, char **words)
{
	struct cli_options options = {0};
	struct tool_complete at = {
		.commands = commands,
		.ncommands = NCOMMANDS,
		.options = long_options,
		.given = &options,
		.word = words[--nwords],
		.takes = option_fits,
	};
	int c;

	/* getopt takes the place of the program's name for granted. */
	words[nwords] = NULL;
	while ((c = getopt_long(nwords, words, ":" SHORT_OPTIONS, long_options, NULL)) != -1) {
		if (c == ':')
			at.pending = optopt;
		else
			option_take(&options, c);
	}
	at.words = words + optind;
	at.nwords = nwords - optind;
	at.command = command_find(at.nwords, at.words, &at.nused);
	if (at.pending == 'a')
		at.pending = at.command != NULL && (at.command->takes & CLI_TAKES_CERT) ? ADDRESS
											: ALGORITHM;
	tool_complete(&at);
	return CLI_OK;
}

/* Reports what getopt has stopped at, which it returned `c` for. Returns an exit status. */
static int option_unknown(char **argv, int c)
{
	/* Of several letters after one dash getopt stops within the word. */
	const char *before = argv[optind - 1];
	bool is_before = before[0] == '-' && (before[1] == '-' || strchr(before, optopt) != NULL);
	const char *word = is_before ? before : argv[optind];

	if (c == ':')
		cli_error("%s needs a value; see weft help", word);
	else if (isdigit(optopt))
		cli_error("%s is negative, which no value may be", word);
	else
		cli_error("unknown option %s; see weft help", word);
	return CLI_USAGE;
}

/* Takes the numbers of standard descriptors that are closed, so that no socket gets one and output
 * goes there: writing to such a one fails. */
static void standard_take(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", O_RDONLY);
}

int main(int argc, char **argv)
{
	struct cli_options options = {0};
	bool is_help = false;
	int c;

	standard_take();
	signal(SIGPIPE, SIG_IGN);
	if (base_secret_start() < 0) {
		cli_error("no source of random numbers");
		return CLI_FAILURE;
	}
	if (argc > 2 && strcmp(argv[1], "--complete") == 0)
		return complete(argc - 1, argv + 1);
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":" SHORT_OPTIONS, long_options, NULL)) != -1) {
		if (c == 'V') {
			puts("weft " PACKAGE_VERSION);
			return CLI_OK;
		}
		if (c == WATCH)
			watch_value_take(argv);
		if (c == 'h')
			is_help = true;
		else if (!option_take(&options, c))
			return option_unknown(argv, c);
	}
	if (is_help)
		return help_show(argc - optind, argv + optind);
	if (!options_read(&options))
		return CLI_USAGE;
	return command_run(&options, argc - optind, argv + optind);
}
