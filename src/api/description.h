/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* api/description.h - what a program wants to have registered: checked, and owned.
 *
 * It knows no context and no registry. Functions that return int return WEFT_OK, or another
 * enum weft_error with the description as it was. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "registrant/registrant.h"

enum {
	API_TXT_MAX = 8900, /* octets of a TXT record: RFC 6763 section 6.2 */
	API_SUBTYPES_MAX = 32,
	API_ADDRESSES_MAX = 32,
	API_LEASE_S = 60, /* asked for by default */
};

struct api_description {
	struct registrant_settings settings; /* its pointers are to what follows */
	uint8_t *txt;
	char *id;
	char *subtypes[API_SUBTYPES_MAX];
	struct sockaddr_storage addresses[API_ADDRESSES_MAX];
	const char *why; /* what was wrong with the last value, unless memory was short */
};

/* Makes a description with defaults of the service of that name; port 0: of the node. Returns NULL
 * if memory is short. */
struct api_description *api_description_new(const uint8_t *name, uint16_t port);

/* Makes another one that is equal. Returns NULL if memory is short. */
struct api_description *api_description_copy(const struct api_description *d);

void api_description_free(struct api_description *d); /* NULL is fine */

/* Sets or replaces a pair of the TXT record; `value` NULL: a key without a value. Returns
 * WEFT_E_TEXT for what RFC 6763 section 6 does not allow, and for keys that are the library's. */
int api_description_set_txt(struct api_description *d, const char *key, const void *value,
			    size_t nbytes);

/* Removes a pair, if there is one. */
int api_description_unset_txt(struct api_description *d, const char *key);

/* Sets the identity; at most 200 characters. */
int api_description_set_id(struct api_description *d, const char *id);

/* Adds the label of a subtype. Returns WEFT_E_NAME, or WEFT_E_TOO_LARGE. */
int api_description_add_subtype(struct api_description *d, const char *subtype);

/* Sets the addresses: texts with blanks or commas between; NULL: those of the network. Returns
 * WEFT_E_ARGUMENT, or WEFT_E_TOO_LARGE. */
int api_description_set_addresses(struct api_description *d, const char *list);
