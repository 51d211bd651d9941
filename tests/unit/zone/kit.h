/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What the tests of this room share: zones made from text, sections of a message as text. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rcu.h"
#include "dns/msg.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "text/rdata_write.h"
#include "text/record.h"
#include "text/zonefile.h"
#include "zone/cursor.h"
#include "zone/draft.h"
#include "zone/zone.h"

/* Returns a wire name for an absolute name in text. In static memory, four at a time. */
static inline const uint8_t *kit_name(const char *text)
{
	static uint8_t names[4][DNS_NAME_MAX];
	static unsigned turn;
	uint8_t *name = names[turn++ % 4];

	assert_true(dns_name_from_text(name, text, strlen(text), NULL) > 0);
	return name;
}

static inline int kit_record(void *arg, const struct dns_record *r)
{
	return zone_draft_add(arg, r->owner, r->type, r->ttl, r->rdata, r->nbytes) < 0 ? -1 : 0;
}

static inline void kit_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	(void)level;
	fail_msg("%s:%u: %s", error->at.file, error->at.line, error->text);
}

/* Adds the records of a zone file's text to a draft. */
static inline void kit_add(struct zone_draft *d, const char *text)
{
	struct text_reader reader = {.origin = zone_name(zone_draft_zone(d)),
				     .on_record = kit_record,
				     .on_report = kit_report,
				     .arg = d};
	char path[] = "/tmp/weft-kit-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(text_zonefile_read(path, &reader), 0);
	unlink(path);
}

/* Makes a zone whose first version has the records of the text. */
static inline struct zone *kit_zone(const char *name, const char *text)
{
	struct zone *z = zone_new(kit_name(name), 42);
	struct zone_draft *d = zone_draft_new(z);

	kit_add(d, text);
	assert_int_equal(zone_draft_seal(d, NULL), 1);
	zone_draft_publish(d);
	return z;
}

/* Publishes a draft as the current version. */
static inline void kit_publish(struct zone_draft *d)
{
	struct zone_changeset changes;

	assert_int_equal(zone_draft_seal(d, &changes), 1);
	zone_draft_publish(d);
}

/* Returns all records of a version as text, one a line, to be freed. */
static inline char *kit_dump(const struct zone_snapshot *s)
{
	struct zone_cursor *c = zone_cursor_new(s);
	struct dns_record r;
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	while (zone_cursor_next(c, &r))
		text_record_write_file(f, &r);
	fclose(f);
	zone_cursor_free(c);
	return text;
}

static inline void kit_section(FILE *f, struct base_buf *b, const char *section, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		uint8_t rdata[65536];
		struct base_out o = base_out_over(rdata, sizeof(rdata));
		char owner[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX], text[4096];
		struct dns_rr rr;

		assert_true(dns_rr_parse(b, &rr));
		dns_rdata_parse(&rr.rdata, rr.type, rr.rdlength, &o);
		assert_false(rr.rdata.has_failed);
		dns_name_to_text(owner, rr.owner);
		text_rdata_to_text(text, sizeof(text), rr.type, rdata, base_out_nbytes(&o));
		fprintf(f, "%s %s %u %s %s\n", section, owner, rr.ttl,
			dns_type_to_text(type, rr.type), text);
	}
}

static inline int kit_setup(void **state)
{
	(void)state;
	base_rcu_register();
	return 0;
}

static inline int kit_teardown(void **state)
{
	(void)state;
	base_rcu_unregister();
	return 0;
}
