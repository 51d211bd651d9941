/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* lan_tool - publishes and browses on the LAN by src/lan, as test_lan.py has it.
 *
 *	lan_tool [INTERFACE...]
 *
 * Commands are lines of standard input, events are lines of standard output, with microseconds of
 * CLOCK_MONOTONIC in front:
 *
 *	publish LABEL RECORD...	lan_group_publish: `group LABEL STATE WHY`. Records are
 *				OWNER|TYPE|VALUE, and then |TTL or |shared or both, as in
 *				h1.local|A|10.0.0.1|shared, x._y._tcp.local|SRV|80,h1.local and
 *				n.local|TXT|a=1,b=2; PTR records are shared in any case
 *	many N LABEL TYPE	N services, LABEL-1 and so on; `all STATE` when all have it
 *	none N LABEL		frees these
 *	free LABEL		lan_group_free
 *	browse LABEL NAME TYPE	lan_browser_new: `added LABEL RDATA`, `removed`, `all`, `failed`
 *	each LABEL		`record LABEL RDATA` for each; `end`
 *	end LABEL		lan_browser_free
 *	stats			`stats RUNNING RECONNECTS CLIENTS OBJECTS REFUSED COLLISIONS`
 *	quit			frees all, and ends; so does the end of the input
 *
 * Rdata is printed in hex. On SIGUSR1, another thread has lan_daemon_interrupt called: `interrupted
 * yes` or `no`; then the program ends. */

#include <arpa/inet.h>
#include <assert.h>
#include <ev.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "dns/name.h"
#include "dns/type.h"
#include "lan/browser.h"
#include "lan/daemon.h"
#include "lan/farewell.h"
#include "lan/group.h"
#include "lan/interfaces.h"

enum { THINGS_MAX = 8192, RECORDS_MAX = 64, WORDS_MAX = 80, LINE_SIZE = 32768, LABEL_MAX = 64 };
enum { TTL_S = 120, RDATA_MAX = 2048 };

struct thing {
	char label[LABEL_MAX];
	struct lan_group *group;
	struct lan_browser *browser;
	bool is_many;
};

static struct ev_loop *loop;
static struct lan_daemon *lan;
static struct lan_interfaces *where;
static struct thing things[THINGS_MAX];
static unsigned nstate[LAN_GROUP_STATES], nmany;
static ev_async stop;
static char line[LINE_SIZE];
static size_t nline;

static const char *const state_names[] = {
	[LAN_GROUP_EMPTY] = "empty",
	[LAN_GROUP_WAITING] = "waiting",
	[LAN_GROUP_NO_ROOM] = "no-room",
	[LAN_GROUP_PROBING] = "probing",
	[LAN_GROUP_ESTABLISHED] = "established",
	[LAN_GROUP_COLLISION] = "collision",
	[LAN_GROUP_REFUSED] = "refused",
};

__attribute__((format(printf, 1, 2))) static void print(const char *format, ...)
{
	va_list args;

	flockfile(stdout);
	printf("%" PRIu64 " ", base_clock_steady_us());
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	funlockfile(stdout);
}

static void fail(const char *what)
{
	fprintf(stderr, "lan_tool: %s\n", what);
	exit(2);
}

/* ---- records ---- */

static size_t name_read(uint8_t out[static DNS_NAME_MAX], const char *text)
{
	size_t n = dns_name_from_text(out, text, strlen(text), NULL);

	if (n == 0)
		fail(text);
	return n;
}

static uint16_t type_read(const char *text)
{
	uint16_t type;

	if (!dns_type_from_text(&type, text, strlen(text)))
		fail(text);
	return type;
}

static size_t txt_read(uint8_t *out, char *value)
{
	size_t n = 0;
	char *rest = value;

	for (char *part; (part = strsep(&rest, ",")) != NULL; n += 1 + strlen(part)) {
		out[n] = (uint8_t)strlen(part);
		memcpy(out + n + 1, part, strlen(part));
	}
	return n;
}

static size_t rdata_read(uint8_t out[static RDATA_MAX], uint16_t type, char *value)
{
	char *target = strchr(value, ',');

	switch (type) {
	case DNS_TYPE_A:
		return inet_pton(AF_INET, value, out) == 1 ? 4 : 0;
	case DNS_TYPE_AAAA:
		return inet_pton(AF_INET6, value, out) == 1 ? 16 : 0;
	case DNS_TYPE_PTR:
		return name_read(out, value);
	case DNS_TYPE_SRV:
		memset(out, 0, 4);
		out[4] = (uint8_t)(atoi(value) >> 8);
		out[5] = (uint8_t)atoi(value);
		return target == NULL ? 0 : 6 + name_read(out + 6, target + 1);
	default:
		return txt_read(out, value);
	}
}

