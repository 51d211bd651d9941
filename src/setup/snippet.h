/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* setup/snippet.h - the lines by which a resolver asks registries for the names of a domain.
 *
 * Numbers and names in, texts out: it reads and writes no file, and does not know which resolver
 * this host has. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum setup_resolver {
	SETUP_RESOLVED,
	SETUP_UNBOUND,
	SETUP_DNSMASQ,
	SETUP_NETWORKMANAGER, /* whose own dnsmasq asks */
	SETUP_RESOLVERS,
};

enum {
	SETUP_ZONES_MAX = 17,	   /* the domain, and reverse zones */
	SETUP_ZONE_SIZE = 256,	   /* bytes of a zone's name as text, with NUL */
	SETUP_REGISTRIES_MAX = 16, /* addresses */
	SETUP_FILES_MAX = 2,	   /* of a snippet */
	SETUP_PATH_SIZE = 384,
	SETUP_COMMANDS_MAX = 2,
};

/* What is asked of the registries. */
struct setup_wish {
	char zones[SETUP_ZONES_MAX][SETUP_ZONE_SIZE]; /* the domain first; without final dot */
	size_t nzones;
	struct sockaddr_storage registries[SETUP_REGISTRIES_MAX]; /* with the port */
	char hosts[SETUP_REGISTRIES_MAX][SETUP_ZONE_SIZE]; /* of these, when it was made; or "" */
	size_t nregistries;
};

/* A file with its place. */
struct setup_file {
	char path[SETUP_PATH_SIZE];
	char *text;
};

struct setup_snippet {
	struct setup_file files[SETUP_FILES_MAX];
	size_t nfiles;
	/* What has the resolver read the files. */
	const char *reload[SETUP_COMMANDS_MAX];
	size_t nreload;
};

enum { SETUP_WHY_MAX = 160 };

/* Returns the name of a resolver, "unbound". */
const char *setup_resolver_name(enum setup_resolver resolver);

/* Returns the resolver of that name, or SETUP_RESOLVERS. */
enum setup_resolver setup_resolver_from_name(const char *name);

/* Adds a zone to the wish, a name as text: in lower case, and only of letters, digits, `-` and `_`,
 * which no configuration file takes for anything else. Returns 0, or -EINVAL with the reason in
 * `why`. */
int setup_wish_add_zone(struct setup_wish *w, const char *name, char why[static SETUP_WHY_MAX]);

/* Adds the reverse zone of a prefix, `192.0.2.0/24`, which must end where a label does. Returns 0,
 * or -EINVAL with the reason in `why`. */
int setup_wish_add_reverse(struct setup_wish *w, const char *prefix,
			   char why[static SETUP_WHY_MAX]);

/* Adds a registry by its address with the port, and the host that has it, "" if that is not known.
 * Returns what setup_wish_add_zone does. */
int setup_wish_add_registry(struct setup_wish *w, const struct sockaddr_storage *address,
			    const char *host, char why[static SETUP_WHY_MAX]);

/* Makes the snippet. Returns 0 with texts for setup_snippet_fini, or -ENOMEM with none. */
int setup_snippet_init(struct setup_snippet *s, enum setup_resolver resolver,
		       const struct setup_wish *wish);

void setup_snippet_fini(struct setup_snippet *s);

/* Returns whether a text is one that setup_snippet_init has made, as its first line shows. */
bool setup_snippet_is_ours(const char *text);
