/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "find/question.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "dns/type.h"
#include "locate/ask.h"
#include "resolve/conf.h"
#include "resolve/lookup.h"

enum {
	IDLE_MAX = 64,
	REFRESH_MS = 5000, /* the least time for a question that refreshes */
	WHY_MAX = 512,
};

struct find_question {
	struct find_questions *all;
	struct find_question *next, **link;
	struct find_waiter *waiters;
	struct locate_ask *ask;
	/* after the registries have failed */
	struct resolve_lookup *lookup;
	struct resolve_timer late;
	struct resolve_endpoint resolvers[RESOLVE_CONF_SERVERS_MAX];
	int error;	   /* of the registries */
	bool is_elsewhere; /* they have shown that the name is in no zone of theirs */
	char why[WHY_MAX];

	uint64_t deadline_ms;
	bool is_refresh, is_idle;
	uint16_t type;
	uint8_t name[DNS_NAME_MAX];
};

static void question_free(struct find_question *q)
{
	*q->link = q->next;
	if (q->next != NULL)
		q->next->link = q->link;
	q->all->nidle -= q->is_idle;
	resolve_timer_clear(&q->all->events->timers, &q->late);
	locate_ask_free(q->ask);
	resolve_lookup_free(q->lookup);
	free(q);
}

/* ---- the end ---- */

/* Hands the answer to all that wait; frees the question. */
static void question_end(struct find_question *q, const struct find_answer *answer, int error,
			 const char *why, uint64_t now_ms)
{
	struct find_waiter *w;

	/* A question that is asked from here on is a new one. */
	q->type = 0;
	while ((w = q->waiters) != NULL) {
		find_question_wait_end(w);
		w->on_answer(w->arg, answer, error, why, now_ms);
	}
	question_free(q);
}

/* Reads an answer, and ends the question with it. Returns 0, or, with the question's error set and
 * nothing ended, what find_answer_read does. */
static int answer_take(struct find_question *q, struct resolve_answer *message, const char *why,
		       uint64_t now_ms)
{
	struct find_answer answer;
	char fault[FIND_ANSWER_WHY_MAX];
	int status = find_answer_read(&answer, message, q->name, q->type, now_ms, fault);

	if (status < 0) {
		q->error = status;
		snprintf(q->why, sizeof(q->why), "%s%s%s", why, fault[0] == '\0' ? "" : ": ",
			 fault);
		return status;
	}
	for (struct find_answer_set *set = answer.first; set != NULL; set = set->next)
		find_cache_add(&q->all->cache, set->name, set->type, set->rrset, now_ms);
	question_end(q, &answer, 0, why, now_ms);
	find_answer_fini(&answer);
	return 0;
}

/* ---- resolvers ---- */

/* Returns whether what a resolver has answered is believed. That there is nothing is believed only
 * if the registries have shown that the name is elsewhere: while they are gone, resolvers know
 * nothing of what is in their zones. */
static bool is_believed(const struct find_question *q, const struct resolve_answer *message)
{
	if (message->rcode == DNS_RCODE_NOERROR && message->nanswer > 0)
		return true;
	return q->is_elsewhere &&
	       (message->rcode == DNS_RCODE_NOERROR || message->rcode == DNS_RCODE_NXDOMAIN);
}

static void lookup_done(void *arg, struct resolve_answer *message, int error, uint64_t now_ms)
{
	struct find_question *q = arg;

	(void)error;
	if (message == NULL || !is_believed(q, message) ||
	    answer_take(q, message, "a resolver of resolv.conf", now_ms) < 0)
		question_end(q, NULL, q->error, q->why, now_ms);
}

static void on_late(void *arg, uint64_t now_ms)
{
	struct find_question *q = arg;

	question_end(q, NULL, q->error, q->why, now_ms);
}

static bool is_registry(const struct locate *l, const struct sockaddr *address)
{
	size_t n;
	const struct locate_registry *all = locate_registries(l, &n);

	for (size_t i = 0; i < n; i++)
		if (base_address_equal((const struct sockaddr *)&all[i].endpoint.address, address))
			return true;
	return false;
}

