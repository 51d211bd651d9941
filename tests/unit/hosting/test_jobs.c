/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "hosting/jobs.h"

enum { JOBS = 100 };

struct test_job {
	struct hosting_job job;
	pthread_t thread; /* that it ran in */
	unsigned turn;
};

/* the jobs' thread only, while it runs */
static unsigned turns;

static void run(struct hosting_job *job)
{
	struct test_job *t = (struct test_job *)job;

	t->thread = pthread_self();
	t->turn = turns++;
}

/* Writes an octet for each job that is finished. */
static void wake(void *arg)
{
	const int *fd = arg;

	assert_int_equal(write(*fd, "", 1), 1);
}

static void jobs_come_back_in_order_from_a_thread_of_their_own(void **state)
{
	static struct test_job job[JOBS];
	struct hosting_jobs *jobs;
	int fds[2];
	char octet;

	(void)state;
	turns = 0;
	assert_int_equal(pipe(fds), 0);
	jobs = hosting_jobs_start(wake, &fds[1]);
	assert_non_null(jobs);
	assert_null(hosting_jobs_take(jobs));
	for (unsigned i = 0; i < JOBS; i++) {
		job[i].job.run = run;
		hosting_jobs_put(jobs, &job[i].job);
	}
	for (unsigned i = 0; i < JOBS; i++) {
		assert_int_equal(read(fds[0], &octet, 1), 1);
		assert_ptr_equal(hosting_jobs_take(jobs), &job[i].job);
		assert_int_equal(job[i].turn, i);
		assert_false(pthread_equal(job[i].thread, pthread_self()));
	}
	assert_null(hosting_jobs_take(jobs));
	hosting_jobs_stop(jobs);
	hosting_jobs_free(jobs);
	close(fds[0]);
	close(fds[1]);
}

static void stopping_waits_for_all_jobs(void **state)
{
	static struct test_job job[JOBS];
	struct hosting_jobs *jobs;
	int fds[2];

	(void)state;
	turns = 0;
	assert_int_equal(pipe(fds), 0);
	jobs = hosting_jobs_start(wake, &fds[1]);
	assert_non_null(jobs);
	for (unsigned i = 0; i < JOBS; i++) {
		job[i].job.run = run;
		hosting_jobs_put(jobs, &job[i].job);
	}
	hosting_jobs_stop(jobs);
	assert_int_equal(turns, JOBS);
	for (unsigned i = 0; i < JOBS; i++)
		assert_ptr_equal(hosting_jobs_take(jobs), &job[i].job);
	assert_null(hosting_jobs_take(jobs));
	hosting_jobs_free(jobs);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_come_back_in_order_from_a_thread_of_their_own),
		cmocka_unit_test(stopping_waits_for_all_jobs),
	};

	hosting_jobs_free(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
