/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What any process may send to the notify socket, answer to a check, or have as its name in
 * /proc/PID/stat. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "child/identity.h"
#include "supervise/notify.h"
#include "supervise/probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct supervise_notify_message message;
	struct child_stat stat;
	char *text = strndup((const char *)data, size);
	int status = supervise_probe_parse_status((const char *)data, size);

	if (text == NULL)
		return 0;
	supervise_notify_parse(&message, (const char *)data, size);
	for (const char *at = message.status; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 127)
			abort();
	if (message.main_pid < 0 || message.main_pid == 1 || status > 599)
		abort();
	child_identity_parse_stat(&stat, text);
	free(text);
	return 0;
}
