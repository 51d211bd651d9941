/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/target.h - an SRV target, and what the registry answers about its addresses. Data only. */
#pragma once

#include "doctor/probe.h"

enum { DOCTOR_TARGETS_MAX = 8 }; /* whose addresses are asked for */

struct doctor_target {
	uint8_t name[DNS_NAME_MAX];
	uint16_t port;
	struct doctor_probe addresses[2]; /* A, AAAA */
};
