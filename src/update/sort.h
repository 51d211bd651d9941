/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/sort.h - records of a message in an order in which they are compared with a zone in one
 * walk: those of a name, and of an RRset, follow each other.
 *
 * Knows records only. Registrar's thread. */
#pragma once

#include <stddef.h>

struct dns_update_record;

/* Compares by owner; deletes before what is added; by type; what is added by rdata, in which names
 * compare in any case. Returns less than 0, 0 or more than 0. */
int update_sort_compare(const struct dns_update_record *a, const struct dns_update_record *b);

/* Sorts pointers to records of one section by update_sort_compare; equal ones keep their order. */
void update_sort(const struct dns_update_record **records, size_t count);
