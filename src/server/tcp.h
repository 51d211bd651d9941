/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/tcp.h - DNS over TCP (RFC 7766), as a channel. What it consists of is in
 * server/tcp_priv.h. */
#pragma once

#include "server/channel.h"

extern const struct server_channel server_tcp_channel;
