/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/contact.h - whether the instances of a service can be reached. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "dns/name.h"
#include "doctor/finding.h"

enum {
	DOCTOR_CONTACTS_MAX = 16, /* others are not tried */
	DOCTOR_DATAGRAM_MS = 700, /* that is waited for an ICMP error */
};

/* An address of an instance, for its owner to fill in but for the last two. */
struct doctor_contact {
	uint8_t target[DNS_NAME_MAX];
	struct sockaddr_storage address; /* with the port */
	/* Of a service of UDP, which need not answer: only whether there is a route, and no ICMP
	 * error comes for an empty datagram. */
	bool is_datagram;
	int error;	 /* 0: reached; -ETIMEDOUT or another negative errno */
	uint32_t rtt_us; /* of the connection or the answer; 0: of none */
};

/* Connects to all of them at the same time, and closes the connections again; or sends datagrams.
 * Ends at `deadline_ms` on the steady clock. */
void doctor_contacts_run(struct doctor_contact *all, size_t n, uint64_t deadline_ms);

/* Reports those that were not reached. */
void doctor_contacts_judge(struct doctor_findings *f, const struct doctor_contact *all, size_t n);
