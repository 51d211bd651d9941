/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "resolve/conf.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"

enum { LINE_MAX_CHARS = 1024 };

static const char blanks[] = " \t\r\n";

static bool server_add(struct resolve_conf *r, const char *word, size_t nchars)
{
	char text[BASE_ADDRESS_TEXT_MAX + 16];

	if (r->nservers == RESOLVE_CONF_SERVERS_MAX || nchars >= sizeof(text))
		return false;
	memcpy(text, word, nchars);
	text[nchars] = '\0';
	if (base_address_from_text(&r->servers[r->nservers], text, RESOLVE_CONF_PORT) < 0)
		return false;
	r->nservers++;
	return true;
}

/* Reads the domains of a line, which replace those of earlier lines. */
static void searches_read(struct resolve_conf *r, const char *value)
{
	r->nsearches = 0;
	r->search[0] = 0;
	for (; *value != '\0' && r->nsearches < RESOLVE_CONF_SEARCH_MAX;
	     value += strspn(value, blanks)) {
		size_t nchars = strcspn(value, blanks);

		if (dns_name_from_text(r->searches[r->nsearches], value, nchars, NULL) != 0)
			r->nsearches++;
		value += nchars;
	}
	if (r->nsearches > 0)
		memcpy(r->search, r->searches[0], dns_name_nbytes(r->searches[0]));
}

static void line_read(struct resolve_conf *r, const char *line)
{
	size_t nkey = strcspn(line, blanks);
	const char *value = line + nkey + strspn(line + nkey, blanks);
	size_t nvalue = strcspn(value, blanks);

	if (nkey == strlen("nameserver") && memcmp(line, "nameserver", nkey) == 0)
		server_add(r, value, nvalue);
	else if (nkey == strlen("search") &&
		 (memcmp(line, "search", nkey) == 0 || memcmp(line, "domain", nkey) == 0))
		searches_read(r, value);
}

int resolve_conf_read(struct resolve_conf *r, const char *path)
{
	char line[LINE_MAX_CHARS];
	FILE *f = fopen(path, "re");
	int ret = 0;

	*r = (struct resolve_conf){0};
	if (f == NULL && errno != ENOENT)
		return -errno;
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		line_read(r, line);
	if (f != NULL && ferror(f))
		ret = -EIO;
	if (f != NULL)
		fclose(f);
	if (r->nservers == 0)
		server_add(r, "127.0.0.1", strlen("127.0.0.1"));
	return ret;
}
