/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* server/udp.h - DNS over UDP, as a channel. What it consists of is known to server/udp.c alone. */
#pragma once

#include "server/channel.h"

extern const struct server_channel server_udp_channel;
