/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/prefault.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/pages.h"

enum { READY_MAX = 3 /* pieces */, PAGE = 4096 /* bytes */ };

struct base_prefault {
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

/* A new page is zero, so writing a zero to it changes nothing. */
static void *piece_make(size_t nbytes)
{
	volatile char *p = base_pages_alloc(nbytes);

	for (size_t i = 0; p != NULL && i < nbytes; i += PAGE)
		p[i] = 0;
	return (void *)p;
}

static void *prefault_run(void *arg)
{
	struct base_prefault *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!p->is_stopping) {
		void *piece;

		if (p->nready == READY_MAX) {
			pthread_cond_wait(&p->wake, &p->lock);
			continue;
		}
		pthread_mutex_unlock(&p->lock);
		piece = piece_make(p->nbytes);
		pthread_mutex_lock(&p->lock);
		if (piece == NULL)
			break;
		p->ready[p->nready++] = piece;
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct base_prefault *base_prefault_start(size_t nbytes)
{
	struct base_prefault *p = calloc(1, sizeof(*p));
	sigset_t all, before;
	int error;

	if (p == NULL)
		return NULL;
	p->nbytes = nbytes;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wake, NULL);
	/* Signals are handled by the main thread: block all of them in this one. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&p->thread, NULL, prefault_run, p);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error == 0)
		return p;
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p);
	return NULL;
}

void *base_prefault_take(struct base_prefault *p)
{
	void *piece = NULL;

	if (p == NULL)
		return NULL;
	pthread_mutex_lock(&p->lock);
	if (p->nready > 0)
		piece = p->ready[--p->nready];
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
	return piece;
}

void base_prefault_stop(struct base_prefault *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->is_stopping = true;
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	while (p->nready > 0)
		base_pages_free(p->ready[--p->nready], p->nbytes);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
