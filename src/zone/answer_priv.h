/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/answer_priv.h - one answer being composed: what answer.c (which sets), answer_additional.c
 * (which sets besides) and answer_rrset.c (one set) share. */
#pragma once

#include "zone/answer.h"
#include "zone/prepared.h"
#include "zone/rrset.h"

struct zone_snapshot;

enum { ZONE_COMPOSE_SETS = 24 };

struct zone_compose {
	const struct zone_catalog *catalog;
	struct dns_writer *w;
	struct zone_answer *a;

	/* sets of the answer or of a referral whose targets want additional records */
	struct {
		const struct zone_snapshot *snapshot;
		struct zone_rrset rrset;
		const uint8_t *owner;
	} set[ZONE_COMPOSE_SETS];
	unsigned nsets;

	/* what the answer came from besides its own name, for keeping it */
	uint32_t depends[ZONE_PREPARED_DEPENDS];
	unsigned ndepends;
	bool is_do; /* DNSSEC data are wanted */
	bool is_cacheable;
	bool is_questioned; /* the writer knows of the question's name */
	bool is_all;	    /* no additional record was left out */
};

/* Writes one set under `owner`, or nothing if it does not fit. `count` is raised by its records. */
bool zone_answer_put_rrset(struct zone_compose *c, const uint8_t *owner,
			   const struct zone_rrset *rrset, uint16_t *count);

/* Writes the additional section for c->set: addresses of targets, and for PTR the service instance
 * too (RFC 6763 section 12). */
void zone_answer_put_additional(struct zone_compose *c);

/* Writes the glue of a referral at `cut` with NS set `ns`. Returns false if required glue did not
 * fit (RFC 9471). */
bool zone_answer_put_glue(struct zone_compose *c, const struct zone_snapshot *s, const uint8_t *cut,
			  const struct zone_rrset *ns);
