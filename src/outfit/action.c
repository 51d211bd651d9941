/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/action.h"

#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "child/task.h"
#include "outfit/known.h"
#include "outfit/plan.h"
#include "supervise/host.h"

struct outfit_action {
	LIST_ENTRY(outfit_action) link;
	struct outfit_actions *actions;
	struct child_task *task;
};

static void on_task(void *arg, const struct child_task_result *result)
{
	struct outfit_action *action = arg;
	struct outfit_actions *actions = action->actions;
	bool is_good = result->how == CHILD_TASK_ENDED && result->exit.how == CHILD_EXIT_STATUS &&
		       result->exit.value == 0;

	LIST_REMOVE(action, link);
	free(action);
	actions->on_done(actions->arg, is_good ? NULL : result->reason);
}

int outfit_action_start(struct outfit_actions *actions, const struct outfit_plan *plan,
			const struct outfit_facts *facts, const struct spec_words *words,
			struct base_error *error)
{
	struct child_reaper *reaper = supervise_host_reaper(plan->node->host);
	struct outfit_action *action = calloc(1, sizeof(*action));
	struct child_task_settings settings = {.output = -1, .timeout_ms = OUTFIT_ACTION_MS};
	struct outfit_environment environment = {0};
	struct child_command command;
	int ret;

	if (action == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	action->actions = actions;
	ret = outfit_plan_environment(&environment, plan, facts, false, error);
	if (ret == 0 && outfit_plan_command(&command, plan, &environment, words) < 0)
		ret = base_error_set(error, -ENOMEM, "out of memory");
	settings.command = &command;
	if (ret == 0)
		ret = child_task_start(&action->task, reaper, &settings, on_task, action, error);
	outfit_environment_fini(&environment);
	if (ret < 0)
		free(action);
	else
		LIST_INSERT_HEAD(&actions->running, action, link);
	return ret;
}

void outfit_action_end_all(struct outfit_actions *actions)
{
	struct outfit_action *action;

	while ((action = LIST_FIRST(&actions->running)) != NULL) {
		LIST_REMOVE(action, link);
		child_task_close(action->task);
		free(action);
	}
}
