/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The load of tests/bench/lease/run, which starts it; see there. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "lease.h"

struct options {
	const char *address, *port, *zone, *keys;
	double seconds, interval_s, deaths_per_s;
	unsigned services, lease_s, window, count, rounds;
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
	case 'a':
		o->address = optarg;
		return true;
	case 'p':
		o->port = optarg;
		return true;
	case 'z':
		o->zone = optarg;
		return true;
	case 'k':
		o->keys = optarg;
		return true;
	case 'r':
		o->is_rate = true;
		return true;
	default:
		return false;
	}
}

static bool number_take(struct options *o, int c)
{
	switch (c) {
	case 'n':
		return (o->services = (unsigned)strtoul(optarg, NULL, 10)) > 0;
	case 'l':
		return (o->lease_s = (unsigned)strtoul(optarg, NULL, 10)) > 0;
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

static int run(const struct options *o)
{
	struct load l = {.nservices = o->services};
	uint8_t zone[DNS_NAME_MAX];
	int status = 1;

	if (dns_name_from_text(zone, o->zone, strlen(o->zone), NULL) == 0)
		return 2;
	l.about = (struct subject){zone, o->lease_s};
	if (load_keys(&l, o->keys) == 0 && load_open(&l, o->address, o->port) == 0)
		status = o->is_rate ? lease_rate(&l, o->window, o->count, o->rounds)
				    : lease_steady(&l, o->seconds, o->interval_s, o->deaths_per_s);
	load_close(&l);
	return status;
}

int main(int argc, char **argv)
{
	struct options o = {.services = 10000,
			    .lease_s = 30,
			    .seconds = 60,
			    .deaths_per_s = 20,
			    .window = 64,
			    .count = 100000,
			    .rounds = 5};
	int c;

	if (sodium_init() < 0)
		return 1;
	while ((c = getopt(argc, argv, "a:p:z:k:rn:l:s:i:d:W:c:R:")) != -1)
		if (!option_take(&o, c) && !number_take(&o, c)) {
			fputs(usage, stderr);
			return 2;
		}
	if (o.address == NULL || o.port == NULL || o.zone == NULL || o.keys == NULL) {
		fputs(usage, stderr);
		return 2;
	}
	if (o.interval_s == 0)
		o.interval_s = o.lease_s * 0.8;
	return run(&o);
}
