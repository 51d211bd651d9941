/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/found.h - what follows from what was found in the registry at the name of a claim, or
 * of an instance whose incarnation its owner gives. It decides, and does nothing. One thread. */
#pragma once

#include "registrant/state.h"

enum registrant_found {
	REGISTRANT_FOUND_NOTHING, /* it is registered anew, as lost if it was registered */
	REGISTRANT_FOUND_SAME,	  /* as it is to be: refreshed */
	REGISTRANT_FOUND_OURS,	  /* an earlier one, of ours or to be taken over: replaced */
	REGISTRANT_FOUND_LATER,	  /* an incarnation that ours does not follow */
	REGISTRANT_FOUND_OTHERS,  /* another holder's, or another node's */
};

enum registrant_found registrant_found_judge(const struct registrant_service *s,
					     const struct registrant_present *read);

/* Writes the holder of a claim, or the node of an instance, that was found; "": none. */
void registrant_found_holder(const struct registrant_service *s,
			     const struct registrant_present *read, char out[static UINT8_MAX + 1]);

/* Writes for people, or of a claim its holder, why the unit waits for what was found. */
void registrant_found_explain(const struct registrant_service *s,
			      const struct registrant_present *read,
			      char why[static REGISTRANT_WHY_MAX]);
