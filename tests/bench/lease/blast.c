/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The load of tests/bench/lease/run, which starts it; see there. */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sodium.h>

#include "lease.h"

struct options {
	struct load_options load;
	double seconds, interval_s, deaths_per_s;
	unsigned window, count, rounds;
	bool is_rate;
};

static const char usage[] =
	"Usage: blast -a ADDRESS -p PORT -z ZONE -k KEYS [OPTION...]\n"
	"  -k KEYS      lines of key name and secret, hmac-sha256\n"
	"  -n SERVICES  how many (10000)\n"
	"  -l SECONDS   the lease (30)\n"
	"  -s SECONDS   how long, behind the rounds that register and learn (60)\n"
	"  -i SECONDS   each service is refreshed so often (0.8 of the lease)\n"
	"  -d NUMBER    so many services die in a second (20)\n"
	"  -r           measure instead how fast refreshes and signed queries are answered:\n"
	"  -W NUMBER    with so many in flight (64)\n"
	"  -c NUMBER    so many in a round (100000)\n"
	"  -R NUMBER    rounds (5)\n";

static bool option_take(struct options *o, int c)
{
	switch (c) {
	case 'r':
		o->is_rate = true;
		return true;
	case 'n':
		return (o->load.services = (unsigned)strtoul(optarg, NULL, 10)) > 0;
	case 'l':
		return (o->load.lease_s = (unsigned)strtoul(optarg, NULL, 10)) > 0;
	case 's':
		return (o->seconds = strtod(optarg, NULL)) > 0;
	case 'i':
		return (o->interval_s = strtod(optarg, NULL)) > 0;
	case 'd':
		return (o->deaths_per_s = strtod(optarg, NULL)) >= 0;
	case 'W':
		return (o->window = (unsigned)strtoul(optarg, NULL, 10)) > 0;
	case 'c':
		return (o->count = (unsigned)strtoul(optarg, NULL, 10)) > 0;
	case 'R':
		return (o->rounds = (unsigned)strtoul(optarg, NULL, 10)) > 0;
	default:
		return false;
	}
}

static int measure(struct load *l, const void *arg)
{
	const struct options *o = arg;

	return o->is_rate ? lease_rate(l, o->window, o->count, o->rounds)
			  : lease_steady(l, o->seconds, o->interval_s, o->deaths_per_s);
}

int main(int argc, char **argv)
{
	struct options o = {.load = {.services = 10000, .lease_s = 30},
			    .seconds = 60,
			    .deaths_per_s = 20,
			    .window = 64,
			    .count = 100000,
			    .rounds = 5};
	int c;

	if (sodium_init() < 0)
		return 1;
	while ((c = getopt(argc, argv, "a:p:z:k:rn:l:s:i:d:W:c:R:")) != -1)
		if (!load_option(&o.load, c) && !option_take(&o, c)) {
			fputs(usage, stderr);
			return 2;
		}
	if (!load_options_are_whole(&o.load)) {
		fputs(usage, stderr);
		return 2;
	}
	if (o.interval_s == 0)
		o.interval_s = o.load.lease_s * 0.8;
	return load_run(&o.load, measure, &o);
}
