/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/lease.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "command/json.h"
#include "control/server.h"
#include "daemon/ask.h"
#include "daemon/daemon.h"
#include "dns/type.h"
#include "hosting/hosting.h"
#include "listing/leases.h"
#include "registry/registrar.h"
#include "registry/work.h"
#include "text/rdata_write.h"
#include "zone/zone.h"

enum {
	LEASES_AT_ONCE = 1024, /* copying them takes one or two milliseconds of the registrar */
	ANSWER_USUAL = 10000,  /* leases; after a longer answer its memory is given back */
	EXTEND_MAX_S = 10 * 365 * 86400,
};

/* A question to the registrar's thread, and its answer. */
struct asking {
	struct daemon_ask ask; /* first */
	struct control_request *request;
	size_t index;			     /* of the argument in hand */
	size_t nargs;			     /* of `lease list`: names */
	json_t *list;			     /* the answer so far */
	void (*listed)(struct daemon_ask *); /* of `lease list`: goes on with the next argument */
	bool has_zone;	  /* false: all zones, or the name is in no zone of this weftd */
	bool has_name;	  /* false: all names of the zone */
	bool has_records; /* the listing has records, too */
	bool is_drop;	  /* for the log */
	uint32_t left_s;  /* to extend a lease to */
	struct listing_leases listing;	    /* the leases */
	struct listing_lease_filter filter; /* of `lease list`; points into what follows */
	uint8_t key[DNS_NAME_MAX], node[DNS_NAME_MAX];
	uint8_t zone[DNS_NAME_MAX], name[DNS_NAME_MAX];
};

/* Makes a question. Returns NULL after answering the request if memory is short. */
static struct asking *asking_new(struct control_request *request)
{
	struct asking *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		control_request_fail(request, "out of memory");
		return NULL;
	}
	a->request = request;
	a->list = json_array();
	return a;
}

static void asking_free(struct asking *a)
{
	listing_leases_fini(&a->listing);
	json_decref(a->list);
	free(a);
}

/* ---- in the registrar's thread ---- */

static void walk(struct registry_registrar *r, struct daemon_ask *ask)
{
	struct asking *a = (struct asking *)ask;

	a->filter.zone = a->has_zone ? a->zone : NULL;
	ask->ret = listing_leases_walk(&a->listing, &registry_work_state(r)->ledger, &a->filter,
				       registry_work_now(r), LEASES_AT_ONCE);
}

/* Finds the leases of the name in whichever zone has some: a store can have leases that are named
 * after a name outside their zone. */
static unsigned find_anywhere(const struct ledger_leases *leases, const uint8_t *name,
			      struct ledger_lease *out[static LEDGER_LEASES_OF_NAME])
{
	const struct undo_entry *e = NULL;

	while ((e = undo_table_next(&leases->table, e)) != NULL)
		if (dns_name_equal(undo_entry_name(e), name))
			return ledger_leases_of(leases, undo_entry_zone(e), name, out);
	return 0;
}

/* Finds the leases of the name. Returns how many there are. */
static unsigned find(struct registry_registrar *r, const struct asking *a,
		     struct ledger_lease *out[static LEDGER_LEASES_OF_NAME])
{
	const struct ledger_leases *leases = &registry_work_state(r)->ledger.leases;
	unsigned n = a->has_zone ? ledger_leases_of(leases, a->zone, a->name, out) : 0;

	return n > 0 ? n : find_anywhere(leases, a->name, out);
}

static int copy_found(struct registry_registrar *r, struct asking *a)
{
	struct ledger_lease *found[LEDGER_LEASES_OF_NAME];
	const struct ledger *ledger = &registry_work_state(r)->ledger;
	unsigned n = find(r, a, found);
	int ret = 0;

	for (unsigned i = 0; i < n && ret == 0; i++)
		if (listing_leases_fits(&a->filter, ledger, found[i]))
			ret = listing_leases_add(&a->listing, ledger, found[i],
						 registry_work_now(r), a->has_records);
	return ret;
}

static void copy(struct registry_registrar *r, struct daemon_ask *ask)
{
	ask->ret = copy_found(r, (struct asking *)ask);
}

/* Finds the leases of the name if they can be changed. Returns how many there are; -ENOENT if there
 * are none, -EBUSY if their zone is parked. */
