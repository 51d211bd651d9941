/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "bridge/announce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "dns/type.h"
#include "lan/daemon.h"
#include "lan/group.h"
#include "lan/name.h"
#include "mdns/rules.h"
#include "zone/zone.h"

/* TTLs of RFC 6762 section 10. */
enum { TTL_HOST_S = 120, TTL_OTHER_S = 4500 };

enum {
	NUMBER_MAX = 100, /* names that are tried */
	TXT_MAX = 1024,
	LABEL_MAX = 63,
};

/* A service, or the browsing domains. */
struct announcement {
	struct bridge_announce *announce;
	struct lan_group *group;
	const char *type; /* NULL: the browsing domains */
	uint16_t port;
	enum lan_transport transport;
	unsigned number; /* of the name that is tried */
};

struct bridge_announce {
	struct lan_daemon *daemon;
	const struct mdns_rule *rule;
	char zone[DNS_NAME_TEXT_MAX];
	uint8_t host[DNS_NAME_MAX]; /* this machine; valid if has_host */
	bool has_host;
	uint8_t txt[TXT_MAX];
	uint16_t ntxt;
	struct announcement weft, push, domains;
};

/* Parses a name under `local.` that is known to be valid. */
static void name_set(uint8_t out[static DNS_NAME_MAX], const char *text)
{
	dns_name_from_text(out, text, strlen(text), NULL);
}

/* ---- the parts of a service ---- */

static void txt_add(struct bridge_announce *a, const char *key, const char *value)
{
	size_t n = strlen(key) + 1 + (value == NULL ? 0 : strlen(value));

	if (value == NULL || n > UINT8_MAX || a->ntxt + 1 + n >= TXT_MAX)
		return;
	a->txt[a->ntxt] = (uint8_t)n;
	snprintf((char *)a->txt + a->ntxt + 1, TXT_MAX - a->ntxt - 1U, "%s=%s", key, value);
	a->ntxt = (uint16_t)(a->ntxt + 1 + n);
}

static void txt_make(struct bridge_announce *a)
{
	txt_add(a, "txtvers", "1");
	txt_add(a, "zone", a->zone);
	txt_add(a, "fabric", a->rule->fabric);
	txt_add(a, "fp", a->rule->fingerprint);
}

