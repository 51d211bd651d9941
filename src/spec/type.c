/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/type.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/reader.h"
#include "dns/name.h"
#include "spec/service.h"

enum { LABEL_CHARS = 63, TYPE_CHARS = 15, AGENT_CHARS = 100 };

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-';
}

/* Whether the `n` characters are letters, digits, and dashes that are neither first nor last. */
static bool is_label(const char *text, size_t n)
{
	if (n == 0 || n > LABEL_CHARS || text[0] == '-' || text[n - 1] == '-')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_word(text[i]))
			return false;
	return true;
}

bool spec_type_is_label(const char *text)
{
	return is_label(text, strlen(text));
}

static bool is_node(const char *text)
{
	size_t n = strcspn(text, ".");

	while (is_label(text, n) && text[n] == '.') {
		text += n + 1;
		n = strcspn(text, ".");
	}
	return is_label(text, n) && text[n] == '\0';
}

/* RFC 6335 section 5.1: at most 15 characters, one of them a letter. */
static bool is_service(const char *text)
{
	const char *dot = strchr(text, '.');
	size_t n;

	if (text[0] != '_' || dot == NULL)
		return false;
	n = (size_t)(dot - text - 1);
	return is_label(text + 1, n) && n <= TYPE_CHARS &&
	       (strcasecmp(dot, "._tcp") == 0 || strcasecmp(dot, "._udp") == 0);
}

/* Copies the text in lower case. */
static const char *lower_copy(struct conf_reader *r, const char *text)
{
	char *copy = conf_reader_alloc(r, strlen(text) + 1);

	for (size_t i = 0; copy != NULL && text[i] != '\0'; i++)
		copy[i] = (char)dns_lower[(uint8_t)text[i]];
	return copy;
}

static void label_from_text(struct conf_reader *r, const struct conf_setting *s,
			    const struct base_location *at, const char *text, void *field)
{
	if (spec_type_is_label(text))
		*(const char **)field = lower_copy(r, text);
	else
		conf_reader_error(r, at, "%s is %s, not %.80s", s->name, s->type->name, text);
}

static void node_from_text(struct conf_reader *r, const struct conf_setting *s,
			   const struct base_location *at, const char *text, void *field)
{
	if (is_node(text) && strlen(text) <= 200)
		*(const char **)field = lower_copy(r, text);
	else
		conf_reader_error(r, at, "%s: %.80s is not the name of a node", s->name, text);
}

static void service_from_text(struct conf_reader *r, const struct conf_setting *s,
			      const struct base_location *at, const char *text, void *field)
{
	if (is_service(text))
		*(const char **)field = lower_copy(r, text);
	else
		conf_reader_error(r, at, "%s is like _http._tcp or _dns._udp, not %.80s", s->name,
				  text);
}

static bool is_agent_name(const char *text, size_t n)
{
	if (n == 0 || n > AGENT_CHARS || text[0] == '.')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_word(text[i]) && text[i] != '_' && text[i] != '.')
			return false;
	return true;
}

static void ocf_from_text(struct conf_reader *r, const struct conf_setting *s,
			  const struct base_location *at, const char *text, void *field)
{
	size_t n = strcspn(text, ":");

	/* Both are names of files: no slash, no leading dot. */
	if (text[n] == ':' && is_agent_name(text, n) &&
	    is_agent_name(text + n + 1, strlen(text + n + 1)))
		*(const char **)field = conf_reader_copy(r, text);
	else
		conf_reader_error(r, at,
				  "%s is PROVIDER:AGENT, such as heartbeat:apache, not %.80s",
				  s->name, text);
}

/* Parses `2`, `0.25`, `100ms`, `5m` as milliseconds. Returns false for other texts. */
static bool seconds_parse(const char *text, uint64_t *out)
{
	static const struct {
		const char *unit;
		uint64_t ms;
	} units[] = {{"", 1000},   {"ms", 1},	   {"s", 1000},
		     {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
	uint64_t whole = 0, fraction = 0, scale = 1;
	const char *at = text;

	for (; *at >= '0' && *at <= '9' && whole < 1000000000; at++)
		whole = whole * 10 + (uint64_t)(*at - '0');
	if (at == text)
		return false;
	if (*at == '.')
		for (at++; *at >= '0' && *at <= '9' && scale < 1000000; at++, scale *= 10)
			fraction = fraction * 10 + (uint64_t)(*at - '0');
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i].unit, at) == 0) {
			*out = whole * units[i].ms + fraction * units[i].ms / scale;
			return true;
		}
	return false;
}

