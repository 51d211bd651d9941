/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/check.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "conf/reader.h"
#include "spec/expand.h"
#include "spec/service.h"

enum { LABEL_CHARS = 63, PAIR_CHARS = 254, PATH_CHARS = 4000 };

/* The service that is being checked, and where it begins. */
struct checking {
	struct conf_reader *r;
	const struct spec_service *s;
	struct base_location at;
};

/* Reports an error where the option is whose value is `field`. */
__attribute__((format(printf, 3, 4))) static void fail(struct checking *c, const void *field,
						       const char *format, ...)
{
	struct base_location at = conf_reader_where(c->r, field, c->at);
	char text[BASE_ERROR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	conf_reader_error(c->r, &at, "%s", text);
}

/* ---- names and values ---- */

static bool is_variable(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

	return strspn(name, letters) > 0 &&
	       name[strspn(name,
			   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")] ==
		       '\0';
}

static bool is_agents(const char *name)
{
	return strncmp(name, "WEFT_", 5) == 0 || strncmp(name, "OCF_", 4) == 0 ||
	       strncmp(name, "LISTEN_", 7) == 0 || strcmp(name, "NOTIFY_SOCKET") == 0;
}

static bool has_ending(const char *name, const char *ending)
{
	size_t n = strlen(name), e = strlen(ending);

	return n >= e && strcasecmp(name + n - e, ending) == 0;
}

/* Whether a value of that name is usually secret. One that is a path or a variable is not. */
static bool is_secret_name(const char *name, const char *value)
{
	static const char *const endings[] = {"PASSWORD",   "PASSWD",	   "PASSPHRASE", "SECRET",
					      "TOKEN",	    "PRIVATE_KEY", "API_KEY",	 "APIKEY",
					      "ACCESS_KEY", "CREDENTIALS"};

	if (value[0] == '\0' || value[0] == '/' || value[0] == '$')
		return false;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (has_ending(name, endings[i]))
			return true;
	return false;
}

/* Whether the text has the user and password of a URL: ://USER:PASSWORD@. */
static bool has_password(const char *text)
{
	const char *at = strstr(text, "://");
	size_t n, user;

	if (at == NULL)
		return false;
	at += 3;
	n = strcspn(at, "/?#@ ");
	user = strcspn(at, ":");
	return at[n] == '@' && user < n && user + 1 < n && at[user + 1] != '$';
}

/* Reports text that is surely secret, or looks like it. Returns false if it is refused. */
static bool secret_check(struct conf_reader *r, const struct base_location *at, const char *option,
			 const char *name, const char *value)
{
	if (strstr(value, "PRIVATE KEY-----") != NULL) {
		conf_reader_error(r, at,
				  "%s: %.80s is a private key: everybody can read a zone; "
				  "name a file on the node, by secret",
				  option, name);
		return false;
	}
	if (is_secret_name(name, value) || has_password(value))
		conf_reader_warn(r, at,
				 "%s: %.80s looks like a secret: everybody can read a zone; "
				 "name a file on the node, by secret",
				 option, name);
	return true;
}

static bool variable_check(struct conf_reader *r, const char *option,
			   const struct base_location *at, const char *name)
{
	if (!is_variable(name))
		conf_reader_error(r, at, "%s: %.80s is not the name of a variable", option, name);
	else if (is_agents(name))
		conf_reader_error(r, at, "%s: %.80s is set by the agent", option, name);
	else
		return true;
	return false;
}

static bool text_check(struct conf_reader *r, const struct base_location *at, const char *name,
		       const char *value)
{
	static const char *const reserved[] = {"id", "inc", "state", "node", "ver", "cfg", "moved"};

	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcasecmp(reserved[i], name) == 0) {
			conf_reader_error(r, at, "text: the agent writes the key %s", name);
			return false;
		}
	for (const char *c = name; *c != '\0'; c++)
		if (*c < ' ' || *c > '~' || *c == '=') {
			conf_reader_error(r, at, "text: a key has printable characters without =");
			return false;
		}
	if (strlen(name) + strlen(value) > PAIR_CHARS) {
		conf_reader_error(r, at, "text: %.40s and its value have more than %d octets", name,
				  PAIR_CHARS);
		return false;
	}
	return secret_check(r, at, "text", name, value);
}

bool spec_check_pair(struct conf_reader *r, const char *option, const struct base_location *at,
		     const char *name, const char *value)
{
	if (strcmp(option, "text") == 0)
		return text_check(r, at, name, value);
	if (!variable_check(r, option, at, name))
		return false;
	if (strcmp(option, "secret") != 0)
		return secret_check(r, at, option, name, value);
	if (value[0] == '/' && strlen(value) <= PATH_CHARS)
		return true;
	/* Not repeated: it may be the secret itself. */
	conf_reader_error(r, at, "secret: %.80s is the absolute path of a file on the node", name);
	return false;
}

/* ---- names and numbers ---- */

static void name_check(struct checking *c)
{
	char digits[16];
	size_t n = (size_t)snprintf(digits, sizeof(digits), "-%" PRIu32, c->s->count);

	if (c->s->name != NULL && strlen(c->s->name) + n > LABEL_CHARS)
		fail(c, &c->s->name, "name: %s%s has more than %d characters", c->s->name, digits,
		     LABEL_CHARS);
}

static bool has_word(const struct spec_words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++)
		if (words->items[i] != NULL && strcmp(words->items[i], word) == 0)
			return true;
	return false;
}

static void words_check(struct checking *c, const struct spec_words *words, const char *option)
{
	for (size_t i = 1; i < words->count; i++)
		if (words->items[i] != NULL &&
		    has_word(&(struct spec_words){words->items, i}, words->items[i]))
			fail(c, words, "%s has %s twice", option, words->items[i]);
}

static void placing_check(struct checking *c)
{
	const struct spec_service *s = c->s;
	const char *resource = s->name != NULL ? spec_service_name_resource(s) : NULL;
	size_t nnodes = s->on.count;

	words_check(c, &s->on, "on");
	words_check(c, &s->prefer, "prefer");
	words_check(c, &s->avoid, "avoid");
	if (nnodes == 0 || has_word(&s->on, "any"))
		return;
	for (size_t i = 0; i < s->prefer.count; i++)
		if (s->prefer.items[i] != NULL && !has_word(&s->on, s->prefer.items[i]))
			fail(c, &s->prefer, "prefer: %s is not one of the nodes that on has",
			     s->prefer.items[i]);
	if (s->count <= nnodes)
		return;
	if (resource != NULL)
		fail(c, &s->count,
		     "count is %" PRIu32
		     ", but on has %zu nodes, and the name-resource %s lets one "
		     "instance run on a node",
		     s->count, nnodes, resource);
	else if (s->port != 0 && s->port != SPEC_PORT_AUTO)
		fail(c, &s->count,
		     "count is %" PRIu32 ", but on has %zu nodes, and only one instance on a node "
		     "can have the port %" PRIu32 "; is port: auto meant?",
		     s->count, nnodes, s->port);
}

/* Without nodes in `on` it is not known how many there are. */
static void port_check(struct checking *c)
{
	const struct spec_service *s = c->s;
	enum spec_form form = spec_service_form(s);

	if (s->port == SPEC_PORT_AUTO && (form == SPEC_FORM_UNIT || form == SPEC_FORM_MACHINE))
		fail(c, &s->port, "port: auto is for run and ocf: %s does not learn the port",
		     form == SPEC_FORM_UNIT ? "a unit" : "a machine");
	if (s->listen == SPEC_LISTEN_AGENT && form != SPEC_FORM_RUN)
		fail(c, &s->listen, "listen: agent is for run: only there are sockets handed over");
	if (s->listen == SPEC_LISTEN_AGENT && s->port == 0)
		fail(c, &s->listen, "listen: agent needs a port");
}

/* ---- forms ---- */

/* Returns whether there is exactly one. */
static bool form_check(struct checking *c)
{
	const struct spec_service *s = c->s;
	int nforms = (s->run.count > 0) + (s->ocf != NULL) + (s->unit != NULL) +
		     (s->machine.start.count > 0);

	if (nforms != 1)
		fail(c, NULL,
		     nforms == 0 ? "service needs one of run, ocf, unit and machine"
				 : "service has more than one of run, ocf, unit and machine");
	if (s->unit != NULL && (strchr(s->unit, '/') != NULL || strchr(s->unit, '.') == NULL))
		fail(c, &s->unit,
		     "unit is the name of a systemd unit, such as nginx.service, not %s", s->unit);
	return nforms == 1;
}

/* An option that does nothing in some form would be a promise there that is not kept. */
static void effect_check(struct checking *c)
{
	enum {
		OCF = 1 << SPEC_FORM_OCF,
		UNIT = 1 << SPEC_FORM_UNIT,
		MACHINE = 1 << SPEC_FORM_MACHINE
	};
	static const char in_file[] = "its file has what it needs";
	static const char limited[] = "only what run starts is limited";
	static const char signalled[] = "only what run starts is signalled";
	static const char read_back[] = "the last line of its actions is read from a file";
	static const char *const forms[] = {
		[SPEC_FORM_OCF] = "a resource agent",
		[SPEC_FORM_UNIT] = "a unit",
		[SPEC_FORM_MACHINE] = "a machine",
	};
	const struct spec_service *s = c->s;
	enum spec_form form = spec_service_form(s);
	const struct {
		const char *name;
		bool is_given;
		const void *field;
		unsigned forms; /* in which it does nothing */
		const char *why;
	} options[] = {
		{"user", s->user != NULL, &s->user, OCF, "its actions run as weft-agentd does"},
		{"folder", s->folder != NULL, &s->folder, OCF, "its actions run in /"},
		{"user", s->user != NULL, &s->user, UNIT, in_file},
		{"folder", s->folder != NULL, &s->folder, UNIT, in_file},
		{"environment", s->environment.count > 0, &s->environment, UNIT, in_file},
		{"secret", s->secret.count > 0, &s->secret, UNIT, in_file},
		{"parameters", s->parameters != NULL, &s->parameters, UNIT, in_file},
		{"prepare", s->prepare.count > 0, &s->prepare, UNIT, in_file},
		{"state", s->state.save.count > 0, &s->state, UNIT, in_file},
		{"limits.memory", s->limits.memory != 0, &s->limits.memory, OCF | UNIT | MACHINE,
		 limited},
		{"limits.processes", s->limits.processes != 0, &s->limits.processes,
		 OCF | UNIT | MACHINE, limited},
		{"limits.files", s->limits.files != 0, &s->limits.files, OCF | UNIT | MACHINE,
		 limited},
		{"limits.core", s->limits.core != 0, &s->limits.core, OCF | UNIT | MACHINE,
		 limited},
		{"output.to: journal", s->output.to == SPEC_OUTPUT_JOURNAL, &s->output.to,
		 OCF | MACHINE, read_back},
		{"output.to: journal", s->output.to == SPEC_OUTPUT_JOURNAL, &s->output.to, UNIT,
		 in_file},
		{"output.to: none", s->output.to == SPEC_OUTPUT_NONE, &s->output.to, UNIT, in_file},
		{"stop.signal", s->stop.signal != SIGTERM, &s->stop.signal, OCF | UNIT | MACHINE,
		 signalled},
		{"reload: signal", s->reload.act == SPEC_ACT_SIGNAL, &s->reload,
		 OCF | UNIT | MACHINE, signalled},
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].is_given && (options[i].forms & 1U << form) != 0)
			fail(c, options[i].field, "%s has no effect on %s: %s", options[i].name,
			     forms[form], options[i].why);
	for (size_t i = 0; i < s->uses.count && form != SPEC_FORM_RUN; i++)
		if (s->uses.items[i].on_change.act == SPEC_ACT_SIGNAL)
			fail(c, &s->uses, "uses: on-change: signal has no effect on %s: %s",
			     forms[form], signalled);
}

