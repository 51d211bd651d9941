/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "weftd/confine.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "process/confine.h"
#include "settings/settings.h"

/* The paths so far. When memory is short, `is_short`. */
struct paths {
	struct process_confine_path *items;
	size_t count, capacity;
	bool is_short;
};

static void path_add(struct paths *p, const char *take_path, bool can_write)
{
	struct process_confine_path *grown;

	if (take_path == NULL) {
		p->is_short = true;
		return;
	}
	if (p->count == p->capacity) {
		size_t capacity = p->capacity == 0 ? 32 : 2 * p->capacity;

		grown = realloc(p->items, capacity * sizeof(*grown));
		if (grown == NULL) {
			p->is_short = true;
			free((char *)take_path);
			return;
		}
		p->items = grown;
		p->capacity = capacity;
	}
	p->items[p->count++] = (struct process_confine_path){take_path, can_write};
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return strdup(".");
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* Adds the folder, unless it is the one that was added last: most zone files are in one. */
static void folder_add(struct paths *p, const char *path, bool can_write)
{
	char *folder = folder_of(path);

	if (folder != NULL && p->count > 0 && strcmp(p->items[p->count - 1].path, folder) == 0 &&
	    p->items[p->count - 1].can_write == can_write)
		free(folder);
	else
		path_add(p, folder, can_write);
}

/* Adds the folder of a file, and of the file that it is a symbolic link to. */
static void folder_of_file_add(struct paths *p, const char *path, bool can_write)
{
	char real[PATH_MAX];
	struct stat st;

	if (path == NULL)
		return;
	folder_add(p, path, can_write);
	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode) && realpath(path, real) != NULL)
		folder_add(p, real, can_write);
}

static void paths_collect(struct paths *p, const struct settings *c)
{
	const struct settings_server *s = &c->server;

	for (const struct settings_path *f = c->paths; f != NULL; f = f->next)
		folder_of_file_add(p, f->path, false);
	for (const struct settings_fabric *f = c->fabrics; f != NULL; f = f->next) {
		folder_of_file_add(p, f->key_file.text, false);
		folder_of_file_add(p, f->passphrase_file.text, false);
	}
	folder_of_file_add(p, s->tls.certificate.text, false);
	folder_of_file_add(p, s->tls.key.text, false);
	folder_of_file_add(p, s->tls.client_ca.text, false);
	for (const struct settings_zone *z = c->zones; z != NULL; z = z->next)
		folder_of_file_add(p, z->file, false);
	for (size_t i = 0; i < s->read_from.count; i++)
		path_add(p, strdup(s->read_from.items[i]), false);
	path_add(p, strdup(s->state_dir), true);
	folder_of_file_add(p, s->control, true);
	if (strcmp(s->log.to, "stderr") != 0 && strcmp(s->log.to, "syslog") != 0)
		folder_of_file_add(p, s->log.to, true);
}

static void confine_files(const struct settings *config)
{
	struct paths p = {0};
	int ret;

	paths_collect(&p, config);
	ret = p.is_short ? -ENOMEM : process_confine_files(p.items, p.count);
	if (ret == -ENOSYS || ret == -EOPNOTSUPP)
		base_log(BASE_LOG_DEBUG, "start",
			 "files-not-confined why=\"the kernel has no Landlock\"");
	else if (ret < 0)
		base_log(BASE_LOG_WARNING, "start", "files-not-confined error=\"%s\"",
			 strerror(-ret));
	for (size_t i = 0; i < p.count; i++)
		free((char *)p.items[i].path);
	free(p.items);
}

void weftd_confine(const struct settings *config)
{
	int ret;

	if ((ret = process_confine_memory()) < 0)
		base_log(BASE_LOG_WARNING, "start", "core-dumps-possible error=\"%s\"",
			 strerror(-ret));
	confine_files(config);
	if ((ret = process_confine_calls()) < 0)
		base_log(BASE_LOG_WARNING, "start", "calls-not-confined error=\"%s\"",
			 strerror(-ret));
}
