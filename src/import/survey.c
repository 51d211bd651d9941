/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "import/survey.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dns/name.h"
#include "dns/type.h"
#include "import/out.h"
#include "text/zonefile.h"

struct survey {
	struct import_out *out;
	const struct import_zone *zone;
	uint8_t origin[DNS_NAME_MAX];
	struct base_location location; /* of the record read last */
	bool is_signed;
};

static int on_record(void *arg, const struct dns_record *record)
{
	struct survey *s = arg;

	if (!s->is_signed && record->type == DNS_TYPE_RRSIG &&
	    dns_name_equal(record->owner, s->origin))
		import_out_left(s->out, s->location,
				"zone %s is signed, and weftd serves it without DNSSEC: remove the "
				"DS record from the parent zone, and use the zone as it was before "
				"signing",
				s->zone->name);
	s->is_signed |= record->type == DNS_TYPE_RRSIG && dns_name_equal(record->owner, s->origin);
	return 0;
}

static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	const struct survey *s = arg;

	(void)level;
	if (error->at.file == s->zone->file && error->at.line == 0)
		import_out_left(s->out, s->zone->at, "zone %s: %s: %s", s->zone->name,
				error->at.file, error->text);
	else
		import_out_left(s->out, error->at, "zone %s: %s", s->zone->name, error->text);
}

/* Reports a file that the other server left beside the zone file. */
static void beside(struct survey *s, const char *suffix, const char *what)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s%s", s->zone->file, suffix) < (int)sizeof(path) &&
	    access(path, F_OK) == 0)
		import_out_left(s->out, s->zone->at, "zone %s: %s %s", s->zone->name, path, what);
}

void import_survey(struct import_out *o, const struct import_zone *z)
{
	struct survey s = {.out = o, .zone = z};
	const struct text_reader reader = {.origin = s.origin,
					   .on_record = on_record,
					   .on_report = on_report,
					   .arg = &s,
					   .location = &s.location};

	if (dns_name_from_text(s.origin, z->name, strlen(z->name), NULL) == 0) {
		import_out_left(o, z->at, "%s is not a domain name", z->name);
		return;
	}
	beside(&s, ".jnl",
	       "is BIND's journal, with updates that the zone file may not have: run rndc sync "
	       "-clean before BIND is stopped");
	beside(&s, ".signed", "is what BIND serves, signed; weftd does not sign");
	text_zonefile_read(z->file, &reader);
}