static void record_read(struct lan_record *r, char *word)
{
	char *rest = word, *owner = strsep(&rest, "|"), *type = strsep(&rest, "|");
	char *value = strsep(&rest, "|"), *part;
	uint8_t *bytes = malloc(DNS_NAME_MAX + RDATA_MAX);

	if (value == NULL || bytes == NULL)
		fail("a record is OWNER|TYPE|VALUE");
	name_read(bytes, owner);
	*r = (struct lan_record){.owner = bytes, .type = type_read(type), .ttl = TTL_S};
	r->rdata = bytes + DNS_NAME_MAX;
	r->nbytes = (uint16_t)rdata_read(bytes + DNS_NAME_MAX, r->type, value);
	r->is_unique = r->type != DNS_TYPE_PTR;
	while ((part = strsep(&rest, "|")) != NULL) {
		if (strcmp(part, "shared") == 0)
			r->is_unique = false;
		else
			r->ttl = (uint32_t)atoi(part);
	}
}

/* ---- groups and browsers ---- */

static struct thing *thing_get(const char *label)
{
	struct thing *free_one = NULL;

	for (size_t i = 0; i < THINGS_MAX; i++) {
		if (strcmp(things[i].label, label) == 0)
			return &things[i];
		if (free_one == NULL && things[i].label[0] == '\0')
			free_one = &things[i];
	}
	if (free_one == NULL)
		fail("too many");
	snprintf(free_one->label, LABEL_MAX, "%s", label);
	return free_one;
}

static void on_state(void *arg, struct lan_group *g, enum lan_group_state state)
{
	struct thing *t = arg;

	if (!t->is_many) {
		print("group %s %s %s", t->label, state_names[state], lan_group_why(g));
		return;
	}
	if (++nstate[state] < nmany)
		return;
	print("all %s", state_names[state]);
	nstate[state] = 0;
}

static void publish(struct thing *t, char **words, size_t n)
{
	struct lan_record records[RECORDS_MAX];

	for (size_t i = 0; i < n; i++)
		record_read(&records[i], words[i]);
	if (t->group == NULL)
		t->group = lan_group_new(lan, where, on_state, t);
	if (t->group == NULL || lan_group_publish(t->group, records, n) != 0)
		fail("no memory");
	for (size_t i = 0; i < n; i++)
		free((void *)records[i].owner);
}

static void many(unsigned n, const char *label, const char *type)
{
	nmany = n;
	memset(nstate, 0, sizeof(nstate));
	for (unsigned i = 1; i <= n; i++) {
		char name[LABEL_MAX], srv[LINE_SIZE / 8], txt[LINE_SIZE / 8], ptr[LINE_SIZE / 8];
		char *words[] = {srv, txt, ptr};
		struct thing *t;

		snprintf(name, sizeof(name), "%s-%u", label, i);
		t = thing_get(name);
		t->is_many = true;
		snprintf(srv, sizeof(srv), "%s.%s|SRV|80,h.local", name, type);
		snprintf(txt, sizeof(txt), "%s.%s|TXT|a=1", name, type);
		snprintf(ptr, sizeof(ptr), "%s|PTR|%s.%s", type, name, type);
		publish(t, words, 3);
	}
}

static void thing_free(struct thing *t)
{
	lan_group_free(t->group);
	lan_browser_free(t->browser);
	*t = (struct thing){0};
}

static void none(unsigned n, const char *label)
{
	for (unsigned i = 1; i <= n; i++) {
		char name[LABEL_MAX];

		snprintf(name, sizeof(name), "%s-%u", label, i);
		thing_free(thing_get(name));
	}
	print("none");
}

static void print_rdata(const char *event, const char *label, const uint8_t *rdata, size_t nbytes)
{
	char hex[2 * RDATA_MAX + 1] = "";

	for (size_t i = 0; i < nbytes && i < RDATA_MAX; i++)
		sprintf(hex + 2 * i, "%02x", rdata[i]);
	print("%s %s %s", event, label, hex);
}

