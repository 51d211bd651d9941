/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/contact.h - whether the instances of a service can be connected to. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "dns/name.h"

enum { DOCTOR_CONTACTS_MAX = 16 }; /* others are not tried */

/* An address of an instance, for its owner to fill in but for the last two. */
struct doctor_contact {
	uint8_t target[DNS_NAME_MAX];
	struct sockaddr_storage address; /* with the port */
	int error;			 /* 0: connected; -ETIMEDOUT or another negative errno */
	uint32_t rtt_us;
};

/* Connects to all of them by TCP at the same time, and closes the connections again. Ends at
 * `deadline_ms` on the steady clock. */
void doctor_contacts_run(struct doctor_contact *all, size_t n, uint64_t deadline_ms);
