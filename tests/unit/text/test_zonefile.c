/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "text/rdata_write.h"
#include "text/record.h"
#include "text/zonefile.h"

enum { ALL_MAX = 1 << 20 };

/* The result of a reading: records as lines of text, and errors as "line: text" lines. */
struct seen {
	char *records, *errors;
	struct base_out r, e;
	unsigned nrecords, nopened;
	int answer; /* the value that on_record returns */
	struct base_location place;
	unsigned last_line;
};

static char folder[FOLDER_PATH_MAX];

static int on_record(void *arg, const struct dns_record *record)
{
	struct seen *s = arg;

	s->nrecords++;
	s->last_line = s->place.line;
	assert_true(dns_rdata_is_valid(record->type, record->rdata, record->nbytes));
	text_record_write(&s->r, record);
	return s->answer;
}

static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct seen *s = arg;
	char room[1500];
	int n;

	assert_int_equal(level, BASE_LOG_ERROR);
	n = snprintf(room, sizeof(room), "%s:%u: %s\n", strrchr(error->at.file, '/') + 1,
		     error->at.line, error->text);

	base_out_bytes(&s->e, room, (size_t)n);
}

static void on_opened(void *arg, const char *path, const struct stat *st)
{
	struct seen *s = arg;

	assert_non_null(path);
	assert_true(S_ISREG(st->st_mode));
	s->nopened++;
}

static void put_file(const char *name, const char *text, size_t nbytes)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, nbytes, f), nbytes);
	assert_int_equal(fclose(f), 0);
}

static int read_file(struct seen *s, const char *name)
{
	static const uint8_t origin[] = "\3lab\5cloud";
	struct text_reader reader = {.origin = origin,
				     .on_record = on_record,
				     .on_report = on_report,
				     .on_opened = on_opened,
				     .arg = s,
				     .location = &s->place};
	char path[128];
	int ret;

	s->records = calloc(1, ALL_MAX);
	s->errors = calloc(1, ALL_MAX);
	s->r = base_out_over(s->records, ALL_MAX - 1);
	s->e = base_out_over(s->errors, ALL_MAX - 1);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	ret = text_zonefile_read(path, &reader);
	assert_false(s->r.is_full);
	return ret;
}

static int read_text(struct seen *s, const char *text)
{
	put_file("zone", text, strlen(text));
	return read_file(s, "zone");
}

static void seen_fini(struct seen *s)
{
	free(s->records);
	free(s->errors);
	*s = (struct seen){0};
}

static void reads_to(const char *text, const char *wanted)
{
	struct seen s = {0};
	int ret = read_text(&s, text);

	assert_string_equal(s.errors, "");
	assert_string_equal(s.records, wanted);
	assert_int_equal(ret, 0);
	seen_fini(&s);
}

static void fails_with(const char *text, const char *errors)
{
	struct seen s = {0};
	int ret = read_text(&s, text);

	assert_string_equal(s.errors, errors);
	assert_int_equal(ret, -EBADMSG);
	seen_fini(&s);
}

