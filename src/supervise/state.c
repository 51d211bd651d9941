/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The file:
 *
 *	weft-unit 1
 *	key value
 *	...
 *	checksum 0123456789abcdef
 *
 * The checksum is that of all bytes before its line. */

#include "supervise/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/error.h"
#include "base/overwrite.h"

enum { FILE_BYTES = 8192, SEED = 14 };

static const char magic[] = "weft-unit 1\n";

static void process_write(FILE *file, const struct child_identity *id)
{
	fprintf(file, "pid %d\nstart %" PRIu64 "\nboot %s\n", id->pid, id->start, id->boot);
	if (id->handle_nbytes == 0)
		return;
	fprintf(file, "handle %d ", id->handle_type);
	for (unsigned i = 0; i < id->handle_nbytes; i++)
		fprintf(file, "%02x", id->handle[i]);
	fputc('\n', file);
}

/* Writes all but the checksum. */
static void lines_write(FILE *file, const struct supervise_state *s)
{
	fputs(magic, file);
	if (s->has_process)
		process_write(file, &s->process);
	if (s->group[0] != '\0')
		fprintf(file, "group %s\n", s->group);
	fprintf(file, "flags %d %d %d\nhealth %d\nstarted %" PRIu64 "\nrestarts %" PRIu32 "\n",
		s->is_up, s->is_stopping, s->is_wanted, (int)s->health, s->started_ms,
		s->nrestarts);
	for (unsigned i = 0; i < s->nsockets; i++)
		fprintf(file, "socket %d %" PRIu64 " %s\n", s->sockets[i].fd, s->sockets[i].inode,
			s->sockets[i].name);
}

int supervise_state_write(const char *path, const struct supervise_state *state)
{
	char bytes[FILE_BYTES];
	FILE *file = fmemopen(bytes, sizeof(bytes), "w");
	long nbytes;

	if (file == NULL)
		return -ENOMEM;
	lines_write(file, state);
	fflush(file);
	nbytes = ftell(file);
	if (nbytes > 0)
		fprintf(file, "checksum %016" PRIx64 "\n",
			base_checksum(bytes, (size_t)nbytes, SEED));
	nbytes = fflush(file) == 0 ? ftell(file) : -1;
	if (fclose(file) != 0 || nbytes <= 0 || nbytes >= FILE_BYTES - 1)
		return -E2BIG;
	return base_overwrite(path, bytes, (size_t)nbytes, false);
}

/* Copies a word of a file that has a valid checksum. Returns whether it fits. */
static bool word_copy(char *out, size_t size, const char *word)
{
	return (size_t)snprintf(out, size, "%s", word) < size;
}

static bool handle_parse(struct child_identity *id, const char *value)
{
	int at = 0;

	if (sscanf(value, "%d %n", &id->handle_type, &at) != 1 || at == 0)
		return false;
	value += at;
	for (id->handle_nbytes = 0; value[0] != '\0' && value[1] != '\0'; value += 2) {
		unsigned byte;

		if (id->handle_nbytes == CHILD_HANDLE_MAX || sscanf(value, "%2x", &byte) != 1)
			return false;
		id->handle[id->handle_nbytes++] = (unsigned char)byte;
	}
	return true;
}

static bool socket_parse(struct supervise_state *s, const char *value)
{
	struct supervise_state_socket *socket = &s->sockets[s->nsockets];

	if (s->nsockets == SUPERVISE_SOCKETS_MAX ||
	    sscanf(value, "%d %" SCNu64 " %63s", &socket->fd, &socket->inode, socket->name) != 3)
		return false;
	s->nsockets++;
	return true;
}

static bool flags_parse(struct supervise_state *s, const char *value)
{
	int up, stopping, wanted;

	if (sscanf(value, "%d %d %d", &up, &stopping, &wanted) != 3)
		return false;
	s->is_up = up != 0;
	s->is_stopping = stopping != 0;
	s->is_wanted = wanted != 0;
	return true;
}

static bool line_parse(struct supervise_state *s, const char *key, const char *value)
{
	int number;

	if (strcmp(key, "pid") == 0)
		return s->has_process = sscanf(value, "%d", &s->process.pid) == 1;
	if (strcmp(key, "start") == 0)
		return sscanf(value, "%" SCNu64, &s->process.start) == 1;
	if (strcmp(key, "boot") == 0)
		return word_copy(s->process.boot, sizeof(s->process.boot), value);
	if (strcmp(key, "handle") == 0)
		return handle_parse(&s->process, value);
	if (strcmp(key, "group") == 0)
		return word_copy(s->group, sizeof(s->group), value);
	if (strcmp(key, "flags") == 0)
		return flags_parse(s, value);
	if (strcmp(key, "started") == 0)
		return sscanf(value, "%" SCNu64, &s->started_ms) == 1;
	if (strcmp(key, "restarts") == 0)
		return sscanf(value, "%" SCNu32, &s->nrestarts) == 1;
	if (strcmp(key, "socket") == 0)
		return socket_parse(s, value);
	if (strcmp(key, "health") == 0 && sscanf(value, "%d", &number) == 1 && number >= 0 &&
	    number <= SUPERVISE_FAILED) {
		s->health = (enum supervise_verdict)number;
		return true;
	}
	return false;
}

/* Finds the line of the checksum, and compares it. Returns whether the bytes are as written. */
static bool is_whole(char *bytes, size_t nbytes)
{
	static const char key[] = "\nchecksum ";
	uint64_t checksum;
	char *at;

	if (strlen(bytes) != nbytes || strncmp(bytes, magic, strlen(magic)) != 0)
		return false;
	at = strstr(bytes, key);
	if (at == NULL || sscanf(at + strlen(key), "%" SCNx64, &checksum) != 1)
		return false;
	at[1] = '\0';
	return base_checksum(bytes, strlen(bytes), SEED) == checksum;
}

int supervise_state_read(struct supervise_state *out, const char *path, struct base_error *error)
{
	char bytes[FILE_BYTES], *at = bytes, *line;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool is_valid;
	ssize_t n;

	memset(out, 0, sizeof(*out));
	if (fd < 0)
		return base_error_set(error, -errno, "%s: %s", path, strerror(errno));
	n = read(fd, bytes, sizeof(bytes) - 1);
	close(fd);
	if (n < 0)
		n = 0;
	bytes[n] = '\0';
	is_valid = is_whole(bytes, (size_t)n);
	for (at += strlen(magic);
	     is_valid && (line = strsep(&at, "\n")) != NULL && *line != '\0';) {
		char *value = strchr(line, ' ');

		if (value != NULL)
			*value++ = '\0';
		is_valid = value != NULL && line_parse(out, line, value);
	}
	if (is_valid)
		return 0;
	memset(out, 0, sizeof(*out));
	return base_error_set(error, -EBADMSG, "%s: damaged", path);
}