/* Cuts a text to the length of a label, between two characters. */
static size_t label_cut(const char *text)
{
	size_t n = strlen(text);

	if (n <= LABEL_MAX)
		return n;
	n = LABEL_MAX;
	while (n > 0 && ((uint8_t)text[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* Makes the name of the service: two registries of one zone differ by their hosts. Returns false
 * if it is too long. */
static bool instance_make(uint8_t out[static DNS_NAME_MAX], const struct announcement *w,
			  const uint8_t *type)
{
	const struct bridge_announce *a = w->announce;
	char text[2 * DNS_NAME_TEXT_MAX];
	uint8_t label[1 + LABEL_MAX], name[DNS_NAME_MAX];
	size_t nzone = strlen(a->zone);

	/* Without its final dot; the root has nothing else. */
	snprintf(text, sizeof(text), "%.*s on %.*s", (int)(nzone > 1 ? nzone - 1 : nzone), a->zone,
		 (int)a->host[0], (const char *)a->host + 1);
	label[0] = (uint8_t)label_cut(text);
	memcpy(label + 1, text, label[0]);
	if (dns_name_join(name, label, 1U + label[0], type) == 0)
		return false;
	if (w->number > 1)
		return lan_name_alternative(out, name, w->number);
	memcpy(out, name, dns_name_nbytes(name));
	return true;
}

/* Writes the rdata of an SRV record. Returns its length. */
static uint16_t srv_write(uint8_t out[static 6 + DNS_NAME_MAX], uint16_t port, const uint8_t *host)
{
	struct base_out o = base_out_over(out, 6 + DNS_NAME_MAX);

	base_out_u32(&o, 0); /* priority and weight */
	base_out_u16(&o, port);
	base_out_bytes(&o, host, dns_name_nbytes(host));
	return (uint16_t)base_out_nbytes(&o);
}

/* ---- publishing ---- */

/* Publishes a service, if the machine's name is known. */
static int service_publish(struct announcement *w)
{
	const struct bridge_announce *a = w->announce;
	uint8_t type[DNS_NAME_MAX], types[DNS_NAME_MAX], name[DNS_NAME_MAX], srv[6 + DNS_NAME_MAX];
	uint16_t nsrv;

	name_set(type, w->type);
	name_set(types, "_services._dns-sd._udp.local.");
	if (!a->has_host || !instance_make(name, w, type))
		return 0;
	nsrv = srv_write(srv, w->port, a->host);
	const struct lan_record records[] = {
		{name, DNS_TYPE_SRV, TTL_HOST_S, srv, nsrv, true, w->transport},
		{name, DNS_TYPE_TXT, TTL_OTHER_S, a->txt, a->ntxt, true, w->transport},
		{type, DNS_TYPE_PTR, TTL_OTHER_S, name, (uint16_t)dns_name_nbytes(name), false,
		 w->transport},
		{types, DNS_TYPE_PTR, TTL_OTHER_S, type, (uint16_t)dns_name_nbytes(type), false,
		 w->transport},
	};

	return lan_group_publish(w->group, records, sizeof(records) / sizeof(*records));
}

static int domains_publish(struct announcement *w)
{
	const uint8_t *zone = zone_name(w->announce->rule->zone);
	uint16_t n = (uint16_t)dns_name_nbytes(zone);
	uint8_t b[DNS_NAME_MAX], lb[DNS_NAME_MAX];
	const struct lan_record records[] = {
		{b, DNS_TYPE_PTR, TTL_OTHER_S, zone, n, false, LAN_ANY},
		{lb, DNS_TYPE_PTR, TTL_OTHER_S, zone, n, false, LAN_ANY},
	};

	name_set(b, "b._dns-sd._udp.local.");
	name_set(lb, "lb._dns-sd._udp.local.");
	return lan_group_publish(w->group, records, sizeof(records) / sizeof(*records));
}

static void publish(struct announcement *w)
{
	if (w->group != NULL && (w->type == NULL ? domains_publish(w) : service_publish(w)) < 0)
		base_log(BASE_LOG_ERROR, "bridge", "out-of-memory what=\"%s is not announced\"",
			 w->announce->zone);
}

static void on_state(void *arg, struct lan_group *g, enum lan_group_state state)
{
	struct announcement *w = arg;
	char quoted[256];

	if (state == LAN_GROUP_COLLISION && w->number < NUMBER_MAX) {
		w->number++;
		publish(w);
		return;
	}
	if ((state == LAN_GROUP_REFUSED || state == LAN_GROUP_COLLISION) &&
	    base_log_may_few("announce", 10))
		base_log(BASE_LOG_WARNING, "bridge", "not-announced zone=%s type=%s why=%s",
			 w->announce->zone, w->type == NULL ? "domains" : w->type,
			 base_log_quote(quoted, sizeof(quoted),
					state == LAN_GROUP_REFUSED ? lan_group_why(g)
								   : "its names are taken"));
}

/* ---- the announcement as a whole ---- */

static int begin(struct bridge_announce *a, const struct lan_interfaces *where,
		 struct announcement *w, const char *type, const struct mdns_listening *at)
{
	*w = (struct announcement){.announce = a,
				   .type = type,
				   .port = at->port,
				   .transport = at->transport,
				   .number = 1};
	w->group = lan_group_new(a->daemon, where, on_state, w);
	return w->group == NULL ? -1 : 0;
}

struct bridge_announce *bridge_announce_new(struct lan_daemon *daemon,
					    const struct lan_interfaces *where,
					    const struct mdns_rule *rule)
{
	struct bridge_announce *a = calloc(1, sizeof(*a));
	int ret;

	if (a == NULL)
		return NULL;
	a->daemon = daemon;
	a->rule = rule;
	dns_name_to_text(a->zone, zone_name(rule->zone));
	txt_make(a);
	ret = begin(a, where, &a->domains, NULL, &(struct mdns_listening){0});
	if (ret == 0 && rule->dns.port != 0)
		ret = begin(a, where, &a->weft, "_weft._tcp.local.", &rule->dns);
	if (ret == 0 && rule->tls.port != 0)
		ret = begin(a, where, &a->push, "_dns-push-tls._tcp.local.", &rule->tls);
	if (ret < 0) {
		bridge_announce_free(a);
		return NULL;
	}
	publish(&a->domains);
	if (lan_daemon_is_running(daemon))
		bridge_announce_refresh(a);
	return a;
}

void bridge_announce_refresh(struct bridge_announce *a)
{
	uint8_t host[DNS_NAME_MAX];

	if (a == NULL || !lan_daemon_host(a->daemon, host) ||
	    (a->has_host && dns_name_equal(a->host, host)))
		return;
	memcpy(a->host, host, dns_name_nbytes(host));
	a->has_host = true;
	a->weft.number = a->push.number = 1;
	publish(&a->weft);
	publish(&a->push);
}

void bridge_announce_free(struct bridge_announce *a)
{
	if (a == NULL)
		return;
	lan_group_free(a->weft.group);
	lan_group_free(a->push.group);
	lan_group_free(a->domains.group);
	free(a);
}
