/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A service of the LAN as a hostile peer may announce it: whatever its names and records are, what
 * gets into the registry is below `into`, and is an update that can be read. */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "discover/translate.h"
#include "dns/msg.h"
#include "dns/type.h"
#include "dns/update.h"
#include "dns/update_write.h"
#include "dnssd/kind.h"
#include "lan/name.h"
#include "mdns/seen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t zone[] = "\3lab\5cloud", lan[] = "\3lan\3lab\5cloud";

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* Writes a service that passed for update, and reads it. */
static void check(const struct discover_translated *t, const uint8_t *into)
{
	static uint8_t msg[DNS_MSG_MAX];
	struct dns_update_writer w;
	struct dns_update u;
	size_t nbytes;

	require(dns_name_is_under(t->name, into) && dns_name_is_under(t->type, into));
	require(!dns_name_is_under(t->target, lan_name_local()));
	require(!t->has_host || (dns_name_is_under(t->target, into) && t->naddresses > 0 &&
				 dnssd_kind_of(t->target, zone) == DNSSD_OTHER));
	for (size_t i = 0; i < t->naddresses; i++)
		require(discover_translate_is_usable(&t->addresses[i]));
	dns_update_write_begin(&w, msg, sizeof(msg), 0, zone);
	discover_translate_write(&w, t);
	nbytes = dns_update_write_end(&w, 1232, 120);
	require(nbytes > 0);
	require(dns_update_init(&u) == 0);
	require(dns_update_parse(&u, msg, nbytes) == 0);
	for (unsigned i = 0; i < u.nupdates; i++)
		require(dns_name_is_under(u.update[i].owner, into));
	dns_update_fini(&u);
}

/* The input: a name, a target, a number of addresses, and TXT rdata. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_buf b = base_buf_over(data, size);
	uint8_t name[DNS_NAME_MAX], target[DNS_NAME_MAX], txt[1] = {0};
	struct mdns_address addresses[4] = {{0}};
	struct mdns_seen_service s = {.name = name,
				      .is_resolved = true,
				      .target = target,
				      .txt = txt,
				      .ntxt = sizeof(txt),
				      .addresses = addresses};
	struct discover_translated t;

	if (dns_name_parse(&b, name) == 0 || dns_name_parse(&b, target) == 0)
		return 0;
	for (s.naddresses = 0; s.naddresses < 4; s.naddresses++) {
		struct mdns_address *a = &addresses[s.naddresses];
		uint8_t is_v6 = base_buf_u8(&b) & 1;
		const uint8_t *bytes = base_buf_take(&b, is_v6 ? 16 : 4);

		if (b.has_failed)
			break;
		a->type = is_v6 ? DNS_TYPE_AAAA : DNS_TYPE_A;
		memcpy(a->bytes, bytes, is_v6 ? 16 : 4);
	}
	if (discover_translate(&t, &s, lan, zone) == NULL)
		check(&t, lan);
	if (discover_translate(&t, &s, zone, zone) == NULL)
		check(&t, zone);
	return 0;
}