/* Asks resolvers that are not registries. Returns false if there are none, or memory is short. */
static bool resolvers_ask(struct find_question *q)
{
	struct resolve_lookup_servers servers = {.servers = q->resolvers};
	struct resolve_conf conf;

	if ((q->type != DNS_TYPE_A && q->type != DNS_TYPE_AAAA) ||
	    resolve_conf_read(&conf, "/etc/resolv.conf") < 0)
		return false;
	for (size_t i = 0; i < conf.nservers; i++) {
		const struct sockaddr *address = (const struct sockaddr *)&conf.servers[i];

		if (!is_registry(q->all->locate, address))
			q->resolvers[servers.nservers++].address = conf.servers[i];
	}
	if (servers.nservers == 0 ||
	    resolve_lookup_new(&q->lookup, q->all->events, &servers, q->name, q->type, false,
			       lookup_done, q) < 0)
		return false;
	resolve_timer_set(&q->all->events->timers, &q->late, q->deadline_ms);
	return true;
}

/* ---- registries ---- */

static void ask_done(void *arg, struct resolve_answer *message, int error, const char *why,
		     uint64_t now_ms)
{
	struct find_question *q = arg;

	q->error = error;
	snprintf(q->why, sizeof(q->why), "%s", why);
	if (message != NULL || locate_ask_was_refused(q->ask))
		q->all->silent_until_ms = 0;
	else
		q->all->silent_until_ms = now_ms + FIND_SILENCE_MS;
	if (message != NULL && answer_take(q, message, why, now_ms) == 0)
		return;
	/* No registry has the name: it is refused, or in a zone that belongs to others. */
	q->is_elsewhere = message != NULL ||
			  (locate_ask_was_refused(q->ask) && locate_ask_has_refusal(q->ask));
	if (q->error != -EHOSTUNREACH || !resolvers_ask(q))
		question_end(q, NULL, q->error, q->why, now_ms);
}

static struct find_question *question_new(struct find_questions *all, const uint8_t *name,
					  uint16_t type, uint64_t deadline_ms)
{
	struct find_question *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->all = all;
	q->type = type;
	q->deadline_ms = deadline_ms;
	q->late.on_due = on_late;
	q->late.arg = q;
	memcpy(q->name, name, dns_name_nbytes(name));
	if (locate_ask_new(&q->ask, all->locate, name, type, deadline_ms, ask_done, q) < 0) {
		free(q);
		return NULL;
	}
	q->next = all->first;
	q->link = &all->first;
	if (q->next != NULL)
		q->next->link = &q->next;
	all->first = q;
	return q;
}

/* ---- waiting ---- */

int find_question_wait(struct find_questions *all, struct find_waiter *w, const uint8_t *name,
		       uint16_t type, uint64_t deadline_ms, bool is_refresh, uint64_t now_ms)
{
	struct find_question *q = all->first;

	while (q != NULL && (q->type != type || !dns_name_equal(q->name, name)))
		q = q->next;
	if (is_refresh && deadline_ms < now_ms + REFRESH_MS)
		deadline_ms = now_ms + REFRESH_MS;
	if (q == NULL)
		q = question_new(all, name, type, deadline_ms);
	if (q == NULL)
		return -ENOMEM;
	all->nidle -= q->is_idle;
	q->is_idle = false;
	q->is_refresh |= is_refresh;
	w->question = q;
	w->link = &q->waiters;
	w->next = q->waiters;
	if (w->next != NULL)
		w->next->link = &w->next;
	q->waiters = w;
	return 0;
}

void find_question_wait_end(struct find_waiter *w)
{
	struct find_question *q = w->question;

	if (q == NULL)
		return;
	*w->link = w->next;
	if (w->next != NULL)
		w->next->link = w->link;
	w->question = NULL;
	/* One of type 0 is at its end. */
	if (q->waiters != NULL || q->type == 0)
		return;
	if (!q->is_refresh || q->all->nidle >= IDLE_MAX) {
		question_free(q);
		return;
	}
	q->is_idle = true;
	q->all->nidle++;
}

void find_questions_fini(struct find_questions *all)
{
	while (all->first != NULL)
		question_free(all->first);
	find_cache_fini(&all->cache);
}
