/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/cert.c: what a fabric signs, and what is read from files. */
#include "fabric/cert.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/secret.h"

static const uint8_t lab[] = "\3lab\5cloud";
static const uint8_t ns1[] = "\3ns1\3lab\5cloud";
static const uint8_t n1[] = "\2n1\4keys\3lab\5cloud";

enum { NOW = 1764000000, DAY = 86400, TEXT_MAX = 16384 };

static struct fabric *fabric_make(void)
{
	struct fabric *f;

	assert_int_equal(fabric_new(&f, lab, NOW), 0);
	return f;
}

static struct fabric_cert *issue(const struct fabric *f, enum fabric_cert_use use,
				 const uint8_t *name)
{
	struct sockaddr_storage a = {.ss_family = AF_INET};
	struct fabric_cert_subject subject = {0};
	struct fabric_cert_order order = {use, &subject, NOW, NOW + DAY};
	struct base_error error;
	struct fabric_cert *c;

	((struct sockaddr_in *)&a)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(fabric_cert_add_name(&subject, name), 0);
	assert_int_equal(fabric_cert_add_address(&subject, &a), 0);
	assert_int_equal(fabric_cert_issue(&c, f, &order, &error), 0);
	return c;
}

static void to_text(char out[static TEXT_MAX], const struct fabric_cert *c,
		    int (*write)(FILE *out, const struct fabric_cert *c))
{
	FILE *file = fmemopen(out, TEXT_MAX, "w");

	assert_non_null(file);
	assert_int_equal(write(file, c), 0);
	fclose(file);
}

static void authority_is_the_same_at_any_time(void **state)
{
	char one[TEXT_MAX], other[TEXT_MAX];
	struct fabric *f = fabric_make();
	struct fabric_cert *c;

	(void)state;
	assert_int_equal(fabric_cert_authority(&c, f, NULL), 0);
	to_text(one, c, fabric_cert_write);
	fabric_cert_free(c);
	fabric_rotate(f, NOW + DAY);
	assert_int_equal(fabric_cert_authority(&c, f, NULL), 0);
	to_text(other, c, fabric_cert_write);
	assert_string_equal(one, other);
	assert_int_equal(fabric_cert_from(c), 946684800);
	fabric_cert_free(c);
	fabric_free(f);
}

static void authority_of_a_long_name_can_be_made(void **state)
{
	uint8_t name[FABRIC_NAME_MAX] = {0};
	struct fabric_cert *c;
	struct fabric *f;

	(void)state;
	for (size_t i = 0; i + 41 < sizeof(name); i += 41) {
		name[i] = 40;
		memset(name + i + 1, 'a', 40);
	}
	assert_int_equal(fabric_new(&f, name, NOW), 0);
	assert_int_equal(fabric_cert_authority(&c, f, NULL), 0);
	fabric_cert_free(c);
	fabric_free(f);
}

static void secrets_are_needed_to_sign(void **state)
{
	struct fabric *f = fabric_make();
	struct base_error error;
	struct fabric_cert *c;

	(void)state;
	f->has_secrets = false;
	assert_int_equal(fabric_cert_authority(&c, f, &error), -ENOKEY);
	fabric_free(f);
}

static void issued_ones_end_when_they_should(void **state)
{
	struct fabric *f = fabric_make();
	struct fabric_cert *c = issue(f, FABRIC_CERT_CLIENT, n1);

	(void)state;
	assert_int_equal(fabric_cert_from(c), NOW);
	assert_int_equal(fabric_cert_until(c), NOW + DAY);
	fabric_cert_free(c);
	fabric_free(f);
}

static void names_that_mean_something_else_are_refused(void **state)
{
	static const struct {
		uint8_t name[16];
	} cases[] = {
		{"\0"},	    {"\3a b\5cloud"},		{"\3a,b\5cloud"}, {"\3a.b\5cloud"},
		{"\1\x80"}, {"\003999\0011\0011\0011"}, {"\0017"},
	};
	static const uint8_t numbered[] = "\0019\2a9";
	struct fabric_cert_subject s = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(fabric_cert_add_name(&s, cases[i].name), -EINVAL);
	assert_int_equal(s.nnames, 0);
	assert_int_equal(fabric_cert_add_name(&s, numbered), 0);
}

static void subjects_have_everything_once_and_an_end(void **state)
{
	static const uint8_t upper[] = "\3LAB\5cloud";
	struct sockaddr_storage v4 = {.ss_family = AF_INET}, v6 = {.ss_family = AF_INET6};
	uint8_t name[] = "\1a\1a\5cloud";
	struct fabric_cert_subject s = {0};

	(void)state;
	assert_int_equal(fabric_cert_add_name(&s, upper), 0);
	assert_int_equal(fabric_cert_add_name(&s, lab), 0);
	assert_int_equal(s.nnames, 1);
	assert_memory_equal(s.names[0], lab, sizeof(lab));
	for (; s.nnames < FABRIC_CERT_NAMES_MAX; name[3] = (uint8_t)('a' + s.nnames / 26)) {
		name[1] = (uint8_t)('a' + s.nnames % 26);
		assert_int_equal(fabric_cert_add_name(&s, name), 0);
	}
	assert_int_equal(fabric_cert_add_name(&s, ns1), -E2BIG);
	assert_int_equal(fabric_cert_add_name(&s, upper), 0);

	assert_int_equal(fabric_cert_add_address(&s, &v4), 0);
	assert_int_equal(fabric_cert_add_address(&s, &v6), 0);
	((struct sockaddr_in *)&v4)->sin_port = htons(53);
	assert_int_equal(fabric_cert_add_address(&s, &v4), 0);
	assert_int_equal(s.naddresses, 2);
	while (s.naddresses < FABRIC_CERT_ADDRESSES_MAX) {
		((struct sockaddr_in *)&v4)->sin_addr.s_addr = htonl((uint32_t)s.naddresses);
		assert_int_equal(fabric_cert_add_address(&s, &v4), 0);
	}
	((struct sockaddr_in *)&v4)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(fabric_cert_add_address(&s, &v4), -E2BIG);
	assert_int_equal(fabric_cert_add_address(&s, &v6), 0);
}

