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
	struct base_queue waiting, finished;

	/* the taker only */
	struct base_queue_link *taken; /* list: from `finished`, not yet returned */
};

/* Waits for jobs and returns them as a list; NULL when there are none left and the thread is to
 * end. */
static struct base_queue_link *next_jobs(struct hosting_jobs *jobs)
{
	struct base_queue_link *link;

	pthread_mutex_lock(&jobs->lock);
	while ((link = base_queue_take(&jobs->waiting)) == NULL && !jobs->is_stopping)
		pthread_cond_wait(&jobs->changed, &jobs->lock);
	pthread_mutex_unlock(&jobs->lock);
	return link;
}

static void *jobs_main(void *arg)
{
	struct hosting_jobs *jobs = arg;
	struct base_queue_link *link, *next;

	base_rcu_register();
	base_rcu_offline();
	while ((link = next_jobs(jobs)) != NULL)
		for (; link != NULL; link = next) {
			struct hosting_job *job = (struct hosting_job *)link;

			next = link->next;
			job->run(job);
			base_queue_put(&jobs->finished, &job->link);
			jobs->wake(jobs->arg);
		}
	base_rcu_unregister();
	return NULL;
}

struct hosting_jobs *hosting_jobs_start(void (*wake)(void *arg), void *arg)
{
	struct hosting_jobs *jobs = calloc(1, sizeof(*jobs));

	if (jobs == NULL)
		return NULL;
	jobs->wake = wake;
	jobs->arg = arg;
	base_queue_init(&jobs->waiting);
	base_queue_init(&jobs->finished);
	pthread_mutex_init(&jobs->lock, NULL);
	pthread_cond_init(&jobs->changed, NULL);
	if (pthread_create(&jobs->thread, NULL, jobs_main, jobs) == 0)
		return jobs;
	hosting_jobs_free(jobs);
	return NULL;
}

void hosting_jobs_put(struct hosting_jobs *jobs, struct hosting_job *job)
{
	base_queue_put(&jobs->waiting, &job->link);
	pthread_mutex_lock(&jobs->lock);
	pthread_cond_signal(&jobs->changed);
	pthread_mutex_unlock(&jobs->lock);
}

struct hosting_job *hosting_jobs_take(struct hosting_jobs *jobs)
{
	struct base_queue_link *link;

	if (jobs->taken == NULL)
		jobs->taken = base_queue_take(&jobs->finished);
	link = jobs->taken;
	if (link != NULL)
		jobs->taken = link->next;
	return (struct hosting_job *)link;
}

void hosting_jobs_stop(struct hosting_jobs *jobs)
{
	pthread_mutex_lock(&jobs->lock);
	jobs->is_stopping = true;
	pthread_cond_signal(&jobs->changed);
	pthread_mutex_unlock(&jobs->lock);
	pthread_join(jobs->thread, NULL);
}

void hosting_jobs_free(struct hosting_jobs *jobs)
{
	if (jobs == NULL)
		return;
	pthread_cond_destroy(&jobs->changed);
	pthread_mutex_destroy(&jobs->lock);
	free(jobs);
}