static int find_running(struct registry_registrar *r, const struct asking *a,
			struct ledger_lease *out[static LEDGER_LEASES_OF_NAME])
{
	unsigned n = find(r, a, out);

	if (n == 0)
		return -ENOENT;
	return out[0]->zone == NULL ? -EBUSY : (int)n;
}

/* Sets the time left of the name's leases. The key lease, which follows that of the records, never
 * ends before them: one that lasts longer is left as it is. */
static void extend(struct registry_registrar *r, struct daemon_ask *ask)
{
	struct asking *a = (struct asking *)ask;
	struct ledger_leases *leases = &registry_work_state(r)->ledger.leases;
	uint64_t now_ms = registry_work_now(r);
	struct ledger_lease *found[LEDGER_LEASES_OF_NAME];
	int n = find_running(r, a, found);

	ask->ret = n < 0 ? n : 0;
	for (int i = 0; i < n && ask->ret == 0; i++)
		if (i == 0 || found[i]->expires_ms < now_ms + a->left_s * 1000ull)
			ask->ret = ledger_schedule_extend(&leases->schedule, found[i], a->left_s,
							  now_ms);
	if (ask->ret == 0)
		ask->ret = registry_work_save(r);
	if (ask->ret == 0)
		ask->ret = copy_found(r, a);
}

static void drop(struct registry_registrar *r, struct daemon_ask *ask)
{
	struct asking *a = (struct asking *)ask;
	struct ledger_lease *found[LEDGER_LEASES_OF_NAME];
	int n = find_running(r, a, found);

	ask->ret = n < 0 ? n : copy_found(r, a);
	if (ask->ret == 0)
		ask->ret = registry_work_expire(r, found, (size_t)n);
}

/* ---- showing ---- */

static const char *kind(const struct listing_lease *lease)
{
	return lease->number == LEDGER_LEASE_NAME ? "name" : "records";
}

/* Rounds seconds up: an active lease has some time left. */
static json_t *left_json(const struct listing_lease *lease)
{
	return lease->is_hosted ? json_integer((json_int_t)((lease->left_ms + 999) / 1000))
				: json_null();
}

/* A lease that was dropped has no time left: its state instead. */
static json_t *row(const struct listing_lease *lease, bool is_dropped)
{
	return json_pack("{s:o, s:o, s:s, s:o, s:o, s:I, s:o, s:I}", "name",
			 command_json_name(lease->name), "zone", command_json_name(lease->zone),
			 "kind", kind(lease), "key", command_json_name(lease->holder), "owner",
			 command_json_name(lease->owner), "granted", (json_int_t)lease->granted_s,
			 is_dropped ? "state" : "left",
			 is_dropped ? json_string("dropped") : left_json(lease), "records",
			 (json_int_t)lease->nrecords);
}

static int compare(const void *left, const void *right)
{
	const struct listing_lease *a = left, *b = right;
	int d = dns_name_compare(a->zone, b->zone);

	if (d == 0)
		d = dns_name_compare(a->name, b->name);
	return d != 0 ? d : (int)a->number - (int)b->number;
}

/* Adds a row to `list` for each lease of the listing, sorted by name. Returns 0 or -ENOMEM. */
static int add_rows(json_t *list, const struct listing_leases *listing, bool is_dropped)
{
	struct listing_lease *leases = calloc(listing->count + 1, sizeof(*leases));
	size_t at = 0, n = 0;

	if (leases == NULL)
		return -ENOMEM;
	while (listing_leases_next(listing, &at, &leases[n]))
		n++;
	qsort(leases, n, sizeof(*leases), compare);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, row(&leases[i], is_dropped));
	free(leases);
	return 0;
}

static json_t *record_json(const struct listing_lease *lease, const struct dns_record *record,
			   char *text)
{
	struct base_out o = base_out_over(text, TEXT_RDATA_MAX);
	char type[DNS_TYPE_TEXT_MAX];

	text_rdata_write(&o, record->type, record->rdata, record->nbytes);
	return json_pack("{s:o, s:I, s:s, s:s, s:s%}", "name", command_json_name(record->owner),
			 "ttl", (json_int_t)record->ttl, "type",
			 dns_type_to_text(type, record->type), "lease", kind(lease), "data", text,
			 base_out_nbytes(&o));
}

