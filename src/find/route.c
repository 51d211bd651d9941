/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "find/route.h"

#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/hash.h"

enum { SALT = 0x726f, ADDRESSES_MAX = 64, BITS_MAX = 64 };

/* What RFC 6724 knows of an address: IPv4 in its IPv4-mapped form. */
struct address {
	uint8_t bytes[16];
};

/* An address with what its order depends on. */
struct ranked {
	struct sockaddr_storage address;
	bool has_source, has_scope, has_label;
	unsigned precedence, scope, common_bits;
};

/* ---- RFC 6724 ---- */

static struct address address_of(const struct sockaddr *sa)
{
	struct address a = {.bytes = {[10] = 0xff, [11] = 0xff}};

	if (sa->sa_family == AF_INET6)
		memcpy(a.bytes, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
	else
		memcpy(a.bytes + 12, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
	return a;
}

static unsigned common_bits(const struct address *a, const struct address *b)
{
	for (unsigned i = 0; i < 16; i++)
		if (a->bytes[i] != b->bytes[i])
			return i * 8 +
			       (unsigned)__builtin_clz((unsigned)(a->bytes[i] ^ b->bytes[i])) - 24;
	return 128;
}

/* The table of section 2.1, longest prefix first. */
static const struct policy {
	struct address prefix;
	uint8_t bits, precedence, label;
} policies[] = {
	{{{[15] = 1}}, 128, 50, 0},  {{{[10] = 0xff, [11] = 0xff}}, 96, 35, 4},
	{{{0}}, 96, 1, 3},	     {{{0x20, 0x01}}, 32, 5, 5},
	{{{0x20, 0x02}}, 16, 30, 2}, {{{0x3f, 0xfe}}, 16, 1, 12},
	{{{0xfe, 0xc0}}, 10, 1, 11}, {{{0xfc}}, 7, 3, 13},
	{{{0}}, 0, 40, 1},
};

static const struct policy *policy_of(const struct address *a)
{
	const struct policy *p = policies;

	while (common_bits(a, &p->prefix) < p->bits)
		p++;
	return p;
}

/* Returns the scope of a unicast address (sections 3.1 and 3.2). */
static unsigned scope_of(const struct address *a)
{
	enum { LINK = 2, SITE = 5, GLOBAL = 14 };
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t loopback[16] = {[15] = 1};

	if (memcmp(a->bytes, mapped, sizeof(mapped)) == 0)
		return a->bytes[12] == 127 || (a->bytes[12] == 169 && a->bytes[13] == 254) ? LINK
											   : GLOBAL;
	if (memcmp(a->bytes, loopback, sizeof(loopback)) == 0 ||
	    (a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80))
		return LINK;
	return a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0xc0 ? SITE : GLOBAL;
}

/* Returns whether `a` is to be tried before `b` (section 6; rules 1, 2, 5, 6, 8 and 9). */
static bool is_before(const struct ranked *a, const struct ranked *b)
{
	if (a->has_source != b->has_source)
		return a->has_source;
	if (a->has_scope != b->has_scope)
		return a->has_scope;
	if (a->has_label != b->has_label)
		return a->has_label;
	if (a->precedence != b->precedence)
		return a->precedence > b->precedence;
	if (a->scope != b->scope)
		return a->scope < b->scope;
	/* Of IPv4 the common prefix would undo what the server has shuffled. */
	return a->address.ss_family == AF_INET6 && b->address.ss_family == AF_INET6 &&
	       a->common_bits > b->common_bits;
}

/* ---- routes ---- */

bool find_route_system(void *arg, const struct sockaddr *to, struct sockaddr_storage *source)
{
	socklen_t nbytes = sizeof(*source);
	int fd = socket(to->sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool has_route;

	(void)arg;
	if (fd < 0)
		return false;
	has_route = connect(fd, to, base_address_nbytes(to)) == 0 &&
		    getsockname(fd, (struct sockaddr *)source, &nbytes) == 0;
	close(fd);
	return has_route;
}

/* Returns the route to the network of an address; it may be that of an address before. */
static const struct find_route *route_get(struct find_routes *all, const struct sockaddr *to,
					  uint64_t now_ms)
{
	struct address a = address_of(to);
	struct find_route *r, wanted = {.family = to->sa_family};

	if (to->sa_family == AF_INET6) {
		memcpy(wanted.network, a.bytes, 8);
		wanted.scope = ((const struct sockaddr_in6 *)(const void *)to)->sin6_scope_id;
	} else {
		memcpy(wanted.network, a.bytes + 12, 3);
	}
	r = &all->networks[base_hash(wanted.network, sizeof(wanted.network),
				     SALT + wanted.family + wanted.scope) %
			   FIND_ROUTE_NETWORKS];
	if (r->family == wanted.family && r->scope == wanted.scope && r->until_ms > now_ms &&
	    memcmp(r->network, wanted.network, sizeof(r->network)) == 0)
		return r;
	*r = wanted;
	r->until_ms = now_ms + FIND_ROUTE_MS;
	r->has_source = all->find(all->arg, to, &r->source);
	return r;
}

static struct ranked ranked_of(struct find_routes *all, const struct sockaddr_storage *address,
			       uint64_t now_ms)
{
	const struct find_route *route = route_get(all, (const struct sockaddr *)address, now_ms);
	struct address to = address_of((const struct sockaddr *)address), from;
	struct ranked r = {
		.address = *address,
		.has_source = route->has_source,
		.precedence = policy_of(&to)->precedence,
		.scope = scope_of(&to),
	};

	if (!route->has_source)
		return r;
	from = address_of((const struct sockaddr *)&route->source);
	r.has_scope = scope_of(&from) == r.scope;
	r.has_label = policy_of(&from)->label == policy_of(&to)->label;
	r.common_bits = common_bits(&from, &to);
	/* What is below the prefix of the source is not known to be nearer. */
	if (r.common_bits > BITS_MAX)
		r.common_bits = BITS_MAX;
	return r;
}

/* ---- the order ---- */

/* Returns the index of the next of `n`, not used yet, of a family (0: of any); `n` if none is. */
static size_t next_of(const struct ranked *all, const bool *is_used, size_t n, sa_family_t family)
{
	size_t i = 0;

	while (i < n && (is_used[i] || (family != 0 && all[i].address.ss_family != family)))
		i++;
	return i;
}

/* Writes the first `n`, by turns of both families. */
static void interleave(struct sockaddr_storage *out, const struct ranked *all, size_t n)
{
	bool is_used[ADDRESSES_MAX] = {false};
	sa_family_t family = 0;

	for (size_t k = 0; k < n; k++) {
		size_t at = next_of(all, is_used, n, family);

		if (at == n)
			at = next_of(all, is_used, n, 0);
		is_used[at] = true;
		out[k] = all[at].address;
		family = all[at].address.ss_family == AF_INET ? AF_INET6 : AF_INET;
	}
}

void find_route_order(struct find_routes *r, struct sockaddr_storage *addresses, size_t n,
		      uint64_t now_ms)
{
	struct ranked ranked[ADDRESSES_MAX];
	size_t nreachable = 0;

	if (n > ADDRESSES_MAX)
		n = ADDRESSES_MAX;
	if (n < 2)
		return;
	for (size_t i = 0; i < n; i++) {
		struct ranked new = ranked_of(r, &addresses[i], now_ms);
		size_t at = i;

		for (; at > 0 && is_before(&new, &ranked[at - 1]); at--)
			ranked[at] = ranked[at - 1];
		ranked[at] = new;
		nreachable += new.has_source;
	}
	interleave(addresses, ranked, nreachable);
	interleave(addresses + nreachable, ranked + nreachable, n - nreachable);
}
