/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/look.h"

bool agent_look_unit(const struct agent_instance *i, struct supervise_unit_view *view)
{
	struct supervise_unit_view own;
	struct supervise_unit *unit = i->outfit == NULL ? NULL : outfit_unit(i->outfit);

	if (view == NULL)
		view = &own;
	*view = (struct supervise_unit_view){.reason = "", .status = "", .wait_ms = -1};
	if (unit == NULL)
		return false;
	supervise_unit_get(unit, view);
	return view->state != SUPERVISE_UNIT_STOPPED && view->state != SUPERVISE_UNIT_FAILED;
}

bool agent_look_is_wanted(const struct agent_instance *i)
{
	return i->order != NULL && !i->keep.is_stopped && !i->keep.has_failed && !i->keep.is_done &&
	       i->agent->ending != AGENT_STOPS;
}

const char *agent_look_cfg(const struct agent_instance *i)
{
	return i->keep.cfg[0] != '\0' || i->order == NULL ? i->keep.cfg : i->order->cfg;
}

const char *agent_look_ver(const struct agent_instance *i)
{
	return i->keep.cfg[0] != '\0' || i->order == NULL ? i->keep.ver : i->order->ver;
}
