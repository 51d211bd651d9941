/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/conf.h"

#include <string.h>

#include "conf/load.h"
#include "conf/reader.h"
#include "conf/table.h"
#include "conf/type.h"
#include "control/agent_commands.h"
#include "control/commands.h"

enum { ARENA_BLOCK = 4096 };

static const struct conf_setting server_table[] = {
	{"control", &conf_type_path,
	 .offset = offsetof(struct cli_conf, server.control) - offsetof(struct cli_conf, server)},
	{"state-dir", &conf_type_path,
	 .offset = offsetof(struct cli_conf, server.state_dir) - offsetof(struct cli_conf, server),
	 .initial = WEFT_STATEDIR},
	{0},
};

static const struct conf_setting fabric_table[] = {
	{"key-file", &conf_type_file, .offset = offsetof(struct cli_conf_fabric, key_file),
	 .flags = CONF_REQUIRED},
	{"passphrase-file", &conf_type_file,
	 .offset = offsetof(struct cli_conf_fabric, passphrase_file)},
	{"overlap", &conf_type_duration, .offset = offsetof(struct cli_conf_fabric, overlap_s),
	 .max = 3650u * 86400, .initial = "7d"},
	{0},
};

static void fabric_item(struct conf_reader *r, struct yaml_node_s *item, void *arg)
{
	struct cli_conf *conf = arg;
	struct cli_conf_fabric *all =
		conf_reader_alloc(r, (conf->nfabrics + 1) * sizeof(*conf->fabrics));

	if (all == NULL)
		return;
	if (conf->nfabrics > 0)
		memcpy(all, conf->fabrics, conf->nfabrics * sizeof(*all));
	conf->fabrics = all;
	conf_table_set_defaults(r, fabric_table, &all[conf->nfabrics]);
	conf_table_read_item(r, fabric_table, item, &all[conf->nfabrics++], "fabric");
}

static void fabrics_read(struct conf_reader *r, const struct conf_setting *s,
			 struct yaml_node_s *node, void *field)
{
	(void)s;
	conf_table_each(r, node, fabric_item, field);
}

static const struct conf_setting server_part[] = {
	{"include", .read = conf_load_included},
	{"server", .offset = offsetof(struct cli_conf, server), .table = server_table},
	{0},
};

static const struct conf_setting fabrics_part[] = {
	{"include", .read = conf_load_included},
	{"fabric", .table = fabric_table, .read = fabrics_read},
	{0},
};

/* The agent's socket, in the same field. */
static const struct conf_setting agent_table[] = {
	{"control", &conf_type_path,
	 .offset = offsetof(struct cli_conf, server.control) - offsetof(struct cli_conf, server)},
	{0},
};

static const struct conf_setting agent_part[] = {
	{"include", .read = conf_load_included},
	{"agent", .offset = offsetof(struct cli_conf, server), .table = agent_table},
	{0},
};

static const struct conf_setting *const parts[] = {
	[CLI_CONF_SERVER] = server_part,
	[CLI_CONF_SOCKET] = server_part,
	[CLI_CONF_FABRICS] = fabrics_part,
	[CLI_CONF_AGENT] = agent_part,
};

int cli_conf_load(struct cli_conf *out, enum cli_conf_part part, const char *path,
		  base_report_fn report)
{
	struct conf_reader reader = {
		.arena = &out->arena,
		.report = report,
		.others = CONF_IGNORE_OTHERS,
		.is_lenient = part == CLI_CONF_SOCKET || part == CLI_CONF_AGENT,
		.table = parts[part],
		.base = out,
	};

	int ret;

	*out = (struct cli_conf){0};
	base_arena_init(&out->arena, ARENA_BLOCK);
	conf_load(&reader, path);
	ret = conf_reader_end(&reader);
	if (ret == 0 && out->server.control == NULL)
		out->server.control =
			part == CLI_CONF_AGENT ? CONTROL_AGENT_SOCKET : CONTROL_SOCKET;
	return ret;
}

void cli_conf_fini(struct cli_conf *conf)
{
	base_arena_fini(&conf->arena);
}
