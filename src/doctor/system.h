/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/system.h - what programs on this host get for a host's name: getaddrinfo(3).
 *
 * It waits as long as it likes, so a child process calls it. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "dns/name.h"
#include "doctor/child.h"
#include "doctor/finding.h"
#include "doctor/view.h"

enum { DOCTOR_SYSTEM_MAX = 16 }; /* addresses; others are ignored */

struct doctor_system {
	struct doctor_child child; /* private */
	uint64_t started_us;	   /* private */

	bool is_asked;
	char host[DNS_NAME_TEXT_MAX];
	struct sockaddr_storage addresses[DOCTOR_SYSTEM_MAX]; /* without port */
	size_t naddresses;
	int error; /* 0, or the EAI_ of getaddrinfo; EAI_AGAIN if it did not end in time */
	uint32_t rtt_us;
};

/* Begins to ask for the host. */
void doctor_system_begin(struct doctor_system *s, const uint8_t *host);

/* Waits for the result until `deadline_ms` on the steady clock; ends the child. */
void doctor_system_end(struct doctor_system *s, uint64_t deadline_ms);

/* Compares with the registry's answers for the host: A and AAAA. */
void doctor_system_judge(struct doctor_findings *f, const struct doctor_system *s,
			 const struct doctor_view *const wanted[static 2]);
