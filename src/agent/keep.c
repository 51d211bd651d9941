/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/file.h"
#include "base/checksum.h"
#include "registrant/registrant.h"

enum { FILE_NAME_MAX = 240, HASH_CHARS = 16, SEED = 72 };

static const char node_file[] = "node";

/* A name may have slashes, and be longer than that of a file: then it is cut, and ends in a hash.
 */
static void file_name_make(char file[static FILE_NAME_MAX + 4], const char *name)
{
	size_t n = 0;

	file[0] = '\0';
	for (const char *at = name; *at != '\0' && n < FILE_NAME_MAX; at++)
		n += (size_t)snprintf(file + n, FILE_NAME_MAX + 4 - n, *at == '/' ? "\\047" : "%c",
				      *at);
	if (n >= FILE_NAME_MAX)
		snprintf(file + FILE_NAME_MAX - HASH_CHARS - 1, HASH_CHARS + 2, "~%016" PRIx64,
			 base_checksum(name, strlen(name), SEED));
}

static int path_make(char out[static PATH_MAX], const char *folder, const char *name)
{
	char file[FILE_NAME_MAX + 4];

	file_name_make(file, name);
	return (size_t)snprintf(out, PATH_MAX, "%s/%s", folder, file) < PATH_MAX ? 0
										 : -ENAMETOOLONG;
}

/* Copies the value of a line "key value" to `out`, "" if there is none or it does not fit. */
static void value_get(const char *text, const char *key, char *out, size_t size)
{
	size_t nkey = strlen(key), n;

	out[0] = '\0';
	for (; *text != '\0'; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		if (n <= nkey || strncmp(text, key, nkey) != 0 || text[nkey] != ' ')
			continue;
		if (n - nkey - 1 < size)
			snprintf(out, size, "%.*s", (int)(n - nkey - 1), text + nkey + 1);
		return;
	}
}

static uint64_t number_get(const char *text, const char *key)
{
	char value[32];

	value_get(text, key, value, sizeof(value));
	return strtoull(value, NULL, 10);
}

/* A service can change its own environment, and with that what is read here of a process. */
static uint64_t inc_of(uint64_t number)
{
	return number <= REGISTRANT_INCARNATION_MAX ? number : 0;
}

int agent_keep_read(struct agent_keep *out, const char *folder, const char *name)
{
	char path[PATH_MAX], text[AGENT_FILE_MAX];
	int ret = path_make(path, folder, name);

	*out = (struct agent_keep){0};
	if (ret == 0)
		ret = agent_file_read(path, text);
	if (ret < 0)
		return ret;
	out->inc = inc_of(number_get(text, "inc"));
	out->port = (uint32_t)number_get(text, "port");
	out->is_stopped = number_get(text, "stopped") != 0;
	out->has_run = number_get(text, "run") != 0;
	value_get(text, "boot", out->boot, sizeof(out->boot));
	value_get(text, "cfg", out->cfg, sizeof(out->cfg));
	value_get(text, "ver", out->ver, sizeof(out->ver));
	value_get(text, "uses", out->uses, sizeof(out->uses));
	out->has_failed = number_get(text, "failed") != 0;
	out->is_done = number_get(text, "done") != 0;
	value_get(text, "end-boot", out->end_boot, sizeof(out->end_boot));
	value_get(text, "end-cfg", out->end_cfg, sizeof(out->end_cfg));
	value_get(text, "end-reason", out->end_reason, sizeof(out->end_reason));
	return 0;
}

int agent_keep_write(const struct agent_keep *keep, const char *folder, const char *name,
		     bool is_durable)
{
	char path[PATH_MAX], text[AGENT_FILE_MAX / 2];
	int ret = path_make(path, folder, name);

	snprintf(text, sizeof(text),
		 "inc %" PRIu64 "\nport %" PRIu32 "\nstopped %d\nrun %d\nboot %s\ncfg %s\nver %s\n"
		 "uses %s\nfailed %d\ndone %d\nend-boot %s\nend-cfg %s\nend-reason %s\n",
		 keep->inc, keep->port, keep->is_stopped, keep->has_run, keep->boot, keep->cfg,
		 keep->ver, keep->uses, keep->has_failed, keep->is_done, keep->end_boot,
		 keep->end_cfg, keep->end_reason);
	return ret < 0 ? ret : agent_file_write(path, text, is_durable);
}

