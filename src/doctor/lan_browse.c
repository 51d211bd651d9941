/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/lan_browse.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <avahi-client/client.h>
#include <avahi-client/lookup.h>
#include <avahi-common/error.h>
#include <avahi-common/malloc.h>
#include <avahi-common/simple-watch.h>

#include "base/address.h"
#include "dns/type.h"
#include "dnssd/kind.h"

/* How it goes:
 *
 * 1. Of a type, all instances are browsed for; of an instance likewise, and others are ignored: one
 *    that is not there would be resolved for 5 seconds. Of a host the A and AAAA records are.
 * 2. Each instance is resolved, once for each interface and protocol.
 * 3. It ends when Avahi has nothing more for now, and all are resolved. */

const bool doctor_lan_browse_can = true;

struct browsing {
	AvahiSimplePoll *poll;
	AvahiClient *client;
	const struct doctor_subject *subject;
	void (*take)(void *arg, const struct doctor_lan_item *item);
	void *arg;
	unsigned nbrowsing, nresolving; /* not at their end */
	unsigned nbegun, ntaken;
	bool is_failed;
};

static bool is_instance(const struct doctor_subject *s)
{
	return s->types[1] == DNS_TYPE_TXT;
}

/* Ends if there is nothing to wait for any more. */
static void end_check(struct browsing *b)
{
	if (b->is_failed || (b->nbrowsing == 0 && b->nresolving == 0))
		avahi_simple_poll_quit(b->poll);
}

static void item_take(struct browsing *b, const struct doctor_lan_item *item)
{
	if (b->ntaken++ < DOCTOR_LAN_MAX)
		b->take(b->arg, item);
}

static void label_write(char out[static DOCTOR_LAN_LABEL_MAX], const uint8_t *label)
{
	memcpy(out, label + 1, label[0]);
	out[label[0]] = '\0';
}

/* ---- services ---- */

static void address_set(struct sockaddr_storage *out, AvahiIfIndex interface,
			const AvahiAddress *address, uint16_t port)
{
	bool is_v4 = address->proto == AVAHI_PROTO_INET;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	base_address_from_bytes(out, is_v4 ? AF_INET : AF_INET6, address->data.data, port);
	if (!is_v4 && IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr))
		v6->sin6_scope_id = (uint32_t)interface;
}

static void id_read(char out[static DOCTOR_LAN_ID_MAX], AvahiStringList *txt)
{
	AvahiStringList *found = avahi_string_list_find(txt, "id");
	char *value = NULL;

	if (found == NULL || avahi_string_list_get_pair(found, NULL, &value, NULL) < 0)
		return;
	snprintf(out, DOCTOR_LAN_ID_MAX, "%s", value != NULL ? value : "");
	avahi_free(value);
}

static void on_resolved(AvahiServiceResolver *r, AvahiIfIndex interface, AvahiProtocol protocol,
			AvahiResolverEvent event, const char *name, const char *type,
			const char *domain, const char *host, const AvahiAddress *address,
			uint16_t port, AvahiStringList *txt, AvahiLookupResultFlags flags,
			void *arg)
{
	struct doctor_lan_item item = {0};
	struct browsing *b = arg;

	(void)protocol;
	(void)type;
	(void)domain;
	(void)host;
	(void)flags;
	if (event == AVAHI_RESOLVER_FOUND && address != NULL && name != NULL) {
		snprintf(item.instance, sizeof(item.instance), "%s", name);
		id_read(item.id, txt);
		address_set(&item.address, interface, address, port);
		item_take(b, &item);
	}
	avahi_service_resolver_free(r);
	b->nresolving--;
	end_check(b);
}

/* Returns whether the instance is one that is asked for. */
static bool is_wanted(const struct browsing *b, const char *name)
{
	const uint8_t *label = b->subject->name;

	return !is_instance(b->subject) ||
	       (strlen(name) == label[0] &&
		strncasecmp(name, (const char *)label + 1, label[0]) == 0);
}

static void on_browsed(AvahiServiceBrowser *browser, AvahiIfIndex interface, AvahiProtocol protocol,
		       AvahiBrowserEvent event, const char *name, const char *type,
		       const char *domain, AvahiLookupResultFlags flags, void *arg)
{
	struct browsing *b = arg;

	(void)browser;
	(void)flags;
	b->is_failed = b->is_failed || event == AVAHI_BROWSER_FAILURE;
	if (event == AVAHI_BROWSER_ALL_FOR_NOW && b->nbrowsing > 0)
		b->nbrowsing--;
	if (event == AVAHI_BROWSER_NEW && is_wanted(b, name) && b->nbegun < DOCTOR_LAN_MAX) {
		b->nbegun++;
		b->nresolving += avahi_service_resolver_new(b->client, interface, protocol, name,
							    type, domain, AVAHI_PROTO_UNSPEC, 0,
							    on_resolved, b) != NULL;
	}
	end_check(b);
}

