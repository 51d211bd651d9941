/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <ev.h>

#include "base/error.h"
#include "base/grow.h"
#include "child/identity.h"
#include "child/reaper.h"
#include "child/stray.h"
#include "supervise/host_priv.h"
#include "supervise/notify.h"
#include "supervise/output.h"
#include "supervise/state.h"

enum { ROTATE_MS = 10000, SWEEPS_MAX = 20, SWEEP_PAUSE_NS = 1000000 };

static const char suffix[] = ".unit";

/* What a rotation needs, for its thread: writing parts of logs to the disk takes its time. */
struct rotation {
	struct supervise_output_settings settings;
	struct rotation *next;
	char path[];
};

struct supervise_host {
	struct ev_loop *loop;
	char folder[SUPERVISE_PATH_MAX - 256];
	char group[CHILD_GROUP_PATH_MAX];    /* empty: there are none */
	char mark[SUPERVISE_MARK_MAX - 256]; /* up to the colon */
	int lock;
	struct child_reaper *reaper;
	struct supervise_notify *notify;
	LIST_HEAD(, supervise_member) members;
	char **left; /* the units of which something ran when the host was opened; by their marks */
	size_t nleft, left_capacity;
	ev_timer rotate;
	pthread_t thread;
	bool has_thread;
	atomic_bool is_rotating;
	atomic_int rotate_error; /* of the last rotation; reported by the loop */
	base_report_fn report;
	void *report_arg;
};

void supervise_host_sender(struct supervise_sender *out, pid_t pid)
{
	struct child_stat stat;

	*out = (struct supervise_sender){.pid = pid};
	if (child_identity_stat(&stat, pid) == 0)
		out->session = stat.session;
	/* Also if this host has no groups: a service that it has adopted may have one. */
	child_group_of(out->group, pid);
}

static void on_message(void *arg, pid_t pid, const struct supervise_notify_message *message)
{
	struct supervise_host *host = arg;
	struct supervise_member *member;
	struct supervise_sender sender;

	supervise_host_sender(&sender, pid);
	LIST_FOREACH (member, &host->members, link)
		if (member->on_message != NULL && member->on_message(member, &sender, message))
			return;
}

/* ---- rotation ---- */

struct rotations {
	struct supervise_host *host;
	struct rotation *first;
};

static void *rotate_run(void *arg)
{
	struct rotations *all = arg;
	struct supervise_host *host = all->host;

	while (all->first != NULL) {
		struct rotation *one = all->first;
		int ret = supervise_output_rotate(&one->settings);

		if (ret < 0)
			atomic_store(&host->rotate_error, ret);
		all->first = one->next;
		free(one);
	}
	free(all);
	atomic_store(&host->is_rotating, false);
	return NULL;
}

/* Adds an output, if it is too large. */
static void rotation_add(struct rotations *all, const struct supervise_output_settings *settings)
{
	struct rotation *one;
	struct stat st;

	if (settings == NULL || settings->path == NULL || settings->size == 0 ||
	    stat(settings->path, &st) < 0 || (uint64_t)st.st_size <= settings->size)
		return;
	one = malloc(sizeof(*one) + strlen(settings->path) + 1);
	if (one == NULL)
		return;
	one->settings = *settings;
	one->settings.path = strcpy(one->path, settings->path);
	one->next = all->first;
	all->first = one;
}

static void thread_join(struct supervise_host *host)
{
	if (host->has_thread)
		pthread_join(host->thread, NULL);
	host->has_thread = false;
}

static void on_rotate(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	struct supervise_host *host = watcher->data;
	struct supervise_member *member;
	struct rotations *all;
	int ret;

	(void)loop;
	(void)revents;
	if (atomic_load(&host->is_rotating))
		return;
	thread_join(host);
	ret = atomic_exchange(&host->rotate_error, 0);
	if (ret < 0)
		supervise_host_report(host, BASE_LOG_WARNING, NULL, ret,
				      "an output is not rotated");
	all = calloc(1, sizeof(*all));
	if (all == NULL)
		return;
	all->host = host;
	LIST_FOREACH (member, &host->members, link)
		rotation_add(all, member->output);
	if (all->first == NULL) {
		free(all);
		return;
	}
	atomic_store(&host->is_rotating, true);
	host->has_thread = pthread_create(&host->thread, NULL, rotate_run, all) == 0;
	if (!host->has_thread)
		rotate_run(all);
}

