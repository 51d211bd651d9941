/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/complete.h"

#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/cli.h"
#include "control/command.h"
#include "declare/names.h"
#include "fleet/agent.h"
#include "remote/control.h"
#include "service/names.h"
#include "tool/options.h"

enum { ANSWER_LIMIT_S = 2, ARGUMENT_MAX = 32 };

/* ---- candidates ---- */

/* Offers the candidate if it begins with the word, in whatever case, as names do. */
static void offer(const struct tool_complete *at, const char *candidate, const char *description)
{
	if (strncasecmp(candidate, at->word, strlen(at->word)) != 0)
		return;
	printf("%s%s%s\n", candidate, description != NULL ? "\t" : "",
	       description != NULL ? description : "");
}

/* What there is to offer for a kind of argument. */
struct kind {
	const char *argument; /* as usage shows it */
	const char *command;  /* the commands, by the beginning of their name, that this is for */
	void (*offer)(const struct tool_complete *at, const struct kind *kind);
	const char *words; /* these; or a line for the shell; or a command of weftd or its agent */
	const char *field; /* offer_names: where an item of the answer has its name */
	bool (*fits)(const json_t *item); /* offer_names: leaves out items; may be NULL */
	const char *list; /* offer_names: where the answer has the items; NULL: it is the list */
};

static void offer_words(const struct tool_complete *at, const struct kind *kind)
{
	const char *from = kind->words;
	char word[ARGUMENT_MAX];

	while (*from != '\0') {
		size_t n = strcspn(from, " ");

		snprintf(word, sizeof(word), "%.*s", (int)n, from);
		offer(at, word, NULL);
		from += n + (from[n] == ' ');
	}
}

static void offer_nothing(const struct tool_complete *at, const struct kind *kind)
{
	(void)at;
	(void)kind;
}

static void offer_paths(const struct tool_complete *at, const struct kind *kind)
{
	(void)at;
	puts(kind->words);
}

