/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "command/json.h"
#include "control/server.h"
#include "daemon/ask.h"
#include "daemon/daemon.h"
#include "daemon/retire.h"
#include "fabric/fabric.h"
#include "fabric/revoked.h"
#include "fabric/uses.h"
#include "listing/usage.h"
#include "registry/registrar.h"
#include "registry/state.h"
#include "registry/work.h"
#include "server/server.h"
#include "settings/settings.h"
#include "store/store.h"
#include "update/policy.h"

enum {
	ITEM_NBYTES = 8, /* when the key was revoked, seconds since 1970 */
	KEYS_AT_ONCE =
		1024, /* copying what they have takes the registrar less than a millisecond */
};

int command_key_read(void *daemon, const struct store_item *item)
{
	struct daemon *d = daemon;
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

void command_key_list(void *daemon, struct control_request *request)
{
	const struct daemon *d = daemon;
	json_t *list = json_array();

	for (size_t i = 0; d->revoked != NULL && i < d->revoked->count; i++) {
		const struct fabric_revoked_key *k = &d->revoked->keys[i];

		json_array_append_new(list,
				      json_pack("{s:o, s:s, s:o}", "key",
						command_json_name(k->name), "state", "revoked",
						"since", command_json_time(k->since_s)));
	}
	control_request_answer(request, list);
}

/* ---- which keys sign ---- */

/* Finds the fabric of a key, of nested ones the innermost. Returns NULL if it is not configured any
 * more. */
static const struct settings_fabric *fabric_of(const struct daemon *d, const uint8_t *key)
{
	const struct settings_fabric *found = NULL;

	for (const struct settings_fabric *f = d->config->fabrics; f != NULL; f = f->next)
		if (fabric_has_key(f->fabric, key) &&
		    (found == NULL || dns_name_labels(f->name) > dns_name_labels(found->name)))
			found = f;
	return found;
}

/* Returns whether requests signed with this key of this epoch are accepted, and until when: null if
 * that is not known to end. */
static const char *state_of(const struct daemon *d, const struct fabric_use *use, uint64_t now_s,
			    json_t **until)
{
	const struct settings_fabric *f = fabric_of(d, use->name);
	unsigned i = 0;

	*until = json_null();
	if (fabric_revoked_find(d->revoked, use->name, dns_name_nbytes(use->name)) != NULL)
		return "revoked";
	while (f != NULL && i < f->fabric->nepochs && f->fabric->epoch[i].number != use->epoch)
		i++;
	if (f == NULL || i == f->fabric->nepochs)
		return "outdated";
	if (i == 0)
		return "newest";
	if (i == 1)
		*until = command_json_time(f->fabric->epoch[0].begun_s + f->overlap_s);
	return fabric_epoch_is_valid(f->fabric, i, f->overlap_s, now_s) ? "old" : "outdated";
}

void command_key_uses(void *daemon, struct control_request *request)
{
	const struct daemon *d = daemon;
	uint64_t now_s = base_clock_wall_s();
	struct fabric_use *const *all;
	size_t count = fabric_uses_list(server_uses(d->server), &all);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		uint64_t last_s = atomic_load_explicit(&all[i]->last_s, memory_order_relaxed);
		uint64_t requests = atomic_load_explicit(&all[i]->requests, memory_order_relaxed);
		char name[DNS_NAME_TEXT_MAX];
		const char *state;
		json_t *until;

		dns_name_to_text(name, all[i]->name);
		state = state_of(d, all[i], now_s, &until);
		json_array_append_new(list,
				      json_pack("{s:s, s:I, s:s, s:I, s:o, s:o, s:o}", "key", name,
						"epoch", (json_int_t)all[i]->epoch, "state", state,
						"requests", (json_int_t)requests, "since",
						command_json_time(all[i]->since_s), "last",
						command_json_time(last_s), "until", until));
	}
	control_request_answer(request, list);
}

static bool has_signed(const struct daemon *d, const uint8_t *key)
{
	struct fabric_use *const *all;
	size_t count = fabric_uses_list(server_uses(d->server), &all);

	for (size_t i = 0; i < count; i++)
		if (dns_name_equal(all[i]->name, key))
			return true;
	return false;
}

/* ---- revocations ---- */

