/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "control/log.h"

#include "base/log.h"
#include "control/server.h"

void control_log_run(void *arg, struct control_request *request)
{
	enum base_log_level level;

	(void)arg;
	if (base_log_level_from_text(control_request_arg(request, 0), &level) < 0) {
		control_request_fail(request,
				     "%s is not a log level: use error, warning, info or debug",
				     control_request_arg(request, 0));
		return;
	}
	base_log_set_level(level);
	control_request_answer(request, json_null());
}
