/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "advertise/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "mdns/table.h"

enum {
	LINE_MAX_NBYTES = 2 * DNS_NAME_TEXT_MAX + 2,
	FILE_MAX_NBYTES = ADVERTISE_NAMES_MAX * LINE_MAX_NBYTES, /* what follows is not read */
	DAMAGES_LOGGED = 10
};

static const char heading[] = "# Names of the registry and those that replace them on the LAN, by "
			      "weftd.\n";

struct pair {
	struct mdns_entry entry; /* first; the name is below */
	struct pair *older, *newer;
	uint8_t lan_name[DNS_NAME_MAX];
	uint8_t name[];
};

struct advertise_names {
	struct mdns_table pairs;
	struct pair *oldest, *newest;
	char *path, *temporary;
	bool has_changed, has_failed;
};

/* ---- pairs ---- */

static void unlink_pair(struct advertise_names *n, struct pair *p)
{
	*(p->older == NULL ? &n->oldest : &p->older->newer) = p->newer;
	*(p->newer == NULL ? &n->newest : &p->newer->older) = p->older;
}

static void link_newest(struct advertise_names *n, struct pair *p)
{
	p->older = n->newest;
	p->newer = NULL;
	*(n->newest == NULL ? &n->oldest : &n->newest->newer) = p;
	n->newest = p;
}

static void forget(struct advertise_names *n, struct pair *p)
{
	unlink_pair(n, p);
	mdns_table_remove(&n->pairs, &p->entry);
	free(p);
}

/* Returns a new pair in the table, or NULL if memory is short. */
static struct pair *add(struct advertise_names *n, const uint8_t *name)
{
	size_t nbytes = dns_name_nbytes(name);
	struct pair *p = calloc(1, sizeof(*p) + nbytes);

	if (p == NULL)
		return NULL;
	memcpy(p->name, name, nbytes);
	p->entry.name = p->name;
	if (mdns_table_add(&n->pairs, &p->entry) < 0) {
		free(p);
		return NULL;
	}
	link_newest(n, p);
	return p;
}

static int set(struct advertise_names *n, const uint8_t *name, const uint8_t *lan_name)
{
	struct pair *p = mdns_table_find(&n->pairs, name);

	if (p == NULL)
		p = add(n, name);
	if (p == NULL)
		return -ENOMEM;
	memcpy(p->lan_name, lan_name, dns_name_nbytes(lan_name));
	unlink_pair(n, p);
	link_newest(n, p);
	if (n->pairs.count > ADVERTISE_NAMES_MAX)
		forget(n, n->oldest);
	return 0;
}

const uint8_t *advertise_names_find(const struct advertise_names *n, const uint8_t *name)
{
	const struct pair *p = mdns_table_find(&n->pairs, name);

	return p == NULL ? NULL : p->lan_name;
}

int advertise_names_set(struct advertise_names *n, const uint8_t *name, const uint8_t *lan_name)
{
	int ret = set(n, name, lan_name);

	n->has_changed |= ret == 0;
	return ret;
}

/* ---- the file ---- */

static bool is_plain(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '-' || c == '_';
}

static void write_name(FILE *f, const uint8_t *name)
{
	for (; name[0] > 0; name += 1 + name[0]) {
		for (unsigned i = 1; i <= name[0]; i++)
			fprintf(f, is_plain(name[i]) ? "%c" : "\\%03u", name[i]);
		putc('.', f);
	}
}

static int write_all(const struct advertise_names *n, FILE *f)
{
	fputs(heading, f);
	for (const struct pair *p = n->oldest; p != NULL; p = p->newer) {
		write_name(f, p->name);
		putc(' ', f);
		write_name(f, p->lan_name);
		putc('\n', f);
	}
	return fflush(f) != 0 || ferror(f) || fsync(fileno(f)) < 0 ? -EIO : 0;
}

