/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What an agent keeps of an instance: the text of the file, of which every second one has the right
 * checksum. What was read is written and read again. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/file.h"
#include "agent/keep.h"
#include "scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[AGENT_FILE_MAX / 2], path[SCRATCH_PATH_MAX + 8];
	struct agent_keep keep, again;
	struct agent_keep_node node;

	if (size == 0)
		return 0;
	scratch_write("it", data + 1, size - 1);
	if ((data[0] & 1) != 0 && size < sizeof(text)) {
		memcpy(text, data + 1, size - 1);
		text[size - 1] = '\0';
		snprintf(path, sizeof(path), "%s/it", scratch_folder());
		agent_file_write(path, text, false);
	}
	if (agent_keep_read(&keep, scratch_folder(), "it") == 0) {
		agent_keep_use(&keep, "db", "127.0.0.1:1");
		agent_keep_use(&keep, "db", (data[0] & 2) != 0 ? "[::1]:2" : NULL);
		if (agent_keep_write(&keep, scratch_folder(), "it", false) < 0 ||
		    agent_keep_read(&again, scratch_folder(), "it") < 0 || again.inc != keep.inc ||
		    again.port != keep.port)
			abort();
	}
	scratch_write("node", data + 1, size - 1);
	agent_keep_node_read(&node, scratch_folder());
	return 0;
}
