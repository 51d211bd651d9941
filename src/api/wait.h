/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* api/wait.h - waiting inside a function until something is done.
 *
 * Meanwhile all else of the context goes on, callbacks included. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "api/context.h"

/* What is waited for; all zero at the beginning. */
struct api_wait {
	bool is_done;
	int error; /* enum weft_error */
	char text[API_TEXT_MAX];
};

/* Returns WEFT_OK, or WEFT_E_ARGUMENT if nothing may wait now: within a callback. */
int api_wait_check(struct weft *w);

/* Takes that it is done, from within an event, with the text about the error that the context has
 * now: by the end of the wait another event may have replaced it. */
void api_wait_end(struct api_wait *wait, struct weft *w, int error);

/* Waits until it is done, or until the deadline (UINT64_MAX: for ever). Returns the error that
 * api_wait_end got, WEFT_E_TIMEOUT or WEFT_E_SYSTEM. */
int api_wait_for(struct api_wait *wait, struct weft *w, uint64_t deadline_ms);
