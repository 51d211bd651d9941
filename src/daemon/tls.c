/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "daemon/tls.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "daemon/daemon.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "fabric/cert.h"
#include "fabric/ring.h"
#include "fabric/tls.h"
#include "server/rules.h"
#include "settings/settings.h"
#include "zone/look.h"
#include "zone/rrset.h"
#include "zone/snapshot.h"
#include "zone/zone.h"

enum {
	DAY_S = 86400,
	VALID_S = 30 * DAY_S,
	RENEW_S = DAY_S,
	SKEW_S = DAY_S, /* by which clients' clocks may be slow */
};

/* ---- addresses ---- */

/* The addresses of this machine, as far as there is room. They are found without a netlink socket,
 * which service managers forbid. */
static void add_machine_address(struct daemon *d, const void *a, size_t nbytes)
{
	if (d->naddresses < FABRIC_CERT_ADDRESSES_MAX)
		memcpy(&d->addresses[d->naddresses++], a, nbytes);
}

static void find_ipv4(struct daemon *d)
{
	struct ifreq all[FABRIC_CERT_ADDRESSES_MAX];
	struct ifconf list = {.ifc_len = sizeof(all), .ifc_req = all};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (ioctl(fd, SIOCGIFCONF, &list) == 0)
		for (size_t i = 0; i < (size_t)list.ifc_len / sizeof(*all); i++)
			if (all[i].ifr_addr.sa_family == AF_INET)
				add_machine_address(d, &all[i].ifr_addr,
						    sizeof(struct sockaddr_in));
	close(fd);
}

/* Each line of the file begins with the 32 hexadecimal digits of an address. */
static void find_ipv6(struct daemon *d)
{
	FILE *file = fopen("/proc/net/if_inet6", "re");
	struct sockaddr_in6 a = {.sin6_family = AF_INET6};
	char line[256];

	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL)
		if (base_secret_from_hex(a.sin6_addr.s6_addr, 16, line,
					 strspn(line, "0123456789abcdef")) == 0)
			add_machine_address(d, &a, sizeof(a));
	fclose(file);
}

int daemon_tls_start(struct daemon *d)
{
	d->tickets = fabric_tls_tickets_new();
	d->addresses = calloc(FABRIC_CERT_ADDRESSES_MAX, sizeof(*d->addresses));
	if (d->tickets == NULL || d->addresses == NULL)
		return -ENOMEM;
	find_ipv4(d);
	find_ipv6(d);
	return 0;
}

void daemon_tls_stop(struct daemon *d)
{
	fabric_tls_tickets_free(d->tickets);
	free(d->addresses);
}

static bool is_wildcard(const struct sockaddr_storage *a)
{
	if (a->ss_family == AF_INET)
		return ((const struct sockaddr_in *)a)->sin_addr.s_addr == INADDR_ANY;
	return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

/* The functions below choose what a certificate is for. Names that none can have are left out, and
 * so is what there is no room for: fabric/cert.h refuses it, and that is ignored. */

/* Adds the addresses that are listened on; for a wildcard those of its family that the machine had
 * at the start. */
static void add_addresses(struct fabric_cert_subject *c, const struct daemon *d,
			  const struct settings_addresses *listen)
{
	for (size_t i = 0; i < listen->count; i++) {
		const struct sockaddr_storage *a = &listen->items[i];

		if (!is_wildcard(a))
			fabric_cert_add_address(c, a);
		for (size_t j = 0; is_wildcard(a) && j < d->naddresses; j++)
			if (d->addresses[j].ss_family == a->ss_family)
				fabric_cert_add_address(c, &d->addresses[j]);
	}
}

static void add_loopback(struct fabric_cert_subject *c)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	struct sockaddr_storage a = {0};

	memcpy(&a, &v4, sizeof(v4));
	fabric_cert_add_address(c, &a);
	memset(&a, 0, sizeof(a));
	memcpy(&a, &v6, sizeof(v6));
	fabric_cert_add_address(c, &a);
}

/* ---- names ---- */

/* Adds the targets of an RRset. */
static void add_targets(struct fabric_cert_subject *c, const struct zone_snapshot *s,
			const uint8_t *owner, uint16_t type)
{
	struct zone_rrset rrset;
	struct zone_rdata rdata;
	struct zone_look look;
	const uint8_t *at;

	if (!zone_look_find(&look, s, owner) || !zone_look_rrset(&look, type, &rrset))
		return;
	at = rrset.data;
	while (zone_rrset_next(&rrset, &at, &rdata))
		fabric_cert_add_name(c, dns_rdata_target(type, rdata.bytes, rdata.nbytes));
}

/* Adds the names by which clients of a zone know its servers: the targets of NS, and of the SRV of
 * DNS Push (RFC 8765 section 6.1). */
static void add_zone(struct fabric_cert_subject *c, const struct hosting_zone *h)
{
	const struct zone_snapshot *s = zone_current(h->zone);
	const uint8_t *apex = zone_name(h->zone);
	uint8_t owner[DNS_NAME_MAX];

	if (s == NULL)
		return;
	add_targets(c, s, apex, DNS_TYPE_NS);
	if (dnssd_push_name(owner, apex) > 0)
		add_targets(c, s, owner, DNS_TYPE_SRV);
}

