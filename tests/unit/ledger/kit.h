/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What the tests of leases share: each gets a world of its own (unit/registry/kit.h), and registers
 * the same services. */
#pragma once

#include "../registry/kit.h"

#include "ledger/leases.h"

#define WEB "web._http._tcp"
#define REGISTER(name)                                   \
	"+ " name "._http._tcp SRV 80 n1.nodes; + " name \
	"._http._tcp TXT a; + _http._tcp PTR " name "._http._tcp"
#define NODE "; + n1.nodes A 10.0.0.1"

#define WORLD(name) cmocka_unit_test_setup_teardown(name, kit_world_setup, kit_world_teardown)