static void on_record(void *arg, struct lan_browser *b, enum lan_browser_event event,
		      const uint8_t *rdata, size_t nbytes)
{
	static const char *const names[] = {"added", "removed", "all", "failed"};
	struct thing *t = arg;

	(void)b;
	print_rdata(names[event], t->label, rdata, nbytes);
}

static void on_each(void *arg, const uint8_t *rdata, size_t nbytes)
{
	print_rdata("record", arg, rdata, nbytes);
}

static void browse(struct thing *t, const char *text, uint16_t type)
{
	uint8_t name[DNS_NAME_MAX];

	name_read(name, text);
	t->browser = lan_browser_new(lan, where, name, type, on_record, t);
	if (t->browser == NULL)
		fail("no memory");
}

static void stats_print(void)
{
	struct lan_stats s;

	lan_daemon_stats_get(lan, &s);
	print("stats %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
	      s.is_running, s.nreconnects, s.nclients, s.nobjects, s.nrefused, s.ncollisions);
}

/* ---- commands ---- */

static void command(char *text)
{
	char *words[WORDS_MAX] = {0}, *rest = text, *word;
	size_t n = 0;

	while ((word = strsep(&rest, " ")) != NULL && n < WORDS_MAX - 1)
		if (word[0] != '\0')
			words[n++] = word;
	if (n == 0)
		return;
	if (strcmp(words[0], "publish") == 0 && n >= 2 && n - 2 <= RECORDS_MAX) {
		publish(thing_get(words[1]), words + 2, n - 2);
	} else if (strcmp(words[0], "many") == 0 && n == 4) {
		many((unsigned)atoi(words[1]), words[2], words[3]);
	} else if (strcmp(words[0], "none") == 0 && n == 3) {
		none((unsigned)atoi(words[1]), words[2]);
	} else if (strcmp(words[0], "browse") == 0 && n == 4) {
		browse(thing_get(words[1]), words[2], type_read(words[3]));
	} else if ((strcmp(words[0], "free") == 0 || strcmp(words[0], "end") == 0) && n == 2) {
		thing_free(thing_get(words[1]));
		print("freed");
	} else if (strcmp(words[0], "each") == 0 && n == 2) {
		lan_browser_each(thing_get(words[1])->browser, on_each, words[1]);
		print("end");
	} else if (strcmp(words[0], "stats") == 0) {
		stats_print();
	} else if (strcmp(words[0], "quit") == 0) {
		ev_break(loop, EVBREAK_ALL);
	} else {
		fail(words[0]);
	}
}

static void on_input(struct ev_loop *l, struct ev_io *io, int revents)
{
	ssize_t n = read(0, line + nline, sizeof(line) - nline - 1);
	char *end;

	(void)revents;
	if (n <= 0) {
		ev_io_stop(l, io);
		ev_break(l, EVBREAK_ALL);
		return;
	}
	nline += (size_t)n;
	line[nline] = '\0';
	while ((end = strchr(line, '\n')) != NULL) {
		*end = '\0';
		command(line);
		nline -= (size_t)(end + 1 - line);
		memmove(line, end + 1, nline + 1);
	}
}

static void on_daemon(void *arg, bool is_running)
{
	(void)arg;
	print("daemon %s", is_running ? "up" : "down");
}

static void on_stop(struct ev_loop *l, struct ev_async *async, int revents)
{
	(void)async;
	(void)revents;
	ev_break(l, EVBREAK_ALL);
}

static void *interrupter(void *arg)
{
	int number;

	sigwait(arg, &number);
	print("interrupted %s", lan_daemon_interrupt(lan) ? "yes" : "no");
	ev_async_send(loop, &stop);
	return NULL;
}

int main(int argc, char **argv)
{
	struct ev_io input;
	pthread_t thread;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	loop = ev_default_loop(EVFLAG_AUTO);
	lan = lan_daemon_new(loop, on_daemon, NULL);
	where = lan_interfaces_new(lan, (const char *const *)argv + 1, (size_t)argc - 1);
	ev_async_init(&stop, on_stop);
	ev_async_start(loop, &stop);
	ev_io_init(&input, on_input, 0, EV_READ);
	ev_io_start(loop, &input);
	assert(pthread_create(&thread, NULL, interrupter, &set) == 0);
	ev_run(loop, 0);
	for (size_t i = 0; i < THINGS_MAX; i++)
		thing_free(&things[i]);
	lan_interfaces_free(where);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	lan_farewell_end(lan);
	lan_daemon_free(lan);
	ev_loop_destroy(loop);
	print("ended");
	return 0;
}
