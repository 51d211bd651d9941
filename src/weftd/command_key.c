/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "weftd/command_key.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/rcu.h"
#include "control/server.h"
#include "fabric/fabric.h"
#include "fabric/revoked.h"
#include "registry/registrar.h"
#include "registry/work.h"
#include "server/server.h"
#include "store/store.h"
#include "weftd/ask.h"
#include "weftd/config.h"
#include "weftd/weftd.h"

enum { ITEM_NBYTES = 8 }; /* when the key was revoked, seconds since 1970 */

int weftd_command_key_read(void *daemon, const struct store_item *item)
{
	struct weftd *d = daemon;
	struct fabric_revoked *next;
	struct base_buf b;

	if (item->kind != STORE_ITEM_REVOKED || !dns_name_is_valid(item->key, item->nkey))
		return 0;
	b = base_buf_over(item->bytes, item->nbytes);
	/* An item without bytes lifts the revocation before it. */
	next = item->nbytes == ITEM_NBYTES
		       ? fabric_revoked_with(d->revoked, item->key, base_buf_u64(&b))
		       : fabric_revoked_without(d->revoked, item->key);
	if (next == NULL)
		return -ENOMEM;
	fabric_revoked_free(d->revoked);
	d->revoked = next;
	return 0;
}

void weftd_command_key_list(void *daemon, struct control_request *request)
{
	const struct weftd *d = daemon;
	json_t *list = json_array();

	for (size_t i = 0; d->revoked != NULL && i < d->revoked->count; i++) {
		const struct fabric_revoked_key *k = &d->revoked->keys[i];
		char name[DNS_NAME_TEXT_MAX];

		dns_name_to_text(name, k->name);
		json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "key", name, "state",
						      "revoked", "since", (json_int_t)k->since_s));
	}
	control_request_answer(request, list);
}

/* Whether the configuration has a `key:` entry of that name. */
static bool is_configured(const struct weftd *d, const uint8_t *name)
{
	for (const struct weftd_config_key *k = d->config->keys; k != NULL; k = k->next)
		if (dns_name_equal(k->key.name, name))
			return true;
	return false;
}

/* Whether the text is the full name of the key, with or without its final dot. */
static bool is_full_name(const char *text, const uint8_t *key)
{
	uint8_t name[DNS_NAME_MAX];

	return dns_name_from_text(name, text, strlen(text), NULL) > 0 && dns_name_equal(name, key);
}

/* Finds the key that the request names, in lower case; a short name is enough if there is one
 * fabric. Returns false after answering the request with an error if no fabric can have such a key.
 */
static bool key_argument(const struct weftd *d, struct control_request *request,
			 uint8_t out[static DNS_NAME_MAX])
{
	const char *text = control_request_arg(request, 0);

	for (const struct weftd_config_fabric *f = d->config->fabrics; f != NULL; f = f->next) {
		if (fabric_key_from_text(f->fabric, out, text) == 0)
			continue;
		if (d->config->nfabrics > 1 && !is_full_name(text, out))
			continue;
		if (!is_configured(d, out))
			return true;
		control_request_fail(request, "%s is not a fabric key: remove its entry from %s",
				     text, d->config_path);
		return false;
	}
	if (d->config->nfabrics > 1)
		control_request_fail(
			request,
			"%s is not the full name of a key, which is needed with several fabrics",
			text);
	else
		control_request_fail(request, "%s is not a key of a fabric of this weftd", text);
	return false;
}

struct saving {
	struct store_item item;
	int ret;
};

/* In the registrar's thread. */
static void item_save(struct registry_registrar *r, void *arg)
{
	struct saving *s = arg;

	s->ret = registry_work_save_item(r, &s->item);
}

/* Makes the change durable, then has all workers use `next`, which moves in. Returns 0, or a
 * negative errno with nothing changed. */
static int set_take(struct weftd *d, struct fabric_revoked *next, const uint8_t *name,
		    const uint8_t *bytes, uint32_t nbytes)
{
	struct saving s = {.item = {.kind = STORE_ITEM_REVOKED,
				    .key = name,
				    .nkey = (uint16_t)dns_name_nbytes(name),
				    .bytes = bytes,
				    .nbytes = nbytes}};
	struct fabric_revoked *old = d->revoked;

	if (next == NULL)
		return -ENOMEM;
	weftd_ask(d, item_save, &s);
	if (s.ret < 0) {
		fabric_revoked_free(next);
		return s.ret;
	}
	base_rcu_offline();
	server_set_revoked(d->server, next);
	base_rcu_online();
	d->revoked = next;
	fabric_revoked_free(old);
	return 0;
}

static void change_answer(struct control_request *request, const uint8_t *name, const char *state,
			  int ret)
{
	char text[DNS_NAME_TEXT_MAX];

	dns_name_to_text(text, name);
	if (ret < 0) {
		control_request_fail(request, "%s: the change could not be stored: %s", text,
				     strerror(-ret));
		return;
	}
	base_log(BASE_LOG_INFO, "key", "key %s: key=%s", state, text);
	control_request_answer(request, json_pack("{s:s, s:s}", "key", text, "state", state));
}

void weftd_command_key_revoke(void *daemon, struct control_request *request)
{
	struct weftd *d = daemon;
	uint64_t now_s = base_clock_wall_s();
	uint8_t name[DNS_NAME_MAX], bytes[ITEM_NBYTES];
	int ret = 0;

	if (!key_argument(d, request, name))
		return;
	base_store64(bytes, now_s);
	/* A key that is revoked already keeps its time. */
	if (fabric_revoked_find(d->revoked, name, dns_name_nbytes(name)) == NULL)
		ret = set_take(d, fabric_revoked_with(d->revoked, name, now_s), name, bytes,
			       sizeof(bytes));
	change_answer(request, name, "revoked", ret);
}

void weftd_command_key_restore(void *daemon, struct control_request *request)
{
	struct weftd *d = daemon;
	uint8_t name[DNS_NAME_MAX];

	if (!key_argument(d, request, name))
		return;
	if (fabric_revoked_find(d->revoked, name, dns_name_nbytes(name)) == NULL) {
		control_request_fail(request, "%s is not revoked", control_request_arg(request, 0));
		return;
	}
	change_answer(request, name, "restored",
		      set_take(d, fabric_revoked_without(d->revoked, name), name, NULL, 0));
}
