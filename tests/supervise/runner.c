/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Runs units for the system tests: a supervisor that can be killed and started again.
 *
 *	runner FOLDER GROUP FILE
 *
 * GROUP is the name of a control group, or `-`. FILE has a line for each unit, with tabs between
 * the fields: its name, OPTIONS with commas between, and its shell script. Options are listen=PORT,
 * tcp=PORT, http=PORT/PATH, exec=COMMAND, ready, stop=MS, times=N, size=BYTES and watchdog=MS.
 * Standard input has commands: start NAME, stop NAME, restart NAME, check NAME, quit (leaves all
 * running), upgrade (replaces the program in place). Each event is a line of standard output:
 * NAME STATE CAUSE PID HEALTH REASON. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ev.h>

#include "base/error.h"
#include "base/grow.h"
#include "child/command.h"
#include "supervise/host.h"
#include "supervise/service.h"
#include "supervise/unit.h"

struct one {
	struct supervise_unit *unit;
	const char *argv[4], *check_argv[4];
	struct child_command command, check_command;
	struct supervise_socket_settings socket;
	struct supervise_check_settings check;
	struct supervise_service_settings service;
	struct supervise_unit_settings settings;
	char output[300];
	char *line; /* of the file, to which the others point */
};

struct runner {
	struct ev_loop *loop;
	struct supervise_host *host;
	struct one *units;
	size_t nunits, capacity;
	char **argv;
	char line[512];
	size_t nline;
	bool must_upgrade;
};

static const char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
					  NULL};

static void show(struct supervise_unit *unit)
{
	struct supervise_unit_view view;

	supervise_unit_get(unit, &view);
	printf("%s %s %s %d %s %s\n", supervise_unit_name(unit),
	       supervise_unit_state_to_text(view.state), supervise_unit_cause_to_text(view.cause),
	       view.pid, supervise_verdict_to_text(view.health), view.reason);
	fflush(stdout);
}

static void on_state(void *arg, struct supervise_unit *unit, enum supervise_unit_state old)
{
	(void)arg;
	(void)old;
	show(unit);
}

static void on_health(void *arg, struct supervise_unit *unit)
{
	(void)arg;
	show(unit);
}

static const struct supervise_unit_events events = {.on_state = on_state, .on_health = on_health};

static struct sockaddr_storage loopback(int port)
{
	struct sockaddr_storage address = {0};
	struct sockaddr_in *in = (struct sockaddr_in *)&address;

	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)port);
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static void check_set(struct one *one, enum supervise_check_kind kind)
{
	one->check.kind = kind;
	one->check.interval_ms = 100;
	one->check.timeout_ms = 5000;
	one->check.rise = 1;
	one->check.fall = 3;
	one->settings.check = &one->check;
}

static void option_set(struct one *one, char *option)
{
	char *value = strchr(option, '=');

	value = value != NULL ? (*value = '\0', value + 1) : option + strlen(option);
	if (strcmp(option, "listen") == 0) {
		one->socket = (struct supervise_socket_settings){
			.name = "main", .type = SOCK_STREAM, .address = loopback(atoi(value))};
		one->service.sockets = &one->socket;
		one->service.nsockets = 1;
	} else if (strcmp(option, "tcp") == 0 || strcmp(option, "http") == 0) {
		check_set(one, SUPERVISE_CHECK_PROBE);
		one->check.probe.address = loopback(atoi(value));
		one->check.probe.path = strchr(value, '/');
	} else if (strcmp(option, "exec") == 0) {
		check_set(one, SUPERVISE_CHECK_EXEC);
		one->check_argv[0] = "/bin/sh";
		one->check_argv[1] = "-c";
		one->check_argv[2] = value;
		one->check_command = one->command;
		one->check_command.argv = one->check_argv;
		one->check.command = &one->check_command;
	} else if (strcmp(option, "ready") == 0) {
		one->settings.must_report_ready = true;
	} else if (strcmp(option, "stop") == 0) {
		one->service.stop.timeout_ms = (uint32_t)atoi(value);
	} else if (strcmp(option, "times") == 0) {
		one->settings.restart.times = (unsigned)atoi(value);
	} else if (strcmp(option, "size") == 0) {
		one->service.output.size = (uint64_t)atoll(value);
	} else if (strcmp(option, "watchdog") == 0) {
		one->service.watchdog_ms = (uint32_t)atoi(value);
	}
}

static void unit_init(struct one *one, const char *folder, char *name, char *options, char *script)
{
	snprintf(one->output, sizeof(one->output), "%s/%s.log", folder, name);
	one->argv[0] = "/bin/sh";
	one->argv[1] = "-c";
	one->argv[2] = script;
	one->command = (struct child_command){
		.argv = one->argv, .environment = environment, .folder = folder, .umask = 022};
	one->service = (struct supervise_service_settings){
		.name = name,
		.command = &one->command,
		.stop = {SIGTERM, 5000},
		.output = {.path = one->output, .count = 3},
	};
	one->settings = (struct supervise_unit_settings){
		.name = name,
		.start_timeout_ms = 30000,
		.restart = {.times = 30,
			    .within_ms = 60000,
			    .backoff_min_ms = 100,
			    .backoff_max_ms = 1000,
			    .quiet_ms = 10},
	};
	for (char *option; (option = strsep(&options, ",")) != NULL;)
		option_set(one, option);
}

