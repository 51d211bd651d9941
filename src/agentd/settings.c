/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The options of weft-agentd.conf(5). A unit test compares them with its page. */

#include "agentd/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "agent/agent.h"
#include "base/address.h"
#include "base/arena.h"
#include "conf/load.h"
#include "conf/reader.h"
#include "conf/table.h"
#include "conf/type.h"
#include "control/agent_commands.h"
#include "dns/name.h"
#include "locate/list.h"

#define AGENT(field) offsetof(struct agentd_options, field)
#define SOCKET_PATH_MAX sizeof(((struct sockaddr_un *)NULL)->sun_path)

enum {
	ARENA_BLOCK = 4096,
	LIST = CONF_LIST,
	RESTART = CONF_RESTART,
	KEEP_MAX = 1000000,
	INTERFACE_NAME_MAX = 15, /* of Linux */
};

/* By enum base_log_level. */
static const char *const level_words[] = {"error", "warning", "info", "debug", NULL};

static const struct conf_setting log_table[] = {
	{"to", &conf_type_log, .offset = AGENT(log.to) - AGENT(log), .initial = "stderr"},
	{"level", &conf_type_word, .offset = AGENT(log.level) - AGENT(log), .words = level_words,
	 .initial = "info"},
	{0},
};

static const struct conf_setting agent_table[] = {
	{"node", &conf_type_text, .offset = AGENT(node), .flags = RESTART, .max = 253,
	 .initial_shown = "that of the key, or the host's name"},
	{"fabric", &conf_type_text, .offset = AGENT(fabric), .flags = RESTART, .max = 254,
	 .initial_shown = "that of the key"},
	{"registry", &conf_type_located, .offset = AGENT(registry), .flags = LIST | RESTART,
	 .initial_shown = "as in client.conf(5)"},
	{"key-file", &conf_type_file, .offset = AGENT(key_file), .flags = RESTART,
	 .initial_shown = "as in client.conf(5)"},
	{"certificate", &conf_type_file, .offset = AGENT(certificate), .flags = RESTART,
	 .initial_shown = "as in client.conf(5)"},
	{"public-key", &conf_type_located, .offset = AGENT(public_key), .flags = RESTART,
	 .initial_shown = "as in client.conf(5)"},
	{"tls-ca", &conf_type_file, .offset = AGENT(tls_ca), .flags = RESTART,
	 .initial_shown = "as in client.conf(5)"},
	{"state-dir", &conf_type_path, .offset = AGENT(state_dir), .flags = RESTART,
	 .initial = WEFT_STATEDIR "-agent"},
	{"run-dir", &conf_type_path, .offset = AGENT(run_dir), .flags = RESTART,
	 .initial = WEFT_RUNDIR "-agent"},
	{"log-dir", &conf_type_path, .offset = AGENT(log_dir), .flags = RESTART,
	 .initial_shown = "log in agent.state-dir"},
	{"control", &conf_type_path, .offset = AGENT(control), .flags = RESTART,
	 .initial = CONTROL_AGENT_SOCKET},
	{"control-group", &conf_type_text, .offset = AGENT(control_group), .flags = RESTART,
	 .max = 64, .initial_shown = "the group that weft-agentd runs as"},
	{"cgroup", &conf_type_text, .offset = AGENT(cgroup), .flags = RESTART, .max = 64,
	 .initial = "weft-agent"},
	{"address", &conf_type_located, .offset = AGENT(address), .flags = LIST,
	 .initial_shown = "those of agent.interface"},
	{"interface", &conf_type_text, .offset = AGENT(interface), .flags = LIST,
	 .max = INTERFACE_NAME_MAX, .initial_shown = "all but loopback"},
	{"lease", &conf_type_duration, .offset = AGENT(lease_s), .min = AGENT_LEASE_MIN_S,
	 .max = AGENT_LEASE_MAX_S, .initial = "10"},
	{"log", .offset = AGENT(log), .table = log_table},
	{0},
};

static const struct conf_setting history_table[] = {
	{"keep", &conf_type_number, .offset = 0, .min = 100, .max = KEEP_MAX, .initial = "10000"},
	{0},
};

static const struct conf_setting file_table[] = {
	{"include", .flags = LIST, .read = conf_load_included},
	{"agent", .offset = offsetof(struct agentd_settings, agent), .table = agent_table},
	{"history", .offset = offsetof(struct agentd_settings, history), .table = history_table},
	{0},
};

/* A configuration with its memory; the configuration comes first. */
struct whole {
	struct agentd_settings settings;
	struct base_arena arena;
};

/* ---- what the tables cannot check ---- */

static void names_check(struct conf_reader *r, const struct agentd_settings *s)
{
	const struct agentd_options *a = &s->agent;
	uint8_t name[DNS_NAME_MAX];

	if (a->node != NULL && (dns_name_from_text(name, a->node, strlen(a->node), NULL) == 0 ||
				name[0] == 0 || a->node[strlen(a->node) - 1] == '.'))
		conf_reader_error(r, &s->node_at, "node: %s is not the name of a node, such as n1",
				  a->node);
	if (a->fabric != NULL &&
	    (dns_name_from_text(name, a->fabric, strlen(a->fabric), NULL) == 0 || name[0] == 0))
		conf_reader_error(r, &s->fabric_at,
				  "fabric: %s is not the name of a zone, such as lab.cloud",
				  a->fabric);
	if (strlen(a->control) >= SOCKET_PATH_MAX)
		conf_reader_error(r, &s->control_at,
				  "control: the path of a socket has at most %zu characters",
				  SOCKET_PATH_MAX - 1);
}

