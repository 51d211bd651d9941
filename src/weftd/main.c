/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd - the registry, an authoritative, dynamic DNS server: its command line, weftd(8). */

#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/secret.h"
#include "daemon/daemon.h"
#include "settings/settings.h"
#include "weftd/check.h"
#include "weftd/loop.h"
#include "weftd/start.h"

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'c'},
	{"test", no_argument, NULL, 't'},
	{"no-confine", no_argument, NULL, 'n'},
	{"options", no_argument, NULL, 'o'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

static const char usage[] =
	"Usage: weftd [-t] [-c FILE] [--no-confine]\n"
	"  -c, --config FILE  the configuration; default " WEFT_SYSCONFDIR "/weftd.conf\n"
	"  -t, --test         check the configuration and the zone files, and exit\n"
	"      --no-confine   let debuggers look on: gives up no system calls and files\n"
	"      --options      list the options of the configuration\n"
	"  -h, --help         this help\n"
	"  -V, --version      the version\n";

static int serve(const char *config_path, bool is_confined)
{
	struct daemon d;
	int ret = weftd_start(&d, config_path, is_confined);

	if (ret == 0)
		weftd_loop_run(&d);
	weftd_stop(&d);
	return ret == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	const char *config_path = WEFT_SYSCONFDIR "/weftd.conf";
	bool is_test = false, is_confined = true;
	int o;

	while ((o = getopt_long(argc, argv, "c:thV", long_options, NULL)) != -1)
		switch (o) {
		case 'c':
			config_path = optarg;
			break;
		case 't':
			is_test = true;
			break;
		case 'n':
			is_confined = false;
			break;
		case 'o':
			settings_list(stdout);
			return EXIT_SUCCESS;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("weftd " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return 2;
		}
	if (optind < argc) {
		fputs(usage, stderr);
		return 2;
	}
	/* Large blocks live for a load or a batch only and are given back to the system at once;
	 * glibc would adapt its threshold and retain them. */
	mallopt(M_MMAP_THRESHOLD, 256 << 10);
	if (base_secret_start() < 0) {
		fputs("weftd: no source of random numbers\n", stderr);
		return EXIT_FAILURE;
	}
	/* Errors until the configuration is read have their priority under systemd, too. */
	base_log_open("stderr");
	return is_test ? weftd_check(config_path) : serve(config_path, is_confined);
}
