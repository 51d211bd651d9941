/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/options.h"

#include "cli/cli.h"

#define TEXT(field) TOOL_OPTION_TEXT, offsetof(struct cli_options, field)
#define FLAG(field) TOOL_OPTION_FLAG, offsetof(struct cli_options, field)

/* clang-format off */
const struct tool_option tool_options[] = {
	{'c', "config", "FILE", 0, TEXT(config),
	 "take the control socket's path from FILE; of commands for services:\n"
	 "the client.conf to use"},
	{'s', "socket", "SOCKET", 0, TEXT(socket), "the control socket"},
	{0, "agent-socket", "SOCKET", CLI_TAKES_AGENT, TEXT(socket),
	 "that of weft-agentd; else WEFT_AGENT_SOCKET or weft-agentd.conf"},
	{'t', "timeout", "DURATION", 0, TEXT(timeout),
	 "wait at most this long for weftd, a registry or an instance;\n"
	 "0: for ever; watch, subscribe: end after this time"},
	{'j', "json", NULL, 0, FLAG(is_json), "answer in JSON"},
	{'q', "quiet", NULL, CLI_TAKES_REGISTRY | CLI_TAKES_FOLLOWING, FLAG(is_quiet),
	 "no progress and no notes"},
	{'v', "verbose", NULL, CLI_TAKES_REGISTRY | CLI_TAKES_FOLLOWING, FLAG(is_verbose),
	 "report which registry and instance is used, and what was tried"},
	{0, "registry", "HOST[@PORT]", CLI_TAKES_REGISTRY | CLI_TAKES_FOLLOWING, TEXT(registry),
	 "the registries, with commas between; else WEFT_REGISTRY, client.conf\n"
	 "or what is found by DNS"},
	{0, "key-file", "FILE", CLI_TAKES_REGISTRY, TEXT(key_file),
	 "sign with the key of this file; else WEFT_KEY_FILE or client.conf"},
	{'a', "all", NULL, CLI_TAKES_BROWSE, FLAG(is_all), "browse: services of all types"},
	{'r', "resolve", NULL, CLI_TAKES_BROWSE, FLAG(is_resolved),
	 "browse: with host, addresses, port and TXT"},
	{'t', "terminate", NULL, CLI_TAKES_BROWSE, FLAG(is_terminated),
	 "browse: end after what there is"},
	{'p', "parsable", NULL, CLI_TAKES_BROWSE, FLAG(is_parsable),
	 "browse: fields with `;` between, as avahi-browse has them"},
	{'k', "no-db-lookup", NULL, CLI_TAKES_BROWSE, FLAG(is_no_lookup),
	 "browse: types as they are, `_http._tcp` instead of `Web Site`"},
	{'u', "udp", NULL, CLI_TAKES_CONNECT, FLAG(is_datagram), "connect: by UDP instead of TCP"},
	{0, "sticky", "TEXT", CLI_TAKES_CONNECT, TEXT(sticky),
	 "connect: to the same instance each time for the same TEXT"},
	{0, "id", "ID", CLI_TAKES_REGISTER, TEXT(id),
	 "register: the identity that stays when the service moves"},
	{0, "host", "HOST", CLI_TAKES_REGISTER, TEXT(host),
	 "register: where the service is; usually this host"},
	{0, "priority", "N", CLI_TAKES_REGISTER, TEXT(priority), "register: of its SRV record"},
	{0, "weight", "N", CLI_TAKES_REGISTER, TEXT(weight), "register: of its SRV record"},
	{0, "subtype", "SUBTYPE", CLI_TAKES_REGISTER, TEXT(subtype),
	 "register: subtypes, with commas between"},
	{0, "rename", NULL, CLI_TAKES_REGISTER, FLAG(is_renamed),
	 "register: take the next number if the name is another key's"},
	{0, "lease", "DURATION", CLI_TAKES_REGISTER | CLI_TAKES_NODE, TEXT(lease),
	 "register: the lease to ask for; usually 60s"},
	{0, "name", "NAME", CLI_TAKES_EXPORT, TEXT(name),
	 "export: of the backend or upstream; usually the service's"},
	{0, "run", "COMMAND", CLI_TAKES_EXPORT, TEXT(run),
	 "export: run this after each change of the file"},
	{0, "why", "TEXT", CLI_TAKES_WHY, TEXT(why), "suspect: why the instance does not work"},
	{0, "server", "HOST[@PORT]", CLI_TAKES_FOLLOWING, TEXT(server),
	 "watch, subscribe: this server alone, instead of registries"},
	{0, "port", "PORT", CLI_TAKES_FOLLOWING, TEXT(port), "the port of --server"},
	{0, "tls", NULL, CLI_TAKES_FOLLOWING, FLAG(is_tls),
	 "use TLS; usual unless the server is on this host"},
	{0, "plain", NULL, CLI_TAKES_FOLLOWING, FLAG(is_plain), "use TCP and UDP without TLS"},
	{0, "tls-ca", "FILE", CLI_TAKES_FOLLOWING, TEXT(tls_ca),
	 "authorities that certificates must be signed by; usually the\n"
	 "system's. With -f FILE it is the fabric of this file"},
	{0, "tls-pin", "PIN", CLI_TAKES_FOLLOWING, TEXT(tls_pin),
	 "the public key of the fabric that certificates must be signed by"},
	{0, "tls-name", "HOST", CLI_TAKES_FOLLOWING, TEXT(tls_name),
	 "the name in the certificate of --server"},
	{0, "tls-certificate", "FILE", CLI_TAKES_FOLLOWING, TEXT(tls_certificate),
	 "present this certificate"},
	{0, "tls-key", "FILE", CLI_TAKES_FOLLOWING, TEXT(tls_key),
	 "its private key, if it is in another file"},
	{0, "insecure", NULL, CLI_TAKES_FOLLOWING, FLAG(is_insecure), "take any certificate"},
	{'d', "domain", "DOMAIN", CLI_TAKES_FOLLOWING | CLI_TAKES_REGISTRY, TEXT(domain),
	 "complete names with this"},
	{0, "count", "N", CLI_TAKES_FOLLOWING, TEXT(count), "end after N changes"},
	{0, "keepalive", "DURATION", CLI_TAKES_FOLLOWING, TEXT(keepalive),
	 "after how long a silent server is checked; usually 60s"},
	{0, "resolver", "ADDRESS[@PORT]", CLI_TAKES_DOCTOR, TEXT(resolver),
	 "doctor: the resolvers, with commas between; else those of\n"
	 "resolv.conf"},
	{0, "install", NULL, CLI_TAKES_SETUP, FLAG(is_install),
	 "setup-resolver: write the files to their places"},
	{0, "remove", NULL, CLI_TAKES_SETUP, FLAG(is_remove), "setup-resolver: remove them"},
	{0, "reload", NULL, CLI_TAKES_SETUP, FLAG(is_reload),
	 "setup-resolver: then have the resolver read them"},
	{0, "reverse", "PREFIX", CLI_TAKES_SETUP, TEXT(reverse),
	 "setup-resolver: also the reverse zones of these, with commas between"},
	{0, "root", "FOLDER", CLI_TAKES_SETUP, TEXT(root),
	 "setup-resolver: of the system in FOLDER instead of this one"},
	{'o', "output", "FILE", CLI_TAKES_OUTPUT, TEXT(output),
	 "zone dump, store export, key generate, key issue, fabric cert,\n"
	 "export, setup-resolver: write to this new file; import: write weftd.conf to this\n"
	 "folder"},
	{0, "force", NULL, CLI_TAKES_FORCE, FLAG(is_forced),
	 "zone dump, import, key issue, fabric cert, export, setup-resolver:\n"
	 "replace the file;\n"
	 "restore: move the store that is there aside; fabric rotate: also\n"
	 "during the overlap of the last rotation; apply, delete: also what\n"
	 "others use; place: also on a node that is not in `on`"},
	{'d', "state-dir", "FOLDER", CLI_TAKES_STATE_DIR, TEXT(state_dir),
	 "restore: the folder of the store"},
	{'f', "file", "FILE", CLI_TAKES_FILE, TEXT(file),
	 "fabric, key issue, watch, subscribe: the fabric's file (also\n"
	 "--fabric-file)"},
	{0, "fabric-file", "FILE", CLI_TAKES_FILE, TEXT(file), NULL},
	{0, "public", "FILE", CLI_TAKES_PUBLIC, TEXT(public_file),
	 "fabric export: write to this new file"},
	{'a', "algorithm", "ALGORITHM", CLI_TAKES_ALGORITHM, TEXT(algorithm),
	 "key issue: an algorithm other than hmac-sha256"},
	{'a', "address", "ADDRESS", CLI_TAKES_CERT | CLI_TAKES_REGISTER | CLI_TAKES_NODE,
	 TOOL_OPTION_ADDRESS, offsetof(struct cli_options, address),
	 "fabric cert: add this address; may be repeated;\n"
	 "register: of this host, instead of those that the network has"},
	{0, "days", "N", CLI_TAKES_CERT, TEXT(days),
	 "fabric cert: how long it is valid; usually 365"},
	{0, "ca", NULL, CLI_TAKES_CERT, FLAG(is_ca),
	 "fabric cert: the fabric's own certificate, for clients"},
	{0, "for", "PROGRAM", CLI_TAKES_FOR, TEXT(purpose),
	 "key issue: add how nsupdate, external-dns, kea, acme.sh or\n"
	 "certbot takes the key"},
	{'f', "follow", NULL,
	 CLI_TAKES_EVENTS | CLI_TAKES_EXPORT | CLI_TAKES_LOG | CLI_TAKES_HISTORY, FLAG(is_follow),
	 "events, service log, history: show also what is to come; export:\n"
	 "write the file again when something changes"},
	{0, "dot", NULL, CLI_TAKES_GRAPH, FLAG(is_dot), "graph: as text for dot(1)"},
	{0, "of", "INSTANCE", CLI_TAKES_HISTORY, TEXT(of), "history: only of this instance"},
	{0, "since", "TIME", CLI_TAKES_HISTORY, TEXT(since),
	 "history: only since this time, or for so long: 2h"},
	{0, "refused", NULL, CLI_TAKES_EVENTS | CLI_TAKES_BRIDGE, FLAG(is_refused),
	 "events: only refused requests and updates; bridge list: only\n"
	 "refused services"},
	{0, "advertised", NULL, CLI_TAKES_BRIDGE, FLAG(is_advertised),
	 "bridge list: only services of the registry on the LAN"},
	{0, "discovered", NULL, CLI_TAKES_BRIDGE, FLAG(is_discovered),
	 "bridge list: only services of the LAN in the registry"},
	{0, "zone", "ZONE", CLI_TAKES_EVENTS | CLI_TAKES_SERVICES, TEXT(zone),
	 "events, service list: only those of this zone"},
	{0, "key", "KEY", CLI_TAKES_EVENTS | CLI_TAKES_SERVICES | CLI_TAKES_LEASES, TEXT(key),
	 "events, service list, lease list: only those of this key"},
	{0, "node", "NODE", CLI_TAKES_SERVICES | CLI_TAKES_LEASES | CLI_TAKES_HISTORY, TEXT(node),
	 "service list, lease list, history: only those on this node"},
	{0, "type", "TYPE", CLI_TAKES_SERVICES, TEXT(type),
	 "service list: only those of this type"},
	{0, "state", "STATE", CLI_TAKES_SERVICES, TEXT(state),
	 "service list: only those in this state"},
	{0, "drop", NULL, CLI_TAKES_DROP, FLAG(is_drop),
	 "key revoke: also end the leases of the key"},
	{0, "yes", NULL, CLI_TAKES_YES, FLAG(is_yes), "zone purge, apply, agent stop: do not ask"},
	{0, "dry-run", NULL, CLI_TAKES_DRY_RUN, FLAG(is_dry_run),
	 "apply, delete, place: show what would change, and change nothing"},
	{0, "prune", NULL, CLI_TAKES_PRUNE, FLAG(is_pruned),
	 "apply: also delete what is declared and not in the files"},
	{0, "none", NULL, CLI_TAKES_NONE, FLAG(is_none), "place: on no node"},
	{0, "watch", "[DURATION]", CLI_TAKES_WATCH, TOOL_OPTION_WATCH,
	 offsetof(struct cli_options, watch),
	 "stats: show each second, or in this interval, what counters\n"
	 "grow by a second"},
	{0, "once", NULL, CLI_TAKES_ONCE, FLAG(is_once),
	 "top: show one screen; watch, subscribe: what there is; and end"},
	{0, "wait", NULL, CLI_TAKES_WAIT, FLAG(is_wait), "drain: wait until all clients know"},
	{0, "interval", "DURATION", CLI_TAKES_TOP, TEXT(interval),
	 "top: time between screens; usually 2s"},
	{0, "passphrase", NULL, CLI_TAKES_PASSPHRASE, FLAG(is_passphrase),
	 "fabric init: ask for a passphrase and seal the file with it"},
	{0, "passphrase-file", "FILE", CLI_TAKES_PASSPHRASE_FILE, TEXT(passphrase_file),
	 "fabric, key issue: the passphrase is the first line of FILE"},
	{'h', "help", NULL, 0, TOOL_OPTION_HELP, 0, "show this, or how a command is used"},
	{'V', "version", NULL, 0, TOOL_OPTION_VERSION, 0, "show the version"},
};
/* clang-format on */
const size_t tool_noptions = sizeof(tool_options) / sizeof(*tool_options);

const struct tool_option *tool_option_of(char letter, const struct cli_command *command)
{
	const struct tool_option *found = NULL;

	for (size_t i = 0; i < tool_noptions; i++) {
		const struct tool_option *o = &tool_options[i];

		if (o->letter != letter || !tool_option_fits(o, command))
			continue;
		if (o->takes != 0)
			return o;
		found = o;
	}
	return found;
}

bool tool_option_fits(const struct tool_option *option, const struct cli_command *command)
{
	return option->takes == 0 || command == NULL || (option->takes & command->takes);
}
