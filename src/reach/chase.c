/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "reach/chase.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LEGS = 2,
	ANEW_AFTER_MS = 400, /* that what is known first may take */
};

/* Instances that came to be known together. */
struct leg {
	struct reach_chase *chase;
	struct reach *reach; /* NULL: has ended, or was not begun */
	unsigned number;     /* of all that were begun */
};

struct reach_chase {
	struct reach_chase_options options; /* name and key are this struct's */
	struct find_name name;
	reach_fn done;
	reach_failed_fn on_failed;
	void *arg;
	struct leg legs[LEGS];
	unsigned nbegun;
	struct find_lookup *lookup; /* NULL: nothing is looked up now */
	struct resolve_timer timer; /* when to look up anew */
	bool has_looked;
	struct find_instance **known; /* what was tried, to recognize what is new */
	size_t nknown;
	int error; /* of what has failed, and why */
	char why[REACH_WHY_MAX];
};

static struct resolve_timers *timers_of(const struct reach_chase *c)
{
	return &c->options.events->timers;
}

/* ---- what is new ---- */

static bool is_same(const struct find_instance *a, const struct find_instance *b)
{
	return dns_name_equal(a->name, b->name) && a->incarnation == b->incarnation &&
	       (find_instance_compare(a, b) & (FIND_DIFFERS_SRV | FIND_DIFFERS_ADDRESSES)) == 0;
}

static bool is_known(const struct reach_chase *c, const struct find_instance *i)
{
	/* One that has not changed is often the same one. */
	for (size_t k = 0; k < c->nknown; k++)
		if (c->known[k] == i)
			return true;
	for (size_t k = 0; k < c->nknown; k++)
		if (is_same(c->known[k], i))
			return true;
	return false;
}

/* Adds what is new to `known`, as its last ones. Returns their number, or -ENOMEM. */
static ssize_t news_add(struct reach_chase *c, struct find_instance *const *all, size_t n)
{
	size_t nbefore = c->nknown;
	struct find_instance **known = realloc(c->known, (c->nknown + n + 1) * sizeof(*known));

	if (known == NULL)
		return -ENOMEM;
	c->known = known;
	for (size_t k = 0; k < n && c->nknown < REACH_CHASE_INSTANCES_MAX; k++)
		if (nbefore == 0 || !is_known(c, all[k]))
			c->known[c->nknown++] = find_instance_acquire(all[k]);
	return (ssize_t)(c->nknown - nbefore);
}

static void news_remove(struct reach_chase *c, size_t n)
{
	for (; n > 0; n--)
		find_instance_release(c->known[--c->nknown]);
}

/* ---- the end ---- */

static void lookup_end(struct reach_chase *c)
{
	find_lookup_free(c->lookup);
	c->lookup = NULL;
}

bool reach_chase_goes_on(const struct reach_chase *c)
{
	bool goes_on = c->lookup != NULL;

	for (unsigned k = 0; k < LEGS; k++)
		goes_on |= c->legs[k].reach != NULL;
	return goes_on;
}

static void error_add(struct reach_chase *c, int error, const char *why)
{
	size_t n = strlen(c->why);

	/* A host that does not answer may yet do so: that is reported rather than a refusal. */
	if (c->error == 0 || error != -EHOSTUNREACH)
		c->error = error;
	snprintf(c->why + n, sizeof(c->why) - n, "%s%s", n > 0 && why[0] != '\0' ? "; " : "", why);
}

/* Reports what has failed, unless something goes on. */
static void end_check(struct reach_chase *c, uint64_t now_ms)
{
	char why[REACH_WHY_MAX];

	if (reach_chase_goes_on(c))
		return;
	resolve_timer_clear(timers_of(c), &c->timer);
	strcpy(why, c->why);
	c->done(c->arg, c->error, -1, NULL, why, now_ms);
}

/* ---- connecting ---- */

static void on_failed(void *arg, const struct find_instance *i, int error)
{
	const struct leg *leg = arg;
	struct reach_chase *c = leg->chase;

	if (c->on_failed != NULL)
		c->on_failed(c->arg, i, error);
}

static void leg_end(struct leg *leg)
{
	reach_free(leg->reach);
	leg->reach = NULL;
}

