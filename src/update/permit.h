/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/permit.h - whether the key may do what the update asks (RFC 2136 section 3.3, RFC 3007
 * section 3). The rules are update/policy.h's, update/fabric_policy.h's and
 * update/lan_policy.h's. */
#pragma once

struct update;

/* Checks each record of the update section against the policy. Returns DNS_RCODE_NOERROR, or, after
 * update_fail, the RCODE of the answer. */
int update_permit(struct update *u);
