/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Loading, in steps:
 *
 * 1. Every option gets its default.
 * 2. The file is read by the tables of table.c; `include` reads further files at that point.
 *    Keys, fabrics, zones and `mdns` entries are appended in the order in which they are read.
 * 3. When all files are read, keys and zones are sorted, those given twice are reported, and the
 *    keys, fabrics and zones that others name are looked up.
 *
 * An error does not end a step, so that all errors are reported. */

#include "settings/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/secret.h"
#include "conf/load.h"
#include "conf/reader.h"
#include "conf/table.h"
#include "dns/cookie.h"
#include "fabric/file.h"
#include "settings/settings_priv.h"

enum { ARENA_BLOCK = 16384 };

#define SOCKET_PATH_MAX sizeof(((struct sockaddr_un *)NULL)->sun_path)

static void server_locate(struct conf_reader *r, struct settings *config)
{
	const struct base_location file = {config->path, 0};
	struct settings_server *s = &config->server;

	s->at = (struct settings_server_at){
		.listen = conf_reader_where(r, &s->listen, file),
		.listen_tls = conf_reader_where(r, &s->listen_tls, file),
		.state_dir = conf_reader_where(r, &s->state_dir, file),
		.control = conf_reader_where(r, &s->control, file),
		.control_group = conf_reader_where(r, &s->control_group, file),
		.user = conf_reader_where(r, &s->user, file),
		.log_to = conf_reader_where(r, &s->log.to, file),
	};
}

/* Reports an address that is also among the first `count` of a list. */
static void check_address(struct conf_reader *r, const char *option,
			  const struct sockaddr_storage *address,
			  const struct settings_addresses *list, size_t count,
			  const struct base_location *at)
{
	const struct sockaddr *one = (const struct sockaddr *)address;
	char text[BASE_ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < count; i++)
		if (one->sa_family != AF_UNSPEC &&
		    base_address_equal(one, (const struct sockaddr *)&list->items[i]))
			conf_reader_error(r, at, "%s has %s twice", option,
					  base_address_to_text(text, one));
}

static void check_addresses(struct conf_reader *r, const char *option,
			    const struct settings_addresses *list, const struct base_location *at)
{
	for (size_t i = 0; i < list->count; i++)
		check_address(r, option, &list->items[i], list, i, at);
}

static void server_check(struct conf_reader *r, struct settings *config)
{
	const struct settings_server *server = &config->server;
	const struct base_location at = server->at.listen;
	const struct base_location cookies_at = conf_reader_where(
		r, &server->cookie_secrets, (struct base_location){config->path, 0});

	check_addresses(r, "listen", &server->listen, &at);
	check_addresses(r, "listen-tls", &server->listen_tls, &server->at.listen_tls);
	for (size_t i = 0; i < server->listen_tls.count; i++)
		check_address(r, "listen-tls or listen", &server->listen_tls.items[i],
			      &server->listen, server->listen.count, &server->at.listen_tls);
	settings_tls_check(r, config);
	if (server->control != NULL && strlen(server->control) >= SOCKET_PATH_MAX)
		conf_reader_error(r, &server->at.control,
				  "control: the path of a socket has at most %zu characters",
				  SOCKET_PATH_MAX - 1);
	if (server->listen.count == 0)
		conf_reader_error(r, &at, "listen has no address");
	if (server->cookie_secrets.count > DNS_COOKIE_SECRETS_MAX)
		conf_reader_error(r, &cookies_at, "cookie-secret has at most %d values",
				  DNS_COOKIE_SECRETS_MAX);
}

static void config_finish(struct settings_loading *load)
{
	settings_key_sort(load);
	if (!load->reader.is_short_of_memory)
		settings_zone_finish(load);
	if (!load->reader.is_short_of_memory)
		settings_mdns_finish(load);
	server_locate(&load->reader, &load->whole->config);
	server_check(&load->reader, &load->whole->config);
}

/* Adds a path to those of the configuration. */
static void path_add(struct conf_reader *r, const char *path)
{
	struct settings *config = &((struct settings_loading *)r)->whole->config;
	struct settings_path *p = conf_reader_alloc(r, sizeof(*p));

	if (p == NULL)
		return;
	*p = (struct settings_path){config->paths, conf_reader_copy(r, path)};
	if (p->path != NULL)
		config->paths = p;
}

