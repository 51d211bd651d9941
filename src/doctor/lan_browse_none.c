/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/lan_browse.h"

#include <errno.h>

const bool doctor_lan_browse_can = false;

int doctor_lan_browse(const struct doctor_subject *s,
		      void (*take)(void *arg, const struct doctor_lan_item *item), void *arg)
{
	(void)s;
	(void)take;
	(void)arg;
	return -EOPNOTSUPP;
}
