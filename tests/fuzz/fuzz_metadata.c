/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What services and resource agents write to their supervisor: the XML of meta-data, and the lines
 * of sd_notify. */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "ocf/metadata.h"
#include "supervise/notify.h"
#include "supervise/probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct supervise_notify_message message;
	struct ocf_metadata metadata;
	struct base_error error;

	if (ocf_metadata_parse(&metadata, text, size, &error) == 0) {
		ocf_metadata_action(&metadata, "monitor");
		ocf_metadata_parameter(&metadata, "state");
		ocf_metadata_fini(&metadata);
	}
	supervise_notify_parse(&message, text, size);
	supervise_probe_parse_status(text, size);
	return 0;
}
