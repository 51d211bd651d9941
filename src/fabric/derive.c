/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/derive.h"

#include <assert.h>

#include <sodium.h>

#include "base/buf.h"
#include "dns/tsig.h"

/* With its NUL: no label of another use can begin with this one. */
static const char label[] = "weft fabric tsig v1";

enum { ALGORITHM_MAX = 18, INPUT_MAX = sizeof(label) + 4 + DNS_NAME_MAX + ALGORITHM_MAX };

size_t fabric_derive(uint8_t out[static DNS_HMAC_MAX], const struct fabric_epoch *epoch,
		     const uint8_t *name, enum dns_hmac_hash hash)
{
	const uint8_t *algorithm = dns_tsig_algorithm_name(hash);
	size_t nbytes = dns_hmac_nbytes(hash);
	uint8_t input[INPUT_MAX];
	struct base_out o = base_out_over(input, sizeof(input));

	base_out_bytes(&o, label, sizeof(label));
	base_out_u32(&o, epoch->number);
	base_out_bytes(&o, name, dns_name_nbytes(name));
	base_out_bytes(&o, algorithm, dns_name_nbytes(algorithm));
	assert(!o.is_full);
	crypto_generichash(out, nbytes, input, base_out_nbytes(&o), epoch->master,
			   sizeof(epoch->master));
	return nbytes;
}
