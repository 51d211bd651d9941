/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The load of tests/bench/churn/run, which starts it; see there. */

#include "churn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

struct options {
	struct load_options load;
	const char *mode;
	double seconds, interval_s, changes;
	unsigned window, count;
};

static const char usage[] =
	"Usage: churn -a ADDRESS -p PORT -z ZONE -k KEYS [OPTION...] life|ask|size\n"
	"  -k KEYS      lines of key name and secret, hmac-sha256\n"
	"  -n SERVICES  how many (100)\n"
	"  -l SECONDS   the lease (0: none)\n"
	"  -W NUMBER    with so many in flight (64)\n"
	"  -s SECONDS   life, ask: how long (60)\n"
	"  -i SECONDS   life: each service has its turn so often (half of the lease)\n"
	"  -x PART      life: of the turns so many are a change (0.2)\n"
	"  -c NUMBER    size: so many in a round (20000)\n";

static bool option_take(struct options *o, int c)
{
	switch (c) {
	case 'n':
		return (o->load.services = (unsigned)strtoul(optarg, NULL, 10)) > 0;
	case 'l':
		o->load.lease_s = (unsigned)strtoul(optarg, NULL, 10);
		return true;
	case 'W':
		return (o->window = (unsigned)strtoul(optarg, NULL, 10)) > 0;
	case 's':
		return (o->seconds = strtod(optarg, NULL)) > 0;
	case 'i':
		return (o->interval_s = strtod(optarg, NULL)) > 0;
	case 'x':
		return (o->changes = strtod(optarg, NULL)) >= 0;
	case 'c':
		return (o->count = (unsigned)strtoul(optarg, NULL, 10)) > 0;
	default:
		return false;
	}
}

void churn_tell(const char *line)
{
	puts(line);
	fflush(stdout);
	for (int c = getchar(); c != '\n' && c != EOF; c = getchar())
		;
}

static int measure(struct load *l, const void *arg)
{
	const struct options *o = arg;

	if (strcmp(o->mode, "size") == 0)
		return churn_size(l, o->window, o->count);
	if (strcmp(o->mode, "ask") == 0)
		return churn_ask(l, o->window, o->seconds);
	return churn_life(l, o->window, o->seconds,
			  o->interval_s > 0 ? o->interval_s : o->load.lease_s / 2.0, o->changes);
}

static bool is_mode(const char *mode)
{
	return strcmp(mode, "life") == 0 || strcmp(mode, "ask") == 0 || strcmp(mode, "size") == 0;
}

int main(int argc, char **argv)
{
	struct options o = {.load = {.services = 100},
			    .window = 64,
			    .count = 20000,
			    .seconds = 60,
			    .changes = 0.2};
	int c;

	if (sodium_init() < 0)
		return 1;
	while ((c = getopt(argc, argv, "a:p:z:k:n:l:W:s:i:x:c:")) != -1)
		if (!load_option(&o.load, c) && !option_take(&o, c)) {
			fputs(usage, stderr);
			return 2;
		}
	o.mode = optind + 1 == argc ? argv[optind] : "";
	if (!load_options_are_whole(&o.load) || !is_mode(o.mode)) {
		fputs(usage, stderr);
		return 2;
	}
	return load_run(&o.load, measure, &o);
}