int settings_load(struct settings **out, const char *path, base_report_fn report, void *arg)
{
	struct settings_whole *whole = calloc(1, sizeof(*whole));
	struct settings_loading load = {
		.reader = {.report = report,
			   .arg = arg,
			   .table = settings_table,
			   .on_keyfile = settings_key_include,
			   .on_path = path_add},
		.whole = whole,
	};
	int ret;

	*out = NULL;
	if (whole == NULL)
		return -ENOMEM;
	base_arena_init(&whole->arena, ARENA_BLOCK);
	load.reader.arena = &whole->arena;
	load.reader.base = &whole->config;
	load.keys_end = &whole->config.keys;
	load.fabrics_end = &whole->config.fabrics;
	load.zones_end = &whole->config.zones;
	load.mdns_end = &whole->config.mdns;

	whole->config.path = conf_reader_copy(&load.reader, path);
	if (whole->config.path != NULL && conf_load(&load.reader, path) == 0)
		config_finish(&load);
	ret = conf_reader_end(&load.reader);
	if (ret == 0)
		*out = &whole->config;
	else
		settings_free(&whole->config);
	return ret;
}

void settings_free(struct settings *config)
{
	struct settings_whole *whole = (struct settings_whole *)config;
	struct settings_cookie_secrets *cookies;

	if (whole == NULL)
		return;
	for (struct settings_key *key = config->keys; key != NULL; key = key->next)
		fabric_keyfile_secret_fini(&key->key.secret);
	for (struct settings_fabric *f = config->fabrics; f != NULL; f = f->next)
		fabric_free(f->fabric);
	settings_tls_free(config);
	cookies = &config->server.cookie_secrets;
	if (cookies->count > 0)
		base_secret_wipe(cookies->items, cookies->count * sizeof(*cookies->items));
	base_arena_fini(&whole->arena);
	free(whole);
}

static int passphrase_read(void *arg, char out[static FABRIC_PASSPHRASE_MAX])
{
	const struct settings_fabric *f = arg;

	return f->passphrase_file.text == NULL
		       ? 0
		       : fabric_file_passphrase(out, f->passphrase_file.text);
}

static int fabric_unlock(struct settings_fabric *f, base_report_fn report, void *arg)
{
	const struct base_location *at = &f->key_file.at;
	struct fabric_file_state state;
	struct base_error error, of_file;
	int ret;

	ret = fabric_file_read(&f->fabric, f->key_file.text, passphrase_read, f, &state, &of_file);
	if (ret < 0) {
		/* The location is that of the option: the file is what it names. */
		if (of_file.at.line > 0)
			base_error_set_at(&error, ret, *at, "%s:%u: %s", of_file.at.file,
					  of_file.at.line, of_file.text);
		else
			base_error_set_at(&error, ret, *at, "%s: %s", of_file.at.file,
					  of_file.text);
		report(arg, BASE_LOG_ERROR, &error);
		return ret;
	}
	if (state.is_open_to_others) {
		base_error_set_at(&error, -EPERM, *at,
				  "key-file is a file that everybody may read");
		report(arg, BASE_LOG_WARNING, &error);
	}
	if (dns_name_equal(f->fabric->name, f->name))
		return 0;
	ret = base_error_set_at(&error, -EBADMSG, *at,
				"%.200s is the file of another fabric than %.200s",
				f->key_file.text, f->name_text);
	report(arg, BASE_LOG_ERROR, &error);
	return ret;
}

int settings_unlock(struct settings *config, base_report_fn report, void *arg)
{
	int ret = 0;

	for (struct settings_fabric *f = config->fabrics; f != NULL; f = f->next)
		if (fabric_unlock(f, report, arg) < 0)
			ret = -EBADMSG;
	if (settings_tls_unlock(config, report, arg) < 0)
		ret = -EBADMSG;
	return ret;
}

void settings_list(FILE *out)
{
	conf_table_list(out, settings_table, "");
}