/* ---- opening ---- */

/* Makes the folder, and locks it: a lock of POSIX, which no child inherits. */
static int folder_open(struct supervise_host *host, const char *folder, struct base_error *error)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char path[SUPERVISE_PATH_MAX];
	struct stat st;

	if ((size_t)snprintf(host->folder, sizeof(host->folder), "%s", folder) >=
	    sizeof(host->folder))
		return base_error_set(error, -ENAMETOOLONG, "%s: too long", folder);
	if ((mkdir(folder, 0755) < 0 && errno != EEXIST) || stat(folder, &st) < 0)
		return base_error_set(error, -errno, "%s: %s", folder, strerror(errno));
	snprintf(host->mark, sizeof(host->mark), "%s=%llx-%llx:", CHILD_STRAY_VARIABLE,
		 (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	snprintf(path, sizeof(path), "%s/lock", folder);
	host->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (host->lock < 0)
		return base_error_set(error, -errno, "%s: %s", path, strerror(errno));
	if (fcntl(host->lock, F_SETLK, &lock) < 0)
		return base_error_set(error, -EBUSY, "%s: another supervisor uses this folder",
				      folder);
	return 0;
}

/* Finds the host's own group: another supervisor, with another folder, sweeps a group of its own,
 * also if it has the same settings. */
static void group_find(struct supervise_host *host, const char *prefix)
{
	const char *id = host->mark + sizeof(CHILD_STRAY_VARIABLE); /* after the `=` */
	char name[SUPERVISE_PATH_MAX];
	struct base_error reason;

	snprintf(name, sizeof(name), "%s-%.*s", prefix, (int)strcspn(id, ":"), id);
	if (child_group_find(host->group, name, &reason) < 0 && host->report != NULL)
		host->report(host->report_arg, BASE_LOG_WARNING, &reason);
}

static int parts_open(struct supervise_host *host, const struct supervise_host_settings *settings,
		      struct base_error *error)
{
	char path[SUPERVISE_PATH_MAX];
	int ret = folder_open(host, settings->folder, error);

	if (ret < 0)
		return ret;
	if (settings->group != NULL)
		group_find(host, settings->group);
	ret = child_reaper_open(&host->reaper, host->loop);
	if (ret < 0)
		return base_error_set(error, ret, "cannot watch children: %s", strerror(-ret));
	snprintf(path, sizeof(path), "%s/notify", host->folder);
	ret = supervise_notify_open(&host->notify, host->loop, path, on_message, host);
	if (ret < 0)
		return base_error_set(error, ret, "%s: %s", path, strerror(-ret));
	return 0;
}

/* Notes what a process that is there has after the mark. One that cannot be noted is only found if
 * its unit has a state. */
static bool note_left(void *arg, pid_t pid, const char *rest)
{
	struct supervise_host *host = arg;
	char **grown;

	(void)pid;
	if (rest == NULL)
		return true;
	grown = base_grow(host->left, host->nleft, &host->left_capacity, sizeof(*grown));
	if (grown == NULL)
		return false;
	host->left = grown;
	host->left[host->nleft] = strdup(rest);
	if (host->left[host->nleft] != NULL)
		host->nleft++;
	return true;
}

bool supervise_host_has_left(const struct supervise_host *host, const char *name)
{
	for (size_t i = 0; i < host->nleft; i++)
		if (strcmp(host->left[i], name) == 0)
			return true;
	return false;
}

int supervise_host_open(struct supervise_host **out, struct ev_loop *loop,
			const struct supervise_host_settings *settings, struct base_error *error)
{
	struct supervise_host *host = calloc(1, sizeof(*host));
	double rotate_s = (settings->rotate_ms != 0 ? settings->rotate_ms : ROTATE_MS) / 1e3;
	int ret;

	if (host == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	host->loop = loop;
	host->lock = -1;
	host->report = settings->report;
	host->report_arg = settings->report_arg;
	ev_timer_init(&host->rotate, on_rotate, rotate_s, rotate_s);
	host->rotate.data = host;
	ev_timer_start(loop, &host->rotate);
	ev_unref(loop);
	ret = parts_open(host, settings, error);
	if (ret < 0) {
		supervise_host_close(host);
		return ret;
	}
	child_stray_each(host->mark, 0, note_left, host);
	*out = host;
	return 0;
}

void supervise_host_close(struct supervise_host *host)
{
	if (host == NULL)
		return;
	ev_ref(host->loop);
	ev_timer_stop(host->loop, &host->rotate);
	thread_join(host);
	supervise_notify_close(host->notify);
	child_reaper_close(host->reaper);
	if (host->group[0] != '\0')
		rmdir(host->group); /* if nothing runs any more */
	if (host->lock >= 0)
		close(host->lock);
	for (size_t i = 0; i < host->nleft; i++)
		free(host->left[i]);
	free((void *)host->left);
	free(host);
}

/* ---- what belongs to no unit ---- */

static bool is_member(const struct supervise_host *host, const char *name, size_t nname)
{
	struct supervise_member *member;

	LIST_FOREACH (member, &host->members, link)
		if (strlen(member->name) == nname && memcmp(member->name, name, nname) == 0)
			return true;
	return false;
}

/* Removes a unit that is not a member: by its state, which has the path of its group. */
static unsigned unit_sweep(struct supervise_host *host, const char *file)
{
	struct supervise_state state;
	char path[SUPERVISE_PATH_MAX];
	unsigned count = 0;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", host->folder, file) >= sizeof(path))
		return 0;
	if (supervise_state_read(&state, path, NULL) == 0 && state.group[0] != '\0') {
		count = child_group_signal(state.group, SIGKILL);
		child_group_kill(state.group);
		child_group_remove(state.group);
	}
	unlink(path);
	return count;
}

static unsigned files_sweep(struct supervise_host *host)
{
	DIR *dir = opendir(host->folder);
	struct dirent *entry;
	unsigned count = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		size_t n = strlen(entry->d_name);

		if (n <= strlen(suffix) || strcmp(entry->d_name + n - strlen(suffix), suffix) != 0)
			continue;
		n -= strlen(suffix);
		if (!is_member(host, entry->d_name, n))
			count += unit_sweep(host, entry->d_name);
	}
	if (dir != NULL)
		closedir(dir);
	return count;
}

/* Groups without a file: their supervisor died before it could write one. */
static unsigned groups_sweep(struct supervise_host *host)
{
	DIR *dir = host->group[0] != '\0' ? opendir(host->group) : NULL;
	char path[CHILD_GROUP_PATH_MAX];
	struct dirent *entry;
	unsigned count = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' ||
		    is_member(host, entry->d_name, strlen(entry->d_name)) ||
		    (size_t)snprintf(path, sizeof(path), "%s/%s", host->group, entry->d_name) >=
			    sizeof(path))
			continue;
		count += child_group_signal(path, SIGKILL);
		child_group_kill(path);
		child_group_remove(path);
	}
	if (dir != NULL)
		closedir(dir);
	return count;
}

