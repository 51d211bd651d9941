/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/log.h"
#include "dns/type.h"
#include "dns/update.h"
#include "registry/request.h"
#include "update/lan_policy.h"
#include "zone/zone.h"

enum {
	LEASE_NBYTES = 40,   /* of a line for " lease=..." */
	LAN_LINES_MAX = 300, /* in 10 s */
};

/* ---- the line of an update ---- */

/* A line under construction, cut at its end. */
struct line {
	char *text;
	size_t size, n;
	bool is_cut;
};

static void line_add(struct line *l, const char *text)
{
	size_t n = strlen(text);

	if (l->is_cut || n >= l->size - l->n) {
		l->is_cut = true;
		return;
	}
	memcpy(l->text + l->n, text, n + 1);
	l->n += n;
}

/* Adds the record's owner unless the previous one had the same. */
static void line_add_owner(struct line *l, const struct dns_update_record *r, const uint8_t **owner)
{
	char name[DNS_NAME_TEXT_MAX];

	if (*owner != NULL && dns_name_equal(*owner, r->owner))
		return;
	dns_name_to_text(name, r->owner);
	line_add(l, *owner == NULL ? "" : ", ");
	line_add(l, name);
	*owner = r->owner;
}

/* Adds what a record changed, "-SRV" or "+SRV", after its owner if the previous one was another. */
static void line_add_change(struct line *l, const struct dns_update_record *r,
			    const uint8_t **owner)
{
	char type[DNS_TYPE_TEXT_MAX];

	line_add_owner(l, r, owner);
	dns_type_to_text(type, r->type);
	if (r->nremoved > 0) {
		line_add(l, " -");
		line_add(l, type);
	}
	if (r->nadded > 0) {
		line_add(l, " +");
		line_add(l, type);
	}
}

/* Adds what the records changed, or the names of an update that changed nothing, leaving room for
 * "..." and the closing quote. */
static void line_add_changes(struct line *l, const struct dns_update_record *records,
			     size_t nrecords, bool has_changed)
{
	const uint8_t *owner = NULL;
	size_t before = l->n;

	l->size -= 5;
	line_add(l, has_changed ? " changed=\"" : " names=\"");
	for (size_t i = 0; i < nrecords && !l->is_cut; i++) {
		before = l->n;
		if (!has_changed)
			line_add_owner(l, &records[i], &owner);
		else if (records[i].nremoved > 0 || records[i].nadded > 0)
			line_add_change(l, &records[i], &owner);
	}
	l->size += 5;
	if (l->is_cut) {
		l->n = before;
		l->is_cut = false;
		line_add(l, " ...");
	}
	line_add(l, "\"");
}

/* Adds a text in quotes, without quotes in it. */
static void line_add_why(struct line *l, const char *text)
{
	char safe[UPDATE_TEXT_MAX];

	snprintf(safe, sizeof(safe), "%s", text);
	for (char *p = safe; *p != '\0'; p++)
		if (*p == '"')
			*p = '\'';
	line_add(l, " why=\"");
	line_add(l, safe);
	line_add(l, "\"");
}

const char *registry_audit_line(char *out, size_t size, const struct registry_request *request,
				const struct dns_update_record *records, size_t nrecords)
{
	const struct update_result *result = &request->result;
	char zone[DNS_NAME_TEXT_MAX] = "-", key[DNS_NAME_TEXT_MAX] = "-", counts[96],
	     epoch[24] = "";
	uint8_t lower[DNS_NAME_MAX];
	struct line l = {.text = out, .size = size};

	if (request->key != NULL) {
		dns_name_lower(lower, request->key);
		dns_name_to_text(key, lower);
	}
	if (request->zone != NULL)
		dns_name_to_text(zone, zone_name(request->zone));
	snprintf(counts, sizeof(counts), " rule=%u added=%u removed=%u result=%s", result->rule,
		 result->nadded, result->nremoved, dns_rcode_text(result->rcode));
	out[0] = '\0';
	line_add(&l, "client=");
	line_add(&l, request->client);
	line_add(&l, " zone=");
	line_add(&l, zone);
	line_add(&l, " key=");
	line_add(&l, key);
	if (request->old_epoch > 0)
		snprintf(epoch, sizeof(epoch), " epoch=%u", (unsigned)request->old_epoch);
	line_add(&l, epoch);
	line_add(&l, counts);
	if (result->text[0] != '\0')
		line_add_why(&l, result->text);
	if (nrecords > 0 && l.size - l.n > 32)
		line_add_changes(&l, records, nrecords, result->nadded + result->nremoved > 0);
	return out;
}