static void on_reached(void *arg, int error, int fd, const struct find_instance *to,
		       const char *why, uint64_t now_ms)
{
	struct leg *leg = arg;
	struct reach_chase *c = leg->chase;

	leg_end(leg);
	if (error != 0) {
		error_add(c, error, why);
		if (error == -EHOSTUNREACH && resolve_timer_is_set(&c->timer))
			resolve_timer_set(timers_of(c), &c->timer, 0);
		else
			end_check(c, now_ms);
		return;
	}
	resolve_timer_clear(timers_of(c), &c->timer);
	lookup_end(c);
	for (unsigned k = 0; k < LEGS; k++)
		leg_end(&c->legs[k]);
	c->done(c->arg, 0, fd, to, why, now_ms);
}

/* Returns a leg that is not in use; if need be, that which was tried for longest gives way. */
static struct leg *leg_get(struct reach_chase *c)
{
	struct leg *oldest = &c->legs[0];

	for (unsigned k = 0; k < LEGS; k++) {
		if (c->legs[k].reach == NULL)
			return &c->legs[k];
		if (c->legs[k].number < oldest->number)
			oldest = &c->legs[k];
	}
	leg_end(oldest);
	return oldest;
}

int reach_chase_add(struct reach_chase *c, struct find_instance *const *all, size_t n,
		    uint64_t now_ms)
{
	ssize_t nnew = news_add(c, all, n);
	struct find_instance **first = c->known + c->nknown - (nnew > 0 ? nnew : 0);
	struct leg *leg;
	int ret;

	if (nnew <= 0)
		return nnew < 0 ? -ENOMEM : 0;
	if (c->options.key != NULL)
		find_order_sticky(first, (size_t)nnew, c->options.key, c->options.nkey);
	else
		find_order(first, (size_t)nnew);
	leg = leg_get(c);
	ret = reach_new(&leg->reach, c->options.events, c->options.memory, first, (size_t)nnew,
			&c->options.socket, on_reached, on_failed, leg);
	if (ret < 0) {
		news_remove(c, (size_t)nnew);
		return ret;
	}
	leg->number = c->nbegun++;
	if (c->options.find != NULL && !c->has_looked && !resolve_timer_is_set(&c->timer))
		resolve_timer_set(timers_of(c), &c->timer, now_ms + ANEW_AFTER_MS);
	return 0;
}

/* ---- looking up anew ---- */

static void on_found(void *arg, int error, const char *why, struct find_set *set, uint64_t now_ms)
{
	struct reach_chase *c = arg;

	(void)why;
	lookup_end(c);
	error = error == 0 ? reach_chase_add(c, set->all, set->n, now_ms) : 0;
	if (error != 0)
		error_add(c, error, "");
	end_check(c, now_ms);
}

static void on_due(void *arg, uint64_t now_ms)
{
	struct reach_chase *c = arg;

	c->has_looked = true;
	if (now_ms < c->options.socket.deadline_ms &&
	    find_lookup_new(&c->lookup, c->options.find, &c->name, c->options.socket.deadline_ms,
			    on_found, c) == 0)
		find_lookup_want_anew(c->lookup);
	else
		end_check(c, now_ms);
}

/* ---- the chase ---- */

int reach_chase_new(struct reach_chase **out, const struct reach_chase_options *options,
		    reach_fn done, reach_failed_fn failed, void *arg)
{
	struct reach_chase *c = calloc(1, sizeof(*c));
	void *key = options->key != NULL ? malloc(options->nkey + 1) : NULL;

	if (c == NULL || (options->key != NULL && key == NULL)) {
		free(c);
		free(key);
		return -ENOMEM;
	}
	*c = (struct reach_chase){.options = *options,
				  .name = *options->name,
				  .done = done,
				  .on_failed = failed,
				  .arg = arg,
				  .timer = {.on_due = on_due, .arg = c}};
	if (key != NULL)
		memcpy(key, options->key, options->nkey);
	c->options.key = key;
	c->options.name = &c->name;
	for (unsigned k = 0; k < LEGS; k++)
		c->legs[k].chase = c;
	*out = c;
	return 0;
}

void reach_chase_free(struct reach_chase *c)
{
	if (c == NULL)
		return;
	resolve_timer_clear(timers_of(c), &c->timer);
	lookup_end(c);
	for (unsigned k = 0; k < LEGS; k++)
		leg_end(&c->legs[k]);
	news_remove(c, c->nknown);
	free(c->known);
	free((void *)c->options.key);
	free(c);
}
