/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* stream/tls.h - the bytes of a connection over TLS (RFC 7858).
 *
 * What is above the bytes is the same as over TCP (stream/stream_priv.h). A connection is one of a
 * worker when its handshake is done (stream/handshake.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct iovec;
struct server_worker;
struct stream_connection;
struct stream_handshake;

/* Gives a new connection the session of a handshake, which moves in, and the identity of its peer.
 * Returns false if memory is short. */
bool stream_tls_open(struct stream_connection *c, struct stream_handshake *h);

/* Ends the session. Nothing is done if the connection is not over TLS. */
void stream_tls_close(struct stream_connection *c);

/* Receives, as recv(2) does. */
ssize_t stream_tls_receive(struct stream_connection *c, uint8_t *bytes, size_t size);

/* Sends, as sendmsg(2) does, but returns 0 if nothing can be taken now. */
ssize_t stream_tls_send(struct stream_connection *c, const struct iovec *iov, size_t niov);

/* Sends what was taken and the socket did not take. Returns false if the session has failed. */
bool stream_tls_flush(struct stream_connection *c);
