/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* unit/service/instance.h - instances as libweft would find them, made of texts, and the functions
 * of libweft that read them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <weft/find.h>

enum { INSTANCE_ADDRESSES_MAX = 4, INSTANCE_PAIRS_MAX = 16 };

struct weft_instance {
	const char *name, *label, *type, *domain, *host;
	uint16_t port, priority, weight;
	enum weft_state state;
	const char *addresses[INSTANCE_ADDRESSES_MAX]; /* up to the first NULL */
	/* `key=value`, or `key`; up to the first NULL */
	const char *txt[INSTANCE_PAIRS_MAX];
};
