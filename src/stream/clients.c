/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "stream/clients.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/secret.h"

enum { BUCKETS = 256, IPV6_OCTETS = 7 };

struct stream_clients {
	/* never changes */
	unsigned nworkers;
	uint64_t seed;

	/* under the lock */
	pthread_mutex_t lock;
	struct stream_client **buckets;
	size_t nbuckets; /* a power of two */
	size_t nclients;
	unsigned nconnections;
	unsigned nsessions;
};

struct stream_clients *stream_clients_new(unsigned nworkers)
{
	struct stream_clients *cs = calloc(1, sizeof(*cs));

	if (cs == NULL || (cs->buckets = calloc(BUCKETS, sizeof(*cs->buckets))) == NULL) {
		free(cs);
		return NULL;
	}
	cs->nworkers = nworkers;
	cs->nbuckets = BUCKETS;
	base_secret_random(&cs->seed, sizeof(cs->seed));
	pthread_mutex_init(&cs->lock, NULL);
	return cs;
}

void stream_clients_free(struct stream_clients *cs)
{
	if (cs == NULL)
		return;
	pthread_mutex_destroy(&cs->lock);
	free(cs->buckets);
	free(cs);
}

static void key_make(uint8_t key[static 16], const struct sockaddr *address)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

	memset(key, 0, 16);
	if (address->sa_family == AF_INET6) {
		memcpy(key, &v6->sin6_addr, IPV6_OCTETS);
		return;
	}
	key[10] = key[11] = 0xff;
	memcpy(key + 12, &v4->sin_addr, 4);
}

static struct stream_client **bucket_of(struct stream_clients *cs, const uint8_t *key)
{
	return &cs->buckets[base_hash(key, 16, cs->seed) & (cs->nbuckets - 1)];
}

/* Doubles the number of buckets. If memory is short for that, chains only get longer. */
static void grow(struct stream_clients *cs)
{
	struct stream_client **old = cs->buckets, *client, *next;
	struct stream_client **buckets = calloc(cs->nbuckets * 2, sizeof(*buckets));

	if (buckets == NULL)
		return;
	cs->buckets = buckets;
	cs->nbuckets *= 2;
	for (size_t i = 0; i < cs->nbuckets / 2; i++) {
		for (client = old[i]; client != NULL; client = next) {
			struct stream_client **bucket = bucket_of(cs, client->key);

			next = client->next;
			client->next = *bucket;
			*bucket = client;
		}
	}
	free(old);
}

static struct stream_client *find(struct stream_clients *cs, const uint8_t *key)
{
	struct stream_client *client = *bucket_of(cs, key);

	while (client != NULL && memcmp(client->key, key, sizeof(client->key)) != 0)
		client = client->next;
	return client;
}

static struct stream_client *add(struct stream_clients *cs, const uint8_t *key)
{
	struct stream_client *client, **bucket;

	client = calloc(1, sizeof(*client) + cs->nworkers * sizeof(client->share[0]));
	if (client == NULL)
		return NULL;
	if (cs->nclients >= cs->nbuckets)
		grow(cs);
	memcpy(client->key, key, sizeof(client->key));
	for (unsigned i = 0; i < cs->nworkers; i++) {
		TAILQ_INIT(&client->share[i].quiet);
		TAILQ_INIT(&client->share[i].ready);
		TAILQ_INIT(&client->share[i].waiting);
	}
	bucket = bucket_of(cs, key);
	client->next = *bucket;
	*bucket = client;
	cs->nclients++;
	return client;
}

struct stream_client *stream_clients_add(struct stream_clients *cs, const struct sockaddr *address,
					 unsigned *of_client, unsigned *in_all)
{
	struct stream_client *client;
	uint8_t key[16];

	key_make(key, address);
	pthread_mutex_lock(&cs->lock);
	client = find(cs, key);
	if (client == NULL)
		client = add(cs, key);
	if (client != NULL) {
		*of_client = ++client->count - client->nsessions;
		*in_all = ++cs->nconnections - cs->nsessions;
	}
	pthread_mutex_unlock(&cs->lock);
	return client;
}

void stream_clients_remove(struct stream_clients *cs, struct stream_client *client)
{
	struct stream_client **at;

	pthread_mutex_lock(&cs->lock);
	cs->nconnections--;
	if (--client->count > 0) {
		pthread_mutex_unlock(&cs->lock);
		return;
	}
	for (at = bucket_of(cs, client->key); *at != client; at = &(*at)->next)
		;
	*at = client->next;
	cs->nclients--;
	pthread_mutex_unlock(&cs->lock);
	free(client);
}

enum stream_limit stream_clients_begin_session(struct stream_clients *cs,
					       struct stream_client *client, unsigned of_client,
					       unsigned in_all)
{
	enum stream_limit limit = STREAM_LIMIT_NONE;

	pthread_mutex_lock(&cs->lock);
	if (client->nsessions >= of_client) {
		limit = STREAM_LIMIT_CLIENT;
	} else if (cs->nsessions >= in_all) {
		limit = STREAM_LIMIT_ALL;
	} else {
		client->nsessions++;
		cs->nsessions++;
	}
	pthread_mutex_unlock(&cs->lock);
	return limit;
}

void stream_clients_end_session(struct stream_clients *cs, struct stream_client *client)
{
	pthread_mutex_lock(&cs->lock);
	client->nsessions--;
	cs->nsessions--;
	pthread_mutex_unlock(&cs->lock);
}

unsigned stream_clients_nsessions(struct stream_clients *cs)
{
	unsigned n;

	pthread_mutex_lock(&cs->lock);
	n = cs->nsessions;
	pthread_mutex_unlock(&cs->lock);
	return n;
}
