/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* spec/instance.h - the names of a service's instances: NAME-1 to NAME-count. No state; any
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "spec/service.h"

enum { SPEC_INSTANCE_MAX = 64 }; /* room for a label and a NUL */

/* Writes the label of the instance of this number, from 1. */
void spec_instance_label(char out[static SPEC_INSTANCE_MAX], const struct spec_service *s,
			 uint32_t number);

/* Writes the owner name of the instance in `zone`: web-1._http._tcp.ZONE. Returns its length, or 0
 * if the zone's name is too long for it. */
size_t spec_instance_name(uint8_t out[static DNS_NAME_MAX], const struct spec_service *s,
			  uint32_t number, const uint8_t *zone);

/* Returns the number of the instance whose owner name or `_spec` record begins with the label
 * `label`, if that is one of a service called `name`; else 0. `label` is a wire label. */
uint32_t spec_instance_number(const uint8_t *label, const char *name);

/* Returns whether the wire label is that of an instance of a service called `name`: NAME, as one
 * that registers itself may be called, or NAME-N. Case is ignored. */
bool spec_instance_is_of(const uint8_t *label, const char *name);
