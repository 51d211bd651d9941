/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/bound.h - the kinds of bounds that an update can go over, for the figures. Constant: any
 * thread. */
#pragma once

enum update_bound {
	UPDATE_BOUND_NONE,
	UPDATE_BOUND_SIZE,  /* of a name or an RRset */
	UPDATE_BOUND_QUOTA, /* of what one key may register */
	UPDATE_BOUND_WORK,  /* of one request (base/budget.h) */
	UPDATE_BOUNDS,
};