static void units_open(struct runner *r, const char *folder, const char *file)
{
	FILE *in = fopen(file, "re");
	struct base_error error;
	char line[2048];

	while (in != NULL && fgets(line, sizeof(line), in) != NULL) {
		char *rest = strdup(line), *name = strsep(&rest, "\t");
		char *options = strsep(&rest, "\t");

		rest[strcspn(rest, "\n")] = '\0';
		r->units = base_grow(r->units, r->nunits, &r->capacity, sizeof(*r->units));
		memset(&r->units[r->nunits], 0, sizeof(*r->units));
		unit_init(&r->units[r->nunits], folder, name, options, rest);
		r->units[r->nunits].line = name;
		r->nunits++;
	}
	if (in != NULL)
		fclose(in);
	for (size_t i = 0; i < r->nunits; i++) {
		struct one *one = &r->units[i];
		struct supervise_runner *runner;

		/* The array has moved while it grew. */
		one->service.command = &one->command;
		one->command.argv = one->argv;
		one->service.output.path = one->output;
		one->service.sockets = one->service.nsockets != 0 ? &one->socket : NULL;
		one->check.command = &one->check_command;
		one->check_command.argv = one->check_argv;
		one->settings.check = one->settings.check != NULL ? &one->check : NULL;
		if (supervise_service_new(&runner, r->host, &one->service) < 0 ||
		    supervise_unit_open(&one->unit, r->host, &one->settings, runner, &events, one,
					&error) < 0) {
			fprintf(stderr, "%s\n", error.text);
			exit(1);
		}
		show(one->unit);
	}
}

static void command_run(struct runner *r, char *line)
{
	char *name = strchr(line, ' ');

	name = name != NULL ? (*name = '\0', name + 1) : line + strlen(line);
	if (strcmp(line, "quit") == 0 || strcmp(line, "upgrade") == 0) {
		r->must_upgrade = line[0] == 'u';
		ev_break(r->loop, EVBREAK_ALL);
	}
	for (size_t i = 0; i < r->nunits; i++) {
		struct supervise_unit *unit = r->units[i].unit;

		if (strcmp(name, "all") != 0 && strcmp(name, supervise_unit_name(unit)) != 0)
			continue;
		if (strcmp(line, "start") == 0)
			supervise_unit_start(unit);
		else if (strcmp(line, "stop") == 0)
			supervise_unit_stop(unit);
		else if (strcmp(line, "restart") == 0)
			supervise_unit_restart(unit);
		else if (strcmp(line, "check") == 0)
			supervise_unit_check(unit);
		else if (strcmp(line, "show") == 0)
			show(unit);
	}
}

static void on_input(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct runner *r = watcher->data;
	ssize_t n = read(0, r->line + r->nline, sizeof(r->line) - 1 - r->nline);
	char *end;

	(void)revents;
	if (n <= 0) {
		ev_io_stop(loop, watcher);
		return;
	}
	r->nline += (size_t)n;
	r->line[r->nline] = '\0';
	while ((end = strchr(r->line, '\n')) != NULL) {
		*end = '\0';
		command_run(r, r->line);
		r->nline -= (size_t)(end + 1 - r->line);
		memmove(r->line, end + 1, r->nline + 1);
	}
}

int main(int argc, char **argv)
{
	struct runner r = {.argv = argv};
	struct supervise_host_settings settings = {.rotate_ms = 50};
	struct base_error error;
	ev_io input;

	if (argc != 4)
		return 2;
	r.loop = ev_loop_new(EVFLAG_AUTO);
	settings.folder = argv[1];
	settings.group = strcmp(argv[2], "-") != 0 ? argv[2] : NULL;
	if (supervise_host_open(&r.host, r.loop, &settings, &error) < 0) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	units_open(&r, argv[1], argv[3]);
	printf("swept %u\nready\n", supervise_host_sweep(r.host));
	fflush(stdout);
	ev_io_init(&input, on_input, 0, EV_READ);
	input.data = &r;
	ev_io_start(r.loop, &input);
	ev_run(r.loop, 0);
	if (r.must_upgrade) {
		supervise_host_hand_over(r.host);
		execv("/proc/self/exe", argv);
		return 1;
	}
	for (size_t i = 0; i < r.nunits; i++) {
		supervise_unit_close(r.units[i].unit);
		free(r.units[i].line);
	}
	free(r.units);
	supervise_host_close(r.host);
	ev_loop_destroy(r.loop);
	return 0;
}
