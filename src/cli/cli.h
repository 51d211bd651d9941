/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cli/cli.h - what the commands of weft(1) have in common: their options and exit statuses.
 *
 * A command is a row of the table in tool/main.c, an option one of that in tool/options.c. Most
 * commands are sent to the running weftd as they are; some work here, on files, or find and
 * register services with libweft. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct control_command;

/* Exit statuses. */
enum {
	CLI_OK = 0,
	CLI_FAILURE = 1,
	CLI_USAGE = 2,
	CLI_NO_SERVER = 3, /* no registry, or no DNS server, answers */
};

enum { CLI_ADDRESSES_MAX = 64 }; /* of one command line; more are ignored */

/* The options of the command line; a text is NULL if the option is not given. */
struct cli_options {
	const char *config;			  /* of -c: a weftd.conf(5) */
	const char *socket;			  /* of -s: path of the control socket */
	const char *timeout;			  /* of -t: a duration, */
	bool has_limit;				  /* that is given, */
	int limit_s;				  /* in seconds; 0: for ever */
	bool is_quiet;				  /* of -q: no progress and no notes */
	bool is_silent;				  /* no messages at all: completion asks */
	const char *output;			  /* of -o: a new file instead of standard output */
	const char *file;			  /* of -f: a fabric's file */
	const char *passphrase_file;		  /* of --passphrase-file */
	const char *public_file;		  /* of --public: a new file */
	const char *algorithm;			  /* of --algorithm */
	const char *address;			  /* of the last --address */
	const char *addresses[CLI_ADDRESSES_MAX]; /* of --address and -a */
	unsigned naddresses;
	const char *days;			 /* of --days */
	bool is_ca;				 /* of --ca */
	const char *purpose;			 /* of --for: the program that the key is for */
	bool is_passphrase;			 /* of --passphrase: ask for one */
	const char *zone, *key;			 /* of --zone and --key: which ones */
	const char *node, *type;		 /* of --node and --type: likewise */
	const char *state;			 /* of --state: likewise */
	bool is_follow, is_refused;		 /* of --follow and --refused: likewise */
	bool is_advertised, is_discovered;	 /* of --advertised and --discovered: likewise */
	bool is_drop;				 /* of --drop */
	const char *watch;			 /* of --watch: an interval */
	const char *interval;			 /* of --interval */
	bool is_once;				 /* of --once */
	bool is_wait;				 /* of --wait */
	bool is_yes;				 /* of --yes: do not ask */
	bool is_dry_run, is_pruned, is_none;	 /* of --dry-run, --prune and --none */
	bool is_dot;				 /* of --dot */
	const char *of, *since;			 /* of --of and --since: which events */
	const char *state_dir;			 /* of --state-dir: folder of a store */
	const char *domain;			 /* of --domain: what names are completed with */
	const char *server, *port;		 /* of --server and --port: of DNS */
	bool is_tls, is_plain;			 /* of --tls and --plain */
	bool is_insecure;			 /* of --insecure: any server is trusted */
	const char *tls_ca, *tls_pin, *tls_name; /* of --tls-ca, --tls-pin and --tls-name */
	const char *tls_certificate, *tls_key;	 /* of --tls-certificate and --tls-key */
	const char *count, *keepalive;		 /* of --count and --keepalive */
	bool is_forced;				 /* of --force: replace what is there */
	bool is_install, is_remove;		 /* of --install and --remove */
	bool is_reload;				 /* of --reload */
	const char *reverse;			 /* of --reverse: a list of prefixes */
	const char *root;			 /* of --root: a folder before all paths */
	const char *resolver;			 /* of --resolver: a list of addresses */
	bool is_json;				 /* of -j */
	bool is_verbose;			 /* of -v */
	const char *registry;			 /* of --registry: a list */
	const char *key_file;			 /* of --key-file */
	bool is_all, is_resolved, is_terminated, is_parsable, is_no_lookup; /* of browse */
	bool is_datagram;						    /* of --udp */
	const char *sticky;						    /* of --sticky */
	const char *id, *host, *priority, *weight, *subtype, *lease;	    /* of register */
	bool is_renamed;						    /* of --rename */
	const char *name, *run;						    /* of export */
	const char *why;						    /* of --why */
	char **program; /* after `--`: a command and its arguments; or NULL */
};

/* The options that a command may take in addition to -c, -s, -t and -j. */
enum {
	CLI_TAKES_OUTPUT = 1,
	CLI_TAKES_FILE = 2,
	CLI_TAKES_PASSPHRASE_FILE = 4,
	CLI_TAKES_PASSPHRASE = 8,
	CLI_TAKES_PUBLIC = 16,
	CLI_TAKES_ALGORITHM = 32,
	CLI_TAKES_FOR = 64,
	CLI_TAKES_EVENTS = 128, /* the options of events */
	CLI_TAKES_FORCE = 256,
	CLI_TAKES_DROP = 512,
	CLI_TAKES_STATE_DIR = 1024,
	CLI_TAKES_YES = 4096,
	CLI_TAKES_WATCH = 8192,
	CLI_TAKES_TOP = 16384,	      /* the options of top */
	CLI_TAKES_SERVICES = 1 << 16, /* which services: --zone, --node, --type, --key, --state */
	CLI_TAKES_LEASES = 1 << 17,   /* which leases: --key, --node */
	CLI_TAKES_ONCE = 1 << 18,
	CLI_TAKES_FOLLOWING = 1 << 19, /* the options of watch and subscribe */
	CLI_TAKES_WAIT = 1 << 21,
	CLI_TAKES_CERT = 1 << 20,     /* the options of fabric cert: --address, --days, --ca */
	CLI_TAKES_REGISTRY = 2048,    /* the options of all commands that use libweft */
	CLI_TAKES_BROWSE = 1 << 15,   /* the options of browse */
	CLI_TAKES_CONNECT = 1 << 22,  /* the options of connect */
	CLI_TAKES_REGISTER = 1 << 23, /* the options of register, */
	CLI_TAKES_NODE = 1 << 24,     /* those that node register has, too */
	CLI_TAKES_EXPORT = 1 << 25,   /* the options of export */
	CLI_TAKES_WHY = 1 << 26,
	CLI_TAKES_SETUP = 1 << 28,   /* the options of setup-resolver */
	CLI_TAKES_DOCTOR = 1 << 29,  /* the options of doctor */
	CLI_TAKES_BRIDGE = 1 << 30,  /* the options of bridge list */
	CLI_TAKES_PROGRAM = 1 << 27, /* a command to run, after `--` */
};

/* More of them: an enumerator has 32 bits. */
#define CLI_TAKES_DRY_RUN (UINT64_C(1) << 32)
#define CLI_TAKES_PRUNE (UINT64_C(1) << 33)
#define CLI_TAKES_NONE (UINT64_C(1) << 34)
#define CLI_TAKES_AGENT (UINT64_C(1) << 35)   /* the agent's control socket */
#define CLI_TAKES_LOG (UINT64_C(1) << 36)     /* the options of service log */
#define CLI_TAKES_GRAPH (UINT64_C(1) << 37)   /* the options of graph */
#define CLI_TAKES_HISTORY (UINT64_C(1) << 38) /* the options of history */

struct cli_command {
	const struct control_command *is; /* name, arguments and help */
	uint64_t takes;			  /* CLI_TAKES_* */
	/* Runs the command, unless it is NULL, with its arguments, of which there are as many as it
	 * takes. Writes messages to standard error. Returns an exit status. */
	int (*run)(const struct cli_command *command, const struct cli_options *options, int nargs,
		   char **args);
};
