/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/log_journal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log_line.h"

enum { VALUE_MAX = 1024 };

#define SOCKET_PATH "/run/systemd/journal/socket"

int base_log_journal_connect(void)
{
	const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SOCKET_PATH};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int ret;

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}

/* Adds a field; one that does not fit is left out. */
static size_t field_add(char *out, size_t used, const char *name, const char *value, size_t nchars)
{
	int n = snprintf(out + used, BASE_LOG_ENTRY_MAX - used, "%s=%.*s\n", name, (int)nchars,
			 value);

	return n > 0 && (size_t)n < BASE_LOG_ENTRY_MAX - used ? used + (size_t)n : used;
}

size_t base_log_journal_entry(char out[static BASE_LOG_ENTRY_MAX], const char *line, size_t nchars)
{
	static const struct {
		const char *key, *field;
	} fields[] = {
		{"zone", "WEFT_ZONE"}, {"key", "WEFT_KEY"},	  {"client", "WEFT_CLIENT"},
		{"name", "WEFT_NAME"}, {"result", "WEFT_RESULT"}, {"reason", "WEFT_REASON"},
	};
	struct base_log_part subject, event, part;
	char value[VALUE_MAX], priority = '6';
	size_t used = 0;

	if (nchars >= 3 && line[0] == '<' && line[2] == '>') {
		priority = line[1];
		line += 3;
		nchars -= 3;
	}
	used = field_add(out, used, "MESSAGE", line, nchars);
	used = field_add(out, used, "PRIORITY", &priority, 1);
	used = field_add(out, used, "SYSLOG_FACILITY", "3", 1);
	used = field_add(out, used, "SYSLOG_IDENTIFIER", "weftd", 5);
	base_log_line_head(line, nchars, &subject, &event);
	used = field_add(out, used, "WEFT_SUBJECT", subject.text, subject.nchars);
	used = field_add(out, used, "WEFT_EVENT", event.text, event.nchars);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (base_log_line_find(line, nchars, fields[i].key, &part))
			used = field_add(out, used, fields[i].field, value,
					 base_log_line_unquote(value, sizeof(value), &part));
	return used;
}