/* Whether the configuration has a `key:` entry of that name. */
static bool is_configured(const struct daemon *d, const uint8_t *name)
{
	for (const struct settings_key *k = d->config->keys; k != NULL; k = k->next)
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
static bool key_argument(const struct daemon *d, struct control_request *request,
			 uint8_t out[static DNS_NAME_MAX])
{
	const char *text = control_request_arg(request, 0);

	for (const struct settings_fabric *f = d->config->fabrics; f != NULL; f = f->next) {
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

/* A revocation or its lifting, on its way to the disk and to the workers. */
struct change {
	struct daemon_ask ask;	       /* first */
	struct daemon_retired retired; /* the answer waits for all workers */
	struct control_request *request;
	bool is_revoked;
	uint8_t name[DNS_NAME_MAX], bytes[ITEM_NBYTES];
};

static struct change *change_of(struct daemon_retired *retired)
{
	return (struct change *)((char *)retired - offsetof(struct change, retired));
}

/* ---- the set of the workers ---- */

struct retired_set {
	struct daemon_retired retired; /* first */
	struct fabric_revoked *set;
};

static void retired_set_end(struct daemon_retired *retired)
{
	fabric_revoked_free(((struct retired_set *)retired)->set);
	free(retired);
}

/* Has the workers, and the registrar, go by the set with or without the name. Returns 0, or -ENOMEM
 * with nothing changed. */
static int set_change(struct daemon *d, const uint8_t *name, bool is_revoked, uint64_t since_s)
{
	struct retired_set *old = calloc(1, sizeof(*old));
	struct fabric_revoked *next = is_revoked ? fabric_revoked_with(d->revoked, name, since_s)
						 : fabric_revoked_without(d->revoked, name);

	if (old == NULL || next == NULL) {
		free(old);
		fabric_revoked_free(next);
		return -ENOMEM;
	}
	old->retired.end = retired_set_end;
	old->set = d->revoked;
	d->revoked = next;
	server_set_revoked(d->server, next);
	daemon_retire(d, &old->retired);
	return 0;
}

/* ---- the change ---- */

static void change_end(struct change *c)
{
	const char *state = c->is_revoked ? "revoked" : "restored";
	json_t *answer;
	char text[DNS_NAME_TEXT_MAX];

	dns_name_to_text(text, c->name);
	if (c->ask.ret < 0) {
		control_request_fail(c->request, "%s: the change could not be stored: %s", text,
				     strerror(-c->ask.ret));
	} else {
		base_log(BASE_LOG_INFO, "key", "key-%s key=%s", state, text);
		answer = json_pack("{s:s, s:s}", "key", text, "state", state);
		if (c->is_revoked && !has_signed(c->ask.daemon, c->name))
			json_object_set_new(answer, "note",
					    json_string("this key has signed nothing since weftd "
							"was started: is the name right?"));
		control_request_answer(c->request, answer);
	}
	free(c);
}

static void on_all_workers(struct daemon_retired *retired)
{
	change_end(change_of(retired));
}

/* In the registrar's thread. */
static void change_save(struct registry_registrar *r, struct daemon_ask *ask)
{
	struct change *c = (struct change *)ask;
	const struct store_item item = {.kind = STORE_ITEM_REVOKED,
					.key = c->name,
					.nkey = (uint16_t)dns_name_nbytes(c->name),
					.bytes = c->is_revoked ? c->bytes : NULL,
					.nbytes = c->is_revoked ? sizeof(c->bytes) : 0};

	ask->ret = registry_work_save_item(r, &item);
}

/* A revocation has been in force since before it was stored; one that could not be stored is taken
 * back. A restored key is trusted once that is stored. */
static void change_saved(struct daemon_ask *ask)
{
	struct change *c = (struct change *)ask;

	if (c->is_revoked == (ask->ret < 0)) {
		int ret = set_change(ask->daemon, c->name, false, 0);

		if (ask->ret == 0)
			ask->ret = ret;
	}
	c->retired.end = on_all_workers;
	daemon_retire(ask->daemon, &c->retired);
}

/* Makes a change of the key that the request names. Returns NULL after answering the request if
 * there is none to be made. */
static struct change *change_new(struct daemon *d, struct control_request *request, bool is_revoked)
{
	struct change *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		control_request_fail(request, "out of memory");
		return NULL;
	}
	c->request = request;
	c->ask.daemon = d;
	c->is_revoked = is_revoked;
	if (key_argument(d, request, c->name))
		return c;
	free(c);
	return NULL;
}

static bool is_in_set(const struct daemon *d, const struct change *c)
{
	return fabric_revoked_find(d->revoked, c->name, dns_name_nbytes(c->name)) != NULL;
}

void command_key_revoke(void *daemon, struct control_request *request)
{
	struct daemon *d = daemon;
	uint64_t now_s = base_clock_wall_s();
	struct change *c = change_new(d, request, true);

	if (c == NULL)
		return;
	base_store64(c->bytes, now_s);
	/* A key that is revoked already keeps its time. */
	if (is_in_set(d, c) || (c->ask.ret = set_change(d, c->name, true, now_s)) < 0)
		change_end(c);
	else
		daemon_ask(d, &c->ask, change_save, change_saved);
}

void command_key_restore(void *daemon, struct control_request *request)
{
	struct daemon *d = daemon;
	struct change *c = change_new(d, request, false);

	if (c == NULL)
		return;
	if (is_in_set(d, c)) {
		daemon_ask(d, &c->ask, change_save, change_saved);
		return;
	}
	control_request_fail(request, "%s is not revoked", control_request_arg(request, 0));
	free(c);
}

/* ---- what keys have registered ---- */

struct using
{
	struct daemon_ask ask; /* first */
	struct control_request *request;
	struct listing_usage usage;
	bool has_key; /* else all keys are asked for */
	uint8_t key[DNS_NAME_MAX];
};

/* In the registrar's thread. */
static void usage_walk(struct registry_registrar *r, struct daemon_ask *ask)
{
	struct using *u = (struct using *)ask;

	ask->ret = listing_usage_walk(&u->usage, &registry_work_state(r)->ledger.usages,
				      u->has_key ? u->key : NULL, KEYS_AT_ONCE);
}

static int compare_used(const void *left, const void *right)
{
	const struct listing_used *a = left, *b = right;
	int d = dns_name_compare(a->zone, b->zone);

	return d != 0 ? d : dns_name_compare(a->key, b->key);
}

/* Returns the quota of a key in a zone, or NULL if it has none. */
static const struct update_quota *quota_of(const struct daemon *d, const struct listing_used *used)
{
	const struct settings_zone *z = settings_zone_find(d->config, used->zone);

	return z == NULL || (z->update_fabric != NULL &&
			     update_policy_is_admin(used->key, z->update_fabric->name))
		       ? NULL
		       : &z->quota;
}

static json_t *used_json(const struct daemon *d, const struct listing_used *used)
{
	const struct update_quota *quota = quota_of(d, used);
	char key[DNS_NAME_TEXT_MAX], zone[DNS_NAME_TEXT_MAX], name[32];
	json_t *o;

	dns_name_to_text(key, used->key);
	dns_name_to_text(zone, used->zone);
	o = json_pack("{s:s, s:s}", "key", key, "zone", zone);
	for (int k = 0; k < LEDGER_KINDS; k++) {
		uint64_t max = quota == NULL ? 0 : quota->max[k];
		const char *text = ledger_kind_text((enum ledger_kind)k);

		snprintf(name, sizeof(name), "%s-max", text);
		json_object_set_new(o, text, json_integer((json_int_t)used->amounts.of[k]));
		json_object_set_new(o, name,
				    max == 0 ? json_null() : json_integer((json_int_t)max));
	}
	return o;
}

/* Finds the key that the request names: the short name of a fabric's key, or a full name. Returns
 * false after answering the request with an error if it is not a name. */
static bool used_argument(const struct daemon *d, struct control_request *request,
			  uint8_t out[static DNS_NAME_MAX])
{
	const char *text = control_request_arg(request, 0);
	const struct settings_fabric *f = d->config->fabrics;

	if (dns_name_from_text(out, text, strlen(text), NULL) == 0) {
		control_request_fail(request, "%s is not the name of a key", text);
		return false;
	}
	dns_name_lower(out, out);
	if (d->config->nfabrics == 1 && !is_configured(d, out))
		return fabric_key_from_text(f->fabric, out, text) > 0 ||
		       dns_name_from_text(out, text, strlen(text), NULL) > 0;
	return true;
}

static void usage_walked(struct daemon_ask *ask)
{
	struct using *u = (struct using *)ask;
	struct daemon *d = ask->daemon;
	json_t *list;

	if (ask->ret > 0) {
		daemon_ask(d, ask, usage_walk, usage_walked);
		return;
	}
	if (ask->ret < 0) {
		control_request_fail(u->request, "%s", strerror(-ask->ret));
	} else {
		if (u->usage.count > 0)
			qsort(u->usage.items, u->usage.count, sizeof(*u->usage.items),
			      compare_used);
		list = json_array();
		for (size_t i = 0; i < u->usage.count; i++)
			json_array_append_new(list, used_json(d, &u->usage.items[i]));
		control_request_answer(u->request, list);
	}
	listing_usage_fini(&u->usage);
	free(u);
}

void command_key_usage(void *daemon, struct control_request *request)
{
	struct daemon *d = daemon;
	struct using *u = calloc(1, sizeof(*u));

	if (u == NULL) {
		control_request_fail(request, "out of memory");
		return;
	}
	u->request = request;
	u->has_key = control_request_nargs(request) > 0;
	if (u->has_key && !used_argument(d, request, u->key)) {
		free(u);
		return;
	}
	daemon_ask(d, &u->ask, usage_walk, usage_walked);
}
