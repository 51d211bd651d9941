/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Loading, in steps:
 *
 * 1. Every setting gets its default.
 * 2. The file is read by the tables of config_table.c; `include` reads further files in its place.
 *    Keys and zones are appended in the order in which they come.
 * 3. When all is read, keys and zones are sorted, those given twice are named, and the keys that
 *    zones name are looked up.
 *
 * An error does not end a step, so that all of them are reported. */

#include "weftd/config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "dns/cookie.h"
#include "fabric/file.h"
#include "weftd/config_priv.h"

enum {
	FILE_MAX = 64 * 1024 * 1024,
	ARENA_BLOCK = 16384,
};

void weftd_config_file_free(struct weftd_config_file *text)
{
	if (text->bytes != NULL)
		sodium_memzero(text->bytes, text->length);
	free(text->bytes);
}

static int file_fill(struct weftd_config_file *text, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	if (st.st_size > FILE_MAX)
		return -EFBIG;
	text->is_open_to_others = (st.st_mode & S_IROTH) != 0;
	text->device = st.st_dev;
	text->inode = st.st_ino;
	text->bytes = malloc((size_t)st.st_size + 1);
	if (text->bytes == NULL)
		return -ENOMEM;
	while (text->length < (size_t)st.st_size) {
		ssize_t got =
			read(fd, text->bytes + text->length, (size_t)st.st_size - text->length);

		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		text->length += (size_t)got;
	}
	text->bytes[text->length] = '\0';
	return 0;
}

int weftd_config_file_read(struct weftd_config_file *text, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int ret;

	*text = (struct weftd_config_file){0};
	if (fd < 0)
		return -errno;
	ret = file_fill(text, fd);
	close(fd);
	return ret;
}

/* Steps over white space and the comments of YAML and of key files. */
static const char *text_start(const char *at)
{
	for (;;) {
		at += strspn(at, " \t\r\n");
		if (*at == '#' || strncmp(at, "//", 2) == 0) {
			at += strcspn(at, "\n");
		} else if (strncmp(at, "/*", 2) == 0 && strstr(at, "*/") != NULL) {
			at = strstr(at, "*/") + 2;
		} else {
			return at;
		}
	}
}

/* Whether the text is a key file as BIND writes it: `key "name" {`, where YAML has `key:`. */
static bool is_keyfile(const struct weftd_config_file *text)
{
	const char *at = text_start(text->bytes);

	if (strncmp(at, "key", 3) != 0 || strchr(" \t\"", at[3]) == NULL || at[3] == '\0')
		return false;
	at += 3 + strspn(at + 3, " \t");
	return *at != ':' && *at != '\0' && *at != '\n';
}

/* The path up to and with its last slash. */
static const char *folder_of(struct base_arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	char *folder = base_arena_alloc(arena, length + 1);

	if (folder != NULL) {
		memcpy(folder, path, length);
		folder[length] = '\0';
	}
	return folder;
}

static void yaml_read(struct weftd_config_load *load, const char *path,
		      struct weftd_config_file *text)
{
	struct conf_reader *r = &load->reader;
	const char *file = r->file, *folder = r->folder;
	bool was_open = r->is_open_to_others;

	load->reading[load->depth++] = text;
	r->file = base_arena_copy(r->arena, path, strlen(path) + 1);
	r->folder = folder_of(r->arena, path);
	r->is_open_to_others = text->is_open_to_others;
	if (r->file == NULL || r->folder == NULL)
		r->is_short_of_memory = true;
	else
		conf_read_text(r, weftd_config_table, text->bytes, text->length,
			       &load->whole->config);
	load->depth--;
	r->file = file;
	r->folder = folder;
	r->is_open_to_others = was_open;
}

static bool is_being_read(const struct weftd_config_load *load,
			  const struct weftd_config_file *text)
{
	for (unsigned i = 0; i < load->depth; i++) {
		if (load->reading[i]->device == text->device &&
		    load->reading[i]->inode == text->inode)
			return true;
	}
	return false;
}

