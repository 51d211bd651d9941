/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* stream/tcp.h - DNS over TCP (RFC 7766), as a channel. What it consists of is in
 * stream/stream_priv.h. */
#pragma once

#include "server/channel.h"

extern const struct server_channel stream_tcp_channel;

/* DNS over TLS (RFC 7858); a server that has this channel has the one above, too. */
extern const struct server_channel stream_tls_channel;
