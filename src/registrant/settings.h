/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/settings.h - a copy of what is to be registered, in one piece of memory. One thread.
 */
#pragma once

#include "registrant/registrant.h"

enum {
	REGISTRANT_TXT_MAX = 8900,     /* octets of a TXT record that the caller gives */
	REGISTRANT_SUBTYPES_MAX = 32,  /* of an instance, as in the registry */
	REGISTRANT_ADDRESSES_MAX = 32, /* of a node */
	REGISTRANT_USES_MAX = 64,      /* of an instance */
	REGISTRANT_CLAIM_MAX = 1024,   /* octets of a claim's TXT record, which is compared */
	REGISTRANT_ID_MAX = 200,
};

/* Copies the settings. Returns 0 with a copy that registrant_settings_free frees, -ENOMEM, or
 * -EINVAL if what is to be registered is not valid. */
int registrant_settings_copy(struct registrant_settings **out,
			     const struct registrant_settings *settings);

void registrant_settings_free(struct registrant_settings *settings);

/* Returns whether both have the same registered; functions are not compared. */
bool registrant_settings_are_same(const struct registrant_settings *a,
				  const struct registrant_settings *b);

/* Writes the name that an instance's PTRs to what it uses are at. Returns false if it is too long.
 */
bool registrant_settings_uses_name(uint8_t out[static DNS_NAME_MAX], const uint8_t *instance);

/* Returns whether there is a subtype of this label. */
bool registrant_settings_has_subtype(const struct registrant_settings *settings,
				     const char *subtype);