/* Reads a file that is included at `place`. */
static void file_include(struct weftd_config_load *load, const char *path,
			 const struct base_location *place)
{
	struct conf_reader *r = &load->reader;
	struct weftd_config_file text;
	int ret = weftd_config_file_read(&text, path);

	if (ret != 0)
		conf_error(r, place, "cannot read %s: %s", path, strerror(-ret));
	else if (is_being_read(load, &text))
		conf_error(r, place, "%s includes itself", path);
	else if (load->depth == WEFTD_CONFIG_DEPTH_MAX)
		conf_error(r, place, "files include each other more than %d deep",
			   WEFTD_CONFIG_DEPTH_MAX);
	else if (load->nfiles++ >= WEFTD_CONFIG_FILES_MAX)
		conf_error(r, place, "more than %d files are included", WEFTD_CONFIG_FILES_MAX);
	else if (is_keyfile(&text))
		weftd_config_add_keyfile(load, path, NULL, place);
	else
		yaml_read(load, path, &text);
	weftd_config_file_free(&text);
}

static void include_item(struct conf_reader *r, yaml_node_t *item, void *arg)
{
	struct weftd_config_load *load = (struct weftd_config_load *)r;
	struct base_location place = conf_location_of(r, item);
	const char *pattern;
	glob_t found;

	(void)arg;
	if (item->type != YAML_SCALAR_NODE || item->data.scalar.length == 0) {
		conf_error(r, &place, "include is a file, or a list of files");
		return;
	}
	pattern = conf_path_join(r, (const char *)item->data.scalar.value);
	if (pattern == NULL)
		return;
	/* A plain name that does not exist is an error; a pattern may fit nothing yet. */
	if (strpbrk(pattern, "*?[") == NULL) {
		file_include(load, pattern, &place);
		return;
	}
	switch (glob(pattern, 0, NULL, &found)) {
	case 0:
		for (size_t i = 0; i < found.gl_pathc; i++)
			file_include(load, found.gl_pathv[i], &place);
		break;
	case GLOB_NOMATCH:
		break;
	case GLOB_NOSPACE:
		r->is_short_of_memory = true;
		break;
	default:
		conf_error(r, &place, "cannot read %s: %s", pattern, strerror(errno));
	}
	globfree(&found);
}

void weftd_config_read_include(struct conf_reader *r, const struct conf_setting *s,
			       yaml_node_t *node, void *field)
{
	(void)s;
	conf_each(r, node, include_item, field);
}

static void server_check(struct conf_reader *r, struct weftd_config *config)
{
	const struct weftd_config_server *server = &config->server;
	const struct base_location place = {config->path, 0};
	char text[BASE_ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < server->listen.count; i++) {
		const struct sockaddr *one = (const struct sockaddr *)&server->listen.items[i];

		for (size_t j = 0; j < i; j++) {
			const struct sockaddr *two =
				(const struct sockaddr *)&server->listen.items[j];

			if (one->sa_family != AF_UNSPEC && base_address_equal(one, two))
				conf_error(r, &place, "listen has %s twice",
					   base_address_to_text(text, one));
		}
	}
	if (server->listen.count == 0)
		conf_error(r, &place, "listen has no address");
	if (server->cookie_secrets.count > DNS_COOKIE_SECRETS_MAX)
		conf_error(r, &place, "cookie-secret has at most %d values",
			   DNS_COOKIE_SECRETS_MAX);
}

static void main_file_read(struct weftd_config_load *load, const char *path)
{
	struct conf_reader *r = &load->reader;
	const struct base_location place = {path, 0};
	struct weftd_config *config = &load->whole->config;
	struct weftd_config_file text;
	int ret;

	config->path = base_arena_copy(r->arena, path, strlen(path) + 1);
	if (config->path == NULL) {
		r->is_short_of_memory = true;
		return;
	}
	ret = weftd_config_file_read(&text, path);
	if (ret == 0)
		yaml_read(load, path, &text);
	else
		conf_error(r, &place, "cannot be read: %s", strerror(-ret));
	weftd_config_file_free(&text);
	if (ret != 0)
		return;
	weftd_config_sort_keys(load);
	if (!r->is_short_of_memory)
		weftd_config_finish_zones(load);
	server_check(r, config);
}

