/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A program that uses libweft as any other would, driven by words: for tests/system/calling.py.
 *
 *     caller [-r REGISTRIES] [-d DOMAIN] [-c CONFIG] [-k KEY-FILE[=NAME]] [-p PUBLIC-KEY] [-a CA]
 *            [-s STALE-MS] [-S] [COMMAND...]
 *
 * The options are the settings of weft/context.h; -S has it send no reports; without -c no
 * client.conf is read. The command is done, or else the lines of standard input are commands, until
 * its end:
 *
 *     find NAME [MS]           weft_find: `found N [stale]`, and N times `instance INSTANCE`
 *     find-start NAME [MS]     likewise, by weft_find_start
 *     types [DOMAIN]           likewise, by weft_find_types
 *     watch NAME               weft_watch_new; from then on `EVENT INSTANCE`: added, changed, ...
 *     unwatch                  weft_watch_free for all
 *     connect NAME [MS]        weft_connect: `connected ADDRESS INSTANCE`, and then the answer to
 *                              the line `hello`: `reply LINE` or `silent WHY`
 *     connect-start NAME [MS]  likewise, by weft_connect_start
 *     datagram NAME [MS]       likewise, with WEFT_CONNECT_DATAGRAM
 *     sticky KEY NAME [MS]     likewise, by weft_connect_sticky
 *     hold NAME [MS]           weft_connect without `hello`; the connection remains open
 *     failure [WHY]            weft_report_failure for the instance of the last connection
 *     connector NAME [KEY]     weft_connector_new; from then on `event EVENT INSTANCE`
 *     go [MS]                  weft_connector_connect; as `connect`
 *     follow                   from now on the connector connects anew after each event but ready
 *     register LABEL TYPE PORT [WORD...]
 *                              weft_registration_start; from then on `registration EVENT NAME LEASE
 *                              INCARNATION ERROR TEXT`. A word is KEY=VALUE or KEY of the TXT
 *                              record, or a setting: -addresses=LIST -host=NAME -id=ID -lease=S
 *                              -port=PORT -rename=1 -srv=PRIORITY,WEIGHT -state=STATE
 *                              -subtype=LABEL
 *     register-wait ...        likewise, by weft_registration_wait: `done NAME LEASE INCARNATION`
 *     node NAME [WORD...]      likewise, by weft_registration_new_node
 *     set LABEL WORD...        changes a registration
 *     end LABEL                weft_registration_end
 *     free LABEL               weft_registration_free
 *     unregister LABEL         weft_unregister: `done`
 *     remove NAME              weft_unregister_name: `done`
 *     state NAME STATE         weft_set_state_of: `done`
 *     registries               `registry ADDRESS TRANSPORT HEALTH RTT SOURCE` for each
 *     repeat N MS COMMAND...   does the command N times, with a wait of MS between
 *     wait MS                  does what is to be done for that long; `waited`
 *     echo WORD...             prints the words
 *     quit
 *
 * A word with blanks is put in `"`. Each event is a line: microseconds of CLOCK_MONOTONIC, the
 * event's word, and more. INSTANCE is `NAME HOST PORT PRIORITY WEIGHT STATE ID INCARNATION
 * ADDRESS,... TXT...`, with `-` for what is empty. What fails is `error NAME TEXT`. A line that is
 * not understood ends the program with status 2. */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "caller.h"

enum { WORDS_MAX = 64 };

struct weft *caller_context;
static bool is_over;

static int print_registry(void *arg, const struct weft_registry *r)
{
	(void)arg;
	caller_print("registry %s %s %d %" PRIu32 " %s", weft_registry_address(r),
		     weft_registry_transport(r), weft_registry_is_healthy(r),
		     weft_registry_rtt_us(r), weft_registry_source(r));
	return 0;
}

static int print_registries(char **words)
{
	(void)words;
	weft_registries(caller_context, print_registry, NULL);
	return WEFT_OK;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int wait_ms(const char *word)
{
	int64_t left_ms = atoi(word), end_ms = now_ms() + left_ms;
	int ret = WEFT_OK;

	for (; left_ms > 0 && (ret == WEFT_OK || errno == EINTR); left_ms = end_ms - now_ms())
		ret = weft_wait(caller_context, (int)left_ms);
	return ret == WEFT_E_TIMEOUT ? WEFT_OK : ret;
}

static int wait_print(char **words)
{
	int ret = wait_ms(words[0]);

	if (ret == WEFT_OK)
		caller_print("waited");
	return ret;
}

static int echo(char **words)
{
	char line[CALLER_LINE_MAX] = "";

	for (; *words != NULL; words++)
		caller_append(line, sizeof(line), "%s%s", *words, words[1] != NULL ? " " : "");
	caller_print("%s", line);
	return WEFT_OK;
}

static int quit(char **words)
{
	(void)words;
	is_over = true;
	return WEFT_OK;
}

static const struct command {
	const char *name;
	int nwords; /* that must follow */
	int (*run)(char **words);
} commands[] = {
	{"connect", 1, caller_connect},
	{"connect-start", 1, caller_connect_start},
	{"connector", 1, caller_connector},
	{"datagram", 1, caller_datagram},
	{"echo", 0, echo},
	{"end", 1, caller_end},
	{"failure", 0, caller_failure},
	{"find", 1, caller_find},
	{"find-start", 1, caller_find_start},
	{"follow", 0, caller_follow},
	{"free", 1, caller_free},
	{"go", 0, caller_go},
	{"hold", 1, caller_hold},
	{"node", 1, caller_node},
	{"quit", 0, quit},
	{"register", 3, caller_register},
	{"register-wait", 3, caller_register_wait},
	{"registries", 0, print_registries},
	{"remove", 1, caller_remove},
	{"set", 1, caller_set},
	{"state", 2, caller_state},
	{"sticky", 2, caller_sticky},
	{"types", 0, caller_types},
	{"unregister", 1, caller_unregister},
	{"unwatch", 0, caller_unwatch},
	{"wait", 1, wait_print},
	{"watch", 1, caller_watch},
};

/* Does one command; `words` are followed by NULL. */
static void run_words(char **words, int n)
{
	const struct command *c = commands, *end = c + sizeof(commands) / sizeof(*commands);
	int ret;

	while (c < end && strcmp(c->name, words[0]) != 0)
		c++;
	if (c == end || n - 1 < c->nwords) {
		fprintf(stderr, "caller: %s is not understood\n", words[0]);
		exit(2);
	}
	ret = c->run(words + 1);
	if (ret != WEFT_OK)
		caller_print_error(ret);
}

static void run_repeated(char **words, int n)
{
	int times = 1;
	const char *ms = "0";

	if (n > 3 && strcmp(words[0], "repeat") == 0) {
		times = atoi(words[1]);
		ms = words[2];
		words += 3;
		n -= 3;
	}
	while (times-- > 0 && !is_over) {
		run_words(words, n);
		if (times > 0)
			wait_ms(ms);
	}
}

/* Splits a line at blanks. */
static void run_line(char *line)
{
	char *words[WORDS_MAX + 1] = {NULL};
	int n = 0;

	while (*(line += strspn(line, " ")) != '\0' && n < WORDS_MAX) {
		bool is_quoted = *line == '"';

		line += is_quoted;
		words[n++] = line;
		line += strcspn(line, is_quoted ? "\"" : " ");
		if (*line != '\0')
			*line++ = '\0';
	}
	if (n > 0)
		run_repeated(words, n);
}

/* Does the lines of `input`, and moves the rest to its beginning. Returns the rest's length. */
static size_t run_lines(char *input)
{
	char line[CALLER_LINE_MAX], *end;

	while (!is_over && (end = strchr(input, '\n')) != NULL) {
		*end = '\0';
		snprintf(line, sizeof(line), "%s", input);
		memmove(input, end + 1, strlen(end + 1) + 1);
		run_line(line);
	}
	return strlen(input);
}

/* Does what standard input wants, and meanwhile what the context has to do. */
static void run_input(void)
{
	static char input[CALLER_LINE_MAX];
	size_t n = 0;

	while (!is_over) {
		struct pollfd p[] = {
			{.fd = STDIN_FILENO, .events = POLLIN},
			{.fd = weft_fd(caller_context), .events = POLLIN},
		};
		ssize_t nread;

		if (poll(p, 2, weft_timeout_ms(caller_context)) < 0)
			return;
		weft_process(caller_context);
		if (p[0].revents == 0)
			continue;
		nread = read(STDIN_FILENO, input + n, sizeof(input) - 1 - n);
		if (nread <= 0)
			return;
		input[n + (size_t)nread] = '\0';
		n = run_lines(input);
	}
}

static int set_key_file(char *value)
{
	char *name = strchr(value, '=');

	if (name != NULL)
		*name++ = '\0';
	return weft_set_key_file(caller_context, value, name);
}

static int set_option(int letter, char *value)
{
	switch (letter) {
	case 'r':
		return weft_set_registry(caller_context, value);
	case 'd':
		return weft_set_domain(caller_context, value);
	case 'c':
		return weft_set_config(caller_context, value);
	case 'k':
		return set_key_file(value);
	case 'p':
		return weft_set_public_key(caller_context, value);
	case 'a':
		return weft_set_tls_ca(caller_context, value);
	case 's':
		return weft_set_stale(caller_context, atoll(value));
	case 'S':
		return weft_set_suspect(caller_context, 0);
	default:
		exit(2);
	}
}

int main(int argc, char **argv)
{
	int letter, ret = weft_new(&caller_context);

	if (ret == WEFT_OK)
		ret = weft_set_config(caller_context, "");
	while (ret == WEFT_OK && (letter = getopt(argc, argv, "+r:d:c:k:p:a:s:S")) != -1)
		ret = set_option(letter, optarg);
	if (ret != WEFT_OK) {
		fprintf(stderr, "caller: %s\n", weft_strerror(ret));
		return 2;
	}
	if (optind < argc)
		run_repeated(argv + optind, argc - optind);
	else
		run_input();
	weft_free(caller_context);
	return 0;
}
