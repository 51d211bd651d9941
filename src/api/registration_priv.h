/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* api/registration_priv.h - a registration, as its two files share it: its life is in
 * registration.c, what it registers in registration_settings.c. */
#pragma once

#include <weft/register.h>

#include "api/context.h"
#include "api/description.h"

struct weft_registration {
	struct api_object object;
	struct api_description *description;
	struct registrant_service *service; /* NULL: not started */
	weft_registration_fn fn;	    /* or NULL */
	void *arg;
	weft_health_fn health;
	void *health_arg;
	char name[DNS_NAME_TEXT_MAX]; /* what weft_registration_name() returned last */
};
