/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fleet/zone.h"

#include "base/error.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/fail.h"
#include "cli/output.h"

int fleet_zone_open(struct fleet_zone *z, const struct cli_options *options, const char *zone)
{
	struct cli_options given = *options;
	int status;

	*z = (struct fleet_zone){.options = options};
	if (zone != NULL)
		given.domain = zone;
	cli_error_keep(options->is_json);
	status = setup_known_init_zone(&z->known, &given, z->name);
	cli_error_keep(false); /* cli_fail has JSON of its own */
	if (status != CLI_OK)
		cli_output_failure(options);
	return status;
}

int fleet_zone_read(struct fleet_zone *z)
{
	struct base_error error = {0};
	int ret;

	atlas_free(z->atlas);
	z->atlas = NULL;
	ret = atlas_read(&z->atlas, z->known.locate, &z->known.events, z->name,
			 setup_known_limit_ms(z->options), &error);
	if (ret == 0)
		return CLI_OK;
	return cli_fail(z->options, setup_known_status(ret), "%s", error.text);
}

int fleet_zone_load(struct fleet_zone *z, const struct cli_options *options, const char *zone)
{
	int status = fleet_zone_open(z, options, zone);

	if (status != CLI_OK)
		return status;
	status = fleet_zone_read(z);
	if (status != CLI_OK)
		fleet_zone_close(z);
	return status;
}

void fleet_zone_close(struct fleet_zone *z)
{
	atlas_free(z->atlas);
	setup_known_fini(&z->known);
}

uint64_t fleet_zone_pause(struct fleet_zone *z, uint64_t until_ms)
{
	uint64_t now_ms;

	do
		now_ms = resolve_events_wait(&z->known.events, until_ms);
	while (now_ms < until_ms);
	return now_ms;
}
