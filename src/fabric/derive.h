/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/derive.h - from a master secret to the secret of a TSIG key.
 *
 * weft-fabric(7) has the derivation byte by byte, with examples. Peers rely on it: a key that was
 * issued must stay the same for ever. No state, any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/hmac.h"
#include "fabric/fabric.h"

/* Derives the secret of the key called `name` (wire form, lower case) for HMAC with `hash`. Returns
 * the bytes written to `out`: as many as the hash has, the least that RFC 8945 section 8
 * recommends. */
size_t fabric_derive(uint8_t out[static DNS_HMAC_MAX], const struct fabric_epoch *epoch,
		     const uint8_t *name, enum dns_hmac_hash hash);
