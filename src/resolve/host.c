/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "resolve/host.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"

enum { TYPES = 2 };

static const uint16_t types[TYPES] = {DNS_TYPE_AAAA, DNS_TYPE_A};

struct family {
	struct resolve_host *host;
	struct resolve_lookup *lookup; /* NULL: answered */
	struct sockaddr_storage addresses[RESOLVE_HOST_ADDRESSES_MAX];
	size_t n;
};

struct resolve_host {
	resolve_host_fn done;
	void *arg;
	uint16_t port;
	int error;
	uint32_t ttl_s;
	struct family families[TYPES];
};

void resolve_host_address(struct sockaddr_storage *out, uint16_t type, const uint8_t *rdata,
			  uint16_t port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	*out = (struct sockaddr_storage){0};
	if (type == DNS_TYPE_A) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		memcpy(&v4->sin_addr, rdata, sizeof(v4->sin_addr));
	} else {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		memcpy(&v6->sin6_addr, rdata, sizeof(v6->sin6_addr));
	}
}

/* Takes the addresses in an answer; also those of the name's aliases. */
static int addresses_take(struct resolve_host *h, struct family *f, struct resolve_answer *answer)
{
	struct resolve_answer_record *r = malloc(sizeof(*r));
	uint16_t type = types[f - h->families];

	if (r == NULL)
		return -ENOMEM;
	while (f->n < RESOLVE_HOST_ADDRESSES_MAX && resolve_message_next(answer, r)) {
		if (r->section != RESOLVE_ANSWER || r->type != type)
			continue;
		if (r->ttl < h->ttl_s)
			h->ttl_s = r->ttl;
		resolve_host_address(&f->addresses[f->n++], type, r->rdata, h->port);
	}
	free(r);
	return 0;
}

static void report(struct resolve_host *h, uint64_t now_ms)
{
	struct sockaddr_storage all[TYPES * RESOLVE_HOST_ADDRESSES_MAX];
	struct resolve_hosted found = {.addresses = all, .ttl_s = h->ttl_s};

	for (size_t t = 0; t < TYPES; t++) {
		memcpy(all + found.naddresses, h->families[t].addresses,
		       h->families[t].n * sizeof(*all));
		found.naddresses += h->families[t].n;
	}
	if (found.naddresses == 0) {
		found.error = h->error;
		found.ttl_s = RESOLVE_TTL_NEGATIVE_S;
	}
	h->done(h->arg, &found, now_ms);
}

static void answered(void *arg, struct resolve_answer *answer, int error, uint64_t now_ms)
{
	struct family *f = arg;
	struct resolve_host *h = f->host;

	if (error == 0 && answer->rcode != DNS_RCODE_NOERROR && answer->rcode != DNS_RCODE_NXDOMAIN)
		error = -EHOSTUNREACH; /* every resolver has refused */
	if (error == 0)
		error = addresses_take(h, f, answer);
	if (error < 0)
		h->error = error;
	resolve_lookup_free(f->lookup);
	f->lookup = NULL;
	if (h->families[0].lookup == NULL && h->families[1].lookup == NULL)
		report(h, now_ms);
}

int resolve_host_new(struct resolve_host **out, struct resolve_events *events,
		     const struct resolve_lookup_servers *servers, const uint8_t *name,
		     uint16_t port, resolve_host_fn done, void *arg)
{
	struct resolve_host *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return -ENOMEM;
	h->done = done;
	h->arg = arg;
	h->port = port;
	h->ttl_s = RESOLVE_TTL_MAX_S;
	for (size_t t = 0; t < TYPES; t++) {
		struct family *f = &h->families[t];

		f->host = h;
		if (resolve_lookup_new(&f->lookup, events, servers, name, types[t], false, answered,
				       f) < 0) {
			resolve_host_free(h);
			return -ENOMEM;
		}
	}
	*out = h;
	return 0;
}

void resolve_host_free(struct resolve_host *h)
{
	if (h == NULL)
		return;
	for (size_t t = 0; t < TYPES; t++)
		resolve_lookup_free(h->families[t].lookup);
	free(h);
}
