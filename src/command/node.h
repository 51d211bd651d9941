/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/node.h - commands about nodes. Main thread; `daemon` is the struct daemon. */
#pragma once

struct control_request;

/* `node list [ZONE]`: the nodes of a zone, or of all, with what runs on them. */
void command_node_list(void *daemon, struct control_request *request);

/* `node drain NODE...`: drains the instances whose SRVs target these nodes, now and later, one node
 * after the other up to one that is none. */
void command_node_drain(void *daemon, struct control_request *request);

/* `node undrain NODE...`: ends that, in the same way. */
void command_node_undrain(void *daemon, struct control_request *request);
