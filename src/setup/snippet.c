/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "setup/snippet.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "dns/name.h"

/* The first line of each file, after the character that begins a comment. */
static const char mark[] = " Made by weft setup-resolver, which replaces this file.\n";

enum { DNS_PORT = 53, V4_BITS = 96 }; /* V4_BITS: bits of a prefix before those of IPv4 */

static const char *const names[] = {
	[SETUP_RESOLVED] = "systemd-resolved",
	[SETUP_UNBOUND] = "unbound",
	[SETUP_DNSMASQ] = "dnsmasq",
	[SETUP_NETWORKMANAGER] = "networkmanager",
};

const char *setup_resolver_name(enum setup_resolver resolver)
{
	return names[resolver];
}

enum setup_resolver setup_resolver_from_name(const char *name)
{
	enum setup_resolver r = SETUP_RESOLVED;

	while (r < SETUP_RESOLVERS && strcasecmp(names[r], name) != 0)
		r++;
	return r;
}

bool setup_snippet_is_ours(const char *text)
{
	return text[0] != '\0' && strncmp(text + 1, mark, strlen(mark)) == 0;
}

/* ---- the wish ---- */

static int fail(char why[static SETUP_WHY_MAX], const char *what, const char *text)
{
	snprintf(why, SETUP_WHY_MAX, "%s \"%.64s\"", what, text);
	return -EINVAL;
}

int setup_wish_add_zone(struct setup_wish *w, const char *name, char why[static SETUP_WHY_MAX])
{
	uint8_t wire[DNS_NAME_MAX];
	char text[DNS_NAME_TEXT_MAX];
	size_t n;

	if (w->nzones == SETUP_ZONES_MAX)
		return fail(why, "too many zones: no room for", name);
	if (dns_name_from_text(wire, name, strlen(name), NULL) == 0)
		return fail(why, "invalid name", name);
	dns_name_lower(wire, wire);
	n = dns_name_to_text(text, wire);
	if (wire[0] == 0)
		return fail(why, "a resolver asks others than the registries for the root, not",
			    name);
	text[--n] = '\0';
	for (const char *c = text; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr("-_.", *c) == NULL)
			return fail(why,
				    "a configuration file takes letters, digits, - and _ only, not",
				    name);
	memcpy(w->zones[w->nzones++], text, n + 1); /* without escapes it fits */
	return 0;
}

int setup_wish_add_reverse(struct setup_wish *w, const char *prefix, char why[static SETUP_WHY_MAX])
{
	struct base_prefix p;
	char name[SETUP_ZONE_SIZE];
	size_t n = 0;
	bool is_v4 = strchr(prefix, ':') == NULL;
	unsigned step = is_v4 ? 8 : 4, from = is_v4 ? V4_BITS : 0;

	if (base_prefix_from_text(&p, prefix) != 0)
		return fail(why, "invalid prefix", prefix);
	if ((p.bits - from) % step != 0 || p.bits == from)
		return fail(why,
			    is_v4 ? "a reverse zone has 8, 16, 24 or 32 bits, not"
				  : "a reverse zone has a multiple of 4 bits, not",
			    prefix);
	for (unsigned bit = p.bits; bit > from; bit -= step) {
		unsigned octet = p.address[(bit - 1) / 8];

		if (is_v4)
			n += (size_t)snprintf(name + n, sizeof(name) - n, "%u.", octet);
		else
			n += (size_t)snprintf(name + n, sizeof(name) - n, "%x.",
					      bit % 8 == 0 ? octet & 15 : octet >> 4);
	}
	snprintf(name + n, sizeof(name) - n, is_v4 ? "in-addr.arpa" : "ip6.arpa");
	return setup_wish_add_zone(w, name, why);
}

/* Returns whether a file can have this in a comment: a host's name, and no line's end. */
static bool is_plain(const char *host)
{
	for (const char *c = host; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr("-_.", *c) == NULL)
			return false;
	return strlen(host) < SETUP_ZONE_SIZE;
}