static void seconds_from_text(struct conf_reader *r, const struct conf_setting *s,
			      const struct base_location *at, const char *text, void *field)
{
	uint64_t ms;

	if (!seconds_parse(text, &ms))
		conf_reader_error(r, at, "%s is %s, not %.80s", s->name, s->type->name, text);
	else if (ms < s->min || ms > s->max)
		conf_reader_error(r, at, "%s is from %g to %g seconds, not %.80s", s->name,
				  (double)s->min / 1000, (double)s->max / 1000, text);
	else
		*(uint32_t *)field = (uint32_t)ms;
}

static void port_from_text(struct conf_reader *r, const struct conf_setting *s,
			   const struct base_location *at, const char *text, void *field)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (strcmp(text, "auto") == 0)
		*(uint32_t *)field = SPEC_PORT_AUTO;
	else if (strcmp(text, "none") == 0)
		*(uint32_t *)field = 0;
	else if (text[0] < '0' || text[0] > '9' || *end != '\0' || port == 0 || port > 65535)
		conf_reader_error(r, at, "%s is a port from 1 to 65535, auto or none, not %.80s",
				  s->name, text);
	else
		*(uint32_t *)field = (uint32_t)port;
}

static const struct {
	const char *name;
	int number;
} signals[] = {
	{"TERM", SIGTERM}, {"INT", SIGINT},   {"QUIT", SIGQUIT},   {"HUP", SIGHUP},
	{"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"WINCH", SIGWINCH}, {"ALRM", SIGALRM},
	{"CONT", SIGCONT}, {"PWR", SIGPWR},   {"ABRT", SIGABRT},   {"KILL", SIGKILL},
};

int spec_type_signal_number(const char *name)
{
	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (strcmp(signals[i].name, name) == 0)
			return signals[i].number;
	return 0;
}

const char *spec_type_signal_name(int number)
{
	size_t i = 0;

	while (i + 1 < sizeof(signals) / sizeof(signals[0]) && signals[i].number != number)
		i++;
	return signals[i].name;
}

static void signal_from_text(struct conf_reader *r, const struct conf_setting *s,
			     const struct base_location *at, const char *text, void *field)
{
	int number = spec_type_signal_number(text);

	if (number > 0)
		*(uint32_t *)field = (uint32_t)number;
	else
		conf_reader_error(r, at, "%s: there is no signal %.80s; is TERM meant?", s->name,
				  text);
}

const struct conf_type spec_type_label = {
	.name = "a name of letters, digits and dashes",
	.size = sizeof(const char *),
	.is_text = true,
	.from_text = label_from_text,
};
const struct conf_type spec_type_node = {
	.name = "a node",
	.size = sizeof(const char *),
	.is_text = true,
	.from_text = node_from_text,
};
const struct conf_type spec_type_service = {
	.name = "a service type",
	.size = sizeof(const char *),
	.is_text = true,
	.from_text = service_from_text,
};
const struct conf_type spec_type_ocf = {
	.name = "a resource agent",
	.size = sizeof(const char *),
	.is_text = true,
	.from_text = ocf_from_text,
};
const struct conf_type spec_type_seconds = {
	.name = "a time in seconds (ms, m, h, d)",
	.size = sizeof(uint32_t),
	.from_text = seconds_from_text,
};
const struct conf_type spec_type_port = {
	.name = "a port, auto or none",
	.size = sizeof(uint32_t),
	.from_text = port_from_text,
};
const struct conf_type spec_type_signal = {
	.name = "a signal",
	.size = sizeof(uint32_t),
	.from_text = signal_from_text,
};
const struct conf_type spec_type_command = {.name = "a command, as a list of words"};
const struct conf_type spec_type_commands = {.name = "a list of commands"};
const struct conf_type spec_type_pairs = {.name = "names and values"};
const struct conf_type spec_type_parameters = {.name = "names and values of any type"};
const struct conf_type spec_type_action = {
	.name = "nothing, restart, signal NAME or exec: COMMAND"};
const struct conf_type spec_type_fence = {.name = "lease, none or exec: COMMAND"};
const struct conf_type spec_type_uses = {.name = "a list of services"};
const struct conf_type spec_type_resources = {.name = "a list of resources"};