struct sweep {
	struct supervise_host *host;
	pid_t *killed;
	size_t nkilled, capacity;
};

static bool is_killed(const struct sweep *sweep, pid_t pid)
{
	for (size_t i = 0; i < sweep->nkilled; i++)
		if (sweep->killed[i] == pid)
			return true;
	return false;
}

static bool stray_sweep(void *arg, pid_t pid, const char *rest)
{
	struct sweep *sweep = arg;
	pid_t *grown;

	if (rest == NULL || is_member(sweep->host, rest, strlen(rest)) || kill(pid, SIGKILL) < 0 ||
	    is_killed(sweep, pid))
		return true;
	grown = base_grow(sweep->killed, sweep->nkilled, &sweep->capacity, sizeof(*grown));
	if (grown == NULL)
		return true; /* without memory it is not counted, but the others are killed, too */
	sweep->killed = grown;
	sweep->killed[sweep->nkilled++] = pid;
	return true;
}

/* Kills what has the host's mark. One pass may miss a process that is just made, or in the middle
 * of execve(), when its environment cannot be read: it ends with two that find no new one. */
static unsigned strays_sweep(struct supervise_host *host)
{
	const struct timespec pause = {.tv_nsec = SWEEP_PAUSE_NS};
	struct sweep sweep = {.host = host};
	unsigned count;

	for (int i = 0, nquiet = 0; i < SWEEPS_MAX && nquiet < 2; i++) {
		size_t before = sweep.nkilled;

		if (i > 0)
			nanosleep(&pause, NULL);
		child_stray_each(host->mark, 0, stray_sweep, &sweep);
		nquiet = sweep.nkilled == before ? nquiet + 1 : 0;
	}
	count = (unsigned)sweep.nkilled;
	free(sweep.killed);
	return count;
}

