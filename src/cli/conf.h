/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cli/conf.h - the few options of weftd.conf(5) that weft needs: where weftd's socket and store
 * are, and where the files of its fabrics are; and where the socket of weft-agentd is.
 *
 * Other options are ignored, valid or not, and no secret is read: people who may use the socket
 * need not be able to read the keys. One thread. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "conf/setting.h"

struct cli_conf_fabric {
	struct conf_text key_file;
	struct conf_text passphrase_file; /* its text is NULL if there is none */
	uint32_t overlap_s;		  /* of its epochs */
};

struct cli_conf {
	struct base_arena arena; /* of all texts */
	struct {
		/* path of the control socket; NULL: not known, because of errors */
		const char *control;
		const char *state_dir;
	} server;
	struct cli_conf_fabric *fabrics;
	size_t nfabrics;
};

/* Which options are read; others are ignored. For the socket those of the server are read as far as
 * they can be found: also the lines before a syntax error. */
enum cli_conf_part {
	CLI_CONF_SERVER,
	CLI_CONF_SOCKET,
	CLI_CONF_FABRICS,
	CLI_CONF_AGENT, /* `server.control` is agent.control of a weft-agentd.conf(5) */
};

/* Reads the options from the configuration at `path` and the files that it includes. Returns 0, or
 * a negative errno after calling `report` with each error; options that are valid are set then,
 * too. Either way the caller calls cli_conf_fini(). */
int cli_conf_load(struct cli_conf *out, enum cli_conf_part part, const char *path,
		  base_report_fn report);

/* Frees the texts. */
void cli_conf_fini(struct cli_conf *conf);