/* ---- files ---- */

static void file_write(char path[static 64], const char *text)
{
	FILE *file;
	int fd;

	strcpy(path, "/tmp/weft-cert-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	file = fdopen(fd, "w");
	assert_true(fputs(text, file) >= 0);
	fclose(file);
}

/* Reads a certificate and a key that are these texts. Returns the error and, if it is 0, frees what
 * was read. `fault` gets which of the files the error names: 'c', 'k', or '-'. */
static int read_texts(const char *certificate, const char *key, char *fault)
{
	char certificate_file[64], key_file[64];
	struct base_error error = {0};
	struct fabric_cert *c = NULL;
	int ret;

	file_write(certificate_file, certificate);
	file_write(key_file, key);
	ret = fabric_cert_read(&c, certificate_file, key_file, &error);
	*fault = '-';
	if (ret < 0 && error.at.file == certificate_file)
		*fault = 'c';
	else if (ret < 0 && error.at.file == key_file)
		*fault = 'k';
	fabric_cert_free(c);
	unlink(certificate_file);
	unlink(key_file);
	return ret;
}

static void files_are_read_as_they_are_written(void **state)
{
	char certificate[TEXT_MAX], key[TEXT_MAX], other_key[TEXT_MAX], both[2 * TEXT_MAX], fault;
	struct fabric *f = fabric_make();
	struct fabric_cert *c = issue(f, FABRIC_CERT_SERVER, ns1);
	struct fabric_cert *other = issue(f, FABRIC_CERT_SERVER, ns1);

	(void)state;
	to_text(certificate, c, fabric_cert_write);
	to_text(key, c, fabric_cert_write_key);
	to_text(other_key, other, fabric_cert_write_key);
	snprintf(both, sizeof(both), "%s%s", key, certificate);

	assert_int_equal(read_texts(certificate, key, &fault), 0);
	assert_int_equal(read_texts(both, both, &fault), 0);
	assert_int_equal(read_texts(certificate, other_key, &fault), -EKEYREJECTED);
	assert_int_equal(fault, 'k');
	assert_int_equal(read_texts(key, key, &fault), -EBADMSG);
	assert_int_equal(fault, 'c');
	assert_int_equal(read_texts(certificate, certificate, &fault), -EBADMSG);
	assert_int_equal(fault, 'k');
	assert_int_equal(read_texts("", key, &fault), -EBADMSG);
	assert_int_equal(fault, 'c');
	certificate[strlen(certificate) / 4] = '\0'; /* cut */
	assert_int_equal(read_texts(certificate, key, &fault), -EBADMSG);
	assert_int_equal(fault, 'c');
	fabric_cert_free(c);
	fabric_cert_free(other);
	fabric_free(f);
}

static void chain_that_is_cut_is_refused(void **state)
{
	char certificate[TEXT_MAX], key[TEXT_MAX], fault;
	struct fabric *f = fabric_make();
	struct fabric_cert *c = issue(f, FABRIC_CERT_SERVER, ns1);

	(void)state;
	to_text(certificate, c, fabric_cert_write);
	to_text(key, c, fabric_cert_write_key);
	certificate[strlen(certificate) - 100] = '\0'; /* inside the second one */
	assert_int_equal(read_texts(certificate, key, &fault), -EBADMSG);
	assert_int_equal(fault, 'c');
	fabric_cert_free(c);
	fabric_free(f);
}

static void file_that_is_missing_is_named(void **state)
{
	struct base_error error;
	struct fabric_cert *c;

	(void)state;
	assert_int_equal(fabric_cert_read(&c, "/nonexistent/c", "/nonexistent/k", &error), -ENOENT);
	assert_string_equal(error.at.file, "/nonexistent/c");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(authority_is_the_same_at_any_time),
		cmocka_unit_test(authority_of_a_long_name_can_be_made),
		cmocka_unit_test(secrets_are_needed_to_sign),
		cmocka_unit_test(issued_ones_end_when_they_should),
		cmocka_unit_test(names_that_mean_something_else_are_refused),
		cmocka_unit_test(subjects_have_everything_once_and_an_end),
		cmocka_unit_test(files_are_read_as_they_are_written),
		cmocka_unit_test(chain_that_is_cut_is_refused),
		cmocka_unit_test(file_that_is_missing_is_named),
	};

	assert_int_equal(base_secret_start(), 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