/* Writes the temporary file, and then has it replace the other. */
static int replace(const struct advertise_names *n)
{
	int fd = open(n->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	int ret;

	if (f == NULL) {
		ret = -errno;
		if (fd >= 0)
			close(fd);
		return ret;
	}
	errno = 0;
	ret = write_all(n, f);
	if (ret < 0 && errno != 0)
		ret = -errno;
	fclose(f);
	if (ret == 0 && rename(n->temporary, n->path) < 0)
		ret = -errno;
	if (ret < 0)
		unlink(n->temporary);
	return ret;
}

void advertise_names_save(struct advertise_names *n)
{
	int ret;

	if (!n->has_changed)
		return;
	ret = replace(n);
	n->has_changed = ret < 0;
	if (ret < 0 && !n->has_failed)
		base_log(BASE_LOG_WARNING, "bridge", "names-not-written file=%s why=\"%s\"",
			 n->path, strerror(-ret));
	n->has_failed = ret < 0;
}

static bool read_name(uint8_t name[static DNS_NAME_MAX], const char *text, size_t nchars)
{
	return nchars > 1 && text[nchars - 1] == '.' &&
	       dns_name_from_text(name, text, nchars, NULL) > 0;
}

/* Reads a line. Returns 0, -EINVAL or -ENOMEM. */
static int read_line(struct advertise_names *n, const char *line, size_t nchars)
{
	const char *blank = memchr(line, ' ', nchars);
	uint8_t name[DNS_NAME_MAX], lan_name[DNS_NAME_MAX];
	size_t nname = blank == NULL ? 0 : (size_t)(blank - line);

	if (nchars > 0 && line[0] == '#')
		return 0;
	if (blank == NULL || memchr(blank + 1, ' ', nchars - nname - 1) != NULL ||
	    !read_name(name, line, nname) || !read_name(lan_name, blank + 1, nchars - nname - 1))
		return -EINVAL;
	return set(n, name, lan_name);
}

static int read_lines(struct advertise_names *n, FILE *f)
{
	char line[LINE_MAX_NBYTES];
	unsigned number = 0, ndamaged = 0;
	size_t nbytes = 0;
	int ret = 0;

	while (ret != -ENOMEM && nbytes < FILE_MAX_NBYTES && fgets(line, sizeof(line), f) != NULL) {
		size_t nchars = strlen(line);
		bool is_whole = nchars > 0 && line[nchars - 1] == '\n';

		/* The rest of a line that is too long is a damaged line of its own. */
		nbytes += nchars + 1;
		number++;
		ret = is_whole ? read_line(n, line, nchars - 1) : -EINVAL;
		if (ret == -EINVAL && ndamaged++ < DAMAGES_LOGGED)
			base_log(BASE_LOG_WARNING, "bridge",
				 "names-damaged file=%s line=%u why=\"not two names\"", n->path,
				 number);
	}
	return ret == -ENOMEM ? ret : 0;
}

/* Reads the file. One that cannot be read is as good as none. */
static int read_file(struct advertise_names *n)
{
	FILE *f = fopen(n->path, "re");
	int ret;

	if (f == NULL && errno == ENOMEM)
		return -ENOMEM;
	if (f == NULL) {
		if (errno != ENOENT)
			base_log(BASE_LOG_WARNING, "bridge", "names-not-read file=%s why=\"%s\"",
				 n->path, strerror(errno));
		return 0;
	}
	ret = read_lines(n, f);
	fclose(f);
	return ret;
}

static void names_free(struct advertise_names *n)
{
	while (n->oldest != NULL)
		forget(n, n->oldest);
	mdns_table_fini(&n->pairs);
	free(n->path);
	free(n->temporary);
	free(n);
}

static char *path_of(const char *folder, const char *name)
{
	size_t nbytes = strlen(folder) + strlen(name) + 2;
	char *path = malloc(nbytes);

	if (path != NULL)
		snprintf(path, nbytes, "%s/%s", folder, name);
	return path;
}

struct advertise_names *advertise_names_open(const char *state_dir, uint64_t seed)
{
	struct advertise_names *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	mdns_table_init(&n->pairs, seed);
	n->path = path_of(state_dir, "bridge-names");
	n->temporary = path_of(state_dir, "bridge-names.new");
	if (n->path == NULL || n->temporary == NULL || read_file(n) < 0) {
		names_free(n);
		return NULL;
	}
	unlink(n->temporary); /* of a crash */
	return n;
}

void advertise_names_close(struct advertise_names *n)
{
	if (n == NULL)
		return;
	advertise_names_save(n);
	names_free(n);
}
