/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/queue.h - which unit is due when, and the lists that units are in. It does not know
 * what is done with them. One thread. */
#pragma once

#include <stdint.h>

#include "registrant/state.h"

void registrant_list_init(struct registrant_list *l);

/* Has the unit be in no list, and wait for nothing: not for a time, a zone or an answer. */
void registrant_queue_take(struct registrant_service *s);

/* Has it be sent as soon as those have been gathered that are due at the same time. */
void registrant_queue_now(struct registrant_service *s, enum registrant_todo todo);

/* Has it be sent again, or looked at, if another has its name. */
void registrant_queue_again(struct registrant_service *s);

/* Has it be sent at a time. */
void registrant_queue_at(struct registrant_service *s, enum registrant_todo todo, uint64_t due_ms);

/* Has it be sent after a failure: the more there were in a row, the later. `least_ms` at least. */
void registrant_queue_later(struct registrant_service *s, enum registrant_todo todo,
			    uint64_t least_ms, uint64_t now_ms);

/* Has it be looked at in the registry. */
void registrant_queue_look(struct registrant_service *s);

/* Has all be sent that is due, soon. */
void registrant_queue_pump(struct registrant *r);

/* Has a unit that nothing follows for, and that nobody has, be freed soon. */
void registrant_queue_over(struct registrant_service *s);
