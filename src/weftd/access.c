/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "weftd/access.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "process/access.h"
#include "process/privileges.h"
#include "settings/settings.h"

enum { STORE_FILES_MOST = 10000, OWNER_MAX = 64, COMMAND_MAX = 512 };

/* By which a finding is reported. */
struct finding {
	struct base_location at;
	bool is_needed;	 /* weftd cannot start without it */
	char *take_path; /* from malloc: freed with the list; NULL: the path is borrowed */
	const char *all; /* a folder that is mended with all that is in it; or NULL */
};

struct checking {
	const struct settings *config;
	struct process_access *items;
	struct finding *findings; /* of each item */
	size_t count, capacity, findings_capacity;
	bool is_short; /* memory was */
	char user[OWNER_MAX], group[OWNER_MAX];
};

static void add(struct checking *c, const char *path, enum process_access_how how,
		struct base_location at, bool is_needed)
{
	struct process_access *items =
		base_grow(c->items, c->count, &c->capacity, sizeof(*c->items));
	struct finding *findings;

	if (items != NULL)
		c->items = items;
	findings = base_grow(c->findings, c->count, &c->findings_capacity, sizeof(*c->findings));
	if (findings != NULL)
		c->findings = findings;
	if (items == NULL || findings == NULL) {
		c->is_short = true;
		return;
	}
	c->items[c->count] = (struct process_access){.path = path, .how = how};
	c->findings[c->count++] = (struct finding){.at = at, .is_needed = is_needed};
}

/* Adds a path that is from malloc or NULL. */
static void add_taken(struct checking *c, char *take, enum process_access_how how,
		      struct base_location at, bool is_needed)
{
	size_t before = c->count;

	if (take == NULL) {
		c->is_short = true;
		return;
	}
	add(c, take, how, at, is_needed);
	if (c->count > before)
		c->findings[before].take_path = take;
	else
		free(take);
}

static void add_file(struct checking *c, const struct conf_text *file)
{
	if (file->text != NULL)
		add(c, file->text, PROCESS_ACCESS_READ, file->at, false);
}

/* The files that a reload reads again. */
static void add_config(struct checking *c)
{
	/* A file that an include names is there as this option and as itself. */
	for (const struct settings_path *f = c->config->paths; f != NULL; f = f->next)
		if (f->next == NULL || strcmp(f->next->path, f->path) != 0)
			add(c, f->path, PROCESS_ACCESS_READ, (struct base_location){f->path, 0},
			    false);
	for (const struct settings_fabric *f = c->config->fabrics; f != NULL; f = f->next) {
		add_file(c, &f->key_file);
		add_file(c, &f->passphrase_file);
	}
	add_file(c, &c->config->server.tls.certificate);
	add_file(c, &c->config->server.tls.key);
	add_file(c, &c->config->server.tls.client_ca);
}

/* Adds the store's folder and what is in it, which may be of another user who ran weftd once. */
static void add_store(struct checking *c)
{
	const struct settings_server *s = &c->config->server;
	DIR *folder = opendir(s->state_dir);
	const struct dirent *e;
	size_t first = c->count;
	char *path;

	add(c, s->state_dir, PROCESS_ACCESS_FOLDER, s->at.state_dir, true);
	for (unsigned i = 0;
	     folder != NULL && i < STORE_FILES_MOST && (e = readdir(folder)) != NULL; i++) {
		if (e->d_type != DT_REG && e->d_type != DT_DIR)
			continue;
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (asprintf(&path, "%s/%s", s->state_dir, e->d_name) < 0)
			path = NULL;
		add_taken(c, path,
			  e->d_type == DT_DIR ? PROCESS_ACCESS_FOLDER : PROCESS_ACCESS_WRITE,
			  s->at.state_dir, true);
	}
	if (folder != NULL)
		closedir(folder);
	while (first < c->count)
		c->findings[first++].all = s->state_dir;
}

static void add_others(struct checking *c)
{
	const struct settings_server *s = &c->config->server;
	const char *slash;

	for (const struct settings_zone *z = c->config->zones; z != NULL; z = z->next)
		add(c, z->file, PROCESS_ACCESS_READ, z->file_at, false);
	add_store(c);
	if (s->control != NULL) {
		slash = strrchr(s->control, '/');
		add_taken(c,
			  slash == NULL		? strdup(".")
			  : slash == s->control ? strdup("/")
						: strndup(s->control, (size_t)(slash - s->control)),
			  PROCESS_ACCESS_FOLDER, s->at.control, true);
	}
	if (strcmp(s->log.to, "stderr") != 0 && strcmp(s->log.to, "syslog") != 0)
		add(c, s->log.to, PROCESS_ACCESS_WRITE, s->at.log_to, true);
}

