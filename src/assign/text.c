/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "assign/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "dns/type.h"
#include "spec/rdata.h"

struct records {
	unsigned n;
	const uint8_t *rdata; /* of the last; the client's */
	uint16_t nbytes;
};

static void record_take(void *arg, enum client_event event, const struct dns_record *record)
{
	struct records *r = arg;

	(void)event;
	if (record->type != DNS_TYPE_TXT)
		return;
	r->n++;
	r->rdata = record->rdata;
	r->nbytes = record->nbytes;
}

int assign_text_read(struct assign_text *out, const struct client_subscription *s, const char *what,
		     char why[static ASSIGN_WHY_MAX])
{
	struct records records = {0};
	struct base_error error;
	size_t nchars;
	char *text;
	int ret;

	client_subscription_each(s, record_take, &records);
	if (records.n == 0) {
		assign_why_set(why, "the zone has no %s record", what);
		return -ENOENT;
	}
	if (records.n > 1) {
		assign_why_set(why, "the zone has %u %s records: one is needed", records.n, what);
		return -EBADMSG;
	}
	text = malloc((size_t)records.nbytes + 1);
	if (text == NULL)
		return -ENOMEM;
	ret = spec_rdata_read(text, (size_t)records.nbytes + 1, &nchars, records.rdata,
			      records.nbytes, &error);
	if (ret < 0) {
		assign_why_set(why, "the %s record cannot be read: %s", what, error.text);
		free(text);
		return ret;
	}
	*out = (struct assign_text){text, nchars};
	return 0;
}

void assign_why_set(char why[static ASSIGN_WHY_MAX], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, ASSIGN_WHY_MAX, format, args);
	va_end(args);
}
