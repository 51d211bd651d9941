/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/lan.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"

/* What the child sends: items, and then the end. */
struct result {
	bool is_end;
	int error;	/* of the end */
	uint64_t at_us; /* when the end was */
	struct doctor_lan_item item;
};

_Static_assert(sizeof(struct result) <= PIPE_BUF, "one write each");

static void item_write(void *arg, const struct doctor_lan_item *item)
{
	const struct result r = {.item = *item};
	const int *fd = arg;

	if (write(*fd, &r, sizeof(r)) != (ssize_t)sizeof(r))
		_exit(1);
}

static void child_run(int fd, const void *arg)
{
	struct result r = {.is_end = true};

	r.error = doctor_lan_browse(arg, item_write, &fd);
	r.at_us = base_clock_steady_us();
	_exit(write(fd, &r, sizeof(r)) == (ssize_t)sizeof(r) ? 0 : 1);
}

void doctor_lan_begin(struct doctor_lan *l, const struct doctor_subject *s)
{
	*l = (struct doctor_lan){.error = -ETIMEDOUT, .started_us = base_clock_steady_us()};
	l->is_asked = doctor_lan_browse_can && doctor_child_begin(&l->child, child_run, s) == 0;
}

/* Adds an item, unless it came already, by another interface or protocol. */
static void item_add(struct doctor_lan *l, const struct doctor_lan_item *item)
{
	if (l->n == DOCTOR_LAN_MAX)
		return;
	for (size_t i = 0; i < l->n; i++)
		if (memcmp(&l->items[i], item, sizeof(*item)) == 0)
			return;
	l->items[l->n++] = *item;
}

void doctor_lan_end(struct doctor_lan *l, uint64_t deadline_ms)
{
	uint64_t most_ms = l->started_us / 1000 + DOCTOR_LAN_MS;
	struct result r = {0};
	int ret;

	if (!l->is_asked)
		return;
	do {
		ret = doctor_child_read(&l->child, &r, sizeof(r),
					deadline_ms < most_ms ? deadline_ms : most_ms);
		if (ret > 0 && !r.is_end)
			item_add(l, &r.item);
	} while (ret > 0 && !r.is_end);
	if (ret > 0)
		l->error = r.error;
	else if (ret == 0)
		l->error = -EIO; /* it has died */
	l->rtt_us = (uint32_t)((ret > 0 ? r.at_us : base_clock_steady_us()) - l->started_us);
	doctor_child_end(&l->child);
}

bool doctor_lan_is_first(const struct doctor_lan *l, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcasecmp(l->items[k].instance, l->items[i].instance) == 0)
			return false;
	return true;
}
