/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The load of tests/bench/push/run and tests/bench/push/abuse, which start it; see there. */

#include "push.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sodium.h>

static const char usage[] =
	"Usage: push -a ADDRESS -p PORT -z ZONE -k KEYS -P PORT [OPTION...] watch|handshake|KIND\n"
	"  -k KEYS       lines of key name and secret, hmac-sha256\n"
	"  -P PORT       of the streams\n"
	"  -t            with TLS\n"
	"  -r            handshake: resume the first session\n"
	"  -n SESSIONS   how many (100)\n"
	"  -K NUMBER     subscriptions of each (1)\n"
	"  -g NUMBER     service types, over which the sessions are spread (1)\n"
	"  -y            subscribe to any type of records\n"
	"  -v            the server derives PTR records\n"
	"  -u NUMBER     updates a second (20)\n"
	"  -q NUMBER     queries a second (0)\n"
	"  -s SECONDS    how long (10)\n"
	"  -l SECONDS    limit for opening all (60)\n"
	"  -W NUMBER     handshakes at a time (64)\n"
	"  -A NUMBER     source addresses (8)\n"
	"  -o NUMBER     the first of them is that many after the usual (0)\n"
	"  -1 NUMBER     updates alone, in the end (10)\n"
	"KIND is one of those that tests/bench/push/abuse names.\n";

static bool number_take(unsigned *number)
{
	*number = (unsigned)strtoul(optarg, NULL, 10);
	return true;
}

static bool seconds_take(double *number)
{
	*number = strtod(optarg, NULL);
	return *number >= 0;
}

static bool flag_take(struct push_options *o, int c)
{
	o->is_tls |= c == 't';
	o->is_resumed |= c == 'r';
	o->is_any |= c == 'y';
	o->has_view |= c == 'v';
	return strchr("tryv", c) != NULL;
}

static bool option_take(struct push_options *o, int c)
{
	switch (c) {
	case 'P':
		o->port = optarg;
		return true;
	case 'n':
		return number_take(&o->sessions);
	case 'K':
		return number_take(&o->subscriptions);
	case 'g':
		return number_take(&o->groups) && o->groups > 0;
	case 'u':
		return seconds_take(&o->updates_per_s);
	case 'q':
		return seconds_take(&o->queries_per_s);
	case 's':
		return seconds_take(&o->seconds);
	case 'l':
		return seconds_take(&o->limit_s);
	case 'W':
		return number_take(&o->window) && o->window > 0;
	case 'A':
		return number_take(&o->sources) && o->sources > 0;
	case 'o':
		return number_take(&o->first_source);
	case '1':
		return number_take(&o->singles) && o->singles <= 10;
	default:
		return flag_take(o, c);
	}
}

void push_tell(const char *line)
{
	puts(line);
	fflush(stdout);
	for (int c = getchar(); c != '\n' && c != EOF; c = getchar())
		;
}

int push_connect(int fd, const struct push_options *o)
{
	struct stream_target to;

	if (fd < 0 || stream_target_init(&to, o->load.address, o->load.port, false) < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&to.address, sizeof(to.address)) == 0)
		return 0;
	perror("connect");
	return -1;
}

int push_sessions(struct sessions *all, const struct push_options *o)
{
	static uint8_t zone[DNS_NAME_MAX];

	if (dns_name_from_text(zone, o->load.zone, strlen(o->load.zone), NULL) == 0 ||
	    stream_target_init(&all->target, o->load.address, o->port, o->is_tls) < 0)
		return -1;
	all->zone = zone;
	all->target.nsources = o->sources;
	all->target.first_source = o->first_source;
	all->nsubscriptions = o->subscriptions;
	all->ngroups = o->groups;
	all->window = o->window;
	all->is_any = o->is_any;
	return sessions_init(all, o->sessions);
}

int main(int argc, char **argv)
{
	struct push_options o = {.sessions = 100,
				 .subscriptions = 1,
				 .groups = 1,
				 .window = 64,
				 .sources = 250,
				 .singles = 10,
				 .updates_per_s = 20,
				 .seconds = 10,
				 .limit_s = 60};
	int c;

	if (sodium_init() < 0)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	while ((c = getopt(argc, argv, "a:p:z:k:P:n:K:g:u:q:s:l:W:A:o:1:tryv")) != -1)
		if (!load_option(&o.load, c) && !option_take(&o, c)) {
			fputs(usage, stderr);
			return 2;
		}
	if (!load_options_are_whole(&o.load) || o.port == NULL || optind + 1 != argc) {
		fputs(usage, stderr);
		return 2;
	}
	o.kind = argv[optind];
	if (strcmp(o.kind, "watch") == 0)
		return push_watch(&o);
	if (strcmp(o.kind, "handshake") == 0)
		return push_handshake(&o);
	return push_harm(&o);
}