/* Writes the service type of a name as Avahi's library takes it, `_http._tcp` or
 * `_sub-type._sub._http._tcp`. Returns false if it has none. */
static bool type_write(char out[static DNS_NAME_TEXT_MAX], const struct doctor_subject *s)
{
	const uint8_t *at = is_instance(s) ? s->name + s->name[0] + 1 : s->name;
	char label[DOCTOR_LAN_LABEL_MAX];
	size_t n = 0;

	for (; at[0] != 0; at += at[0] + 1) {
		label_write(label, at);
		n += (size_t)snprintf(out + n, DNS_NAME_TEXT_MAX - n, "%s%s", n > 0 ? "." : "",
				      label);
		if (dnssd_label_is(at, "_tcp") || dnssd_label_is(at, "_udp"))
			return true;
	}
	return false;
}

static bool services_begin(struct browsing *b)
{
	char type[DNS_NAME_TEXT_MAX];

	b->nbrowsing = 1;
	return type_write(type, b->subject) &&
	       avahi_service_browser_new(b->client, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, type, NULL,
					 0, on_browsed, b) != NULL;
}

/* ---- hosts ---- */

static void on_record(AvahiRecordBrowser *browser, AvahiIfIndex interface, AvahiProtocol protocol,
		      AvahiBrowserEvent event, const char *name, uint16_t class, uint16_t type,
		      const void *rdata, size_t nbytes, AvahiLookupResultFlags flags, void *arg)
{
	struct doctor_lan_item item = {0};
	struct browsing *b = arg;
	AvahiAddress address;

	(void)browser;
	(void)protocol;
	(void)name;
	(void)class;
	(void)flags;
	b->is_failed = b->is_failed || event == AVAHI_BROWSER_FAILURE;
	if (event == AVAHI_BROWSER_ALL_FOR_NOW && b->nbrowsing > 0)
		b->nbrowsing--;
	if (event == AVAHI_BROWSER_NEW && nbytes == (type == DNS_TYPE_A ? 4 : 16)) {
		address.proto = type == DNS_TYPE_A ? AVAHI_PROTO_INET : AVAHI_PROTO_INET6;
		memcpy(address.data.data, rdata, nbytes);
		address_set(&item.address, interface, &address, 0);
		label_write(item.instance, b->subject->name);
		item_take(b, &item);
	}
	end_check(b);
}

static bool host_begin(struct browsing *b)
{
	static const uint16_t types[] = {DNS_TYPE_A, DNS_TYPE_AAAA};
	char name[DNS_NAME_TEXT_MAX], label[DOCTOR_LAN_LABEL_MAX];

	label_write(label, b->subject->name);
	snprintf(name, sizeof(name), "%s.local", label);
	for (size_t i = 0; i < 2; i++) {
		b->nbrowsing++;
		if (avahi_record_browser_new(b->client, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, name,
					     DNS_CLASS_IN, types[i], 0, on_record, b) == NULL)
			return false;
	}
	return true;
}

/* ---- all of it ---- */

static void on_client(AvahiClient *client, AvahiClientState state, void *arg)
{
	struct browsing *b = arg;

	(void)client;
	if (state != AVAHI_CLIENT_FAILURE)
		return;
	b->is_failed = true;
	end_check(b);
}

int doctor_lan_browse(const struct doctor_subject *s,
		      void (*take)(void *arg, const struct doctor_lan_item *item), void *arg)
{
	struct browsing b = {.subject = s, .take = take, .arg = arg};
	int error = 0, ret = 0;

	b.poll = avahi_simple_poll_new();
	if (b.poll == NULL)
		return -ENOMEM;
	b.client = avahi_client_new(avahi_simple_poll_get(b.poll), 0, on_client, &b, &error);
	if (b.client == NULL)
		ret = -EHOSTUNREACH;
	else if (!(s->types[0] == DNS_TYPE_A ? host_begin(&b) : services_begin(&b)))
		ret = avahi_client_errno(b.client) == AVAHI_ERR_DISCONNECTED ? -EHOSTUNREACH
									     : -EINVAL;
	else
		while (avahi_simple_poll_iterate(b.poll, -1) == 0)
			;
	if (b.is_failed)
		ret = -EHOSTUNREACH;
	if (b.client != NULL)
		avahi_client_free(b.client);
	avahi_simple_poll_free(b.poll);
	return ret;
}
