/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "dns/type.h"
#include "registry/registrar.h"

enum { LEASE_MAX = 40 }; /* octets of what is told of a lease */

/* What was granted, at the end of the line: seconds, and those of the key lease. */
static void lease_write(char *line, const struct registry_request *request)
{
	const struct ledger_lease_terms *granted = &request->lease;
	char *end = line + strlen(line);

	if (request->result.rcode != DNS_RCODE_NOERROR || granted->lease_s == 0 ||
	    (request->result.nadded == 0 && !granted->is_present))
		return;
	if (granted->has_key)
		snprintf(end, LEASE_MAX, " lease=%u/%u", (unsigned)granted->lease_s,
			 (unsigned)granted->key_lease_s);
	else
		snprintf(end, LEASE_MAX, " lease=%u", (unsigned)granted->lease_s);
}

/* Room for one more line of the audit, of at most `size` octets. NULL without the memory. */
static char *line_take(struct registry_audit *a, size_t size)
{
	char *more;

	if (a->nbytes + size > a->room) {
		more = realloc(a->lines, (a->nbytes + size) * 2);
		if (more == NULL)
			return NULL;
		a->lines = more;
		a->room = (a->nbytes + size) * 2;
	}
	return a->lines + a->nbytes;
}

/* A refresh is counted, not told: there are thousands a second. */
static bool is_news(const struct registry_request *request)
{
	const struct update_result *result = &request->result;

	return base_log_is(BASE_LOG_DEBUG) || !request->lease.is_present ||
	       result->rcode != DNS_RCODE_NOERROR || result->nadded + result->nremoved > 0;
}

void registry_audit_update(struct registry_audit *a, const struct update_context *updater,
			   const struct registry_request *request)
{
	static const char head[] = "update ";
	char *line;

	if (!base_log_is(BASE_LOG_INFO) || !is_news(request))
		return;
	line = line_take(a, sizeof(head) + REGISTRY_AUDIT_MAX + LEASE_MAX);
	if (line == NULL) {
		base_log(BASE_LOG_WARNING, "registry",
			 "no memory for the line of an update: client=%s", request->client);
		return;
	}
	memcpy(line, head, sizeof(head) - 1);
	registry_audit_line(updater, line + sizeof(head) - 1, REGISTRY_AUDIT_MAX, request->client,
			    &request->result);
	lease_write(line, request);
	a->nbytes += strlen(line) + 1;
	a->lines[a->nbytes - 1] = '\n';
}

void registry_audit_dropped(const struct registry_request *request)
{
	char key[DNS_NAME_TEXT_MAX] = "-", why[UPDATE_TEXT_MAX * 2];

	if (request->key != NULL)
		dns_name_to_text(key, request->key);
	base_log(BASE_LOG_INFO, "registry",
		 "update client=%s key=%s rule=0 added=0 removed=0 result=SERVFAIL why=%s",
		 request->client, key, base_log_quote(why, sizeof(why), request->result.text));
}

void registry_audit_end(struct registry_audit *a, const uint8_t *name, const uint8_t *holder,
			uint32_t granted_s, int nremoved)
{
	char owner[DNS_NAME_TEXT_MAX], key[DNS_NAME_TEXT_MAX] = "-";
	char *line = base_log_is(BASE_LOG_INFO) ? line_take(a, REGISTRY_AUDIT_MAX) : NULL;
	int n;

	if (line == NULL)
		return;
	dns_name_to_text(owner, name);
	if (holder[0] != 0)
		dns_name_to_text(key, holder);
	n = snprintf(line, REGISTRY_AUDIT_MAX, "lease ended name=%s key=%s granted=%u removed=%d\n",
		     owner, key, (unsigned)granted_s, nremoved);
	/* Two names of the longest kind do not fit, and are left out rather than cut. */
	if (n < REGISTRY_AUDIT_MAX)
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
