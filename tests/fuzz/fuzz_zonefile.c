/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Any octets as a zone file. Records that are read must be valid, and must be read back from
 * their text. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "text/record.h"
#include "text/zonefile.h"
#include "zone/changeset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* LeakSanitizer asks for this function. */
const char *__lsan_default_suppressions(void);

/* ldns 1.8.3 leaks two bytes for a CERT record whose certificate is not base64; that is not ours
 * to mend. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libldns";
}

enum { RECORDS_MAX = 500, WIRE_MAX = DNS_NAME_MAX + 10 + DNS_RDATA_MAX };

struct sum {
	FILE *text; /* where the records are written to; NULL on the second reading */
	unsigned nrecords;
	uint64_t hash;
};

static int on_record(void *arg, const struct dns_record *record)
{
	static uint8_t wire[WIRE_MAX];
	struct base_out o = base_out_over(wire, sizeof(wire));
	struct sum *s = arg;

	assert(dns_rdata_is_valid(record->type, record->rdata, record->nbytes));
	assert(dns_name_is_valid(record->owner, dns_name_nbytes(record->owner)));
	zone_changeset_write(&o, record);
	assert(!o.is_full);
	s->hash = base_hash(wire, base_out_nbytes(&o), s->hash);
	if (s->text != NULL)
		assert(text_record_write_file(s->text, record) == 0);
	return ++s->nrecords < RECORDS_MAX || s->text == NULL ? 0 : -ECANCELED;
}

static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct sum *s = arg;

	(void)level;
	assert(error->text[0] != '\0');
	assert(s->text != NULL);
}

static int read_text(const void *text, size_t nbytes, struct sum *s)
{
	const struct text_reader reader = {.origin = (const uint8_t *)"\3lab\5cloud",
					   .on_record = on_record,
					   .on_report = on_report,
					   .arg = s};
	int fd = memfd_create("zone", MFD_CLOEXEC), ret;
	char path[40];

	assert(fd >= 0 && write(fd, text, nbytes) == (ssize_t)nbytes);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ret = text_zonefile_read(path, &reader);
	close(fd);
	return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sum first = {0}, again = {0};
	size_t nbytes;
	char *text;

	/* The machine's own files are not part of the input. */
	for (size_t i = 0; i + 3 < size; i++)
		if (data[i] == '$' && (data[i + 1] | 0x20) == 'i')
			return 0;
	first.text = open_memstream(&text, &nbytes);
	assert(first.text != NULL);
	read_text(data, size, &first);
	fclose(first.text);
	assert(read_text(text, nbytes, &again) == 0);
	assert(first.nrecords == again.nrecords && first.hash == again.hash);
	free(text);
	return 0;
}
