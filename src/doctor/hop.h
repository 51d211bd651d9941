/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/hop.h - a server on the way of an answer, and what it was asked.
 *
 * Data only: doctor/visit.h asks, doctor/judge.h compares. */
#pragma once

#include "dns/rdata.h"
#include "doctor/probe.h"

enum doctor_hop_kind { DOCTOR_REGISTRY, DOCTOR_RESOLVER };

enum { DOCTOR_QUESTIONS_MAX = 2 };

/* Which questions a hop is asked. All but SOA and TCP depend on what these have shown. */
struct doctor_hop {
	enum doctor_hop_kind kind;
	char label[96];					    /* "registry 192.0.2.1@53" */
	struct doctor_probe question[DOCTOR_QUESTIONS_MAX]; /* about the name */
	struct doctor_probe soa;			    /* of the name, over UDP */
	struct doctor_probe tcp;			    /* the same over TCP */
	struct doctor_probe whole[DOCTOR_QUESTIONS_MAX];    /* over TCP, if truncated over UDP */
	struct doctor_probe unchecked; /* the first question with CD, after SERVFAIL */
	struct doctor_probe plain;     /* SOA without EDNS, if it gets no answer with it */
	struct doctor_probe fresh;     /* a name that nobody has asked for */
	struct doctor_probe again;     /* the first question, more than a second later */
	struct doctor_probe sign;      /* of a registry: SOA with TSIG */
};

/* What is asked about. */
struct doctor_subject {
	uint8_t name[DNS_NAME_MAX];
	char text[DNS_NAME_TEXT_MAX];
	uint16_t types[DOCTOR_QUESTIONS_MAX];
	size_t ntypes;
	uint8_t zone[DNS_NAME_MAX]; /* of the name; the root: not known */
};

/* Returns the best answer of the hop to question `i`: the one over TCP if that over UDP was
 * truncated. */
static inline const struct doctor_view *doctor_hop_view(const struct doctor_hop *h, size_t i)
{
	return h->whole[i].view.outcome == DOCTOR_ANSWERED ? &h->whole[i].view
							   : &h->question[i].view;
}

/* Returns the SOA record that the hop has answered, over UDP or TCP, or NULL. */
static inline const struct doctor_record *doctor_hop_soa(const struct doctor_hop *h)
{
	const struct doctor_record *soa = doctor_view_soa(&h->soa.view);

	return soa != NULL ? soa : doctor_view_soa(&h->tcp.view);
}

/* Returns whether the hop has answered a SOA record, whose serial goes to `serial`. */
static inline bool doctor_hop_serial(const struct doctor_hop *h, uint32_t *serial)
{
	const struct doctor_record *soa = doctor_hop_soa(h);

	if (soa != NULL)
		*serial = dns_soa_read(soa->rdata, soa->nbytes).serial;
	return soa != NULL;
}
