/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/keyfile.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/weft-test-keyfile-XXXXXX";

/* Collects errors as `line: text` lines. */
static void collect(void *arg, enum base_log_level level, const struct base_error *error)
{
	char *all = arg;

	assert_int_equal(level, BASE_LOG_ERROR);
	assert_true(error->code < 0);
	assert_string_equal(error->at.file, path);
	sprintf(all + strlen(all), "%u: %s\n", error->at.line, error->text);
}

static int text_read(struct fabric_keyfile *out, const char *text, char *errors)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	errors[0] = '\0';
	return fabric_keyfile_read(out, path, collect, errors);
}

static int path_make(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	close(fd);
	return fd < 0 ? -1 : 0;
}

static int path_remove(void **state)
{
	(void)state;
	return unlink(path);
}

static void a_key_as_tsig_keygen_prints_it_is_read(void **state)
{
	struct fabric_keyfile keyfile;
	char errors[1000];

	(void)state;
	assert_int_equal(text_read(&keyfile,
				   "key \"Bench.Lab\" {\n\talgorithm hmac-sha256;\n"
				   "\tsecret \"c2VjcmV0\";\n};\n",
				   errors),
			 0);
	assert_string_equal(errors, "");
	assert_int_equal(keyfile.nkeys, 1);
	assert_memory_equal(keyfile.keys[0].name, "\5bench\3lab", 11);
	assert_int_equal(keyfile.keys[0].algorithm.hash, DNS_HMAC_SHA256);
	assert_int_equal(keyfile.keys[0].secret.nbytes, 6);
	assert_memory_equal(keyfile.keys[0].secret.bytes, "secret", 6);
	assert_int_equal(keyfile.keys[0].line, 1);
	assert_false(keyfile.is_open_to_others);
	fabric_keyfile_fini(&keyfile);
	assert_int_equal(keyfile.nkeys, 0);
}

static void several_keys_comments_and_bare_words_are_read(void **state)
{
	struct fabric_keyfile keyfile;
	char errors[1000];

	(void)state;
	assert_int_equal(text_read(&keyfile,
				   "# one\n// two\n/* three\n four */\n"
				   "key a { secret c2VjcmV0; algorithm HMAC-SHA512.; };\n"
				   "key b.c. {algorithm \"hmac-sha256-128\"; /* in it */ secret "
				   "\"c2VjcmV0\"; // end\n};",
				   errors),
			 0);
	assert_int_equal(keyfile.nkeys, 2);
	assert_int_equal(keyfile.keys[0].line, 5);
	assert_int_equal(keyfile.keys[1].line, 6);
	assert_int_equal(keyfile.keys[0].algorithm.hash, DNS_HMAC_SHA512);
	assert_int_equal(keyfile.keys[1].algorithm.mac_min, 16);
	fabric_keyfile_fini(&keyfile);
}

static void an_error_is_reported_with_its_line(void **state)
{
	static const struct {
		const char *text, *errors;
	} cases[] = {
		{"", "1: the file has no key\n"},
		{"key {", "1: expected the name of the key\n"},
		{"key a", "1: expected { after the name of the key\n"},
		{"key a {\n};", "2: the key has no algorithm\n2: the key has no secret\n"},
		{"key a {algorithm md4;\nsecret \"!\";};",
		 "1: unknown algorithm md4\n2: the secret is not base64 of 1 to 512 bytes\n"},
		{"key a {\nalgorithm hmac-sha256\nsecret \"c2VjcmV0\";};",
		 "3: expected a semicolon\n"},
		{"key a {secret \"c2Vj", "1: the quoted text does not end in this line\n"},
		{"key a {algorithm hmac-sha256; secret c2Vj;}",
		 "1: expected a semicolon after }\n"},
		{"key a {algorithm hmac-sha256; algorithm hmac-sha256; secret c2Vj;};",
		 "1: a second algorithm for this key\n"},
		{"key a..b {algorithm hmac-sha256; secret c2Vj;};",
		 "1: a..b is not a name for a key\n"},
		{"key a {colour red;};\nkey b {colour blue;};",
		 "1: a key has algorithm and secret, not colour\n"
		 "2: a key has algorithm and secret, not colour\n"},
		{"server 10.0.0.1 {};", "1: expected key \"NAME\" { ... };\n"},
		{"/* no end\n\n", "3: the comment that begins in line 1 does not end\n"},
	};
	struct fabric_keyfile keyfile;
	char errors[4000];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(text_read(&keyfile, cases[i].text, errors), -EBADMSG);
		assert_string_equal(errors, cases[i].errors);
		assert_int_equal(keyfile.nkeys, 0);
	}
}

static void a_file_open_to_others_is_reported(void **state)
{
	struct fabric_keyfile keyfile;
	char errors[1000];

	(void)state;
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(
		text_read(&keyfile, "key a { secret c2Vj; algorithm hmac-sha256; };", errors), 0);
	assert_true(keyfile.is_open_to_others);
	fabric_keyfile_fini(&keyfile);
	assert_int_equal(chmod(path, 0600), 0);
}

static void written_keys_are_read_back(void **state)
{
	struct fabric_keyfile_key key = {.algorithm = {DNS_HMAC_SHA256, 32},
					 .name = "\5a \"\\b\1c"};
	struct fabric_keyfile keyfile;
	char errors[1000] = "";
	FILE *file = fopen(path, "w");

	(void)state;
	assert_non_null(file);
	assert_int_equal(fabric_keyfile_secret_from_text(&key.secret, "c2 Vj\ncmV0"), 0);
	assert_int_equal(fabric_keyfile_write(file, &key), 0);
	fclose(file);
	assert_int_equal(fabric_keyfile_read(&keyfile, path, collect, errors), 0);
	assert_true(dns_name_equal(keyfile.keys[0].name, key.name));
	assert_int_equal(keyfile.keys[0].algorithm.hash, key.algorithm.hash);
	assert_int_equal(keyfile.keys[0].algorithm.mac_min, key.algorithm.mac_min);
	assert_memory_equal(keyfile.keys[0].secret.bytes, "secret", 6);
	fabric_keyfile_fini(&keyfile);
	fabric_keyfile_secret_fini(&key.secret);
}

static void a_file_that_is_missing_is_reported(void **state)
{
	struct fabric_keyfile keyfile;
	char errors[1000] = "", saved = path[5];
	int ret;

	(void)state;
	path[5] = '/';
	ret = fabric_keyfile_read(&keyfile, path, collect, errors);
	path[5] = saved;
	assert_int_equal(ret, -ENOENT);
	assert_string_equal(errors, "0: No such file or directory\n");
}

static void secrets_too_long_or_empty_are_refused(void **state)
{
	struct fabric_keyfile_secret secret = {0};
	char text[800];

	(void)state;
	memset(text, 'A', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(fabric_keyfile_secret_from_text(&secret, text), -EINVAL);
	assert_int_equal(fabric_keyfile_secret_from_text(&secret, ""), -EINVAL);
	assert_null(secret.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_as_tsig_keygen_prints_it_is_read),
		cmocka_unit_test(several_keys_comments_and_bare_words_are_read),
		cmocka_unit_test(an_error_is_reported_with_its_line),
		cmocka_unit_test(a_file_open_to_others_is_reported),
		cmocka_unit_test(written_keys_are_read_back),
		cmocka_unit_test(a_file_that_is_missing_is_reported),
		cmocka_unit_test(secrets_too_long_or_empty_are_refused),
	};

	return cmocka_run_group_tests(tests, path_make, path_remove);
}
