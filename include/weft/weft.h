/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weft/weft.h - all of libweft: libweft(3). */
#ifndef WEFT_WEFT_H
#define WEFT_WEFT_H

#include <weft/connect.h>
#include <weft/context.h>
#include <weft/find.h>
#include <weft/register.h>
#include <weft/watch.h>

#endif
