/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A program that uses libweft: a connection by weft_connect() each time, by a connector that
 * follows the service, and, as agents of other registries do, by instances asked for once a
 * second. */
#include <stdio.h>
#include <sys/socket.h>

#include <weft/weft.h>

#include "base/clock.h"
#include "way.h"

enum { CONNECT_MS = 5000, POLL_US = 1000000 };

static struct weft *context;
static struct weft_connector *connector;
static struct weft_instances *polled;
static uint64_t polled_us;
static char type[256];

static int weft_open(const struct way_service *service)
{
	int error = weft_new(&context);

	snprintf(type, sizeof(type), "%s", service->name);
	if (error == WEFT_OK)
		error = weft_load(context);
	if (error == WEFT_OK)
		return 0;
	fprintf(stderr, "libweft: %s\n", weft_strerror(error));
	return -1;
}

static int weft_way(void)
{
	int fd;

	return weft_connect(context, type, 0, CONNECT_MS, &fd, NULL) == WEFT_OK ? fd : -1;
}

static int connector_open(const struct way_service *service)
{
	if (weft_open(service) < 0)
		return -1;
	return weft_connector_new(context, type, NULL, NULL, &connector) == WEFT_OK ? 0 : -1;
}

static int connector_way(void)
{
	int fd;

	return weft_connector_connect(connector, 0, CONNECT_MS, &fd, NULL) == WEFT_OK ? fd : -1;
}

/* Instances are tried in their order, each with a timeout; what is known is used for a second. */
static int poll_way(void)
{
	uint64_t now = base_clock_steady_us();
	struct weft_instances *found;

	if (now - polled_us >= POLL_US && weft_find(context, type, CONNECT_MS, &found) == WEFT_OK) {
		weft_instances_free(polled);
		polled = found;
		polled_us = now;
	}
	for (size_t i = 0; polled != NULL && i < weft_instances_count(polled); i++) {
		const struct weft_instance *one = weft_instances_get(polled, i);

		for (size_t a = 0; a < weft_instance_address_count(one); a++) {
			socklen_t nbytes;
			const struct sockaddr *to = weft_instance_address(one, a, &nbytes);
			int fd = way_connect(to, nbytes);

			if (fd >= 0)
				return fd;
		}
	}
	return -1;
}

const struct way way_weft = {"weft", weft_open, weft_way};
const struct way way_connector = {"connector", connector_open, connector_way};
const struct way way_poll = {"poll", weft_open, poll_way};