static void owners_ttls_and_classes_are_completed(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{"$TTL 60\n@ IN A 1.2.3.4", "lab.cloud.\t60\tIN\tA\t1.2.3.4\n"},
		{"a 5 IN A 1.2.3.4\nb A 1.2.3.5\n",
		 "a.lab.cloud.\t5\tIN\tA\t1.2.3.4\nb.lab.cloud.\t5\tIN\tA\t1.2.3.5\n"},
		{"$TTL 1h30m\na IN 7 A 1.2.3.4\n A 1.2.3.5\n\tIN A 1.2.3.6\n",
		 "a.lab.cloud.\t7\tIN\tA\t1.2.3.4\na.lab.cloud.\t5400\tIN\tA\t1.2.3.5\n"
		 "a.lab.cloud.\t5400\tIN\tA\t1.2.3.6\n"},
		{"$TTL 1w2d3h4M5S\n; nothing\n\n   ; blank\na CLASS1 TYPE1 1.2.3.4 ; why\n",
		 "a.lab.cloud.\t788645\tIN\tA\t1.2.3.4\n"},
		{"@ SOA ns1 host.x. 1 2h 15m 2w 60\nns1 A 1.2.3.4\n",
		 "lab.cloud.\t60\tIN\tSOA\tns1.lab.cloud. host.x. 1 7200 900 1209600 60\n"
		 "ns1.lab.cloud.\t60\tIN\tA\t1.2.3.4\n"},
		{"@ 5 SOA ns1 h (\r\n 1 ; serial\r\n 2 3\r\n 4 5 )\r\n A 1.2.3.4\r\n",
		 "lab.cloud.\t5\tIN\tSOA\tns1.lab.cloud. h.lab.cloud. 1 2 3 4 5\n"
		 "lab.cloud.\t5\tIN\tA\t1.2.3.4\n"},
		{"$ORIGIN x\n$TTL 0\na A 1.2.3.4\n$ORIGIN y.lab.cloud.\n@ a 1.2.3.4\nlab.cloud. NS "
		 ".\n",
		 "a.x.lab.cloud.\t0\tIN\tA\t1.2.3.4\ny.lab.cloud.\t0\tIN\tA\t1.2.3.4\nlab.cloud."
		 "\t0\tIN\tNS\t.\n"},
		{"$TTL 2147483647\n3600 A 1.2.3.4\n",
		 "3600.lab.cloud.\t2147483647\tIN\tA\t1.2.3.4\n"},
		{"$TTL 1\n\\@ A 1.2.3.4\na\\.b A 1.2.3.4\n\\097\\000 A 1.2.3.4\n\xc3\xa9 A "
		 "1.2.3.4\n\\$x A 1.2.3.4\n",
		 "\\@.lab.cloud.\t1\tIN\tA\t1.2.3.4\na\\.b.lab.cloud.\t1\tIN\tA\t1.2.3.4\n"
		 "a\\000.lab.cloud.\t1\tIN\tA\t1.2.3.4\n\\195\\169.lab.cloud.\t1\tIN\tA\t1.2.3.4\n"
		 "\\$x.lab.cloud.\t1\tIN\tA\t1.2.3.4\n"},
		{"$TTL 1\na MX(10 b)\n(\nc\n) NS(d)(\n)\n",
		 "a.lab.cloud.\t1\tIN\tMX\t10 b.lab.cloud.\n"
		 "c.lab.cloud.\t1\tIN\tNS\td.lab.cloud.\n"},
		{"", ""},
		{"\n ;x\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		reads_to(cases[i].text, cases[i].wanted);
}

static void rdata_of_every_common_form_is_read(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{"AAAA 2001:DB8::1", "AAAA\t2001:db8::1"},
		{"AAAA ::", "AAAA\t::"},
		{"AAAA 1:0:0:2:0:0:0:3", "AAAA\t1:0:0:2::3"},
		{"AAAA 1:2:3:4:5:6:7:0", "AAAA\t1:2:3:4:5:6:7:0"},
		{"AAAA ::ffff:1.2.3.4", "AAAA\t::ffff:102:304"},
		{"SRV 0 10 8000 @", "SRV\t0 10 8000 lab.cloud."},
		{"TXT a \"b c\" \"\" \"\\\"\\\\\\;\\065\\200\"",
		 "TXT\t\"a\" \"b c\" \"\" \"\\\"\\\\;A\\200\""},
		{"TXT \"a;b(c\" \"d\"\"e\"", "TXT\t\"a;b(c\" \"d\" \"e\""},
		{"TXT ef\"gh\"ij \"a\nb\"", "TXT\t\"ef\" \"gh\" \"ij\" \"a\\010b\""},
		{"TXT \"caf\xc3\xa9\ttab\"", "TXT\t\"caf\\195\\169\\009tab\""},
		{"NAPTR 1 2 S SIP+D2U \"\" _sip._udp",
		 "NAPTR\t1 2 \"S\" \"SIP+D2U\" \"\" _sip._udp.lab.cloud."},
		{"SSHFP 4 3 12 34 ab CD", "SSHFP\t4 3 1234abcd"},
		{"TLSA 3 1 1 ( 0a\n 0b )", "TLSA\t3 1 1 0a0b"},
		{"CAA 0 issue \"ca.example; x=1\"", "CAA\t0 issue \"ca.example; x=1\""},
		{"URI 10 1 \"https://x/\"", "URI\t10 1 \"https://x/\""},
		{"HINFO PC \"Linux 6\"", "HINFO\t\"PC\" \"Linux 6\""},
		{"DNAME x.", "DNAME\tx."},
		{"TYPE65280 \\# 3 ab cdef", "TYPE65280\t\\# 3 abcdef"},
		{"TYPE65280 \\# 0", "TYPE65280\t\\# 0"},
		{"A \\# 4 01020304", "A\t1.2.3.4"},
		{"TYPE33 \\# 7 0001 0002 0003 00", "SRV\t1 2 3 ."},
		{"DS 12345 13 5 00112233", "DS\t12345 13 5 00112233"},
		{"DNSKEY 257 3 ED25519 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=",
		 "DNSKEY\t257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4="},
		{"NSEC b A RRSIG TYPE1234", "NSEC\tb.lab.cloud. A RRSIG TYPE1234"},
		{"LOC 52 22 23 N 4 53 32 E -2m 0m 10000m 10m",
		 "LOC\t52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000.00m 10.00m"},
		{"HTTPS 1 . alpn=\"h2,h3\" port=8443", "HTTPS\t1 . alpn=h2,h3 port=8443"},
		{"SVCB 0 web", "SVCB\t0 web.lab.cloud."},
		{"SVCB 1 . mandatory=alpn alpn=h2 key65333=\"a b\"", NULL},
		{"SVCB 16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn "
		 "ipv4hint=192.0.2.1",
		 NULL},
		{"LOC 90 N 180 0 0 W 0m", NULL},
		{"APL 1:192.168.32.0/21 !1:192.168.38.0/28", NULL},
		{"EUI48 00-00-5e-00-53-2a", "EUI48\t00-00-5e-00-53-2a"},
		{"CSYNC 66 3 A NS AAAA", NULL},
		{"SIG A 5 3 60 20260101000000 20250101000000 1 a.lab.cloud. AQ==", NULL},
		{"EID AABB", "EID\taabb"},
		{"NIMLOC AABB", "NIMLOC\taabb"},
		{"IPSECKEY 10 1 2 192.0.2.38 AQNR U3mG", "IPSECKEY\t10 1 2 192.0.2.38 AQNRU3mG"},
		{"IPSECKEY 10 3 2 gw AQ==", "IPSECKEY\t10 3 2 gw.lab.cloud. AQ=="},
		{"IPSECKEY 10 0 2 . AQI=", "IPSECKEY\t10 0 2 . AQI="},
		{"OPENPGPKEY AQID AQ==", "OPENPGPKEY\tAQIDAQ=="},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[400], wanted[400];
		struct seen s = {0};

		snprintf(text, sizeof(text), "$TTL 1\n@ %s\n", cases[i].text);
		snprintf(wanted, sizeof(wanted), "lab.cloud.\t1\tIN\t%s\n",
			 cases[i].wanted ? cases[i].wanted : "");
		read_text(&s, text);
		assert_string_equal(s.errors, "");
		assert_int_equal(s.nrecords, 1);
		if (cases[i].wanted != NULL)
			assert_string_equal(s.records, wanted);
		seen_fini(&s);
	}
}

