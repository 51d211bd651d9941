/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* api/error.h - from the errors of the rooms below, negative errnos, to those of libweft.
 *
 * What an errno means is written in the headers of these rooms; one that none of them uses is
 * WEFT_E_SYSTEM. No state; any thread. */
#pragma once

/* Converts what a look-up, an exchange or a registration has ended with. */
int api_error_from_errno(int error);

/* Converts what attempts to connect have ended with. */
int api_error_of_connect(int error);

/* Converts why settings or files cannot be used. */
int api_error_of_settings(int error);
