/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "message.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/buf.h"
#include "dns/edns.h"
#include "dns/type.h"

enum { FUDGE_S = 300, PAYLOAD = 1232 };

static const uint8_t algorithm[] = "\013hmac-sha256"; /* with its root label */

int signer_init(struct signer *s, const char *name, const char *secret)
{
	uint8_t bytes[256];
	size_t nbytes;

	s->nname = dns_name_from_text(s->name, name, strlen(name), NULL);
	if (s->nname == 0 || sodium_base642bin(bytes, sizeof(bytes), secret, strlen(secret), NULL,
					       &nbytes, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return -1;
	dns_hmac_key_init(&s->hmac, DNS_HMAC_SHA256, bytes, nbytes);
	return 0;
}

/* The variables of RFC 8945 section 4.3.3. */
static size_t variables(const struct signer *s, uint8_t out[SIGNATURE_MAX], uint64_t now_s)
{
	struct base_out o = base_out_over(out, SIGNATURE_MAX);

	base_out_bytes(&o, s->name, s->nname);
	base_out_u16(&o, DNS_CLASS_ANY);
	base_out_u32(&o, 0);
	base_out_bytes(&o, algorithm, sizeof(algorithm));
	base_out_u48(&o, now_s);
	base_out_u16(&o, FUDGE_S);
	base_out_u32(&o, 0); /* no error, no other data */
	return base_out_nbytes(&o);
}

size_t signer_sign(const struct signer *s, uint8_t *msg, size_t nbytes, uint16_t id, uint64_t now_s)
{
	struct base_out o = base_out_over(msg + nbytes, SIGNATURE_MAX);
	uint8_t vars[SIGNATURE_MAX], mac[DNS_HMAC_MAX];
	struct dns_hmac h;

	base_store16(msg, id);
	dns_hmac_begin(&h, &s->hmac);
	dns_hmac_add(&h, msg, nbytes);
	dns_hmac_add(&h, vars, variables(s, vars, now_s));
	dns_hmac_end(&h, mac);

	base_out_bytes(&o, s->name, s->nname);
	base_out_u16(&o, DNS_TYPE_TSIG);
	base_out_u16(&o, DNS_CLASS_ANY);
	base_out_u32(&o, 0);
	base_out_u16(&o, (uint16_t)(sizeof(algorithm) + 6 + 2 + 2 + 32 + 6));
	base_out_bytes(&o, algorithm, sizeof(algorithm));
	base_out_u48(&o, now_s);
	base_out_u16(&o, FUDGE_S);
	base_out_u16(&o, 32);
	base_out_bytes(&o, mac, 32);
	base_out_u16(&o, id);
	base_out_u32(&o, 0);
	base_store16(msg + 10, (uint16_t)(base_load16(msg + 10) + 1));
	return nbytes + base_out_nbytes(&o);
}

void message_header(struct base_out *o, unsigned opcode, unsigned nupdates)
{
	base_out_u16(o, 0);
	base_out_u16(o, (uint16_t)(opcode << 11));
	base_out_u16(o, 1);
	base_out_u16(o, 0);
	base_out_u16(o, (uint16_t)nupdates);
	base_out_u16(o, 1); /* OPT */
}

void message_option(struct base_out *o, uint32_t lease_s)
{
	base_out_u8(o, 0);
	base_out_u16(o, DNS_TYPE_OPT);
	base_out_u16(o, PAYLOAD);
	base_out_u32(o, 0);
	base_out_u16(o, lease_s > 0 ? 8 : 0);
	if (lease_s == 0)
		return;
	base_out_u16(o, DNS_OPTION_UPDATE_LEASE);
	base_out_u16(o, 4);
	base_out_u32(o, lease_s);
}

void message_record(struct base_out *o, const uint8_t *owner, size_t nowner, uint16_t type,
		    uint16_t class, uint32_t ttl_s, size_t nbytes)
{
	base_out_bytes(o, owner, nowner);
	base_out_u16(o, type);
	base_out_u16(o, class);
	base_out_u32(o, ttl_s);
	base_out_u16(o, (uint16_t)nbytes);
}