static void each_mistake_is_named_with_its_place(void **state)
{
	static const struct {
		const char *text, *errors;
	} cases[] = {
		{"$TTL 1\na A 1.2.3.300\nb A\n\nc AAAA 1.2.3.4\n",
		 "zone:2: \"1.2.3.300\" is not an IPv4 address\nzone:3: an address is missing\n"
		 "zone:5: \"1.2.3.4\" is not an IPv6 address\n"},
		{"a A 1.2.3.4\n", "zone:1: no usable TTL: put $TTL before the first record\n"},
		{"$TTL 2147483648\n", "zone:1: \"2147483648\" is not a TTL from 0 to 2147483647\n"},
		{"a 1h30 A 1.2.3.4\n", "zone:1: \"1h30\" is not a TTL from 0 to 2147483647\n"},
		{" 1 A 1.2.3.4\n", "zone:1: the first record has no owner\n"},
		{"x.org. 1 A 1.2.3.4\n 1 A 1.2.3.5\n", "zone:1: x.org. is outside of the zone\n"},
		{"$ORIGIN org.\nx 1 A 1.2.3.4\n", "zone:2: x.org. is outside of the zone\n"},
		{"a..b 1 A 1.2.3.4\n 1 A 1.2.3.5\n", "zone:1: \"a..b\" is not a domain name\n"},
		{"a 1 CH A 1.2.3.4\n", "zone:1: \"CH\" is a class other than IN\n"},
		{"a 1 IN FOO x\n", "zone:1: \"FOO\" is not a type of records\n"},
		{"a 1 IN AXFR x\n", "zone:1: \"AXFR\" is not a type that a zone may hold\n"},
		{"a 1 IN\n", "zone:1: the type of the record is missing\n"},
		{"a 1 SRV 0 0 65536 b\n", "zone:1: \"65536\" is not a number from 0 to 65535\n"},
		{"a 1 MX 10 b c\n", "zone:1: \"c\" is more than the record has\n"},
		{"a 1 TXT \"b\nc 1 A 1.2.3.4 )\n",
		 "zone:1: a quoted string without its closing quote\n"},
		{"a 1 TXT \"b\nc\" )\nd 1 FOO\n",
		 "zone:2: a closing parenthesis without an opening one\n"
		 "zone:3: \"FOO\" is not a type of records\n"},
		{"a 1 SOA a (\n 1\n", "zone:1: a parenthesis that is not closed\n"},
		{"a 1 TXT \\256\n", "zone:1: \"\\256\" has an escape that is not \\DDD\n"},
		{"a 1 TXT a\\\nb\n", "zone:1: a backslash at the end of the line\nzone:2: the type "
				     "of the record is missing\n"},
		{"a 1 A \\# 3 010203\n", "zone:1: these octets are not valid data of the type\n"},
		{"a 1 TYPE65280 \\# 2 01020\n", "zone:1: an odd number of hex digits\n"},
		{"a 1 TYPE65280 \\# 2 010203\n",
		 "zone:1: \"2\" is not the number of octets that follow\n"},
		{"a 1 TYPE65280 foo\n",
		 "zone:1: data of this type is written as \\# LENGTH HEX (RFC 3597)\n"},
		{"$FOO\n", "zone:1: \"$FOO\" is not a directive\n"},
		{"$ORIGIN a b\n", "zone:1: \"b\" is more than the directive takes\n"},
		{"$INCLUDE nowhere\n",
		 "zone:1: \"nowhere\" cannot be opened: No such file or directory\n"},
		{"$INCLUDE zone\n", "zone:1: \"zone\" cannot be included: it includes itself\n"},
		{"a 1 SVCB 1 . port=65536\n",
		 "zone:1: \"port=65536\" does not have a valid value\n"},
		{"a 1 SVCB 1 . ipv6hint=\"0000000000000000000000000000000000000000000000\"\n",
		 "zone:1: \"ipv6hint=\" does not have a valid value\n"},
		/* RFC 9460 appendix D.3 */
		{"a 1 SVCB 1 foo.example.com. mandatory\n",
		 "zone:1: \"mandatory\" does not have a valid value\n"},
		{"a 1 SVCB 1 foo.example.com. alpn\n",
		 "zone:1: \"alpn\" does not have a valid value\n"},
		{"a 1 SVCB 1 foo.example.com. port\n",
		 "zone:1: \"port\" does not have a valid value\n"},
		{"a 1 SVCB 1 foo.example.com. ipv4hint\n",
		 "zone:1: \"ipv4hint\" does not have a valid value\n"},
		{"a 1 SVCB 1 foo.example.com. ipv6hint\n",
		 "zone:1: \"ipv6hint\" does not have a valid value\n"},
		{"a 1 SVCB 1 foo.example.com. mandatory=key123\n",
		 "zone:1: a mandatory key is missing\n"},
		{"a 1 SVCB 1 foo.example.com. mandatory=mandatory\n",
		 "zone:1: mandatory lists itself\n"},
		{"a 1 HTTPS 1 . no-default-alpn\n", "zone:1: no-default-alpn without alpn\n"},
		{"a 1 OPENPGPKEY AQI\n", "zone:1: the base64 is cut short\n"},
		{"a 1 OPENPGPKEY AQ==AQ==\n", "zone:1: \"AQ==AQ==\" is not base64\n"},
		{"a 1 OPENPGPKEY AR==\n", "zone:1: the base64 is cut short\n"},
		{"a 1 IPSECKEY 1 4 0 . AQ==\n", "zone:1: the type of the address is not known\n"},
		{"a 1 IPSECKEY 1 9 0\n", "zone:1: the type of the address is not known\n"},
		{"a 1 IPSECKEY 1 0 0 x AQ==\n",
		 "zone:1: \"x\" is not the \".\" that means no address\n"},
		{"a 1 NSEC b A FOO\n", "zone:1: \"FOO\" is not a type of records\n"},
		{"a 1 LOC 52 22 23 N 4 53 32 E -2m 0m 10000m 10m extra\n",
		 "zone:1: \"extra\" is more than the record has\n"},
		{"a 1 LOC 90 1 N 0 E 0m\n", "zone:1: the latitude is more than 90 degrees\n"},
		{"a 1 LOC 1 N 180 0 0.1 W 0m\n",
		 "zone:1: the longitude is more than 180 degrees\n"},
		{"a 1 LOC 1 60 N 2 E 0m\n",
		 "zone:1: \"60\" is not a number of the latitude, or too large\n"},
		{"a 1 DS 1 2 3 aabb x\n", "zone:1: \"x\" is not hex\n"},
		{"a 1 EUI48 00-00-5e-00-53-2a x\n", "zone:1: \"x\" is more than the record has\n"},
		{"a 1 SSHFP 1 1 abcd\n",
		 "zone:1: the fingerprint does not have the length of its type\n"},
		{"a 1 CAA 0 is-sue x\n", "zone:1: \"is-sue\" is not a tag of letters and digits\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		fails_with(cases[i].text, cases[i].errors);
}

static void a_nul_is_refused(void **state)
{
	static const char text[] = "a 1 TXT \"x\0y\"\nb 1 A 1.2.3.4\n\0\n";
	struct seen s = {0};

	(void)state;
	put_file("zone", text, sizeof(text) - 1);
	assert_int_equal(read_file(&s, "zone"), -EBADMSG);
	assert_string_equal(s.errors, "zone:1: a NUL in the file\nzone:3: a NUL in the file\n");
	assert_int_equal(s.nrecords, 1);
	seen_fini(&s);
}

static void strings_and_names_have_their_limits(void **state)
{
	char text[1200], label[300], name[400];
	struct seen s = {0};

	(void)state;
	memset(label, 'x', sizeof(label));
	snprintf(text, sizeof(text), "a 1 TXT %.255s\nb 1 TXT %.256s\n%.63s 1 A 1.2.3.4\n", label,
		 label, label);
	assert_int_equal(read_text(&s, text), -EBADMSG);
	assert_int_equal(s.nrecords, 2);
	assert_non_null(strstr(s.errors, "zone:2: "));
	assert_non_null(strstr(s.errors, "is longer than 255 octets\n"));
	seen_fini(&s);

	/* 3 64 + 52 + lab.cloud. (11) is 255; one octet more is too long. */
	snprintf(name, sizeof(name), "%.63s.%.63s.%.63s.%.51s", label, label, label, label);
	snprintf(text, sizeof(text), "%s 1 A 1.2.3.4\nx%s 1 A 1.2.3.4\n", name, name);
	assert_int_equal(read_text(&s, text), -EBADMSG);
	assert_int_equal(s.nrecords, 1);
	assert_non_null(strstr(s.errors, "zone:2: "));
	seen_fini(&s);
}

static void reading_stops_after_twenty_errors(void **state)
{
	struct base_out o;
	char text[2000];
	struct seen s = {0};
	unsigned lines = 0;

	(void)state;
	o = base_out_over(text, sizeof(text) - 1);
	for (int i = 0; i < 40; i++)
		base_out_bytes(&o, "a 1 A x\n", 8);
	*o.at = '\0';
	assert_int_equal(read_text(&s, text), -EBADMSG);
	for (const char *p = s.errors; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	assert_int_equal(lines, 21);
	assert_non_null(strstr(s.errors, "zone:20: too many errors"));
	seen_fini(&s);
}

static void included_files_have_their_own_origin(void **state)
{
	static const char parent[] =
		"$TTL 1\n$ORIGIN p\na A 1.2.3.4\n$INCLUDE sub/part  q\n A 1.2.3.5\nb A 1.2.3.6\n";
	struct seen s = {0};
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/sub", folder);
	mkdir(path, 0700);
	put_file("sub/part", "c A 2.2.2.2\n$ORIGIN r\nd A 2.2.2.3\n$INCLUDE leaf\n", 48);
	put_file("sub/leaf", "e A 3.3.3.3", 11);
	assert_int_equal(read_text(&s, parent), 0);
	assert_string_equal(s.errors, "");
	assert_string_equal(
		s.records,
		"a.p.lab.cloud.\t1\tIN\tA\t1.2.3.4\nc.q.p.lab.cloud.\t1\tIN\tA\t2.2.2.2\n"
		"d.r.q.p.lab.cloud.\t1\tIN\tA\t2.2.2.3\ne.r.q.p.lab.cloud.\t1\tIN\tA\t3.3.3.3\n"
		"a.p.lab.cloud.\t1\tIN\tA\t1.2.3.5\nb.p.lab.cloud.\t1\tIN\tA\t1.2.3.6\n");
	assert_int_equal(s.nopened, 3);
	assert_int_equal(s.last_line, 6);
	seen_fini(&s);
}

static void a_circle_of_includes_is_an_error(void **state)
{
	struct seen s = {0};

	(void)state;
	put_file("one", "$INCLUDE zone\n", 14);
	assert_int_equal(read_text(&s, "\n$INCLUDE one\n"), -EBADMSG);
	assert_string_equal(s.errors, "one:1: \"zone\" cannot be included: it includes itself\n");
	seen_fini(&s);
}

static void includes_nest_only_so_deep(void **state)
{
	struct seen s = {0};
	char name[20], text[40];

	(void)state;
	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "deep%d", i);
		snprintf(text, sizeof(text), "$INCLUDE deep%d\n", i + 1);
		put_file(name, text, strlen(text));
	}
	assert_int_equal(read_text(&s, "$INCLUDE deep0\n"), -EBADMSG);
	assert_string_equal(s.errors,
			    "deep14:1: \"deep15\" cannot be included: more than 16 files deep\n");
	seen_fini(&s);
}

static void generate_makes_what_bind_makes(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{"$GENERATE 1-2 n$ 5 IN A 10.0.0.$\n",
		 "n1.lab.cloud.\t5\tIN\tA\t10.0.0.1\nn2.lab.cloud.\t5\tIN\tA\t10.0.0.2\n"},
		{"$TTL 1\n$GENERATE 0-20/10 h${1,3} CNAME x${-0,2,x}.y\n",
		 "h001.lab.cloud.\t1\tIN\tCNAME\tx00.y.lab.cloud.\nh011.lab.cloud."
		 "\t1\tIN\tCNAME\tx0a.y.lab.cloud.\n"
		 "h021.lab.cloud.\t1\tIN\tCNAME\tx14.y.lab.cloud.\n"},
		{"$TTL 1\n$GENERATE 26-26 ${0,3,n} PTR a${0,0,X}${0,0,o}$$\\$.\n",
		 "a.1.lab.cloud.\t1\tIN\tPTR\ta1A32\\$\\$.\n"},
		{"$TTL 1\n$GENERATE 5-5 s$ SRV \"0 0 80 n$\"\n",
		 "s5.lab.cloud.\t1\tIN\tSRV\t0 0 80 n5.lab.cloud.\n"},
		{"$TTL 1\n$GENERATE 5-5 s$ TXT \"\\\"a $ b\\\" c\"\n",
		 "s5.lab.cloud.\t1\tIN\tTXT\t\"a 5 b\" \"c\"\n"},
		{"$TTL 1\n$GENERATE 1-2 n$ TXT \"rack $\" \"row 7\"\n",
		 "n1.lab.cloud.\t1\tIN\tTXT\t\"rack 1\" \"row 7\"\n"
		 "n2.lab.cloud.\t1\tIN\tTXT\t\"rack 2\" \"row 7\"\n"},
		{"$TTL 1\no A 1.2.3.4\n$GENERATE 1-1 n$ A 10.0.0.$\n A 1.2.3.5\n",
		 "o.lab.cloud.\t1\tIN\tA\t1.2.3.4\nn1.lab.cloud.\t1\tIN\tA\t10.0.0.1\n"
		 "o.lab.cloud.\t1\tIN\tA\t1.2.3.5\n"},
		{"$TTL 1\n$GENERATE 1-1 n$ HTTPS 1 . key667=\"a $\"\n",
		 "n1.lab.cloud.\t1\tIN\tHTTPS\t1 . key667=\"a 1\"\n"},
		{"$TTL 1\n$GENERATE 5-5 s$ MX 1 m$\n",
		 "s5.lab.cloud.\t1\tIN\tMX\t1 m5.lab.cloud.\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		reads_to(cases[i].text, cases[i].wanted);
}

static void generate_names_its_mistakes_once(void **state)
{
	static const struct {
		const char *text, *errors;
	} cases[] = {
		{"$GENERATE 2-1 a A 1.2.3.4\n",
		 "zone:1: \"2-1\" is not a range START-STOP or START-STOP/STEP\n"},
		{"$GENERATE 1-2/0 a A 1.2.3.4\n",
		 "zone:1: \"1-2/0\" is not a range START-STOP or START-STOP/STEP\n"},
		{"$GENERATE 0-2147483647 a A 1.2.3.4\n",
		 "zone:1: \"0-2147483647\" is not a range START-STOP or START-STOP/STEP\n"},
		{"\n$GENERATE 254-300 a$ 1 A 1.2.3.$\n",
		 "zone:2: \"1.2.3.256\" is not an IPv4 address\n"},
		{"$GENERATE 0-9 a${-1} 1 A 1.2.3.4\n",
		 "zone:1: \"a${-1}\" has a $ that cannot be replaced, here or in the data\n"},
		{"$GENERATE 0-9 a${0,1,q} 1 A 1.2.3.4\n",
		 "zone:1: \"a${0,1,q}\" has a $ that cannot be replaced, here or in the data\n"},
		{"$GENERATE 0-9\n", "zone:1: the owner is missing\n"},
		{"$GENERATE\n", "zone:1: the range is missing\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		fails_with(cases[i].text, cases[i].errors);
}

static void a_result_of_the_caller_ends_the_reading(void **state)
{
	struct seen s = {.answer = -ECANCELED};

	(void)state;
	assert_int_equal(read_text(&s, "a 1 A 1.2.3.4\nb 1 A 1.2.3.4\n"), -ECANCELED);
	assert_int_equal(s.nrecords, 1);
	seen_fini(&s);
	assert_int_equal(read_file(&s, "absent"), -ENOENT);
	assert_string_equal(s.errors, "absent:0: No such file or directory\n");
	seen_fini(&s);
}

static void entries_larger_than_the_window_are_read(void **state)
{
	struct seen s = {0};
	size_t n = 3 * 1024 * 1024;
	char *text = malloc(n + 200);
	int head = sprintf(text, "a 1 A 1.2.3.1\nb 1 SOA a b ( ");

	(void)state;
	memset(text + head, ' ', n);
	for (size_t i = 0; i < n; i += 77)
		text[(size_t)head + i] = '\n';
	strcpy(text + head + n, "1 2 3 4 5 )\nc 1 A 1.2.3.4\n");
	assert_int_equal(read_text(&s, text), 0);
	assert_int_equal(s.nrecords, 3);
	seen_fini(&s);
	free(text);
}

/* ---- any rdata, written and read again ---- */

static uint64_t seed = 0x9e3779b97f4a7c15;

static uint32_t rnd(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32) % below;
}

static void random_name(struct base_out *o)
{
	unsigned labels = rnd(5);

	while (labels-- > 0) {
		unsigned n = 1 + rnd(rnd(4) == 0 ? 40 : 6);

		base_out_u8(o, (uint8_t)n);
		while (n-- > 0)
			base_out_u8(o, (uint8_t)(rnd(3) == 0 ? rnd(256) : 'a' + rnd(26)));
	}
	base_out_u8(o, 0);
}

static void random_octets(struct base_out *o, unsigned n)
{
	while (n-- > 0)
		base_out_u8(o, (uint8_t)(rnd(2) == 0 ? rnd(256) : ' ' + rnd(95)));
}

static void random_string(struct base_out *o)
{
	unsigned n = rnd(rnd(8) == 0 ? 256 : 20);

	base_out_u8(o, (uint8_t)n);
	random_octets(o, n);
}

static void random_bitmap(struct base_out *o)
{
	for (unsigned window = rnd(3); window < 200; window += 1 + rnd(150)) {
		unsigned n = 1 + rnd(32);

		base_out_u8(o, (uint8_t)window);
		base_out_u8(o, (uint8_t)n);
		random_octets(o, n - 1);
		base_out_u8(o, (uint8_t)(1 + rnd(255)));
	}
}

static void random_params(struct base_out *o)
{
	for (unsigned key = rnd(8); key < 10; key += 1 + rnd(5)) {
		unsigned n = rnd(20);

		base_out_u16(o, (uint16_t)key);
		base_out_u16(o, (uint16_t)n);
		random_octets(o, n);
	}
}

static void random_rdata(struct base_out *o, const char *layout)
{
	for (; *layout != '\0'; layout++) {
		switch (*layout) {
		case 'c':
		case 'd':
		case 'n':
			random_name(o);
			break;
		case 's':
			random_string(o);
			break;
		case 't':
			for (unsigned n = 1 + rnd(4); n > 0; n--)
				random_string(o);
			break;
		case 'r':
			random_octets(o, rnd(60));
			break;
		case 'b':
			random_bitmap(o);
			break;
		case 'v':
			random_params(o);
			break;
		default:
			random_octets(o, (unsigned)(*layout - '0'));
		}
	}
}

static int compare_record(void *arg, const struct dns_record *record)
{
	const struct dns_record *wanted = arg;

	assert_true(dns_name_equal(record->owner, wanted->owner));
	assert_int_equal(record->type, wanted->type);
	assert_int_equal(record->ttl, wanted->ttl);
	assert_int_equal(record->nbytes, wanted->nbytes);
	assert_memory_equal(record->rdata, wanted->rdata, wanted->nbytes);
	return 0;
}

static void fail_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	(void)level;
	fail_msg("%s:%u: %s", error->at.file, error->at.line, error->text);
}

static void round_trip(const struct dns_record *record)
{
	static char text[TEXT_RECORD_MAX];
	struct base_out o = base_out_over(text, sizeof(text));
	const struct text_reader reader = {.origin = (const uint8_t *)"",
					   .on_record = compare_record,
					   .on_report = fail_report,
					   .arg = (void *)record};
	char path[128];

	text_record_write(&o, record);
	assert_false(o.is_full);
	put_file("again", text, base_out_nbytes(&o));
	snprintf(path, sizeof(path), "%s/again", folder);
	assert_int_equal(text_zonefile_read(path, &reader), 0);
}

static void random_records_of_every_type_survive_as_text(void **state)
{
	uint8_t owner[600], rdata[8192];
	unsigned nvalid = 0;

	(void)state;
	for (unsigned type = 1; type < 66000; type += type < 300 ? 1 : 7919) {
		const struct dns_type_info *info = dns_type_info((uint16_t)type);

		if (dns_type_is_meta((uint16_t)type) || type > UINT16_MAX)
			continue;
		for (int i = 0; i < (info == NULL ? 2 : 40); i++) {
			struct base_out o = base_out_over(owner, sizeof(owner)),
					d = base_out_over(rdata, sizeof(rdata));
			struct dns_record r = {.owner = owner,
					       .type = (uint16_t)type,
					       .ttl = rnd(INT32_MAX),
					       .rdata = rdata};

			random_name(&o);
			random_rdata(&d, info == NULL ? "r" : info->wire);
			r.nbytes = (uint16_t)base_out_nbytes(&d);
			if (!dns_rdata_is_valid(r.type, rdata, r.nbytes))
				continue;
			nvalid++;
			round_trip(&r);
		}
	}
	assert_true(nvalid > 1000);
}

static void the_longest_rdata_survives_as_text(void **state)
{
	static uint8_t rdata[65535];
	struct dns_record r = {
		.owner = (const uint8_t *)"", .ttl = 1, .rdata = rdata, .nbytes = 65535};

	(void)state;
	r.type = 65280;
	round_trip(&r);
	r.type = DNS_TYPE_TXT; /* 65535 empty strings */
	round_trip(&r);
	for (size_t i = 0; i < sizeof(rdata); i += 2) {
		rdata[i] = i + 1 < sizeof(rdata) ? 1 : 0;
		if (i + 1 < sizeof(rdata))
			rdata[i + 1] = 200;
	}
	round_trip(&r);
	for (size_t i = 0; i < sizeof(rdata); i++)
		rdata[i] = i % 256 == 0 ? (uint8_t)(sizeof(rdata) - i > 255 ? 255
									    : sizeof(rdata) - i - 1)
					: 7;
	round_trip(&r);
	r.type = 61; /* OPENPGPKEY: too long for ldns */
	round_trip(&r);
}

static void text_for_people_is_cut_to_the_size_of_the_buffer(void **state)
{
	char text[12];

	(void)state;
	text_rdata_to_text(text, sizeof(text), DNS_TYPE_TXT, (const uint8_t *)"\12abcdefghij", 11);
	assert_string_equal(text, "\"abcdefghij");
	text_rdata_to_text(text, sizeof(text), DNS_TYPE_A, (const uint8_t *)"\1\2\3\4", 4);
	assert_string_equal(text, "1.2.3.4");
	text_rdata_to_text(text, 1, DNS_TYPE_A, (const uint8_t *)"\1\2\3\4", 4);
	assert_string_equal(text, "");
}

static int setup(void **state)
{
	(void)state;
	folder_make(folder, "zonefile");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners_ttls_and_classes_are_completed),
		cmocka_unit_test(rdata_of_every_common_form_is_read),
		cmocka_unit_test(each_mistake_is_named_with_its_place),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(strings_and_names_have_their_limits),
		cmocka_unit_test(reading_stops_after_twenty_errors),
		cmocka_unit_test(included_files_have_their_own_origin),
		cmocka_unit_test(a_circle_of_includes_is_an_error),
		cmocka_unit_test(includes_nest_only_so_deep),
		cmocka_unit_test(generate_makes_what_bind_makes),
		cmocka_unit_test(generate_names_its_mistakes_once),
		cmocka_unit_test(a_result_of_the_caller_ends_the_reading),
		cmocka_unit_test(entries_larger_than_the_window_are_read),
		cmocka_unit_test(random_records_of_every_type_survive_as_text),
		cmocka_unit_test(the_longest_rdata_survives_as_text),
		cmocka_unit_test(text_for_people_is_cut_to_the_size_of_the_buffer),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
