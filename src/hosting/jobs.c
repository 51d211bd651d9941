/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "hosting/jobs.h"

#include <stdlib.h>

#include "base/rcu.h"

struct hosting_jobs {
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

static struct base_queue_link *next_jobs(struct hosting_jobs *k)
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
	struct hosting_jobs *k = arg;
	struct base_queue_link *link, *next;

	base_rcu_register();
	base_rcu_offline();
	while ((link = next_jobs(k)) != NULL)
		for (; link != NULL; link = next) {
			struct hosting_job *job = (struct hosting_job *)link;

			next = link->next;
			job->run(job);
			base_queue_put(&k->finished, &job->link);
			k->wake(k->arg);
		}
	base_rcu_unregister();
	return NULL;
}

struct hosting_jobs *hosting_jobs_start(void (*wake)(void *arg), void *arg)
{
	struct hosting_jobs *k = calloc(1, sizeof(*k));

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
	hosting_jobs_free(k);
	return NULL;
}

void hosting_jobs_put(struct hosting_jobs *k, struct hosting_job *job)
{
	base_queue_put(&k->jobs, &job->link);
	pthread_mutex_lock(&k->lock);
	pthread_cond_signal(&k->changed);
	pthread_mutex_unlock(&k->lock);
}

struct hosting_job *hosting_jobs_take(struct hosting_jobs *k)
{
	struct base_queue_link *link;

	if (k->taken == NULL)
		k->taken = base_queue_take(&k->finished);
	link = k->taken;
	if (link != NULL)
		k->taken = link->next;
	return (struct hosting_job *)link;
}

void hosting_jobs_stop(struct hosting_jobs *k)
{
	pthread_mutex_lock(&k->lock);
	k->is_stopping = true;
	pthread_cond_signal(&k->changed);
	pthread_mutex_unlock(&k->lock);
	pthread_join(k->thread, NULL);
}

void hosting_jobs_free(struct hosting_jobs *k)
{
	if (k == NULL)
		return;
	pthread_cond_destroy(&k->changed);
	pthread_mutex_destroy(&k->lock);
	free(k);
}
