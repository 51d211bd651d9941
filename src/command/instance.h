/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/instance.h - commands that show service instances. Main thread; `daemon` is the
 * struct daemon. */
#pragma once

struct control_request;

/* `service list [ZONE]`: the instances of a zone, or of all; those that all further words fit, of
 * `zone=ZONE`, `node=NODE`, `type=TYPE`, `key=KEY`, `state=STATE`. */
void command_instance_list(void *daemon, struct control_request *request);

/* `service show INSTANCE`: one instance. */
void command_instance_show(void *daemon, struct control_request *request);