/* Names the user and the group by which it may be given access. */
static void find_names(struct checking *c, const struct process_privileges *p)
{
	const struct passwd *user = getpwuid(p->uid);
	const struct group *group = getgrgid(p->gid);

	if (user != NULL)
		snprintf(c->user, sizeof(c->user), "%s", user->pw_name);
	else
		snprintf(c->user, sizeof(c->user), "%u", (unsigned)p->uid);
	if (group != NULL)
		snprintf(c->group, sizeof(c->group), "%s", group->gr_name);
	else
		snprintf(c->group, sizeof(c->group), "%u", (unsigned)p->gid);
}

/* Writes the command that gives the user what it lacks: the least that does. */
static void mend(const struct checking *c, size_t i, char out[static COMMAND_MAX])
{
	const struct process_access *a = &c->items[i];
	int n = a->ndenied > 0 ? (int)a->ndenied : 1;
	const char *path = a->ndenied > 0 ? a->path : ".";

	if (a->must_search)
		snprintf(out, COMMAND_MAX, "chgrp %s %.*s && chmod g+x %.*s", c->group, n, path, n,
			 path);
	else if (a->how == PROCESS_ACCESS_READ)
		snprintf(out, COMMAND_MAX, "chgrp %s %.*s && chmod 640 %.*s", c->group, n, path, n,
			 path);
	else if (c->findings[i].all != NULL && a->ndenied >= strlen(c->findings[i].all))
		snprintf(out, COMMAND_MAX, "chown -R %s:%s %s", c->user, c->group,
			 c->findings[i].all);
	else
		snprintf(out, COMMAND_MAX, "chown %s:%s %.*s", c->user, c->group, n, path);
}

static void report_one(const struct checking *c, size_t i, base_report_fn report, void *arg)
{
	static const char *const verbs[] = {
		[PROCESS_ACCESS_READ] = "read",
		[PROCESS_ACCESS_WRITE] = "write to",
		[PROCESS_ACCESS_FOLDER] = "make files in",
	};
	const struct process_access *a = &c->items[i];
	struct base_error error;
	char command[COMMAND_MAX];

	mend(c, i, command);
	if (a->ret == -EACCES)
		base_error_set_at(&error, a->ret, c->findings[i].at,
				  "user %s cannot %s %s: %s. Mend it by: %s", c->user,
				  verbs[a->how], a->path, strerror(-a->ret), command);
	else
		base_error_set_at(&error, a->ret, c->findings[i].at, "user %s cannot %s %s: %s",
				  c->user, verbs[a->how], a->path, strerror(-a->ret));
	report(arg, BASE_LOG_ERROR, &error);
}

static void checking_fini(struct checking *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->findings[i].take_path);
	free(c->items);
	free(c->findings);
}

static int report_all(const struct checking *c, unsigned *others, base_report_fn report, void *arg)
{
	const char *mended = NULL;
	unsigned nothers = 0;
	int nneeded = 0;

	for (size_t i = 0; i < c->count; i++) {
		const char *all = c->findings[i].all;

		/* A store on a read-only disk is served, and one command mends all of a folder. */
		if (c->items[i].ret == 0 || c->items[i].ret == -EROFS ||
		    (all != NULL && all == mended))
			continue;
		mended = all != NULL ? all : mended;
		report_one(c, i, report, arg);
		if (c->findings[i].is_needed)
			nneeded++;
		else
			nothers++;
	}
	if (others != NULL)
		*others = nothers;
	return nneeded;
}

int weftd_access_check(const struct settings *config, const struct process_privileges *p,
		       enum weftd_access_what what, unsigned *others, base_report_fn report,
		       void *arg)
{
	struct checking c = {.config = config};
	struct base_error error;
	int ret;

	find_names(&c, p);
	add_config(&c);
	if (what == WEFTD_ACCESS_ALL)
		add_others(&c);
	ret = c.is_short ? -ENOMEM : process_access_try(p, c.items, c.count);
	if (ret == 0) {
		ret = report_all(&c, others, report, arg);
	} else {
		base_error_set_at(&error, ret, config->server.at.user,
				  "what user %s may use could not be tried: %s", c.user,
				  strerror(-ret));
		report(arg, BASE_LOG_ERROR, &error);
		ret = -1;
	}
	checking_fini(&c);
	return ret;
}
