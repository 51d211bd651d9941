/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A file is a line and a text:
 *
 *     weft-order 1 CHECKSUM NAME
 *     JSON
 *
 * The checksum, 16 hexadecimal digits, is that of the name and the text. The name of the file is
 * for people: that of the instance, as far as a file can have it. */

#include "assign/copies.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checksum.h"
#include "dns/name.h"
#include "spec/json.h"

#define MAGIC "weft-order 1 "
#define SUFFIX ".order"
#define NEW_SUFFIX ".new"

enum {
	DIGITS = 16,
	HEAD_MAX = sizeof(MAGIC) + DIGITS + 1 + DNS_NAME_TEXT_MAX,
	FILE_MAX = HEAD_MAX + SPEC_JSON_MAX + 1,
	STEM_MAX = 200, /* characters of the name in a file's name */
	PATH_MAX_ = STEM_MAX + DIGITS + 16,
	SEED = 0x6f72, /* of the checksums */
};

struct assign_copies {
	int fd; /* of the folder */
	char *folder;
	base_report_fn report;
	void *arg;
	bool has_failed; /* the last one could not be written; that was reported */
};

/* ---- names of files ---- */

/* Whether a file's name may contain the octet of a label as it is. */
static bool is_plain(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Writes the name of an instance's file: its labels, in which %XX stands for other octets. One that
 * is too long is cut and ends in a hash. */
static void path_write(char out[static PATH_MAX_], const uint8_t *name, const char *suffix)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t nbytes = dns_name_lower(lower, name), at = 0;

	for (const uint8_t *label = lower; *label != 0 && at < STEM_MAX; label += 1 + *label) {
		if (label != lower)
			out[at++] = '.';
		for (size_t i = 1; i <= *label && at < STEM_MAX; i++)
			if (is_plain(label[i]))
				out[at++] = (char)label[i];
			else
				at += (size_t)snprintf(out + at, 4, "%%%02X", label[i]);
	}
	if (at >= STEM_MAX)
		at = STEM_MAX + (size_t)snprintf(out + STEM_MAX, DIGITS + 2, "~%016" PRIx64,
						 base_checksum(lower, nbytes, SEED));
	snprintf(out + at, PATH_MAX_ - at, "%s", suffix);
}

static bool has_suffix(const char *text, const char *suffix)
{
	size_t n = strlen(text), nsuffix = strlen(suffix);

	return n > nsuffix && strcmp(text + n - nsuffix, suffix) == 0;
}

/* ---- the format ---- */

static uint64_t checksum_of(const char *name, const char *json, size_t nchars)
{
	struct base_checksum_state state;

	base_checksum_begin(&state, SEED);
	base_checksum_add(&state, name, strlen(name) + 1);
	base_checksum_add(&state, json, nchars);
	return base_checksum_end(&state);
}

/* What a file contains; `json` is a view of its text. */
struct content {
	uint8_t name[DNS_NAME_MAX];
	const char *json;
	size_t nchars;
};

/* Reads a file's text, which ends in a NUL. Returns false if it is damaged. */
static bool content_parse(struct content *out, char *text, size_t nchars)
{
	char *digits = text + strlen(MAGIC), *name = digits + DIGITS + 1, *end, *rest;
	size_t nname;
	uint64_t sum;

	if (nchars < strlen(MAGIC) + DIGITS + 2 || memcmp(text, MAGIC, strlen(MAGIC)) != 0 ||
	    digits[DIGITS] != ' ' || strspn(digits, "0123456789abcdef") != DIGITS)
		return false;
	end = strchr(name, '\n');
	if (end == NULL)
		return false;
	*end = '\0';
	nname = (size_t)(end - name);
	sum = strtoull(digits, &rest, 16);
	out->json = end + 1;
	out->nchars = nchars - (size_t)(out->json - text);
	return nname < DNS_NAME_TEXT_MAX && sum == checksum_of(name, out->json, out->nchars) &&
	       dns_name_from_text(out->name, name, nname, NULL) > 0;
}

/* ---- reading ---- */

