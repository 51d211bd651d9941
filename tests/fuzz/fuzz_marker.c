/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Markers in TXT records of strangers. What is read is a name, and a marker that replaces it is
 * read back as it was written, whatever else is in the record. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "mdns/marker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t zone[] = "\3lab\5cloud";
	static uint8_t out[65535];
	uint8_t found[DNS_NAME_MAX];
	mdns_id id;
	size_t n;

	if (size > 60000)
		return 0;
	if (mdns_marker_read(data, size, found, &id))
		require(dns_name_is_valid(found, dns_name_nbytes(found)));
	n = mdns_marker_write(out, sizeof(out), data, size, zone, 0xcafe0042);
	require(n > 0 && mdns_marker_read(out, n, found, &id));
	require(id == 0xcafe0042 && dns_name_equal(found, zone));
	return 0;
}
