/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "lan/part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <avahi-common/error.h>

#include "dns/name.h"
#include "dns/type.h"
#include "lan/daemon_priv.h"
#include "lan/name.h"

static void on_group(AvahiEntryGroup *avahi, AvahiEntryGroupState state, void *arg)
{
	struct lan_part *p = arg;

	(void)avahi;
	p->state = state;
	if (p->avahi != NULL) /* else it is being made */
		lan_object_schedule(p->object, true);
}

/* Returns 0 for what is not an error of Avahi's. */
static int fault(struct lan_part *p, int error, const char **why)
{
	if (error >= 0)
		return 0;
	*why = avahi_strerror(error);
	return lan_client_fault(p->client, error);
}

int lan_part_new(struct lan_part **out, struct lan_object *object, const char **why)
{
	struct lan_part *p = calloc(1, sizeof(*p));
	int ret;

	if (p == NULL)
		return -ENOMEM;
	p->object = object;
	STAILQ_INIT(&p->entries);
	do {
		ret = lan_client_find(object->daemon, &p->client);
		if (ret != 0)
			break;
		lan_client_enter(p->client);
		p->avahi = avahi_entry_group_new(p->client->avahi, on_group, p);
		lan_client_leave(p->client);
		if (p->avahi == NULL)
			ret = fault(p, avahi_client_errno(p->client->avahi), why);
	} while (ret == -ENOSPC);
	if (ret != 0) {
		free(p);
		return ret;
	}
	lan_client_add(p->client);
	*out = p;
	return 0;
}

static AvahiProtocol protocol_of(enum lan_transport transport)
{
	return transport == LAN_IPV4   ? AVAHI_PROTO_INET
	       : transport == LAN_IPV6 ? AVAHI_PROTO_INET6
				       : AVAHI_PROTO_UNSPEC;
}

/* Unique addresses may be several, also in different groups of Avahi's. */
static int flags_of(const struct lan_record *r, bool does_probe)
{
	int flags = 0;

	if (!r->is_unique)
		return 0;
	flags |= AVAHI_PUBLISH_UNIQUE;
	if (r->type == DNS_TYPE_A || r->type == DNS_TYPE_AAAA)
		flags |= AVAHI_PUBLISH_ALLOW_MULTIPLE;
	if (!does_probe)
		flags |= AVAHI_PUBLISH_NO_PROBE;
	return flags;
}

static int put(struct lan_part *p, const struct lan_record *r, int interface, int flags,
	       const char **why)
{
	char owner[DNS_NAME_TEXT_MAX];
	int ret;

	lan_name_to_text(owner, r->owner);
	lan_client_enter(p->client);
	ret = avahi_entry_group_add_record(p->avahi, interface, protocol_of(r->transport),
					   (AvahiPublishFlags)flags, owner, DNS_CLASS_IN, r->type,
					   r->ttl, r->rdata, r->nbytes);
	lan_client_leave(p->client);
	return fault(p, ret, why);
}

int lan_part_add(struct lan_part *p, const struct lan_record *record, int interface,
		 bool does_probe, const char **why)
{
	size_t nowner = dns_name_nbytes(record->owner);
	struct lan_entry *e;
	int ret;

	if (!dns_name_is_under(record->owner, lan_name_local())) {
		*why = "the name is not under local.";
		return -EINVAL;
	}
	if (p->nentries >= lan_daemon_entries_max(p->object->daemon))
		return -E2BIG;
	e = calloc(1, sizeof(*e) + nowner + record->nbytes);
	if (e == NULL)
		return -ENOMEM;
	ret = put(p, record, interface, flags_of(record, does_probe), why);
	if (ret != 0) {
		if (ret == -E2BIG && p->nentries > 0)
			lan_daemon_set_entries_max(p->object->daemon, p->nentries);
		free(e);
		return ret;
	}
	e->record = *record;
	e->interface = interface;
	memcpy(e->bytes, record->owner, nowner);
	memcpy(e->bytes + nowner, record->rdata, record->nbytes);
	e->record.owner = e->bytes;
	e->record.rdata = e->bytes + nowner;
	STAILQ_INSERT_TAIL(&p->entries, e, link);
	p->nentries++;
	return 0;
}

int lan_part_update(struct lan_part *p, struct lan_entry *entry, const struct lan_record *record,
		    const char **why)
{
	uint8_t *rdata = malloc(record->nbytes + 1U);
	int ret;

	if (rdata == NULL)
		return -ENOMEM;
	ret = put(p, record, entry->interface, flags_of(record, true) | AVAHI_PUBLISH_UPDATE, why);
	if (ret != 0) {
		free(rdata);
		return ret;
	}
	memcpy(rdata, record->rdata, record->nbytes);
	free(entry->changed);
	entry->changed = rdata;
	entry->record.rdata = rdata;
	entry->record.nbytes = record->nbytes;
	entry->record.ttl = record->ttl;
	return 0;
}

int lan_part_commit(struct lan_part *p, const char **why)
{
	int ret;

	lan_client_enter(p->client);
	ret = avahi_entry_group_commit(p->avahi);
	lan_client_leave(p->client);
	return fault(p, ret, why);
}

void lan_part_lose(struct lan_part *p)
{
	while (!STAILQ_EMPTY(&p->entries)) {
		struct lan_entry *e = STAILQ_FIRST(&p->entries);

		STAILQ_REMOVE_HEAD(&p->entries, link);
		free(e->changed);
		free(e);
	}
	free(p);
}

void lan_part_free(struct lan_part *p)
{
	struct lan_client *c = p->client;

	lan_client_enter(c);
	if (avahi_entry_group_free(p->avahi) < 0)
		lan_client_fault(c, avahi_client_errno(c->avahi));
	lan_client_leave(c);
	lan_client_remove(c);
	lan_part_lose(p);
}