bool agent_keep_equal(const struct agent_keep *a, const struct agent_keep *b)
{
	return a->inc == b->inc && a->port == b->port && a->is_stopped == b->is_stopped &&
	       a->has_run == b->has_run && strcmp(a->boot, b->boot) == 0 &&
	       strcmp(a->cfg, b->cfg) == 0 && strcmp(a->ver, b->ver) == 0 &&
	       strcmp(a->uses, b->uses) == 0 && a->has_failed == b->has_failed &&
	       a->is_done == b->is_done && strcmp(a->end_boot, b->end_boot) == 0 &&
	       strcmp(a->end_cfg, b->end_cfg) == 0 && strcmp(a->end_reason, b->end_reason) == 0;
}

bool agent_keep_is_of(const char *file, const char *name)
{
	char own[FILE_NAME_MAX + 4];

	file_name_make(own, name);
	return strcmp(own, file) == 0;
}

uint64_t agent_keep_inc_of(pid_t pid)
{
	static const char key[] = "WEFT_INC=";
	char path[64], bytes[131072];
	ssize_t n = 0, got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	while ((size_t)n < sizeof(bytes) - 1 &&
	       (got = read(fd, bytes + n, sizeof(bytes) - 1 - (size_t)n)) > 0)
		n += got;
	close(fd);
	bytes[n] = '\0';
	for (char *at = bytes; at < bytes + n; at += strlen(at) + 1)
		if (strncmp(at, key, strlen(key)) == 0)
			return inc_of(strtoull(at + strlen(key), NULL, 10));
	return 0;
}

/* Returns the word NAME=... and its length, or NULL. */
static char *use_find(const struct agent_keep *keep, const char *name, size_t *nchars)
{
	size_t nname = strlen(name);

	for (const char *at = keep->uses; *at != '\0'; at += *nchars + (at[*nchars] == ' ')) {
		*nchars = strcspn(at, " ");
		if (*nchars > nname && strncmp(at, name, nname) == 0 && at[nname] == '=')
			return (char *)at;
	}
	return NULL;
}

void agent_keep_use(struct agent_keep *keep, const char *name, const char *where)
{
	size_t nchars, used;
	char *old = use_find(keep, name, &nchars);
	int n;

	if (old != NULL)
		memmove(old, old + nchars + (old[nchars] == ' '),
			strlen(old + nchars + (old[nchars] == ' ')) + 1);
	used = strlen(keep->uses);
	if (used > 0 && keep->uses[used - 1] == ' ')
		keep->uses[--used] = '\0';
	if (where == NULL)
		return;
	n = snprintf(keep->uses + used, sizeof(keep->uses) - used, "%s%s=%s", used > 0 ? " " : "",
		     name, where);
	if (n < 0 || (size_t)n >= sizeof(keep->uses) - used)
		keep->uses[used] = '\0';
}

bool agent_keep_has_use(const struct agent_keep *keep, const char *name, const char *where)
{
	size_t nchars, nname = strlen(name);
	const char *word = use_find(keep, name, &nchars);

	if (word == NULL || where == NULL)
		return word == NULL && where == NULL;
	return nchars - nname - 1 == strlen(where) &&
	       strncmp(word + nname + 1, where, strlen(where)) == 0;
}

int agent_keep_node_read(struct agent_keep_node *out, const char *folder)
{
	char path[PATH_MAX], text[AGENT_FILE_MAX];
	int ret = path_make(path, folder, node_file);

	*out = (struct agent_keep_node){0};
	if (ret == 0)
		ret = agent_file_read(path, text);
	if (ret < 0)
		return ret;
	out->age = number_get(text, "age");
	out->has_left = number_get(text, "left") != 0;
	value_get(text, "boot", out->boot, sizeof(out->boot));
	return 0;
}

int agent_keep_node_write(const struct agent_keep_node *keep, const char *folder)
{
	char path[PATH_MAX], text[256];
	int ret = path_make(path, folder, node_file);

	snprintf(text, sizeof(text), "age %" PRIu64 "\nleft %d\nboot %s\n", keep->age,
		 keep->has_left, keep->boot);
	return ret < 0 ? ret : agent_file_write(path, text, true);
}
