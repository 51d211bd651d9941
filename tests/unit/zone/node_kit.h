/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What the tests of trie and index share: nodes without a zone, made from text. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/slab.h"
#include "dns/name.h"
#include "dns/type.h"
#include "zone/node.h"
#include "zone/trie.h"

/* Makes a relative lower-case name: the labels without the root. */
struct node_kit_name {
	uint8_t bytes[DNS_NAME_MAX];
	uint8_t nbytes;
};

/* Makes a key; `text` is relative to the apex, lower case, without a dot at its end; "" is the
 * apex. */
static inline struct node_kit_name node_kit_name(const char *text)
{
	struct node_kit_name name = {.nbytes = 0};
	char absolute[DNS_NAME_TEXT_MAX];

	snprintf(absolute, sizeof(absolute), "%s.", text);
	assert_true(dns_name_from_text(name.bytes, absolute, strlen(absolute), NULL) > 0);
	name.nbytes = (uint8_t)(dns_name_nbytes(name.bytes) - 1);
	return name;
}

/* Makes a node with one record of `type`. */
static inline struct zone_node *node_kit_node(struct base_slab *slab, const char *text,
					      uint16_t type, uint64_t born)
{
	static const uint8_t data[] = "\0\2\1x";
	const struct zone_rrset rrset = {type, 60, 1, 4, data};
	struct node_kit_name name = node_kit_name(text);
	struct zone_node_plan plan = {name.bytes, name.bytes, name.nbytes, 1, &rrset};
	struct zone_node *n = zone_node_new(slab, &plan, born);

	assert_non_null(n);
	return n;
}

static inline struct zone_trie_key node_kit_key(const char *text)
{
	struct node_kit_name name = node_kit_name(text);
	struct zone_trie_key key;

	zone_trie_key_make(&key, name.bytes, name.nbytes);
	return key;
}

static inline struct zone_trie_found node_kit_find(zone_trie_link root, const char *text)
{
	struct zone_trie_key key = node_kit_key(text);

	return zone_trie_find(root, &key);
}
