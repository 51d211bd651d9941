/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dns/type.h"
#include "text/value.h"

enum { USUAL_CHARS = 4096 }; /* room that nearly every line fits into */

void text_record_write(struct base_out *o, const struct dns_record *record)
{
	char type[DNS_TYPE_TEXT_MAX];

	text_value_write_name(o, record->owner);
	base_out_u8(o, '\t');
	text_value_write_number(o, record->ttl);
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

int text_record_write_file(FILE *f, const struct dns_record *record)
{
	char room[USUAL_CHARS];
	struct base_out o = base_out_over(room, sizeof(room));

	text_record_write(&o, record);
	return o.is_full ? long_record_write(f, record) : line_put(f, &o);
}
