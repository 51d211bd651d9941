/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/number.h"

#include <string.h>

#include "agent/turn.h"
#include "base/clock.h"

static void number_set(struct agent_instance *i, uint64_t inc)
{
	i->keep.inc = inc;
	i->is_number_new = true;
	i->records.has_gap = false;
	i->must_keep = true;
}

void agent_number_take(struct agent_instance *i, uint64_t seen)
{
	uint64_t inc = base_clock_wall_ms();

	if (inc <= i->keep.inc)
		inc = i->keep.inc + 1;
	if (inc <= seen)
		inc = seen + 1;
	/* The last number, which anybody with a key can register, is followed by any. */
	number_set(i, inc <= REGISTRANT_INCARNATION_MAX ? inc : base_clock_wall_ms());
}

void agent_number_next(struct agent_instance *i)
{
	const struct agent_registration *r = &i->records;

	if (r->has_gap || i->keep.inc == REGISTRANT_INCARNATION_MAX ||
	    (!i->is_number_new && !r->is_registered))
		agent_number_take(i, r->service == NULL ? 0 : registrant_service_seen(r->service));
	else if (!i->is_number_new)
		number_set(i, i->keep.inc + 1);
}

void agent_number_adopt(struct agent_instance *i, pid_t pid)
{
	/* Its number may not have come into the file any more, or the file is lost. */
	uint64_t inc = pid > 0 ? agent_keep_inc_of(pid) : 0;

	i->keep.has_run = i->keep.has_run || i->keep.inc == 0;
	if (inc > i->keep.inc)
		number_set(i, inc);
	if (i->keep.inc == 0)
		agent_number_take(i, 0);
	i->is_number_new = i->records.has_gap = false;
}

void agent_number_keep(struct agent_instance *i, bool is_durable)
{
	int ret = agent_keep_write(&i->keep, i->agent->kept_folder, i->text, is_durable);

	i->must_keep = false;
	if (ret < 0)
		agent_turn_log(i->agent, i, BASE_LOG_ERROR, "its file is not written: %s",
			       strerror(-ret));
}