/* Appends the seconds that were granted, and those of the key lease. */
static void lease_write(char *line, const struct registry_request *request)
{
	const struct ledger_lease_terms *granted = &request->lease;
	char *end = line + strlen(line);

	if (request->result.rcode != DNS_RCODE_NOERROR || granted->lease_s == 0 ||
	    (request->result.nadded == 0 && !granted->is_present))
		return;
	if (granted->has_key)
		snprintf(end, LEASE_NBYTES, " lease=%u/%u", (unsigned)granted->lease_s,
			 (unsigned)granted->key_lease_s);
	else
		snprintf(end, LEASE_NBYTES, " lease=%u", (unsigned)granted->lease_s);
}

/* Reserves one more line of at most `size` octets. Returns NULL if memory is short. */
static char *line_take(struct registry_audit *a, size_t size)
{
	char *lines = base_grow_bytes(a->lines, a->nbytes, &a->capacity, size);

	if (lines == NULL)
		return NULL;
	a->lines = lines;
	return lines + a->nbytes;
}

/* Refreshes are counted, not logged: there may be thousands a second. A lease is refreshed by an
 * update that changes nothing, whether the lease was asked for or is the zone's default. */
static bool is_news(const struct registry_request *request)
{
	const struct update_result *result = &request->result;

	return base_log_is(BASE_LOG_DEBUG) || result->rcode != DNS_RCODE_NOERROR ||
	       result->nadded + result->nremoved > 0 || request->lease.lease_s == 0;
}

/* Lines are limited by key, of unsigned updates by address; what is discovered by mDNS anybody on
 * the LAN can change without end. */
static bool may_log(const uint8_t *key, const char *client)
{
	char text[DNS_NAME_TEXT_MAX];
	uint8_t lower[DNS_NAME_MAX];

	if (key == NULL || key[0] == 0)
		return base_log_may(client);
	dns_name_lower(lower, key);
	dns_name_to_text(text, lower);
	return update_lan_policy_is_key(key) ? base_log_may_few(text, LAN_LINES_MAX)
					     : base_log_may(text);
}

void registry_audit_update(struct registry_audit *a, const struct registry_request *request,
			   const struct dns_update_record *records, size_t nrecords)
{
	static const char head[] = "update ";
	char *line;

	if (!base_log_is(BASE_LOG_INFO) || !is_news(request) ||
	    !may_log(request->key, request->client))
		return;
	line = line_take(a, sizeof(head) + REGISTRY_AUDIT_LINE_MAX + LEASE_NBYTES);
	if (line == NULL) {
		base_log(BASE_LOG_WARNING, "registry",
			 "out-of-memory what=\"the line of an update\" client=%s", request->client);
		return;
	}
	memcpy(line, head, sizeof(head) - 1);
	registry_audit_line(line + sizeof(head) - 1, REGISTRY_AUDIT_LINE_MAX, request, records,
			    nrecords);
	lease_write(line, request);
	a->nbytes += strlen(line) + 1;
	a->lines[a->nbytes - 1] = '\n';
}

void registry_audit_failed(const struct registry_request *request)
{
	char line[REGISTRY_AUDIT_LINE_MAX];

	if (!base_log_is(BASE_LOG_INFO) || !may_log(request->key, request->client))
		return;
	base_log(BASE_LOG_INFO, "registry", "update %s",
		 registry_audit_line(line, sizeof(line), request, NULL, 0));
}

void registry_audit_end(struct registry_audit *a, const uint8_t *name, const uint8_t *holder,
			uint32_t granted_s, int nremoved)
{
	char owner[DNS_NAME_TEXT_MAX], key[DNS_NAME_TEXT_MAX] = "-";
	char *line;
	int n;

	if (!base_log_is(BASE_LOG_INFO) || !may_log(holder, "-"))
		return;
	line = line_take(a, REGISTRY_AUDIT_LINE_MAX);
	if (line == NULL)
		return;
	dns_name_to_text(owner, name);
	if (holder[0] != 0)
		dns_name_to_text(key, holder);
	n = snprintf(line, REGISTRY_AUDIT_LINE_MAX,
		     "lease-ended name=%s key=%s granted=%u removed=%d\n", owner, key,
		     (unsigned)granted_s, nremoved);
	/* A line with two names of the greatest length does not fit; it is left out, not cut. */
	if (n < REGISTRY_AUDIT_LINE_MAX)
		a->nbytes += (size_t)n;
}

void registry_audit_write(const struct registry_audit *a)
{
	base_log_lines(BASE_LOG_INFO, "registry", a->lines, a->nbytes);
}

void registry_audit_fini(struct registry_audit *a)
{
	free(a->lines);
}
