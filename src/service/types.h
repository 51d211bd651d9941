/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* service/types.h - what well-known service types are called by people: `_http._tcp` is "Web
 * Site". Constant: any thread. */
#pragma once

/* Returns the name of a type such as `_http._tcp`, in any case, or the type itself if it is not
 * known. */
const char *service_types_name(const char *type);
