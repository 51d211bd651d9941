/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agentd/settings.h - weft-agentd's configuration: the YAML of weft-agentd.conf(5) as structs.
 *
 * Loading reads the file and all that it includes, checks every value, and reports all errors, not
 * only the first. Keys and certificates are files of others: agentd/identity.h reads them. A loaded
 * configuration does not change until it is freed; all texts and lists in it are its own. One
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "address/address.h"
#include "base/error.h"
#include "conf/setting.h"

struct agentd_texts {
	const char **items;
	size_t count;
};

/* The mapping `agent:`. A text is NULL if it is not given and has no default. */
struct agentd_options {
	const char *node;   /* its name below `nodes` in the zone */
	const char *fabric; /* the zone */
	struct conf_texts registry;
	struct conf_text key_file, certificate, public_key, tls_ca;
	const char *state_dir, *run_dir, *log_dir;
	const char *control;	   /* path of the control socket */
	const char *control_group; /* of the socket; NULL: the process' group */
	const char *cgroup;	   /* the name of the control group; `none` */
	struct conf_texts address;
	struct agentd_texts interface;
	uint32_t lease_s;
	struct {
		const char *to; /* for base_log_open() */
		uint32_t level; /* enum base_log_level */
	} log;
};

struct agentd_settings {
	const char *path; /* of the main file */
	struct agentd_options agent;
	struct {
		uint32_t keep; /* events that remain in the zone */
	} history;

	/* made of the above */
	const char *registry;		 /* the whole list; NULL: none is given */
	struct address_settings address; /* of agent.address and agent.interface */
	struct base_location node_at, fabric_at, key_at, certificate_at, public_key_at, tls_ca_at,
		control_at, control_group_at;
};

/* Loads the configuration at `path`. Returns 0, or a negative errno after all errors were reported,
 * with `out` NULL: -EBADMSG if it is not valid. */
int agentd_settings_load(struct agentd_settings **out, const char *path, base_report_fn report,
			 void *arg);

/* NULL is fine. */
void agentd_settings_free(struct agentd_settings *settings);

/* Calls `on_change` with the name of each option that differs, and whether the change takes effect
 * at the program's next start only. */
void agentd_settings_compare(const struct agentd_settings *now, const struct agentd_settings *next,
			     void (*on_change)(void *arg, const char *option, bool needs_restart),
			     void *arg);

/* Writes a line for each option: name, type, default, effect of a reload. */
void agentd_settings_list(FILE *out);