/* The fabrics whose files are in this folder, as fabric show NAME finds them. */
static void offer_fabrics(const struct tool_complete *at, const struct kind *kind)
{
	glob_t found;

	(void)kind;
	if (glob("*.fabric", 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		*strrchr(found.gl_pathv[i], '.') = '\0';
		offer(at, found.gl_pathv[i], NULL);
	}
	globfree(&found);
}

/* Whether the command line has the name already; commands take no name twice. */
static bool is_given(const struct tool_complete *at, const char *name)
{
	for (int i = at->nused; i < at->nwords; i++)
		if (strcmp(at->words[i], name) == 0)
			return true;
	return false;
}

/* The name of an item, without its final dot unless it is the root's; `out` has room for it. */
static const char *name_of(char *out, size_t size, const json_t *item, const char *field)
{
	const char *name =
		json_string_value(json_is_object(item) ? json_object_get(item, field) : item);
	size_t n = name != NULL ? strlen(name) : 0;

	if (n == 0 || n >= size)
		return NULL;
	memcpy(out, name, n + 1);
	if (n > 1 && out[n - 1] == '.')
		out[n - 1] = '\0';
	return out;
}

/* Offers the names in weftd's answer; what is listed several times follows itself. */
static void answer_offer(const struct tool_complete *at, const struct kind *kind,
			 const json_t *answer)
{
	char name[1024], last[1024] = "";
	json_t *item;
	size_t i;

	json_array_foreach(kind->list == NULL ? answer : json_object_get(answer, kind->list), i,
			   item)
	{
		if ((kind->fits != NULL && !kind->fits(item)) ||
		    name_of(name, sizeof(name), item, kind->field) == NULL ||
		    strcmp(name, last) == 0 || is_given(at, name))
			continue;
		offer(at, name, NULL);
		strcpy(last, name);
	}
}

/* Returns the answer of a running weftd, or NULL. */
static json_t *answer_get(const struct tool_complete *at, const struct kind *kind)
{
	const struct control_command is = {.name = kind->words};
	const struct cli_command command = {.is = &is};
	struct cli_options options = *at->given;

	options.is_silent = options.has_limit = true;
	options.limit_s = ANSWER_LIMIT_S;
	return remote_control_ask(&command, &options, 0, NULL);
}

static void offer_names(const struct tool_complete *at, const struct kind *kind)
{
	json_t *answer = answer_get(at, kind);

	answer_offer(at, kind, answer);
	json_decref(answer);
}

/* Names of what the weft-agentd of this host has. */
static void offer_agent(const struct tool_complete *at, const struct kind *kind)
{
	struct cli_options options = *at->given;
	json_t *answer;
	int status;

	options.is_silent = options.has_limit = true;
	options.limit_s = ANSWER_LIMIT_S;
	answer = fleet_agent_ask(kind->words, &options, 0, NULL, &status);
	answer_offer(at, kind, answer);
	json_decref(answer);
}

static void name_offer(void *arg, const char *name)
{
	const struct tool_complete *at = arg;

	if (!is_given(at, name))
		offer(at, name, NULL);
}

/* Names of a running weftd, or if there is none, of the registry that libweft finds. */
static void offer_services(const struct tool_complete *at, const struct kind *kind)
{
	json_t *answer = at->given->registry == NULL ? answer_get(at, kind) : NULL;

	if (answer != NULL)
		answer_offer(at, kind, answer);
	else if (at->command != NULL &&
		 (at->command->takes & (CLI_TAKES_REGISTRY | CLI_TAKES_FOLLOWING)))
		service_names_each(at->given, strcmp(kind->field, "instance") == 0, name_offer,
				   (void *)(uintptr_t)at);
	json_decref(answer);
}

/* Names of what is declared in the zone; a type follows itself. */
static void offer_declared(const struct tool_complete *at, const struct kind *kind)
{
	enum declare_names which = strcmp(kind->argument, "INSTANCE") == 0 ? DECLARE_NAMES_INSTANCES
				   : strcmp(kind->argument, "NODE") == 0   ? DECLARE_NAMES_NODES
									   : DECLARE_NAMES_DECLARED;

	declare_names_each(at->given, which, name_offer, (void *)(uintptr_t)at);
}

static bool is_parked(const json_t *zone)
{
	const char *state = json_string_value(json_object_get(zone, "state"));

	return state != NULL && strcmp(state, "parked") == 0;
}

static bool is_drained(const json_t *node)
{
	return json_is_true(json_object_get(node, "drained"));
}

static bool is_drained_itself(const json_t *service)
{
	const char *state = json_string_value(json_object_get(service, "state"));

	return state != NULL && strcmp(state, "drained") == 0;
}

/* The first row that fits counts. */
static const struct kind kinds[] = {
	{"ALGORITHM", "", offer_words, "hmac-sha1 hmac-sha224 hmac-sha256 hmac-sha384 hmac-sha512",
	 NULL, NULL, NULL},
	{"DOMAIN", "", offer_names, "zone list", "zone", NULL, NULL},
	{"FILE", "", offer_paths, ":files", NULL, NULL, NULL},
	{"FOLDER", "", offer_paths, ":folders", NULL, NULL, NULL},
	{"FORMAT", "", offer_words, "hosts http_sd haproxy nginx env", NULL, NULL, NULL},
	{"INSTANCE", "place", offer_declared, NULL, NULL, NULL, NULL},
	{"INSTANCE", "undrain", offer_services, "service list", "instance", is_drained_itself,
	 "services"},
	{"INSTANCE", "service show", offer_services, "service list", "instance", NULL, "services"},
	{"INSTANCE", "service ", offer_agent, "service status", "instance", NULL, "instances"},
	{"INSTANCE", "", offer_services, "service list", "instance", NULL, "services"},
	{"KEY", "key restore", offer_names, "key list", "key", NULL, NULL},
	{"KEY", "", offer_names, "key usage", "key", NULL, NULL},
	{"LEVEL", "", offer_words, "error warning info debug", NULL, NULL, NULL},
	{"NAME", "delete", offer_declared, NULL, NULL, NULL, NULL},
	{"NAME", "watch", offer_services, "service list", "instance", NULL, "services"},
	{"NAME", "connect", offer_services, "service list", "instance", NULL, "services"},
	{"NAME", "resolve", offer_services, "service list", "instance", NULL, "services"},
	{"NAME", "suspect", offer_services, "service list", "instance", NULL, "services"},
	{"NAME", "unregister", offer_services, "service list", "instance", NULL, "services"},
	{"NAME", "export", offer_nothing, NULL, NULL, NULL, NULL},
	{"NAME", "register", offer_nothing, NULL, NULL, NULL, NULL},
	{"NAME", "doctor", offer_services, "service list", "instance", NULL, "services"},
	{"NAME", "subscribe", offer_nothing, NULL, NULL, NULL, NULL},
	{"NAME", "fabric init", offer_nothing, NULL, NULL, NULL, NULL},
	{"NAME", "fabric", offer_fabrics, NULL, NULL, NULL, NULL},
	{"NAME", "key issue", offer_names, "key usage", "key", NULL, NULL},
	{"NAME", "lease", offer_names, "lease list", "name", NULL, NULL},
	{"NODE", "place", offer_declared, NULL, NULL, NULL, NULL},
	{"NODE", "node register", offer_nothing, NULL, NULL, NULL, NULL},
	{"NODE", "node undrain", offer_names, "node list", "node", is_drained, "nodes"},
	{"NODE", "", offer_names, "node list", "node", NULL, "nodes"},
	{"PROGRAM", "", offer_words, "nsupdate external-dns kea acme.sh certbot", NULL, NULL, NULL},
	{"RESOLVER", "", offer_words, "systemd-resolved unbound dnsmasq networkmanager", NULL, NULL,
	 NULL},
	{"SOCKET", "", offer_paths, ":files", NULL, NULL, NULL},
	{"STATE", "", offer_words,
	 "live waiting suspect starting draining failed assigned preparing stopped drained "
	 "unaddressed incomplete",
	 NULL, NULL, NULL},
	{"TYPE", "delete", offer_nothing, NULL, NULL, NULL, NULL},
	{"TYPE", "subscribe", offer_words, "A AAAA ANY CNAME MX NS PTR SOA SRV SVCB TXT", NULL,
	 NULL, NULL},
	{"TYPE", "", offer_services, "service list", "type", NULL, "services"},
	{"ZONE", "zone purge", offer_names, "zone status", "zone", is_parked, NULL},
	{"ZONE", "", offer_names, "zone list", "zone", NULL, NULL},
};

static void offer_kind(const struct tool_complete *at, const char *argument)
{
	const char *command = at->command != NULL ? at->command->is->name : "";

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(kinds[i].argument, argument) == 0 &&
		    strncmp(kinds[i].command, command, strlen(kinds[i].command)) == 0) {
			kinds[i].offer(at, &kinds[i]);
			return;
		}
	}
}

