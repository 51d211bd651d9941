/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "history/message.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "dns/type.h"
#include "dns/update_write.h"
#include "dnssd/fabric_name.h"
#include "history/content.h"

enum {
	MESSAGE_NBYTES = 60000, /* with a signature it fits in a message over TCP */
	UDP_PAYLOAD = 1232,
	TTL_S = 60,
};

/* Writes the owner name of an event. A history has a zone only if all such names fit in it. */
static void name_write(uint8_t out[static DNS_NAME_MAX], const uint8_t *zone, uint64_t era,
		       uint64_t n)
{
	char label[DNSSD_EVENT_LABEL_MAX];

	dnssd_fabric_name_event(label, era, n);
	dnssd_fabric_name_write(out, DNSSD_FABRIC_EVENT, label, zone);
}

/* Calls for each of the first `nevents` that wait, with its name and rdata. */
static void each_event(struct dns_update_writer *u, const struct history_content *c,
		       const uint8_t *zone, size_t nevents,
		       void (*write)(struct dns_update_writer *u, const uint8_t *name,
				     const uint8_t *rdata, size_t nbytes))
{
	const struct history_span *era = &c->spans[c->nspans - 1];
	const struct history_event *e = c->first;
	uint8_t name[DNS_NAME_MAX], rdata[HISTORY_RDATA_MAX];

	for (size_t i = 1; i <= nevents; i++, e = e->next) {
		name_write(name, zone, era->era, era->last + i);
		write(u, name, rdata, history_event_rdata(rdata, e, era->era, era->last + i));
	}
}

static void write_free(struct dns_update_writer *u, const uint8_t *name, const uint8_t *rdata,
		       size_t nbytes)
{
	(void)rdata;
	(void)nbytes;
	dns_update_write_require_none(u, name, DNS_TYPE_ANY);
}

static void write_added(struct dns_update_writer *u, const uint8_t *name, const uint8_t *rdata,
			size_t nbytes)
{
	dns_update_write_add(u, name, DNS_TYPE_TXT, TTL_S, rdata, nbytes);
}

static void write_there(struct dns_update_writer *u, const uint8_t *name, const uint8_t *rdata,
			size_t nbytes)
{
	dns_update_write_require_record(u, name, DNS_TYPE_TXT, rdata, nbytes);
}

static void write_removals(struct dns_update_writer *u, const struct history_content *c,
			   const uint8_t *zone, size_t nremoved)
{
	uint8_t name[DNS_NAME_MAX];

	for (unsigned i = 0; i < c->nspans; i++)
		for (uint64_t n = c->spans[i].first; n <= c->spans[i].last && nremoved > 0; n++) {
			name_write(name, zone, c->spans[i].era, n);
			dns_update_write_remove_all(u, name, DNS_TYPE_ANY);
			nremoved--;
		}
}

static size_t least(uint64_t a, uint64_t b)
{
	return (size_t)(a < b ? a : b);
}

/* Writes all that `out` has the numbers of. Returns false if it does not fit. */
static bool write(struct history_message *out, const struct history_content *c, const uint8_t *zone,
		  bool is_question)
{
	struct dns_update_writer u;

	dns_update_write_begin(&u, out->bytes, MESSAGE_NBYTES, 0, zone);
	each_event(&u, c, zone, out->nevents, is_question ? write_there : write_free);
	if (!is_question) {
		each_event(&u, c, zone, out->nevents, write_added);
		write_removals(&u, c, zone, out->nremoved);
	}
	out->nbytes = dns_update_write_end(&u, UDP_PAYLOAD, 0);
	return out->nbytes > 0;
}

/* One event, and no removal, always fits. */
static int write_most(struct history_message *out, const struct history_content *c,
		      const uint8_t *zone, bool is_question)
{
	out->bytes = malloc(MESSAGE_NBYTES);
	if (out->bytes == NULL)
		return -ENOMEM;
	while (!write(out, c, zone, is_question)) {
		out->nevents = (out->nevents + 1) / 2;
		out->nremoved /= 2;
	}
	return 0;
}

int history_message_write(struct history_message *out, const struct history_content *c,
			  const uint8_t *zone, size_t nevents, uint64_t nremoved)
{
	nremoved = least(nremoved, history_content_nthere(c));
	out->nevents = least(least(nevents, c->nwaiting), HISTORY_MESSAGE_EVENTS_MAX);
	out->nremoved = least(nremoved, HISTORY_MESSAGE_REMOVALS_MAX);
	return write_most(out, c, zone, false);
}

int history_message_write_question(struct history_message *out, const struct history_content *c,
				   const uint8_t *zone, size_t nevents)
{
	out->nevents = least(least(nevents, c->nwaiting), HISTORY_MESSAGE_EVENTS_MAX);
	out->nremoved = 0;
	return write_most(out, c, zone, true);
}