int setup_wish_add_registry(struct setup_wish *w, const struct sockaddr_storage *address,
			    const char *host, char why[static SETUP_WHY_MAX])
{
	if (w->nregistries == SETUP_REGISTRIES_MAX)
		return fail(why, "too many registries: no room for", host);
	w->registries[w->nregistries] = *address;
	strcpy(w->hosts[w->nregistries], is_plain(host) ? host : "");
	w->nregistries++;
	return 0;
}

/* ---- addresses, as each resolver writes them ---- */

struct parts {
	char address[INET6_ADDRSTRLEN], scope[IF_NAMESIZE + 1]; /* scope: `%eth0`, or "" */
	unsigned port;
	bool is_v6, is_loopback;
};

static struct parts parts_of(const struct sockaddr_storage *ss)
{
	struct parts p = {.is_v6 = ss->ss_family == AF_INET6};

	if (p.is_v6) {
		const struct sockaddr_in6 *in6 = (const void *)ss;

		inet_ntop(AF_INET6, &in6->sin6_addr, p.address, sizeof(p.address));
		p.port = ntohs(in6->sin6_port);
		p.is_loopback = IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
		if (in6->sin6_scope_id != 0 && if_indextoname(in6->sin6_scope_id, p.scope + 1))
			p.scope[0] = '%';
	} else {
		const struct sockaddr_in *in = (const void *)ss;

		inet_ntop(AF_INET, &in->sin_addr, p.address, sizeof(p.address));
		p.port = ntohs(in->sin_port);
		p.is_loopback = ntohl(in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	}
	return p;
}

/* ---- the texts ---- */

/* systemd-resolved (resolved.conf(5)): a port is known since its version 246. */
static void resolved_write(FILE *out, const struct setup_wish *w)
{
	fputs("[Resolve]\nDNS=", out);
	for (size_t i = 0; i < w->nregistries; i++) {
		struct parts p = parts_of(&w->registries[i]);
		const char *blank = i > 0 ? " " : "";

		if (p.port == DNS_PORT)
			fprintf(out, "%s%s%s", blank, p.address, p.scope);
		else
			fprintf(out, p.is_v6 ? "%s[%s]:%u%s" : "%s%s:%u%s", blank, p.address,
				p.port, p.scope);
	}
	fputs("\nDomains=", out);
	for (size_t i = 0; i < w->nzones; i++)
		fprintf(out, "%s~%s", i > 0 ? " " : "", w->zones[i]);
	fputc('\n', out);
}

/* Negative trust anchors (dnssec-trust-anchors.d(5)): the domain is below a signed one that proves
 * that it does not exist. */
static void anchors_write(FILE *out, const struct setup_wish *w)
{
	fputs("; No DNSSEC: these zones are private, and not delegated by their parents.\n", out);
	for (size_t i = 0; i < w->nzones; i++)
		fprintf(out, "%s\n", w->zones[i]);
}

static void unbound_write(FILE *out, const struct setup_wish *w)
{
	bool has_loopback = false;

	for (size_t i = 0; i < w->nregistries; i++)
		has_loopback = has_loopback || parts_of(&w->registries[i]).is_loopback;
	fputs("server:\n", out);
	if (has_loopback)
		fputs("    do-not-query-localhost: no\n", out);
	for (size_t i = 0; i < w->nzones; i++)
		fprintf(out,
			"    # private: its parent's DNSSEC proves that it does not exist\n"
			"    domain-insecure: \"%s.\"\n"
			"    # may have private addresses\n"
			"    private-domain: \"%s.\"\n"
			"    # not one of the zones that unbound answers as empty\n"
			"    local-zone: \"%s.\" transparent\n",
			w->zones[i], w->zones[i], w->zones[i]);
	for (size_t i = 0; i < w->nzones; i++) {
		fprintf(out, "stub-zone:\n    name: \"%s.\"\n", w->zones[i]);
		for (size_t k = 0; k < w->nregistries; k++) {
			struct parts p = parts_of(&w->registries[k]);

			fprintf(out, "    stub-addr: %s%s@%u\n", p.address, p.scope, p.port);
		}
	}
}

/* dnsmasq validates no answer of a server that is for a domain alone, unless it has a trust anchor
 * for that domain: it needs no negative one. */
static void dnsmasq_write(FILE *out, const struct setup_wish *w)
{
	for (size_t i = 0; i < w->nzones; i++) {
		for (size_t k = 0; k < w->nregistries; k++) {
			struct parts p = parts_of(&w->registries[k]);

			fprintf(out, "server=/%s/%s%s#%u\n", w->zones[i], p.address, p.scope,
				p.port);
		}
		/* may have private addresses */
		fprintf(out, "rebind-domain-ok=/%s/\n", w->zones[i]);
	}
}

static void plugin_write(FILE *out, const struct setup_wish *w)
{
	(void)w;
	fputs("[main]\ndns=dnsmasq\n", out);
}

/* The files of each resolver. */
static const struct {
	enum setup_resolver resolver;
	const char *folder, *end; /* the name is `weft-`, the domain and this */
	void (*write)(FILE *out, const struct setup_wish *w);
	char comment; /* the mark begins with it */
} files[] = {
	{SETUP_RESOLVED, "/etc/systemd/resolved.conf.d/", ".conf", resolved_write, '#'},
	{SETUP_RESOLVED, "/etc/dnssec-trust-anchors.d/", ".negative", anchors_write, ';'},
	{SETUP_UNBOUND, "/etc/unbound/unbound.conf.d/", ".conf", unbound_write, '#'},
	{SETUP_DNSMASQ, "/etc/dnsmasq.d/", ".conf", dnsmasq_write, '#'},
	{SETUP_NETWORKMANAGER, "/etc/NetworkManager/dnsmasq.d/", ".conf", dnsmasq_write, '#'},
	{SETUP_NETWORKMANAGER, "/etc/NetworkManager/conf.d/", "-dns.conf", plugin_write, '#'},
};

/* A resolver that reads its files only at its start is restarted. */
static const char *const reloads[SETUP_RESOLVERS][SETUP_COMMANDS_MAX] = {
	[SETUP_RESOLVED] = {"systemctl restart systemd-resolved"},
	[SETUP_UNBOUND] = {"systemctl reload-or-restart unbound"},
	[SETUP_DNSMASQ] = {"systemctl restart dnsmasq"},
	[SETUP_NETWORKMANAGER] = {"nmcli general reload conf", "nmcli general reload dns-full"},
};

/* Writes which host each address is of: the resolver gets addresses, which may change. */
static void hosts_write(FILE *out, char comment, const struct setup_wish *w)
{
	for (size_t i = 0; i < w->nregistries; i++) {
		struct parts p = parts_of(&w->registries[i]);

		if (w->hosts[i][0] != '\0')
			fprintf(out, "%c %s%s is %s, as this was made.\n", comment, p.address,
				p.scope, w->hosts[i]);
	}
}

/* Writes the text of a file. Returns it, to be freed, or NULL. */
static char *text_make(size_t row, const struct setup_wish *wish)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL)
		return NULL;
	fprintf(out, "%c%s", files[row].comment, mark);
	hosts_write(out, files[row].comment, wish);
	files[row].write(out, wish);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

int setup_snippet_init(struct setup_snippet *s, enum setup_resolver resolver,
		       const struct setup_wish *wish)
{
	*s = (struct setup_snippet){0};
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct setup_file *f = &s->files[s->nfiles];

		if (files[i].resolver != resolver)
			continue;
		snprintf(f->path, sizeof(f->path), "%sweft-%s%s", files[i].folder, wish->zones[0],
			 files[i].end);
		f->text = text_make(i, wish);
		if (f->text == NULL) {
			setup_snippet_fini(s);
			return -ENOMEM;
		}
		s->nfiles++;
	}
	while (s->nreload < SETUP_COMMANDS_MAX && reloads[resolver][s->nreload] != NULL) {
		s->reload[s->nreload] = reloads[resolver][s->nreload];
		s->nreload++;
	}
	return 0;
}

void setup_snippet_fini(struct setup_snippet *s)
{
	for (size_t i = 0; i < s->nfiles; i++)
		free(s->files[i].text);
	*s = (struct setup_snippet){0};
}