/* ---- where the cursor is ---- */

/* Offers first words, or second words of commands whose first word is the one before the cursor.
 * A first word of several commands is described by the second words. */
static void offer_commands(const struct tool_complete *at)
{
	const char *first = at->nwords > 0 ? at->words[0] : "";
	size_t nfirst = strlen(first);
	char word[ARGUMENT_MAX], last[ARGUMENT_MAX] = "";

	for (size_t i = 0; i < at->ncommands; i++) {
		const struct control_command *is = at->commands[i].is;
		const char *name = is->name;

		if (nfirst > 0) {
			if (strncmp(name, first, nfirst) == 0 && name[nfirst] == ' ')
				offer(at, name + nfirst + 1, is->help);
			continue;
		}
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(name, " "), name);
		if (strcmp(word, last) != 0)
			offer(at, word, strchr(name, ' ') != NULL ? NULL : is->help);
		strcpy(last, word);
	}
}

/* Takes the next word of a usage: `[ZONE | NAME...]` has two, which are one argument. Adds 1 to
 * `argument` if the word is another argument than the word before it. Returns what follows it. */
static const char *usage_next(const char *usage, char word[static ARGUMENT_MAX], int *argument)
{
	size_t nbetween = strspn(usage, " [|]."), nword = strcspn(usage + nbetween, " [|].");
	const char *end = usage + nbetween + nword;

	if (memchr(usage, '|', nbetween) == NULL)
		++*argument;
	snprintf(word, ARGUMENT_MAX, "%.*s", (int)nword, usage + nbetween);
	if (*end == '[') /* `INSTANCE[@INC]`: a part of the same argument */
		end += strcspn(end, "]");
	return end + strspn(end, "].");
}

/* Offers what the usage of the command has for the argument at the cursor. */
static void offer_argument(const struct tool_complete *at)
{
	const char *usage = at->command->is->args;
	int wanted = at->nwords - at->nused, argument = -1;
	char word[ARGUMENT_MAX];

	for (const char *from = usage; *from != '\0';)
		from = usage_next(from, word, &argument);
	if (wanted > argument && strstr(usage, "...") != NULL)
		wanted = argument;

	argument = -1;
	for (const char *from = usage; *from != '\0';) {
		from = usage_next(from, word, &argument);
		if (argument == wanted)
			offer_kind(at, word);
	}
}

/* Offers what help has: the commands. */
static void offer_topics(const struct tool_complete *at)
{
	struct tool_complete topic = *at;

	topic.words += at->nused;
	topic.nwords -= at->nused;
	if (topic.nwords < 2)
		offer_commands(&topic);
}

static void offer_options(const struct tool_complete *at)
{
	char text[ARGUMENT_MAX];

	for (size_t i = 0; i < tool_noptions; i++) {
		snprintf(text, sizeof(text), "--%s", tool_options[i].name);
		if (tool_option_fits(&tool_options[i], at->command))
			offer(at, text, NULL);
	}
}

/* Offers what the argument of an option is: HOST of `HOST[@PORT]`. */
static void offer_option_argument(const struct tool_complete *at)
{
	char argument[ARGUMENT_MAX];
	int number = -1;

	usage_next(at->pending->argument, argument, &number);
	offer_kind(at, argument);
}

void tool_complete(const struct tool_complete *at)
{
	if (at->pending != NULL)
		offer_option_argument(at);
	else if (at->word[0] == '-')
		offer_options(at);
	else if (at->command != NULL && strcmp(at->command->is->name, "help") == 0)
		offer_topics(at);
	else if (at->command != NULL)
		offer_argument(at);
	else if (at->nwords < 2)
		offer_commands(at);
}
