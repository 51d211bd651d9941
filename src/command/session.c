/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "command/json.h"
#include "control/server.h"
#include "daemon/affected.h"
#include "daemon/ask.h"
#include "daemon/daemon.h"
#include "dns/type.h"
#include "hosting/hosting.h"
#include "server/server.h"
#include "stream/survey.h"

enum { SHOWN = 100 }; /* sessions of an answer about a change */

/* A survey of the workers, one after the other. */
struct surveying {
	struct daemon_ask ask; /* first; answered by the worker */
	struct stream_survey survey;
	char client[BASE_ADDRESS_TEXT_MAX]; /* of the survey */
	struct control_request *request;
	unsigned worker; /* in hand */
	json_t *list;
	uint64_t count; /* sessions in all */
	bool is_delivering, is_short;
	struct stream_survey_change change;
	struct daemon_affected names; /* of the change */
};

static struct surveying *surveying_new(struct daemon *d, struct control_request *request,
				       void (*done)(struct daemon_ask *))
{
	struct surveying *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		control_request_fail(request, "out of memory");
		return NULL;
	}
	c->ask.daemon = d;
	c->ask.done = done;
	c->request = request;
	c->list = json_array();
	return c;
}

static void surveying_free(struct surveying *c)
{
	stream_survey_fini(&c->survey);
	daemon_affected_fini(&c->names);
	json_decref(c->list);
	free(c);
}

/* In the worker's thread. */
static void on_done(struct stream_survey *s)
{
	struct surveying *c = (struct surveying *)((char *)s - offsetof(struct surveying, survey));

	daemon_ask_answer(&c->ask);
}

/* Has the next worker make its survey. */
static void survey_next(struct surveying *c)
{
	struct stream_survey *s = &c->survey;

	stream_survey_fini(s);
	s->call.run = stream_survey_run;
	s->done = on_done;
	server_run(c->ask.daemon->server, c->worker, &s->call);
}

static json_t *subscriptions(const struct stream_survey *s, const struct stream_surveyed *one)
{
	json_t *list = json_array();
	size_t at = one->at;

	for (size_t i = 0; i < one->count; i++) {
		char type_text[DNS_TYPE_TEXT_MAX];
		uint16_t type;
		const uint8_t *name = stream_survey_name(s, &at, &type);

		json_array_append_new(
			list, json_pack("{s:o, s:s}", "name", command_json_name(name), "type",
					type == DNS_TYPE_ANY ? "ANY"
							     : dns_type_to_text(type_text, type)));
	}
	return list;
}

static const char *transport_text(enum server_transport transport)
{
	return transport == SERVER_TLS ? "tls" : "tcp";
}

static json_t *session(const struct stream_survey *s, const struct stream_surveyed *one)
{
	json_t *o = json_pack("{s:s, s:o, s:s, s:I, s:I, s:I}", "client", one->client, "key",
			      one->key[0] == 0 ? json_null() : command_json_name(one->key),
			      "transport", transport_text(one->transport), "age",
			      (json_int_t)(one->age_ms / 1000), "subscriptions",
			      (json_int_t)one->nsubscriptions, "unsent", (json_int_t)one->nunsent);

	if (s->has_names)
		json_object_set_new(o, "subscribed", subscriptions(s, one));
	return o;
}

/* Takes what a worker has found. Returns whether there is another worker. */
static bool take(struct surveying *c, size_t most)
{
	const struct stream_survey *s = &c->survey;

	for (size_t i = 0; i < s->count; i++, c->count++)
		if (json_array_size(c->list) < most)
			json_array_append_new(c->list, session(s, &s->items[i]));
	c->is_delivering |= s->is_delivering;
	c->is_short |= s->is_short;
	return ++c->worker < server_workers(c->ask.daemon->server);
}

/* Goes on with the next worker. Returns true if there is none; false if the survey goes on, or
 * has failed, with the request answered and `c` freed. */