__attribute__((format(printf, 4, 5))) static void file_report(const struct assign_copies *c,
							      enum base_log_level level,
							      const char *path, const char *format,
							      ...)
{
	struct base_error error;
	char at[PATH_MAX_ + 4096], text[BASE_ERROR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(at, sizeof(at), "%s/%s", c->folder, path);
	base_error_set_at(&error, -EBADMSG, (struct base_location){at, 0}, "%s", text);
	c->report(c->arg, level, &error);
}

/* Reads a whole file into `out`, of FILE_MAX + 1 characters, with a NUL. Returns its length or a
 * negative errno. */
static ssize_t file_read(const struct assign_copies *c, const char *path, char *out)
{
	/* Not a fifo, for which the opening would wait. */
	int fd = openat(c->fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	size_t n = 0;
	ssize_t got = 1;

	if (fd < 0)
		return -errno;
	while (n <= FILE_MAX - 1 && got > 0) {
		got = read(fd, out + n, FILE_MAX - n);
		if (got > 0)
			n += (size_t)got;
	}
	if (got < 0)
		got = -errno;
	close(fd);
	out[n] = '\0';
	return got < 0 ? got : (ssize_t)n;
}

/* Reads a file and has it taken. Returns 0; or a negative errno described in `error`: it is to be
 * removed. */
static int file_load(const struct assign_copies *c, const char *path, char *buffer,
		     assign_copy_fn found, void *arg, struct base_error *error)
{
	ssize_t n = file_read(c, path, buffer);
	struct content content;
	char expected[PATH_MAX_];

	if (n < 0)
		return base_error_set(error, (int)n, "it cannot be read: %s", strerror((int)-n));
	if (!content_parse(&content, buffer, (size_t)n))
		return base_error_set(error, -EBADMSG, "it is damaged: its checksum is wrong");
	path_write(expected, content.name, SUFFIX);
	if (strcmp(path, expected) != 0)
		return base_error_set(error, -EBADMSG, "it is the copy of another instance");
	return found(arg, content.name, content.json, content.nchars, error);
}

static int files_load(struct assign_copies *c, DIR *dir, char *buffer, assign_copy_fn found,
		      void *arg)
{
	const struct dirent *entry;

	while ((entry = readdir(dir)) != NULL) {
		struct base_error error = {0};
		int ret;

		if (has_suffix(entry->d_name, NEW_SUFFIX))
			unlinkat(c->fd, entry->d_name, 0); /* a crash came before it was renamed */
		if (!has_suffix(entry->d_name, SUFFIX))
			continue;
		ret = file_load(c, entry->d_name, buffer, found, arg, &error);
		if (ret == -ENOMEM)
			return ret;
		if (ret == 0)
			continue;
		file_report(c, BASE_LOG_ERROR, entry->d_name,
			    "the saved order is not used: %s; it is removed", error.text);
		unlinkat(c->fd, entry->d_name, 0);
	}
	return 0;
}

int assign_copies_load(struct assign_copies *c, assign_copy_fn found, void *arg)
{
	char *buffer = malloc(FILE_MAX + 1);
	int fd = fcntl(c->fd, F_DUPFD_CLOEXEC, 0);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	int ret = -ENOMEM;

	if (dir == NULL && fd >= 0)
		close(fd);
	if (dir != NULL) {
		rewinddir(dir);
		if (buffer != NULL)
			ret = files_load(c, dir, buffer, found, arg);
		closedir(dir);
	}
	free(buffer);
	return ret;
}

/* ---- writing ---- */

static int all_write(int fd, const char *bytes, size_t nbytes)
{
	while (nbytes > 0) {
		ssize_t n = write(fd, bytes, nbytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		nbytes -= (size_t)n;
	}
	return 0;
}

/* Writes a new file. Returns 0 or a negative errno. */
static int file_write(const struct assign_copies *c, const char *path, const char *head,
		      const char *json, bool is_durable)
{
	int fd = openat(c->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int ret;

	if (fd < 0)
		return -errno;
	ret = all_write(fd, head, strlen(head));
	if (ret == 0)
		ret = all_write(fd, json, strlen(json));
	if (ret == 0 && is_durable && fsync(fd) < 0)
		ret = -errno;
	if (close(fd) < 0 && ret == 0)
		ret = -errno;
	return ret;
}

void assign_copies_save(struct assign_copies *c, const uint8_t *name, const char *json,
			bool is_durable)
{
	char path[PATH_MAX_], new_path[PATH_MAX_], text[DNS_NAME_TEXT_MAX], head[HEAD_MAX + 1];
	uint8_t lower[DNS_NAME_MAX];
	int ret;

	dns_name_lower(lower, name);
	dns_name_to_text(text, lower);
	path_write(path, name, SUFFIX);
	path_write(new_path, name, NEW_SUFFIX);
	snprintf(head, sizeof(head), MAGIC "%016" PRIx64 " %s\n",
		 checksum_of(text, json, strlen(json)), text);
	ret = file_write(c, new_path, head, json, is_durable);
	if (ret == 0 && renameat(c->fd, new_path, c->fd, path) < 0)
		ret = -errno;
	if (ret == 0 && is_durable && fsync(c->fd) < 0)
		ret = -errno;
	if (ret < 0)
		unlinkat(c->fd, new_path, 0);
	if (ret < 0 && !c->has_failed)
		file_report(c, BASE_LOG_ERROR, path,
			    "the order cannot be saved: %s; after a restart of the agent it is not "
			    "known before a registry answers",
			    strerror(-ret));
	c->has_failed = ret < 0;
}

void assign_copies_remove(struct assign_copies *c, const uint8_t *name)
{
	char path[PATH_MAX_];

	path_write(path, name, SUFFIX);
	unlinkat(c->fd, path, 0);
}

/* ---- the folder ---- */

int assign_copies_open(struct assign_copies **out, const char *folder, base_report_fn report,
		       void *arg, struct base_error *error)
{
	struct assign_copies *c = calloc(1, sizeof(*c));
	int ret;

	if (c == NULL || (c->folder = strdup(folder)) == NULL) {
		free(c);
		return base_error_set(error, -ENOMEM, "out of memory");
	}
	c->report = report;
	c->arg = arg;
	c->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->fd < 0) {
		ret = base_error_set(error, -errno, "the folder %s cannot be opened: %s", folder,
				     strerror(errno));
		free(c->folder);
		free(c);
		return ret;
	}
	*out = c;
	return 0;
}

void assign_copies_close(struct assign_copies *c)
{
	if (c == NULL)
		return;
	close(c->fd);
	free(c->folder);
	free(c);
}