/* Checks each item of the list, and joins them. */
static void registry_finish(struct conf_reader *r, struct agentd_settings *s)
{
	const struct conf_texts *all = &s->agent.registry;
	size_t nbytes = 1, nitems = 0;
	char *joined;

	for (size_t i = 0; i < all->count; i++) {
		struct locate_list list;
		struct base_error error;

		if (locate_list_parse(&list, all->items[i].text, &error) < 0)
			conf_reader_error(r, &all->items[i].at, "registry: %s", error.text);
		else if ((nitems += list.n) > LOCATE_LIST_MAX)
			conf_reader_error(r, &all->items[i].at,
					  "registry has more than %d addresses", LOCATE_LIST_MAX);
		nbytes += strlen(all->items[i].text) + 1;
	}
	if (all->count == 0 || (joined = conf_reader_alloc(r, nbytes)) == NULL)
		return;
	for (size_t i = 0; i < all->count; i++)
		strcat(strcat(joined, all->items[i].text), " ");
	s->registry = joined;
}

/* Reads one given address. Returns false after reporting that it is not one. */
static bool address_read(struct conf_reader *r, const struct conf_text *text,
			 struct sockaddr_storage *out)
{
	if (base_address_from_text(out, text->text, 1) == 0 && strchr(text->text, '@') == NULL)
		return true;
	conf_reader_error(r, &text->at, "address: %s is not an address without a port, or seen",
			  text->text);
	return false;
}

static void address_finish(struct conf_reader *r, struct agentd_settings *s)
{
	const struct conf_texts *all = &s->agent.address;
	struct sockaddr_storage *given;

	s->address = (struct address_settings){
		.kind = ADDRESS_INTERFACE,
		.interfaces = s->agent.interface.items,
		.ninterfaces = s->agent.interface.count,
	};
	if (all->count == 0)
		return;
	if (s->agent.interface.count > 0)
		conf_reader_error(r, &all->items[0].at,
				  "address: interface is given, too; choose one of the two");
	if (all->count == 1 && strcmp(all->items[0].text, "seen") == 0) {
		s->address.kind = ADDRESS_SEEN;
		return;
	}
	s->address.kind = ADDRESS_GIVEN;
	if (all->count > ADDRESS_MAX)
		conf_reader_error(r, &all->items[ADDRESS_MAX].at,
				  "address has more than %d addresses", ADDRESS_MAX);
	given = conf_reader_alloc(r, all->count * sizeof(*given));
	for (size_t i = 0; i < all->count && given != NULL; i++)
		if (address_read(r, &all->items[i], &given[s->address.ngiven]))
			s->address.ngiven++;
	s->address.given = given;
}

static void finish(struct conf_reader *r, struct agentd_settings *s)
{
	const struct base_location file = {s->path, 0};

	s->node_at = conf_reader_where(r, &s->agent.node, file);
	s->fabric_at = conf_reader_where(r, &s->agent.fabric, file);
	s->key_at = conf_reader_where(r, &s->agent.key_file, file);
	s->certificate_at = conf_reader_where(r, &s->agent.certificate, file);
	s->public_key_at = conf_reader_where(r, &s->agent.public_key, file);
	s->tls_ca_at = conf_reader_where(r, &s->agent.tls_ca, file);
	s->control_at = conf_reader_where(r, &s->agent.control, file);
	s->control_group_at = conf_reader_where(r, &s->agent.control_group, file);
	if (r->is_short_of_memory)
		return;
	names_check(r, s);
	registry_finish(r, s);
	address_finish(r, s);
}

/* ---- the whole ---- */

int agentd_settings_load(struct agentd_settings **out, const char *path, base_report_fn report,
			 void *arg)
{
	struct whole *whole = calloc(1, sizeof(*whole));
	struct conf_reader reader = {.report = report, .arg = arg, .table = file_table};
	int ret;

	*out = NULL;
	if (whole == NULL)
		return -ENOMEM;
	base_arena_init(&whole->arena, ARENA_BLOCK);
	reader.arena = &whole->arena;
	reader.base = &whole->settings;
	whole->settings.path = conf_reader_copy(&reader, path);
	ret = whole->settings.path == NULL ? -ENOMEM : conf_load(&reader, path);
	if (ret == 0)
		finish(&reader, &whole->settings);
	if (ret == 0)
		ret = conf_reader_end(&reader);
	else
		conf_reader_end(&reader);
	if (ret == 0)
		*out = &whole->settings;
	else
		agentd_settings_free(&whole->settings);
	return ret;
}

void agentd_settings_free(struct agentd_settings *settings)
{
	struct whole *whole = (struct whole *)settings;

	if (whole == NULL)
		return;
	base_arena_fini(&whole->arena);
	free(whole);
}

void agentd_settings_compare(const struct agentd_settings *now, const struct agentd_settings *next,
			     void (*on_change)(void *arg, const char *option, bool needs_restart),
			     void *arg)
{
	conf_table_compare(file_table, now, next, "", on_change, arg);
}

void agentd_settings_list(FILE *out)
{
	conf_table_list(out, file_table, "");
}