/* Adds the name of this machine if it is in the zone. */
static void add_host(struct fabric_cert_subject *c, const uint8_t *zone)
{
	char host[HOST_NAME_MAX + 1];
	uint8_t name[DNS_NAME_MAX];

	if (gethostname(host, sizeof(host)) == 0 &&
	    dns_name_from_text(name, host, strnlen(host, sizeof(host)), NULL) > 0 &&
	    dns_name_is_under(name, zone))
		fabric_cert_add_name(c, name);
}

/* Returns the fabric that a zone's names are in: the one above it, else the first. */
static const struct settings_fabric *fabric_of(const struct settings *config, const uint8_t *zone)
{
	for (const struct settings_fabric *f = config->fabrics; f != NULL; f = f->next)
		if (dns_name_is_under(zone, f->name))
			return f;
	return config->fabrics;
}

static void add_names(struct fabric_cert_subject *c, const struct daemon *d,
		      const struct settings *config, const struct settings_fabric *f)
{
	fabric_cert_add_name(c, f->name);
	for (const struct settings_zone *z = config->zones; z != NULL; z = z->next) {
		const struct hosting_zone *h = hosting_find(&d->zones, z->name);

		if (fabric_of(config, z->name) != f)
			continue;
		add_host(c, z->name);
		if (h != NULL)
			add_zone(c, h);
	}
}

/* ---- certificates ---- */

static int issue(struct fabric_cert **out, const struct daemon *d, const struct settings *config,
		 const struct settings_fabric *f, struct base_error *error)
{
	struct fabric_cert_subject *c = calloc(1, sizeof(*c));
	uint64_t now_s = base_clock_wall_s();
	struct fabric_cert_order order;
	int ret;

	if (c == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	add_names(c, d, config, f);
	add_addresses(c, d, &config->server.listen_tls);
	add_loopback(c);
	order = (struct fabric_cert_order){
		.use = FABRIC_CERT_SERVER,
		.subject = c,
		.from_s = now_s - SKEW_S,
		.until_s = now_s + VALID_S,
	};
	ret = fabric_cert_issue(out, f->fabric, &order, error);
	free(c);
	return ret;
}

/* Fills `certs`, which has room for one of each fabric; the caller frees those that are not the
 * configuration's. Returns how many, or a negative errno with some filled in. */
static int certs_get(struct fabric_cert **certs, const struct daemon *d,
		     const struct settings *config, struct base_error *error)
{
	int n = 0, ret = 0;

	if (config->server.tls.cert != NULL) {
		certs[0] = config->server.tls.cert;
		return 1;
	}
	for (const struct settings_fabric *f = config->fabrics; f != NULL && ret == 0; f = f->next)
		ret = issue(&certs[n++], d, config, f, error);
	return ret < 0 ? ret : n;
}

int daemon_tls_new(struct fabric_tls_context **out, struct daemon *d, const struct settings *config,
		   const struct fabric_ring *ring, base_report_fn report, void *arg)
{
	const struct settings_tls *tls = &config->server.tls;
	struct fabric_cert **certs = calloc(config->nfabrics + 1, sizeof(*certs));
	struct fabric_tls_server settings = {
		.certs = certs,
		.has_tls12 = tls->has_tls12,
		.clients = (enum fabric_tls_clients)tls->clients,
		.client_ca = tls->authorities,
		.ring = ring,
		.tickets = d->tickets,
	};
	struct base_error error = {0};
	int ret = 0;

	*out = NULL;
	if (config->server.listen_tls.count > 0) {
		ret = certs == NULL ? base_error_set(&error, -ENOMEM, "out of memory")
				    : certs_get(certs, d, config, &error);
		settings.ncerts = ret > 0 ? (size_t)ret : 0;
		if (ret > 0)
			ret = fabric_tls_server_new(out, &settings, &error);
	}
	for (size_t i = 0; certs != NULL && i < config->nfabrics; i++)
		if (certs[i] != tls->cert)
			fabric_cert_free(certs[i]);
	free(certs);
	if (ret < 0) {
		error.at = config->server.at.listen_tls;
		report(arg, BASE_LOG_ERROR, &error);
		return -1;
	}
	return 0;
}

/* ---- renewal ---- */

uint64_t daemon_tls_until(const struct daemon *d)
{
	if (d->rules->tls == NULL)
		return 0;
	return d->config->server.tls.cert != NULL ? fabric_cert_until(d->config->server.tls.cert)
						  : d->rules->made_s + VALID_S;
}

/* Logs at the beginning of each of the last days. */
static void log_end(uint64_t until_s)
{
	uint64_t now_s = base_clock_wall_s();
	uint64_t left_s = until_s > now_s ? until_s - now_s : 0;

	if (left_s < FABRIC_CERT_SOON_S &&
	    (left_s == 0 || left_s / DAY_S != (left_s + FABRIC_TLS_TICKET_S) / DAY_S))
		base_log(BASE_LOG_WARNING, "server", "certificate-ends seconds=%llu",
			 (unsigned long long)left_s);
}

bool daemon_tls_rotate(struct daemon *d)
{
	fabric_tls_tickets_rotate(d->tickets);
	if (d->rules->tls != NULL && d->config->server.tls.cert != NULL)
		log_end(fabric_cert_until(d->config->server.tls.cert));
	return d->rules->tls != NULL && d->config->server.tls.cert == NULL &&
	       base_clock_wall_s() - d->rules->made_s >= RENEW_S;
}
