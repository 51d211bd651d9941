/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/keeper.h"

#include <stdlib.h>

#include "base/rcu.h"

struct registry_keeper {
	/* set before the thread starts */
	void (*wake)(void *arg);
	void *arg;
	pthread_t thread;

	/* under lock */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_stopping;

	/* any thread, atomic */
	struct base_queue jobs, finished;

	/* the taker only */
	struct base_queue_link *taken;
};

static struct base_queue_link *next_jobs(struct registry_keeper *k)
{
	struct base_queue_link *link;

	pthread_mutex_lock(&k->lock);
	while ((link = base_queue_take(&k->jobs)) == NULL && !k->is_stopping)
		pthread_cond_wait(&k->changed, &k->lock);
	pthread_mutex_unlock(&k->lock);
	return link;
}

static void *keeper_main(void *arg)
{
	struct registry_keeper *k = arg;
	struct base_queue_link *link, *next;

	base_rcu_register();
	base_rcu_offline();
	while ((link = next_jobs(k)) != NULL)
		for (; link != NULL; link = next) {
			struct registry_job *job = (struct registry_job *)link;

			next = link->next;
			job->run(job);
			base_queue_put(&k->finished, &job->link);
			k->wake(k->arg);
		}
	base_rcu_unregister();
	return NULL;
}

struct registry_keeper *registry_keeper_start(void (*wake)(void *arg), void *arg)
{
	struct registry_keeper *k = calloc(1, sizeof *k);

	if (k == NULL)
		return NULL;
	k->wake = wake;
	k->arg = arg;
	base_queue_init(&k->jobs);
	base_queue_init(&k->finished);
	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->changed, NULL);
	if (pthread_create(&k->thread, NULL, keeper_main, k) == 0)
		return k;
	registry_keeper_free(k);
	return NULL;
}

void registry_keeper_put(struct registry_keeper *k, struct registry_job *job)
{
	base_queue_put(&k->jobs, &job->link);
	pthread_mutex_lock(&k->lock);
	pthread_cond_signal(&k->changed);
	pthread_mutex_unlock(&k->lock);
}

struct registry_job *registry_keeper_take(struct registry_keeper *k)
{
	struct base_queue_link *link;

	if (k->taken == NULL)
		k->taken = base_queue_take(&k->finished);
	link = k->taken;
	if (link != NULL)
		k->taken = link->next;
	return (struct registry_job *)link;
}

void registry_keeper_stop(struct registry_keeper *k)
{
	pthread_mutex_lock(&k->lock);
	k->is_stopping = true;
	pthread_cond_signal(&k->changed);
	pthread_mutex_unlock(&k->lock);
	pthread_join(k->thread, NULL);
}

void registry_keeper_free(struct registry_keeper *k)
{
	if (k == NULL)
		return;
	pthread_cond_destroy(&k->changed);
	pthread_mutex_destroy(&k->lock);
	free(k);
}
