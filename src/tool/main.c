/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weft - the command line for people and scripts: weft(1). */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/form.h"
#include "control/agent_commands.h"
#include "control/commands.h"
#include "declare/command.h"
#include "doctor/doctor.h"
#include "export/export.h"
#include "fleet/check.h"
#include "fleet/control.h"
#include "fleet/graph_show.h"
#include "fleet/history.h"
#include "remote/bridge.h"
#include "remote/control.h"
#include "remote/diff.h"
#include "remote/events.h"
#include "remote/lease.h"
#include "remote/reload.h"
#include "remote/service.h"
#include "remote/stats.h"
#include "remote/status.h"
#include "remote/top.h"
#include "remote/zone.h"
#include "service/browse.h"
#include "service/change.h"
#include "service/connect.h"
#include "service/register.h"
#include "service/resolve.h"
#include "setup/setup.h"
#include "tool/backup.h"
#include "tool/cert.h"
#include "tool/complete.h"
#include "tool/drain.h"
#include "tool/fabric.h"
#include "tool/help.h"
#include "tool/import.h"
#include "tool/key.h"
#include "tool/line.h"
#include "tool/services.h"
#include "tool/store.h"
#include "tool/subscribe.h"
#include "tool/watch.h"

/* The commands that do not use the control socket. */
enum {
	AGENT_CHECK,
	APPLY,
	BROWSE,
	CONNECT,
	DELETE,
	EXPORT,
	DOCTOR,
	FABRIC_CERT,
	FABRIC_INIT,
	FABRIC_SHOW,
	FABRIC_EXPORT,
	FABRIC_ROTATE,
	GRAPH,
	HELP,
	HISTORY,
	IMPORT_BIND,
	IMPORT_KNOT,
	KEY_GENERATE,
	KEY_ISSUE,
	NODE_REGISTER,
	PLACE,
	REGISTER,
	RESOLVE,
	RESTORE,
	SERVICE_LOG,
	SETUP_RESOLVER,
	STORE_CHECK,
	STORE_EXPORT,
	SUBSCRIBE,
	SUSPECT,
	UNREGISTER,
	WATCH_SERVICES
};

static const struct control_command on_files[] = {
	[AGENT_CHECK] = {"agent check", "", "compare what this node runs with what the zone has", 0,
			 0},
	[APPLY] = {"apply", "FILE...", "declare the services in files: what shall run, and how", 1,
		   CONTROL_ARGS_MANY},
	[DELETE] = {"delete", "NAME|TYPE...", "delete declared services: their instances end", 1,
		    CONTROL_ARGS_MANY},
	[PLACE] = {"place", "INSTANCE [NODE]", "have a node run an instance of a declared service",
		   1, 2},
	[BROWSE] = {"browse", "[TYPE]", "list and follow services, or list the types there are", 0,
		    1},
	[CONNECT] = {"connect", "TYPE|NAME [-- COMMAND...]",
		     "connect to a service, whichever instance it is", 1, 1},
	[EXPORT] = {"export", "FORMAT TYPE", "write the instances of a service for another program",
		    2, 2},
	[NODE_REGISTER] = {"node register", "[NODE] [-- COMMAND...]",
			   "register this host as a node, and keep it registered", 0, 1},
	[REGISTER] = {"register", "NAME TYPE PORT [KEY=VALUE...] [-- COMMAND...]",
		      "register a service, and keep it registered", 3, CONTROL_ARGS_MANY},
	[RESOLVE] = {"resolve", "TYPE|NAME",
		     "show the instances of a service in the order to contact them", 1, 1},
	[SUSPECT] = {"suspect", "NAME...", "report instances that do not work", 1,
		     CONTROL_ARGS_MANY},
	[UNREGISTER] = {"unregister", "NAME...", "remove what is registered", 1, CONTROL_ARGS_MANY},
	[DOCTOR] = {"doctor", "NAME", "find out which server on the way of a name lies", 1, 1},
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
	[GRAPH] = {"graph", "[ZONE]",
		   "show nodes and services of a fabric, and what they use and hold", 0, 1},
	[HISTORY] = {"history", "[ZONE]", "show what happened in a fabric", 0, 1},
	[SERVICE_LOG] = {"service log", "INSTANCE [LINES]",
			 "show the output of an instance of this node", 1, 2},
	[HELP] = {"help", "[COMMAND...]", "show all commands, or how some are used", 0, 2},
	[IMPORT_BIND] = {"import bind", "FILE",
			 "make a weftd.conf of a named.conf, and name what is left out", 1, 1},
	[IMPORT_KNOT] = {"import knot", "FILE",
			 "make a weftd.conf of a knot.conf, and name what is left out", 1, 1},
	[KEY_GENERATE] = {"key generate", "NAME [ALGORITHM]",
			  "print a new TSIG key as a BIND key file", 1, 2},
	[KEY_ISSUE] = {"key issue", "NAME", "print a fabric key as a BIND key file", 1, 1},
	[RESTORE] = {"restore", "FILE | -", "make a backup the store of a stopped server", 1, 1},
	[SETUP_RESOLVER] = {"setup-resolver", "[RESOLVER]",
			    "have this host's resolver ask the registries for a domain", 0, 1},
	[STORE_CHECK] = {"store check", "[FOLDER]", "examine the store of a stopped server", 0, 1},
	[STORE_EXPORT] = {"store export", "ZONE [FOLDER]",
			  "write a zone from the store of a stopped server as a zone file", 1, 2},
	[SUBSCRIBE] = {"subscribe", "NAME TYPE",
		       "follow the records of a name, as the server pushes them", 2, 2},
	[WATCH_SERVICES] = {"watch", "TYPE|NAME",
			    "follow the instances of a service type, or one instance", 1, 1},
};