static bool is_complete(struct surveying *c, size_t most)
{
	bool has_more = take(c, most);

	if (c->is_short ||
	    (has_more && atomic_load_explicit(&c->ask.daemon->is_stopping, memory_order_relaxed))) {
		control_request_fail(c->request,
				     c->is_short ? "out of memory" : "weftd is stopping");
		surveying_free(c);
		return false;
	}
	if (has_more)
		survey_next(c);
	return !has_more;
}

static void sessions_done(struct daemon_ask *ask)
{
	struct surveying *c = (struct surveying *)ask;

	if (!is_complete(c, SIZE_MAX))
		return;
	control_request_answer(c->request, json_incref(c->list));
	surveying_free(c);
}

/* Reads a client, an address with or without a port, and writes it as surveys have it. Returns
 * false if it is not an address. */
static bool client_read(char out[static BASE_ADDRESS_TEXT_MAX], const char *text)
{
	struct sockaddr_storage address;

	if (base_address_from_text(&address, text, 0) < 0)
		return false;
	base_address_to_text(out, (const struct sockaddr *)&address);
	if (strchr(text, '@') == NULL)
		*strrchr(out, '@') = '\0';
	return true;
}

void command_sessions(void *daemon, struct control_request *request)
{
	const char *client =
		control_request_nargs(request) > 0 ? control_request_arg(request, 0) : NULL;
	struct surveying *c = surveying_new(daemon, request, sessions_done);

	if (c == NULL)
		return;
	if (client != NULL && !client_read(c->client, client)) {
		control_request_fail(request, "%.200s is not an address", client);
		surveying_free(c);
		return;
	}
	if (client != NULL) {
		c->survey.client = c->client;
		c->survey.has_names = true;
	}
	survey_next(c);
}

/* ---- a change ---- */

static void unacknowledged_done(struct daemon_ask *ask)
{
	struct surveying *c = (struct surveying *)ask;

	if (!is_complete(c, SHOWN))
		return;
	control_request_answer(c->request, json_pack("{s:b, s:I, s:O}", "arrived",
						     !c->is_delivering && c->count == 0, "count",
						     (json_int_t)c->count, "outstanding", c->list));
	surveying_free(c);
}

static bool number_parse(uint64_t *out, const char *text)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	return errno == 0 && end != text && *end == '\0';
}

static bool name_add(struct surveying *c, const char *text)
{
	uint8_t name[DNS_NAME_MAX];

	return dns_name_from_text(name, text, strlen(text), NULL) > 0 &&
	       daemon_affected_add_name(&c->names, name) == 0;
}

/* Fills in the change by the arguments. Returns false if one of them is invalid. */
static bool change_parse(struct surveying *c)
{
	const struct control_request *r = c->request;
	const char *text = control_request_arg(r, 0);
	const struct hosting_zone *h = NULL;
	uint8_t zone[DNS_NAME_MAX];

	if (dns_name_from_text(zone, text, strlen(text), NULL) > 0)
		h = hosting_find(&c->ask.daemon->zones, zone);
	if (h == NULL || !number_parse(&c->change.version, control_request_arg(r, 1)) ||
	    !number_parse(&c->change.number, control_request_arg(r, 2)))
		return false;
	for (size_t i = 3; i < control_request_nargs(r); i++)
		if (!name_add(c, control_request_arg(r, i)))
			return false;
	c->change.zone = h->zone;
	c->change.names = c->names.names;
	c->change.nbytes = c->names.nbytes;
	return true;
}

void command_unacknowledged(void *daemon, struct control_request *request)
{
	struct surveying *c = surveying_new(daemon, request, unacknowledged_done);

	if (c == NULL)
		return;
	if (!change_parse(c)) {
		control_request_fail(request, "what was changed is not known any more");
		surveying_free(c);
		return;
	}
	c->survey.change = &c->change;
	c->survey.has_names = true;
	survey_next(c);
}
