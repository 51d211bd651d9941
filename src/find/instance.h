/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/instance.h - one instance of a service, with all that is known of it (RFC 6763).
 *
 * It never changes after find_instance_new, and has a count of references that any thread may
 * use. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "dns/name.h"
#include "dnssd/txt.h"

/* What an instance is made of. Borrowed during find_instance_new. */
struct find_parts {
	const uint8_t *name;   /* of the instance; that of the SRV record or the host, if alone */
	const uint8_t *target; /* NULL: it has no SRV record (the name of a type) */
	uint16_t priority, weight, port;
	const struct sockaddr_storage *addresses; /* with the port */
	size_t naddresses;
	const uint8_t *txt; /* rdata; NULL: none */
	size_t ntxt;
	uint32_t ttl_s; /* the least of its records */
	bool is_stale;
};

struct find_pair {
	const char *key, *value; /* with NUL; a key without a value has the value "" */
	size_t nvalue;		 /* SIZE_MAX: without a value */
};

struct find_instance {
	unsigned nreferences; /* any thread, atomic */
	uint8_t name[DNS_NAME_MAX], target[DNS_NAME_MAX];
	uint16_t priority, weight, port;
	uint32_t ttl_s;
	bool is_stale;
	enum dnssd_state state;
	uint64_t incarnation;		     /* of `inc=`; 0: none */
	const char *id;			     /* of `id=`; "": none */
	const char *name_text, *target_text; /* presentation format, with final dot */
	const char *label, *type, *domain;   /* the parts of the name, for people; or "" */
	const struct sockaddr_storage *addresses;
	size_t naddresses;
	const struct find_pair *pairs; /* of the TXT, the first of each key, in their order */
	size_t npairs;
	const uint8_t *txt; /* rdata, as it came */
	size_t ntxt;
	size_t nbytes; /* of memory that it takes */
};

/* What differs between two, a sum of these. */
enum {
	FIND_DIFFERS_SRV = 1,	    /* target, port, priority or weight */
	FIND_DIFFERS_ADDRESSES = 2, /* as a set */
	FIND_DIFFERS_TXT = 4,
};

/* Makes an instance. Returns NULL if memory is short. */
struct find_instance *find_instance_new(const struct find_parts *parts);

struct find_instance *find_instance_acquire(const struct find_instance *i);
void find_instance_release(const struct find_instance *i); /* NULL is fine */

/* Returns the pair with the key, in any case (RFC 6763 section 6.4), or NULL. */
const struct find_pair *find_instance_find(const struct find_instance *i, const char *key);

unsigned find_instance_compare(const struct find_instance *a, const struct find_instance *b);

/* Returns whether `now` is `before`, moved: the same id, but another target, port or
 * incarnation. */
bool find_instance_has_moved(const struct find_instance *before, const struct find_instance *now);