static const struct cli_command commands[] = {
	{&on_files[BROWSE], CLI_TAKES_REGISTRY | CLI_TAKES_BROWSE, service_browse},
	{&on_files[RESOLVE], CLI_TAKES_REGISTRY, service_resolve},
	{&on_files[CONNECT], CLI_TAKES_REGISTRY | CLI_TAKES_CONNECT | CLI_TAKES_PROGRAM,
	 service_connect},
	{&on_files[WATCH_SERVICES], CLI_TAKES_FOLLOWING | CLI_TAKES_ONCE | CLI_TAKES_FILE,
	 tool_watch},
	{&on_files[SUBSCRIBE], CLI_TAKES_FOLLOWING | CLI_TAKES_ONCE | CLI_TAKES_FILE,
	 tool_subscribe},
	{&on_files[EXPORT],
	 CLI_TAKES_REGISTRY | CLI_TAKES_EXPORT | CLI_TAKES_OUTPUT | CLI_TAKES_FORCE, export_run},
	{&on_files[REGISTER], CLI_TAKES_REGISTRY | CLI_TAKES_REGISTER | CLI_TAKES_PROGRAM,
	 service_register},
	{&on_files[UNREGISTER], CLI_TAKES_REGISTRY, service_unregister},
	{&on_files[SUSPECT], CLI_TAKES_REGISTRY | CLI_TAKES_WHY, service_suspect},
	{&on_files[APPLY],
	 CLI_TAKES_REGISTRY | CLI_TAKES_DRY_RUN | CLI_TAKES_PRUNE | CLI_TAKES_YES | CLI_TAKES_FORCE,
	 declare_command_apply},
	{&on_files[DELETE], CLI_TAKES_REGISTRY | CLI_TAKES_DRY_RUN | CLI_TAKES_FORCE,
	 declare_command_delete},
	{&on_files[PLACE],
	 CLI_TAKES_REGISTRY | CLI_TAKES_DRY_RUN | CLI_TAKES_FORCE | CLI_TAKES_NONE,
	 declare_command_place},
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
	{&control_commands[CONTROL_DRAIN], CLI_TAKES_WAIT | CLI_TAKES_REGISTRY, tool_drain},
	{&control_commands[CONTROL_UNDRAIN], CLI_TAKES_REGISTRY, tool_undrain},
	{&control_commands[CONTROL_NODE_LIST], 0, remote_node_list},
	{&on_files[NODE_REGISTER], CLI_TAKES_REGISTRY | CLI_TAKES_NODE | CLI_TAKES_PROGRAM,
	 service_register_node},
	{&control_commands[CONTROL_NODE_DRAIN], 0, remote_control_run},
	{&control_commands[CONTROL_NODE_UNDRAIN], 0, remote_control_run},
	{&control_commands[CONTROL_SERVICE_LIST], CLI_TAKES_SERVICES | CLI_TAKES_REGISTRY,
	 tool_services_list},
	{&control_commands[CONTROL_SERVICE_SHOW], CLI_TAKES_REGISTRY, tool_services_show},
	{&control_agent_commands[CONTROL_AGENT_SERVICE_STATUS], CLI_TAKES_AGENT,
	 fleet_control_status},
	{&control_agent_commands[CONTROL_AGENT_SERVICE_START], CLI_TAKES_AGENT, fleet_control_act},
	{&control_agent_commands[CONTROL_AGENT_SERVICE_STOP], CLI_TAKES_AGENT, fleet_control_act},
	{&control_agent_commands[CONTROL_AGENT_SERVICE_RESTART], CLI_TAKES_AGENT,
	 fleet_control_act},
	{&control_agent_commands[CONTROL_AGENT_SERVICE_CHECK], CLI_TAKES_AGENT, fleet_control_act},
	{&on_files[SERVICE_LOG], CLI_TAKES_AGENT | CLI_TAKES_LOG, fleet_control_log},
	{&on_files[GRAPH], CLI_TAKES_REGISTRY | CLI_TAKES_GRAPH, fleet_graph_show},
	{&on_files[HISTORY], CLI_TAKES_REGISTRY | CLI_TAKES_HISTORY, fleet_history_show},
	{&control_agent_commands[CONTROL_AGENT_STATUS], CLI_TAKES_AGENT, fleet_control_run},
	{&on_files[AGENT_CHECK], CLI_TAKES_AGENT | CLI_TAKES_REGISTRY, fleet_check_run},
	{&control_agent_commands[CONTROL_AGENT_RELOAD], CLI_TAKES_AGENT, fleet_control_run},
	{&control_agent_commands[CONTROL_AGENT_STOP], CLI_TAKES_AGENT | CLI_TAKES_YES,
	 fleet_control_stop},
	{&control_agent_commands[CONTROL_AGENT_LEAVE], CLI_TAKES_AGENT, fleet_control_run},
	{&control_agent_commands[CONTROL_AGENT_UPGRADE], CLI_TAKES_AGENT, fleet_control_run},
	{&control_agent_commands[CONTROL_AGENT_LOG], CLI_TAKES_AGENT, fleet_control_run},
	{&control_commands[CONTROL_LEASE_LIST], CLI_TAKES_LEASES, remote_lease_list},
	{&control_commands[CONTROL_LEASE_SHOW], 0, remote_control_run},
	{&control_commands[CONTROL_LEASE_EXTEND], 0, remote_lease_extend},
	{&control_commands[CONTROL_LEASE_DROP], 0, remote_control_run},
	{&control_commands[CONTROL_BRIDGE_STATUS], 0, remote_control_run},
	{&control_commands[CONTROL_BRIDGE_LIST], CLI_TAKES_BRIDGE, remote_bridge_list},
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
	{&on_files[DOCTOR], CLI_TAKES_REGISTRY | CLI_TAKES_DOCTOR, doctor_run},
	{&on_files[SETUP_RESOLVER],
	 CLI_TAKES_REGISTRY | CLI_TAKES_SETUP | CLI_TAKES_OUTPUT | CLI_TAKES_FORCE, setup_run},
	{&on_files[HELP], 0, NULL}, /* of this table: help_show */
};
enum { NCOMMANDS = sizeof(commands) / sizeof(*commands) };

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

