/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "journal/path.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/checksum.h"
#include "dns/name.h"

enum {
	ZONE_TEXT_MAX = 180
}; /* bytes of a zone's name in a file name; a longer one is cut and hashed */

void journal_path_of(char out[static JOURNAL_PATH_MAX], const char *folder, const char *name)
{
	snprintf(out, JOURNAL_PATH_MAX, "%s/%s", folder, name);
}

/* Writes letters, digits, hyphen and underscore as they are, anything else as %XX, and a dot after
 * each label but the last. The zone `notes` is written with %XX, since notes.checkpoint is the
 * items' file.
 */
static size_t zone_to_text(char out[static 4 * DNS_NAME_MAX], const uint8_t *zone)
{
	size_t n = 0;

	if (*zone == 0)
		return (size_t)sprintf(out, "%%root");
	if (dns_name_equal(zone, (const uint8_t *)"\5notes"))
		return (size_t)sprintf(out, "%%6eotes");
	for (; *zone != 0; zone += *zone + 1) {
		for (uint8_t i = 1; i <= *zone; i++) {
			uint8_t c = dns_lower[zone[i]];

			if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
			    c == '_')
				out[n++] = (char)c;
			else
				n += (size_t)sprintf(out + n, "%%%02x", c);
		}
		out[n++] = '.';
	}
	return n - 1;
}

void journal_path_of_zone(char out[static JOURNAL_PATH_MAX], const char *folder,
			  const uint8_t *zone, const char *suffix)
{
	char text[4 * DNS_NAME_MAX], tail[24] = "";
	uint8_t lower[DNS_NAME_MAX];
	size_t n = zone_to_text(text, zone);

	if (n > ZONE_TEXT_MAX) {
		snprintf(tail, sizeof(tail), "%%%%%016" PRIx64,
			 base_checksum(lower, dns_name_lower(lower, zone), 0));
		n = ZONE_TEXT_MAX;
	}
	snprintf(out, JOURNAL_PATH_MAX, "%s/%.*s%s.%s", folder, (int)n, text, tail, suffix);
}

bool journal_path_has_suffix(const char *file, const char *suffix)
{
	size_t n = strlen(file), m = strlen(suffix);

	return n > m && strcmp(file + n - m, suffix) == 0;
}