int weftd_config_load(struct weftd_config **out, const char *path, conf_report_fn report, void *arg)
{
	struct weftd_config_load load = {.reader = {.report = report, .arg = arg, .folder = ""}};

	*out = NULL;
	load.whole = calloc(1, sizeof(*load.whole));
	if (load.whole == NULL)
		return -ENOMEM;
	base_arena_init(&load.whole->arena, ARENA_BLOCK);
	load.reader.arena = &load.whole->arena;
	load.keys_end = &load.whole->config.keys;
	load.fabrics_end = &load.whole->config.fabrics;
	load.zones_end = &load.whole->config.zones;

	conf_defaults(&load.reader, weftd_config_table, &load.whole->config);
	assert(load.reader.errors == 0);
	main_file_read(&load, path);
	conf_reader_fini(&load.reader);
	if (load.reader.errors == 0 && !load.reader.is_short_of_memory) {
		*out = &load.whole->config;
		return 0;
	}
	weftd_config_free(&load.whole->config);
	return load.reader.errors > 0 ? -EBADMSG : -ENOMEM;
}

void weftd_config_free(struct weftd_config *config)
{
	struct weftd_config_whole *whole = (struct weftd_config_whole *)config;
	struct weftd_config_cookie_secrets *cookies;

	if (whole == NULL)
		return;
	for (struct weftd_config_key *key = config->keys; key != NULL; key = key->next)
		fabric_keyfile_secret_fini(&key->key.secret);
	for (struct weftd_config_fabric *f = config->fabrics; f != NULL; f = f->next)
		fabric_free(f->fabric);
	cookies = &config->server.cookie_secrets;
	if (cookies->count > 0)
		sodium_memzero(cookies->items, cookies->count * sizeof(*cookies->items));
	base_arena_fini(&whole->arena);
	free(whole);
}

static int passphrase_read(void *arg, char out[static FABRIC_PASSPHRASE_MAX])
{
	const struct weftd_config_fabric *f = arg;

	return f->passphrase_file.text == NULL
		       ? 0
		       : fabric_file_passphrase(out, f->passphrase_file.text);
}

static int fabric_unlock(struct weftd_config_fabric *f, conf_report_fn report, void *arg)
{
	const struct base_location *place = &f->key_file.place;
	struct fabric_file_state state;
	char why[FABRIC_FILE_WHY_MAX];
	int ret;

	ret = fabric_file_read(&f->fabric, f->key_file.text, passphrase_read, f, &state, why);
	if (ret < 0) {
		report(arg, BASE_LOG_ERROR, place->file, place->line, why);
		return ret;
	}
	if (state.is_open_to_others)
		report(arg, BASE_LOG_WARNING, place->file, place->line,
		       "key-file is a file that everybody may read");
	if (dns_name_equal(f->fabric->name, f->name))
		return 0;
	snprintf(why, sizeof(why), "%.200s is the file of another fabric than %.200s",
		 f->key_file.text, f->name_text);
	report(arg, BASE_LOG_ERROR, place->file, place->line, why);
	return -EBADMSG;
}

int weftd_config_unlock(struct weftd_config *config, conf_report_fn report, void *arg)
{
	int ret = 0;

	for (struct weftd_config_fabric *f = config->fabrics; f != NULL; f = f->next)
		if (fabric_unlock(f, report, arg) < 0)
			ret = -EBADMSG;
	return ret;
}

void weftd_config_needs_restart(const struct weftd_config *now, const struct weftd_config *next,
				void (*on_change)(void *arg, const char *option), void *arg)
{
	conf_compare(weftd_config_table, now, next, "", on_change, arg);
}

void weftd_config_list(FILE *out)
{
	conf_list(out, weftd_config_table, "");
}
