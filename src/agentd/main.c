/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weft-agentd - a node's services, started, supervised and registered: its command line,
 * weft-agentd(8). */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "agentd/check.h"
#include "agentd/loop.h"
#include "agentd/program.h"
#include "agentd/settings.h"
#include "agentd/start.h"
#include "base/log.h"
#include "base/secret.h"

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'c'}, {"test", no_argument, NULL, 't'},
	{"options", no_argument, NULL, 'o'},	  {"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},	  {0},
};

static const char usage[] =
	"Usage: weft-agentd [-t] [-c FILE]\n"
	"  -c, --config FILE  the configuration; default " WEFT_SYSCONFDIR "/weft-agentd.conf\n"
	"  -t, --test         check the configuration, and exit\n"
	"      --options      list the options of the configuration\n"
	"  -h, --help         this help\n"
	"  -V, --version      the version\n";

static int serve(const char *config_path, char **argv)
{
	struct agentd d;
	int ret = agentd_start(&d, config_path, argv);

	if (ret == 0)
		agentd_loop_run(&d);
	agentd_start_undo(&d);
	return ret == 0 && agentd_start_again(&d) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	const char *config_path = WEFT_SYSCONFDIR "/weft-agentd.conf";
	int o, is_test = 0;

	while ((o = getopt_long(argc, argv, "c:thV", long_options, NULL)) != -1)
		switch (o) {
		case 'c':
			config_path = optarg;
			break;
		case 't':
			is_test = 1;
			break;
		case 'o':
			agentd_settings_list(stdout);
			return EXIT_SUCCESS;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("weft-agentd " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return 2;
		}
	if (optind < argc) {
		fputs(usage, stderr);
		return 2;
	}
	if (base_secret_start() < 0) {
		fputs("weft-agentd: no source of random numbers\n", stderr);
		return EXIT_FAILURE;
	}
	base_log_open("stderr");
	return is_test ? agentd_check(config_path) : serve(config_path, argv);
}
