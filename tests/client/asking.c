/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* asking - asks the registries that the configuration and the environment name or that are found,
 * as test_locate.py has it.
 *
 * 	asking [-c CLIENT.CONF] [-n TIMES] NAME TYPE
 *
 * Prints for each answer `answer RCODE RECORDS MILLISECONDS WHY`, or `error ERRNO MILLISECONDS
 * WHY`, and in the end each registry: `registry ADDRESS TRANSPORT HEALTH SOURCE`. Exit status 2:
 * the configuration is not valid. Between two questions it waits for a line of standard input. */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/secret.h"
#include "dns/type.h"
#include "locate/ask.h"

enum { DEADLINE_MS = 5000 };

static struct resolve_events events;
static struct locate_ask *question;
static uint64_t begun_ms;
static bool is_done;

static uint64_t now(void)
{
	return base_clock_steady_us() / 1000;
}

static void on_answer(void *arg, struct resolve_answer *answer, int error, const char *why,
		      uint64_t now_ms)
{
	(void)arg;
	if (answer != NULL)
		printf("answer %s %u %" PRIu64 " %s\n", dns_rcode_text(answer->rcode),
		       answer->nanswer, now_ms - begun_ms, why);
	else
		printf("error %s %" PRIu64 " %s\n", strerrorname_np(-error), now_ms - begun_ms,
		       why);
	locate_ask_free(question);
	is_done = true;
}

static void turn(void)
{
	uint64_t due_ms = resolve_events_deadline(&events), now_ms = now();
	struct pollfd fd = {.fd = events.fd, .events = POLLIN};

	poll(&fd, 1, due_ms <= now_ms ? 0 : due_ms == UINT64_MAX ? -1 : (int)(due_ms - now_ms));
	resolve_events_run(&events, now());
}

static void registries_show(const struct locate *l)
{
	static const char *const transports[] = {"udp", "tcp", "tls"}, *const healths[] = {
									       "unknown", "well",
									       "failed"};
	size_t n;
	const struct locate_registry *r = locate_registries(l, &n);

	for (size_t i = 0; i < n; i++) {
		char at[BASE_ADDRESS_TEXT_MAX];

		base_address_to_text(at, (const struct sockaddr *)&r[i].endpoint.address);
		printf("registry %s %s %s %s\n", at, transports[r[i].transport],
		       healths[r[i].health], r[i].source);
	}
}

int main(int argc, char **argv)
{
	struct locate_settings settings = {0};
	struct base_error error = {0};
	uint8_t name[DNS_NAME_MAX];
	unsigned long times = 1;
	struct locate *l;
	uint16_t type;
	char line[16];
	int option;

	while ((option = getopt(argc, argv, "c:n:")) != -1)
		if (option == 'c')
			settings.config = optarg;
		else if (option == 'n')
			times = strtoul(optarg, NULL, 10);
	if (argc - optind != 2 || base_secret_start() < 0 || resolve_events_init(&events) < 0 ||
	    dns_name_from_text(name, argv[optind], strlen(argv[optind]), NULL) == 0 ||
	    !dns_type_from_text(&type, argv[optind + 1], strlen(argv[optind + 1])))
		return 3;
	if (locate_new(&l, &events, &settings, &error) < 0) {
		printf("invalid %s\n", error.text);
		return 2;
	}
	for (unsigned long i = 0; i < times; i++) {
		if (i > 0 && fgets(line, sizeof(line), stdin) == NULL)
			break;
		is_done = false;
		begun_ms = now();
		if (locate_ask_new(&question, l, name, type, begun_ms + DEADLINE_MS, on_answer,
				   NULL) < 0)
			return 3;
		while (!is_done)
			turn();
		fflush(stdout);
	}
	registries_show(l);
	locate_free(l);
	resolve_events_fini(&events);
	return 0;
}
