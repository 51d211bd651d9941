/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "depend/depend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "depend/choice.h"
#include "dnssd/fabric_name.h"
#include "follow/watch.h"

enum {
	AGAIN_MS = 100, /* after memory was short */
	/* For the other instances, which may have a better priority, once one is known; also if one
	 * of them never becomes known. */
	PATIENCE_MS = 250,
	NAME_MAX_ = DNS_LABEL_MAX + 1,
};

struct depend {
	struct follow_user user;
	struct follow *follow;
	struct follow_watch *watch;
	depend_change_fn on_change;
	void *arg;
	struct depend_choice choice;
	struct find_instance **all; /* those of the service, while it is chosen among them */
	size_t size;
	uint64_t patient_until_ms; /* UINT64_MAX: no instance is known */
	bool is_known;		   /* on_change was called */
	char name[NAME_MAX_];
	uint8_t type[DNS_NAME_MAX]; /* the owner name of the type */
};

static void on_event(void *arg, enum follow_watch_event event, const struct find_instance *now,
		     const struct find_instance *before)
{
	struct depend *d = arg;

	(void)before;
	if (now == NULL ? event == FOLLOW_WATCH_CURRENT : depend_choice_has(now, d->name, d->type))
		follow_touch(d->follow, &d->user);
}

/* Finds the instances of the service among those of its type. Returns 0 or -ENOMEM. */
static int instances_collect(struct depend *d, size_t *n)
{
	size_t nall;
	struct find_instance *const *all = follow_watch_instances(d->watch, &nall);

	*n = 0;
	if (nall > d->size) {
		struct find_instance **grown = realloc(d->all, nall * sizeof(*grown));

		if (grown == NULL)
			return -ENOMEM;
		d->all = grown;
		d->size = nall;
	}
	for (size_t i = 0; i < nall; i++)
		if (depend_choice_has(all[i], d->name, d->type))
			d->all[(*n)++] = all[i];
	return 0;
}

/* Returns whether the first choice is to be made later, when more instances are known. */
static bool is_patient(struct depend *d, size_t n, uint64_t now_ms)
{
	if (d->is_known || follow_watch_is_current(d->watch))
		return false;
	if (n == 0)
		return true;
	if (d->patient_until_ms == UINT64_MAX)
		d->patient_until_ms = now_ms + PATIENCE_MS;
	return now_ms < d->patient_until_ms;
}

static void depend_settle(void *arg, uint64_t now_ms)
{
	struct depend *d = arg;
	bool has_changed;
	size_t n;

	follow_wake(d->follow, &d->user, UINT64_MAX);
	if (instances_collect(d, &n) < 0) {
		follow_wake(d->follow, &d->user, now_ms + AGAIN_MS);
		return;
	}
	if (is_patient(d, n, now_ms)) {
		follow_wake(d->follow, &d->user, d->patient_until_ms);
		return;
	}
	has_changed = depend_choice_make(&d->choice, d->all, n);
	if (!d->is_known && d->choice.instance == NULL && !follow_watch_is_current(d->watch))
		return; /* those known are not up, and others may be */
	if (d->is_known && !has_changed)
		return;
	d->is_known = true;
	if (d->choice.instance != NULL)
		d->on_change(d->arg, d->choice.host_port, d->choice.instance->name);
	else
		d->on_change(d->arg, NULL, NULL);
}

static void depend_end(void *arg)
{
	struct depend *d = arg;

	depend_choice_fini(&d->choice);
	free((void *)d->all);
	free(d);
}

/* Reads names that may come from anywhere. Returns 0 or -EINVAL. */
static int names_read(struct depend *d, struct find_name *watched, const uint8_t *zone,
		      const char *name, const char *type)
{
	uint8_t owner[DNS_NAME_MAX];

	if (strlen(name) == 0 || strlen(name) >= NAME_MAX_ ||
	    dnssd_fabric_name_instance(owner, name, type, zone) == 0)
		return -EINVAL;
	memcpy(d->name, name, strlen(name) + 1);
	dns_name_lower(d->type, dns_name_strip(owner, 1));
	*watched = (struct find_name){.kind = FIND_TYPE};
	memcpy(watched->name, d->type, sizeof(watched->name));
	return 0;
}

int depend_new(struct depend **out, struct follow *f, const uint8_t *zone, const char *name,
	       const char *type, depend_change_fn on_change, void *arg)
{
	struct depend *d = calloc(1, sizeof(*d));
	struct find_name watched;
	int ret;

	if (d == NULL)
		return -ENOMEM;
	d->user = (struct follow_user){.settle = depend_settle, .end = depend_end, .arg = d};
	d->follow = f;
	d->on_change = on_change;
	d->arg = arg;
	d->patient_until_ms = UINT64_MAX;
	ret = names_read(d, &watched, zone, name, type);
	if (ret == 0)
		ret = follow_watch_new(&d->watch, f, &watched, on_event, d);
	if (ret < 0) {
		free(d);
		return ret;
	}
	follow_add(f, &d->user);
	*out = d;
	return 0;
}

void depend_free(struct depend *d)
{
	if (d == NULL)
		return;
	follow_watch_free(d->watch);
	follow_remove(d->follow, &d->user);
}

const struct find_instance *depend_chosen(const struct depend *d)
{
	return d->choice.instance;
}

bool depend_is_known(const struct depend *d)
{
	return d->is_known;
}