enum { TIMEOUT_MAX_S = 1000000 }; /* the longest of -t */

static int command_run(const struct tool_line *line)
{
	const struct cli_command *command = line->command;
	const struct control_command *is;
	char **args = line->words + line->nused;
	unsigned nargs = (unsigned)(line->nwords - line->nused);

	if (command == NULL)
		return command_unknown(line->nwords, line->words);
	is = command->is;
	if (is->args_max == CONTROL_ARGS_MANY && nargs > CONTROL_ARGS_MANY) {
		cli_error("%s takes at most %d names at once", is->name, CONTROL_ARGS_MANY);
		return CLI_USAGE;
	}
	if (nargs < is->args_min || nargs > is->args_max) {
		cli_error("usage: weft %s%s%s", is->name, is->args[0] != '\0' ? " " : "", is->args);
		return CLI_USAGE;
	}
	if (command->run == NULL)
		return help_show((int)nargs, args);
	return command->run(command, line->options, (int)nargs, args);
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

/* `weft --complete [WORD...] WORD`: what may follow the words; the last one, at the cursor, is
 * incomplete. Not for people: contrib/completion has the scripts that ask. */
static int complete(int nwords, char **words)
{
	struct cli_options options = {0};
	struct tool_complete at = {
		.commands = commands,
		.ncommands = NCOMMANDS,
		.given = &options,
		.word = words[nwords - 1],
	};
	struct tool_line line;

	/* The first word is where the name of a program is. */
	words[nwords - 1] = NULL;
	tool_line_read(&line, &options, nwords - 1, words, command_find, true);
	at.words = line.words;
	at.nwords = line.nwords;
	at.nused = line.nused;
	at.command = line.command;
	at.pending = line.pending;
	if (options.program == NULL)
		tool_complete(&at);
	else
		puts(":files");
	tool_line_fini(&line);
	return CLI_OK;
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
	struct tool_line line;
	int status;

	standard_take();
	signal(SIGPIPE, SIG_IGN);
	if (base_secret_start() < 0) {
		cli_error("no source of random numbers");
		return CLI_FAILURE;
	}
	if (argc > 2 && strcmp(argv[1], "--complete") == 0)
		return complete(argc - 1, argv + 1);
	status = tool_line_read(&line, &options, argc, argv, command_find, false);
	if (status == CLI_OK && line.is_version)
		puts("weft " PACKAGE_VERSION);
	else if (status == CLI_OK && line.is_help)
		status = help_show(line.nwords, line.words);
	else if (status == CLI_OK)
		status = options_read(&options) ? command_run(&line) : CLI_USAGE;
	tool_line_fini(&line);
	return status;
}
