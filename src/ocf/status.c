/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ocf/status.h"

#include <stdio.h>
#include <string.h>

#include "child/task.h"

static const struct {
	int status;
	const char *text;
	bool is_hard;
} table[] = {
	{OCF_SUCCESS, "success", false},
	{OCF_ERR_GENERIC, "failed", false},
	{OCF_ERR_ARGS, "arguments not valid", true},
	{OCF_ERR_UNIMPLEMENTED, "action not implemented", true},
	{OCF_ERR_PERM, "not permitted", true},
	{OCF_ERR_INSTALLED, "not installed", true},
	{OCF_ERR_CONFIGURED, "not configured", true},
	{OCF_NOT_RUNNING, "not running", false},
	{OCF_RUNNING_PROMOTED, "running, promoted", false},
	{OCF_FAILED_PROMOTED, "failed, promoted", false},
	{OCF_DEGRADED, "degraded", false},
	{OCF_DEGRADED_PROMOTED, "degraded, promoted", false},
};
enum { NSTATUSES = sizeof(table) / sizeof(*table), REASON_CHARS = 250 };

static const char exit_reason[] = "ocf-exit-reason:";

const char *ocf_status_to_text(int status)
{
	for (int i = 0; i < NSTATUSES; i++)
		if (table[i].status == status)
			return table[i].text;
	return "violates the OCF API";
}

bool ocf_status_is_hard(int status)
{
	for (int i = 0; i < NSTATUSES; i++)
		if (table[i].status == status)
			return table[i].is_hard;
	return false;
}

enum supervise_verdict ocf_status_judge(struct child_exit exit)
{
	if (exit.how != CHILD_EXIT_STATUS)
		return SUPERVISE_FAILED;
	switch (exit.value) {
	case OCF_SUCCESS:
	case OCF_RUNNING_PROMOTED:
		return SUPERVISE_PASSED;
	case OCF_DEGRADED:
	case OCF_DEGRADED_PROMOTED:
		return SUPERVISE_DEGRADED;
	default:
		return SUPERVISE_FAILED;
	}
}

enum supervise_machine_found ocf_status_found(struct child_exit exit)
{
	if (ocf_status_judge(exit) != SUPERVISE_FAILED)
		return SUPERVISE_MACHINE_RUNS;
	if (exit.how == CHILD_EXIT_STATUS && exit.value == OCF_NOT_RUNNING)
		return SUPERVISE_MACHINE_STOPPED;
	return SUPERVISE_MACHINE_BROKEN;
}

bool ocf_status_is_final(struct child_exit exit)
{
	return exit.how == CHILD_EXIT_STATUS && ocf_status_is_hard(exit.value);
}

/* Finds the last reason that an agent has written, as those of resource-agents do. Returns its
 * length, or 0 without one. */
static size_t reason_find(const char **out, const char *output)
{
	const char *at = output;

	*out = "";
	while ((at = strstr(at, exit_reason)) != NULL) {
		at += sizeof(exit_reason) - 1;
		*out = at;
	}
	return strcspn(*out, "\r\n");
}

void ocf_status_explain(char *out, size_t size, const char *action,
			const struct child_task_result *result)
{
	struct child_exit exit = result->exit;
	char text[CHILD_EXIT_TEXT_MAX];
	const char *reason;
	size_t n = reason_find(&reason, result->output), used;

	if (exit.how == CHILD_EXIT_STATUS)
		snprintf(out, size, "%s: %s (OCF status %d)", action,
			 ocf_status_to_text(exit.value), exit.value);
	else
		snprintf(out, size, "%s: %s", action, child_exit_to_text(text, exit));
	if (n == 0) {
		reason = result->line != NULL ? result->line : "";
		n = strlen(reason);
	}
	used = strlen(out);
	if (n > 0)
		snprintf(out + used, size - used, ": %.*s",
			 (int)(n < REASON_CHARS ? n : REASON_CHARS), reason);
	for (char *at = out; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 127)
			*at = '?';
}
