/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/assemble.h - instances, made of the RRsets that were gathered.
 *
 * It neither asks nor waits: what was not gathered is missing. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "find/find.h"
#include "find/gather.h"

/* What is looked up: a name, or the service types of a domain. */
struct find_wanted {
	struct find_name name;
	bool are_types;
};

enum { FIND_ADDRESSES_MAX = 64 }; /* of an instance */

/* Makes the instances of `wanted`, in order. Returns 0 with at least one in `out`; -ENOENT with the
 * reason in `why`; -EBADMSG if a chain of aliases does not end; -ENODATA if something was not
 * gathered; or -ENOMEM. */
int find_assemble(struct find_set *out, const struct find_gather *g,
		  const struct find_wanted *wanted, uint64_t now_ms,
		  char why[static FIND_GATHER_WHY_MAX]);
