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
#include "fabric/fabric.h"
#include "registry/work.h"
#include "weftd/daemon.h"

enum { NOTE_SIZE = 8 }; /* when it was revoked, seconds since 1970 */

int weftd_keys_note(void *daemon, const struct store_item *note)
{
	struct weftd *d = daemon;
	struct fabric_revoked *next;
	struct base_buf b;

	if (note->kind != STORE_ITEM_REVOKED || !dns_name_is_valid(note->key, note->nkey))
		return 0;
	b = base_buf_over(note->bytes, note->nbytes);
	/* A note without bytes takes back the one before. */
	next = note->nbytes == NOTE_SIZE
		       ? fabric_revoked_with(d->revoked, note->key, base_buf_u64(&b))
		       : fabric_revoked_without(d->revoked, note->key);
	if (next == NULL)
		return -ENOMEM;
	fabric_revoked_free(d->revoked);
	d->revoked = next;
	return 0;
}

void weftd_key_list(void *daemon, struct control_request *request)
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
	control_answer(request, list);
}

/* Whether there is a `key:` entry of that name. */
static bool is_literal(const struct weftd *d, const uint8_t *name)
{
	for (const struct weftd_config_key *k = d->config->keys; k != NULL; k = k->next)
		if (dns_name_equal(k->key.name, name))
			return true;
	return false;
}

/* Whether the text is the whole name of the key, with or without its final dot. */
static bool is_whole(const char *text, const uint8_t *key)
{
	uint8_t name[DNS_NAME_MAX];

	return dns_name_from_text(name, text, strlen(text), NULL) > 0 && dns_name_equal(name, key);
}

/* The key that a request names, in lower case; short names are for those with one fabric. Answers
 * the request with an error if there can be none. */
static bool key_argument(const struct weftd *d, struct control_request *request,
			 uint8_t out[static DNS_NAME_MAX])
{
	const char *text = control_arg(request, 0);

	for (const struct weftd_config_fabric *f = d->config->fabrics; f != NULL; f = f->next) {
		if (fabric_key_from_text(f->fabric, out, text) == 0)
			continue;
		if (d->config->nfabrics > 1 && !is_whole(text, out))
			continue;
		if (!is_literal(d, out))
			return true;
		control_fail(request, "%s is no fabric's key: remove its entry from %s", text,
			     d->config_path);
		return false;
	}
	if (d->config->nfabrics > 1)
		control_fail(request,
			     "%s is no whole name of a key, which it takes with several fabrics",
			     text);
	else
		control_fail(request, "%s is no key of a fabric of this weftd", text);
	return false;
}

struct noting {
	struct store_item note;
	int result;
};

/* In the registrar's thread. */
static void note_commit(struct registry_registrar *r, void *arg)
{
	struct noting *n = arg;

	n->result = registry_work_save_item(r, &n->note);
}

/* Makes the change durable, then has all workers go by `next`, which moves in. */
static int set_take(struct weftd *d, struct fabric_revoked *next, const uint8_t *name,
		    const uint8_t *bytes, uint32_t nbytes)
{
	struct noting n = {.note = {.kind = STORE_ITEM_REVOKED,
				    .key = name,
				    .nkey = (uint16_t)dns_name_nbytes(name),
				    .bytes = bytes,
				    .nbytes = nbytes}};
	struct fabric_revoked *old = d->revoked;

	if (next == NULL)
		return -ENOMEM;
	base_rcu_offline();
	registry_registrar_run(d->registrar, note_commit, &n);
	if (n.result == 0)
		server_set_revoked(d->server, next);
	base_rcu_online();
	if (n.result == 0)
		d->revoked = next;
	fabric_revoked_free(n.result == 0 ? old : next);
	return n.result;
}

static void change_answer(struct control_request *request, const uint8_t *name, const char *state,
			  int result)
{
	char text[DNS_NAME_TEXT_MAX];

	dns_name_to_text(text, name);
	if (result < 0) {
		control_fail(request, "%s: the change could not be stored: %s", text,
			     strerror(-result));
		return;
	}
	base_log(BASE_LOG_INFO, "cmd", "key %s: key=%s", state, text);
	control_answer(request, json_pack("{s:s, s:s}", "key", text, "state", state));
}

void weftd_key_revoke(void *daemon, struct control_request *request)
{
	struct weftd *d = daemon;
	uint64_t now_s = base_clock_wall_s();
	uint8_t name[DNS_NAME_MAX], bytes[NOTE_SIZE];
	int result = 0;

	if (!key_argument(d, request, name))
		return;
	base_store64(bytes, now_s);
	/* When it was revoked first stays. */
	if (fabric_revoked_find(d->revoked, name, dns_name_nbytes(name)) == NULL)
		result = set_take(d, fabric_revoked_with(d->revoked, name, now_s), name, bytes,
				  sizeof(bytes));
	change_answer(request, name, "revoked", result);
}

void weftd_key_restore(void *daemon, struct control_request *request)
{
	struct weftd *d = daemon;
	uint8_t name[DNS_NAME_MAX];

	if (!key_argument(d, request, name))
		return;
	if (fabric_revoked_find(d->revoked, name, dns_name_nbytes(name)) == NULL) {
		control_fail(request, "%s is not revoked", control_arg(request, 0));
		return;
	}
	change_answer(request, name, "restored",
		      set_take(d, fabric_revoked_without(d->revoked, name), name, NULL, 0));
}
