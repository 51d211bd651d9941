/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/records.h - the records of a unit, in an update that registers, refreshes or removes
 * it. It does not know when that is sent, and with what else. One thread. */
#pragma once

#include "dns/update_write.h"
#include "registrant/state.h"

enum { REGISTRANT_RECORDS_TXT_MAX = REGISTRANT_TXT_MAX + 512 };

/* Returns the octets that the unit takes in a message at most. */
size_t registrant_records_bound(const struct registrant_service *s);

/* Writes the prerequisites of what is to be done (`s->todo`), and then what it changes. */
void registrant_records_require(struct dns_update_writer *u, const struct registrant_service *s);
void registrant_records_change(struct dns_update_writer *u, const struct registrant_service *s);

/* Writes the TXT record that an instance or a claim is registered with. Returns its length. */
size_t registrant_records_txt(const struct registrant_service *s,
			      const struct registrant_settings *settings, uint64_t incarnation,
			      uint8_t out[static REGISTRANT_RECORDS_TXT_MAX]);

/* Notes that what was registered by the last message is in the registry now. */
void registrant_records_note(struct registrant_service *s);

/* Notes, of an instance or a claim that nothing was sent for, that an earlier life has registered
 * the same. */
void registrant_records_adopt(struct registrant_service *s);

/* Returns the incarnation in a TXT record; 0: it has none. */
uint64_t registrant_records_incarnation(const uint8_t *txt, size_t ntxt);