static void add_records(json_t *list, const struct listing_lease *lease, char *text)
{
	struct base_buf b = base_buf_over(lease->records, lease->nbytes);
	struct dns_record record;

	while (zone_changeset_next(&b, &record))
		json_array_append_new(list, record_json(lease, &record, text));
}

static void fail_not_ours(struct control_request *request, const char *name)
{
	control_request_fail(request, "%s is not in a zone of this weftd", name);
}

/* Answers with the leases of one name and their records. */
static void answer_name(struct control_request *request, const struct listing_leases *listing)
{
	json_t *leases = json_array(), *records = json_array();
	char *text = malloc(TEXT_RDATA_MAX);
	struct listing_lease lease = {0};
	size_t at = 0;

	while (text != NULL && listing_leases_next(listing, &at, &lease)) {
		json_array_append_new(
			leases, json_pack("{s:s, s:o, s:I, s:o, s:I}", "kind", kind(&lease), "key",
					  command_json_name(lease.holder), "granted",
					  (json_int_t)lease.granted_s, "left", left_json(&lease),
					  "records", (json_int_t)lease.nrecords));
		add_records(records, &lease, text);
	}
	if (text == NULL) {
		control_request_fail(request, "out of memory");
		json_decref(leases);
		json_decref(records);
		return;
	}
	free(text);
	control_request_answer(request, json_pack("{s:o, s:o, s:o, s:o, s:o}", "name",
						  command_json_name(lease.name), "zone",
						  command_json_name(lease.zone), "owner",
						  command_json_name(lease.owner), "leases", leases,
						  "records", records));
}

/* Answers a question that could not be answered with an error. */
static void fail(const struct asking *a)
{
	struct control_request *request = a->request;
	const char *name = control_request_arg(request, a->index);
	int ret = a->ask.ret;

	if (ret == -ENOENT && !a->has_zone)
		fail_not_ours(request, name);
	else if (ret == -ENOENT)
		control_request_fail(request, "%s has no lease", name);
	else if (ret == -EBUSY)
		control_request_fail(request, "%s is in a zone that is parked", name);
	else if (ret == -ENOMEM || name == NULL)
		control_request_fail(request, "%s",
				     ret == -ENOMEM ? "out of memory" : strerror(-ret));
	else
		control_request_fail(request, "%s: the change could not be stored: %s", name,
				     strerror(-ret));
}

/* ---- the commands ---- */

/* Returns the deepest zone, served or parked, that the name is in; NULL if there is none. */
static const struct hosting_zone *zone_of(const struct daemon *d, const uint8_t *name)
{
	const struct hosting_zone *found = NULL;
	unsigned labels = 0;

	for (size_t i = 0; i < d->zones.count; i++) {
		const struct hosting_zone *h = d->zones.items[i];
		unsigned n = dns_name_labels(zone_name(h->zone));

		if (dns_name_is_under(name, zone_name(h->zone)) && (found == NULL || n > labels)) {
			found = h;
			labels = n;
		}
	}
	return found;
}

/* Makes the name that is the argument in hand, and its zone, if there is one, those of the
 * question. Returns false after answering the request with an error if the text is not a name. */
static bool name_argument(const struct daemon *d, struct asking *a)
{
	const char *text = control_request_arg(a->request, a->index);
	const struct hosting_zone *h;

	if (dns_name_from_text(a->name, text, strlen(text), NULL) == 0) {
		fail_not_ours(a->request, text);
		return false;
	}
	h = zone_of(d, a->name);
	a->has_zone = h != NULL;
	if (a->has_zone)
		memcpy(a->zone, zone_name(h->zone), dns_name_nbytes(zone_name(h->zone)));
	a->has_name = !a->has_zone || !dns_name_equal(a->name, a->zone);
	return true;
}

/* Takes `key=KEY` or `node=NODE`. Returns false if the argument is neither. */
static bool filter_take(struct asking *a, const char *argument)
{
	bool is_key = strncmp(argument, "key=", 4) == 0;
	const char *text = argument + (is_key ? 4 : 5);

	if (!is_key && strncmp(argument, "node=", 5) != 0)
		return false;
	if (dns_name_from_text(is_key ? a->key : a->node, text, strlen(text), NULL) == 0)
		return false;
	if (is_key)
		a->filter.key = a->key;
	else
		a->filter.node = a->node;
	return true;
}