static void health_check(struct checking *c)
{
	const struct spec_check *check = &c->s->check;
	int n = (check->http != NULL) + (check->tcp != 0) + (check->exec.count > 0) +
		(check->is_ocf != 0);

	if (n > 1)
		fail(c, check, "check has more than one of http, tcp, exec and ocf");
	if (check->http != NULL && check->http[0] != '/')
		fail(c, &check->http, "check.http is a path that begins with /");
	if ((check->http != NULL || check->tcp == SPEC_PORT_OWN) && c->s->port == 0)
		fail(c, check, "check needs a port, and the service has none");
	if (check->is_ocf && c->s->ocf == NULL)
		fail(c, &check->is_ocf, "check.ocf is for resource agents (ocf) alone");
}

static void rest_check(struct checking *c)
{
	const struct spec_service *s = c->s;
	const struct spec_seconds *backoff = &s->restart.backoff;

	if (backoff->count < 1 || backoff->count > 2 ||
	    (backoff->count == 2 && backoff->items[0] > backoff->items[1]))
		fail(c, backoff, "restart.backoff is the first wait and the longest: [0.1, 10]");
	if (s->user != NULL && (s->user[0] == '\0' || strpbrk(s->user, ":/ \n") != NULL))
		fail(c, &s->user, "user is the name of a user, not %s", s->user);
	if (s->version != NULL &&
	    s->version[strspn(s->version, "abcdefghijklmnopqrstuvwxyz"
					  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+~_-")] != '\0')
		fail(c, &s->version, "version has letters, digits and . + ~ _ - only");
	for (size_t i = 0; i < s->uses.count; i++)
		for (size_t j = 0; j < i; j++)
			if (s->uses.items[i].name != NULL && s->uses.items[j].name != NULL &&
			    strcmp(s->uses.items[i].name, s->uses.items[j].name) == 0)
				fail(c, &s->uses, "uses has %s twice", s->uses.items[i].name);
	for (size_t i = 0; i < s->uses.count; i++)
		if (s->name != NULL && s->uses.items[i].name != NULL &&
		    strcmp(s->uses.items[i].name, s->name) == 0)
			fail(c, &s->uses, "uses: %s cannot wait for itself", s->name);
	for (size_t i = 0; i < s->resources.count; i++)
		for (size_t j = 0; j < i; j++)
			if (s->resources.items[i].name != NULL &&
			    s->resources.items[j].name != NULL &&
			    strcmp(s->resources.items[i].name, s->resources.items[j].name) == 0)
				fail(c, &s->resources, "resources has %s twice",
				     s->resources.items[i].name);
}

/* ---- variables ---- */

static void variables_check(struct checking *c, const void *field, const char *option,
			    const char *text, enum spec_expand_where where)
{
	struct base_location at = conf_reader_where(c->r, field, c->at);
	struct base_error error;

	if (text == NULL)
		return;
	if (spec_expand_check(c->s, text, where, &error) < 0)
		fail(c, field, "%s: %s", option, error.text);
	if (where != SPEC_EXPAND_VALUE)
		secret_check(c->r, &at, option, "a word", text);
}

static void command_check(struct checking *c, const struct spec_words *command, const void *field,
			  const char *option)
{
	for (size_t i = 0; i < command->count; i++)
		variables_check(c, field, option, command->items[i],
				field == &c->s->fence ? SPEC_EXPAND_FENCE : SPEC_EXPAND_COMMAND);
}

static void commands_check(struct checking *c)
{
	const struct spec_service *s = c->s;

	for (size_t i = 0; i < s->prepare.count; i++)
		command_check(c, &s->prepare.items[i], &s->prepare, "prepare");
	command_check(c, &s->run, &s->run, "run");
	command_check(c, &s->machine.start, &s->machine.start, "machine.start");
	command_check(c, &s->machine.stop, &s->machine.stop, "machine.stop");
	command_check(c, &s->machine.check, &s->machine.check, "machine.check");
	command_check(c, &s->machine.recycle, &s->machine.recycle, "machine.recycle");
	command_check(c, &s->check.exec, &s->check.exec, "check.exec");
	command_check(c, &s->state.save, &s->state.save, "state.save");
	command_check(c, &s->state.load, &s->state.load, "state.load");
	command_check(c, &s->fence.exec, &s->fence, "fence");
	command_check(c, &s->reload.exec, &s->reload, "reload");
	for (size_t i = 0; i < s->uses.count; i++)
		command_check(c, &s->uses.items[i].on_change.exec, &s->uses, "uses");
	variables_check(c, &s->check.http, "check.http", s->check.http, SPEC_EXPAND_COMMAND);
	for (size_t i = 0; i < s->environment.count; i++)
		variables_check(c, &s->environment, "environment", s->environment.items[i].value,
				SPEC_EXPAND_VALUE);
}

void spec_check_service(struct conf_reader *r, const struct base_location *at, const void *fields)
{
	struct checking c = {.r = r, .s = fields, .at = *at};
	bool has_form;

	if (r->is_short_of_memory)
		return;
	name_check(&c);
	has_form = form_check(&c);
	placing_check(&c);
	port_check(&c);
	if (has_form)
		effect_check(&c);
	health_check(&c);
	rest_check(&c);
	commands_check(&c);
}