unsigned supervise_host_sweep(struct supervise_host *host)
{
	return files_sweep(host) + groups_sweep(host) + strays_sweep(host);
}

int supervise_host_hand_over(struct supervise_host *host)
{
	struct supervise_member *member;
	int ret = 0;

	LIST_FOREACH (member, &host->members, link)
		if (member->hand_over != NULL && ret == 0)
			ret = member->hand_over(member);
	return ret;
}

/* ---- for the units ---- */

void supervise_host_add(struct supervise_host *host, struct supervise_member *member)
{
	LIST_INSERT_HEAD(&host->members, member, link);
}

void supervise_host_remove(struct supervise_member *member)
{
	LIST_REMOVE(member, link);
}

struct ev_loop *supervise_host_loop(const struct supervise_host *host)
{
	return host->loop;
}

struct child_reaper *supervise_host_reaper(const struct supervise_host *host)
{
	return host->reaper;
}

const char *supervise_host_notify_path(const struct supervise_host *host)
{
	return supervise_notify_path(host->notify);
}

bool supervise_host_group(const struct supervise_host *host, const char *name,
			  char out[static CHILD_GROUP_PATH_MAX])
{
	return host->group[0] != '\0' && snprintf(out, CHILD_GROUP_PATH_MAX, "%s/%s", host->group,
						  name) < CHILD_GROUP_PATH_MAX;
}

void supervise_host_mark(const struct supervise_host *host, const char *name,
			 char out[static SUPERVISE_MARK_MAX])
{
	snprintf(out, SUPERVISE_MARK_MAX, "%s%s", host->mark, name);
}

void supervise_host_state_path(const struct supervise_host *host, const char *name,
			       char out[static SUPERVISE_PATH_MAX])
{
	snprintf(out, SUPERVISE_PATH_MAX, "%s/%s%s", host->folder, name, suffix);
}

void supervise_host_report(const struct supervise_host *host, enum base_log_level level,
			   const char *name, int code, const char *what)
{
	struct base_error error;

	base_error_set(&error, code, "%s: %s", what, strerror(-code));
	if (name != NULL)
		supervise_host_report_error(host, level, name, &error);
	else if (host->report != NULL)
		host->report(host->report_arg, level, &error);
}

void supervise_host_report_error(const struct supervise_host *host, enum base_log_level level,
				 const char *name, const struct base_error *error)
{
	struct base_error named;

	if (host->report == NULL)
		return;
	base_error_set(&named, error->code, "%s: %s", name, error->text);
	host->report(host->report_arg, level, &named);
}

uint32_t supervise_host_random(void)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = 0;
	return random;
}