/* Takes the filters, which are the last arguments. */
static void filters_take(struct asking *a)
{
	a->nargs = control_request_nargs(a->request);
	while (a->nargs > 0 && filter_take(a, control_request_arg(a->request, a->nargs - 1)))
		a->nargs--;
}

/* Asks for the leases of the argument in hand: of a name, of a zone, or all. */
static void list_next(struct daemon *d, struct asking *a)
{
	if (a->nargs > 0 && !name_argument(d, a))
		asking_free(a);
	else
		daemon_ask(d, &a->ask, a->has_name ? copy : walk, a->listed);
}

static void list_end(struct asking *a)
{
	bool is_long = json_array_size(a->list) > ANSWER_USUAL;

	control_request_answer(a->request, json_incref(a->list));
	asking_free(a);
	if (is_long)
		malloc_trim(0);
}

/* A walk that is not at its end goes on, then comes the next argument. */
static void listed(struct daemon_ask *ask)
{
	struct asking *a = (struct asking *)ask;

	if (ask->ret > 0) {
		daemon_ask(ask->daemon, ask, walk, listed);
		return;
	}
	if (ask->ret == 0 && a->has_name && !a->has_zone && a->listing.count == 0)
		ask->ret = -ENOENT;
	if (ask->ret == 0)
		ask->ret = add_rows(a->list, &a->listing, false);
	listing_leases_fini(&a->listing);
	if (ask->ret < 0) {
		fail(a);
		asking_free(a);
	} else if (++a->index < a->nargs) {
		list_next(ask->daemon, a);
	} else {
		list_end(a);
	}
}

void command_lease_list(void *daemon, struct control_request *request)
{
	struct asking *a = asking_new(request);

	if (a == NULL)
		return;
	a->listed = listed;
	filters_take(a);
	list_next(daemon, a);
}

static void shown(struct daemon_ask *ask)
{
	struct asking *a = (struct asking *)ask;

	if (ask->ret == 0 && a->listing.count == 0)
		ask->ret = -ENOENT;
	if (ask->ret == 0)
		answer_name(a->request, &a->listing);
	else
		fail(a);
	asking_free(a);
}

void command_lease_show(void *daemon, struct control_request *request)
{
	struct asking *a = asking_new(request);

	if (a == NULL)
		return;
	a->has_records = true;
	if (name_argument(daemon, a))
		daemon_ask(daemon, &a->ask, copy, shown);
	else
		asking_free(a);
}

/* Answers with the leases that were changed: as they are after an extension, or as they were before
 * they ended. */
static void changed(struct daemon_ask *ask)
{
	struct asking *a = (struct asking *)ask;
	char name[DNS_NAME_TEXT_MAX];

	if (ask->ret == 0)
		ask->ret = add_rows(a->list, &a->listing, a->is_drop);
	if (ask->ret == 0) {
		dns_name_to_text(name, a->name);
		base_log(BASE_LOG_INFO, "lease", "lease-%s name=%s",
			 a->is_drop ? "dropped" : "moved", name);
		control_request_answer(a->request, json_incref(a->list));
	} else {
		fail(a);
	}
	asking_free(a);
}

/* Has the registrar change the leases of the name. */
static void change(struct daemon *d, struct control_request *request, uint32_t left_s)
{
	struct asking *a = asking_new(request);

	if (a == NULL)
		return;
	a->left_s = left_s;
	a->is_drop = left_s == 0;
	if (name_argument(d, a))
		daemon_ask(d, &a->ask, a->is_drop ? drop : extend, changed);
	else
		asking_free(a);
}

void command_lease_extend(void *daemon, struct control_request *request)
{
	const char *text = control_request_arg(request, 1);
	char *end;
	unsigned long seconds = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || seconds == 0 ||
	    seconds > EXTEND_MAX_S)
		control_request_fail(request, "%s is not a number of seconds from 1 to %d", text,
				     EXTEND_MAX_S);
	else
		change(daemon, request, (uint32_t)seconds);
}

void command_lease_drop(void *daemon, struct control_request *request)
{
	change(daemon, request, 0);
}
