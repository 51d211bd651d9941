/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/relay.h - octets between standard input, a connected socket and standard output.
 *
 * The end of the input ends the sending half of the connection; what the peer still has to say is
 * written until it ends its half. Knows nothing of instances. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct service_relay;

/* Begins with standard input and output. `silence_ms`: how long to wait for datagrams after the end
 * of the input; less than 0: the sockets are of streams. Returns NULL if memory is short. */
struct service_relay *service_relay_new(int silence_ms);

void service_relay_free(struct service_relay *r);

/* Copies between these and a connected socket, non-blocking, until the peer, or for datagrams the
 * input, has ended. Returns 0, or a negative errno: -EPIPE also if the reader of the output has
 * gone. After a failure another socket may be tried as long as nothing has gone over this one:
 * what was read of the input is still there. */
int service_relay_run(struct service_relay *r, int fd);

/* Returns whether something was sent or received. */
bool service_relay_has_begun(const struct service_relay *r);

/* Returns whether the reader of the output has gone. */
bool service_relay_is_unread(const struct service_relay *r);

/* Returns whether the failure was one of the output: with it all connections fail. */
bool service_relay_has_output_failed(const struct service_relay *r);
