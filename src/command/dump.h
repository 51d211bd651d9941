/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/dump.h - the command that writes a zone as a zone file, in a thread of its own.
 * Main thread. */
#pragma once

struct control_request;

/* `zone dump ZONE`: writes the zone as it is now to the descriptor that came with the request.
 * `daemon` is the struct daemon. */
void command_dump(void *daemon, struct control_request *request);

/* `zone diff ZONE FILE`: writes the records of the zone's file as they were last merged, in the
 * same way; the client compares its file with them. */
void command_dump_baseline(void *daemon, struct control_request *request);
