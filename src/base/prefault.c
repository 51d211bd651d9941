/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/prefault.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/pages.h"

enum { READY_MAX = 3, PAGE = 4096 };

struct base_ahead {
	/* set before the thread starts */
	size_t nbytes;
	pthread_t thread;

	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* under lock */
	void *ready[READY_MAX];
	unsigned nready;
	bool is_stopping;
};

/* What is there is zero, and stays so. */
static void *piece_make(size_t nbytes)
{
	volatile char *p = base_pages_alloc(nbytes);

	for (size_t i = 0; p != NULL && i < nbytes; i += PAGE)
		p[i] = 0;
	return (void *)p;
}

static void *ahead_run(void *arg)
{
	struct base_ahead *a = arg;

	pthread_mutex_lock(&a->lock);
	while (!a->is_stopping) {
		void *piece;

		if (a->nready == READY_MAX) {
			pthread_cond_wait(&a->wake, &a->lock);
			continue;
		}
		pthread_mutex_unlock(&a->lock);
		piece = piece_make(a->nbytes);
		pthread_mutex_lock(&a->lock);
		if (piece == NULL)
			break;
		a->ready[a->nready++] = piece;
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

struct base_ahead *base_prefault_start(size_t nbytes)
{
	struct base_ahead *a = calloc(1, sizeof(*a));
	sigset_t all, before;
	int error;

	if (a == NULL)
		return NULL;
	a->nbytes = nbytes;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->wake, NULL);
	/* Signals are for main. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&a->thread, NULL, ahead_run, a);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error == 0)
		return a;
	pthread_cond_destroy(&a->wake);
	pthread_mutex_destroy(&a->lock);
	free(a);
	return NULL;
}

void *base_prefault_take(struct base_ahead *a)
{
	void *piece = NULL;

	if (a == NULL)
		return NULL;
	pthread_mutex_lock(&a->lock);
	if (a->nready > 0)
		piece = a->ready[--a->nready];
	pthread_cond_signal(&a->wake);
	pthread_mutex_unlock(&a->lock);
	return piece;
}

void base_prefault_stop(struct base_ahead *a)
{
	if (a == NULL)
		return;
	pthread_mutex_lock(&a->lock);
	a->is_stopping = true;
	pthread_cond_signal(&a->wake);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	while (a->nready > 0)
		base_pages_free(a->ready[--a->nready], a->nbytes);
	pthread_cond_destroy(&a->wake);
	pthread_mutex_destroy(&a->lock);
	free(a);
}
