/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The writing half of text/zonefile.h. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "text/rdata_text.h"
#include "text/zonefile.h"

enum { USUAL_CHARS = 4096 }; /* room that nearly every record fits into */

void text_record_write(struct base_out *o, const struct dns_record *record)
{
	char type[DNS_TYPE_TEXT_MAX];

	text_name_write(o, record->owner);
	base_out_u8(o, '\t');
	text_number_write(o, record->ttl);
	base_out_bytes(o, "\tIN\t", 4);
	dns_type_to_text(type, record->type);
	base_out_bytes(o, type, strlen(type));
	base_out_u8(o, '\t');
	text_rdata_write(o, record->type, record->rdata, record->nbytes);
	base_out_u8(o, '\n');
}

static int line_put(FILE *f, const struct base_out *o)
{
	size_t n = base_out_nbytes(o);

	return fwrite_unlocked(o->start, 1, n, f) == n ? 0 : -EIO;
}

static int long_record_write(FILE *f, const struct dns_record *record)
{
	char *room = malloc(TEXT_RECORD_MAX);
	struct base_out o = base_out_over(room, TEXT_RECORD_MAX);
	int ret;

	if (room == NULL)
		return -EIO;
	text_record_write(&o, record);
	ret = line_put(f, &o);
	free(room);
	return ret;
}

int text_zonefile_write_record(FILE *f, const struct dns_record *record)
{
	char room[USUAL_CHARS];
	struct base_out o = base_out_over(room, sizeof(room));

	text_record_write(&o, record);
	return o.is_full ? long_record_write(f, record) : line_put(f, &o);
}

static void cut_copy(char *out, size_t nchars, const struct base_out *o)
{
	size_t n = base_out_nbytes(o);

	if (n > nchars - 1)
		n = nchars - 1;
	memcpy(out, o->start, n);
	out[n] = '\0';
}

void text_rdata_to_text(char *out, size_t nchars, uint16_t type, const uint8_t *rdata,
			size_t nbytes)
{
	char usual[USUAL_CHARS], *room;
	struct base_out o = base_out_over(usual, sizeof(usual));

	if (nchars == 0)
		return;
	text_rdata_write(&o, type, rdata, nbytes);
	if (!o.is_full) {
		cut_copy(out, nchars, &o);
		return;
	}
	room = malloc(TEXT_RECORD_MAX);
	if (room != NULL) {
		o = base_out_over(room, TEXT_RECORD_MAX);
		text_rdata_write(&o, type, rdata, nbytes);
	}
	cut_copy(out, nchars, &o);
	free(room);
}
