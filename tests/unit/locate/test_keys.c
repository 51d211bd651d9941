/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/keys.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../folder.h"
#include "base/secret.h"
#include "fabric/derive.h"
#include "fabric/file.h"

static char folder[FOLDER_PATH_MAX], keyfile[FOLDER_PATH_MAX + 16], fabric[FOLDER_PATH_MAX + 16],
	sealed[FOLDER_PATH_MAX + 16];
static struct fabric *of_file;
static struct base_error error;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(base_secret_start(), 0);
	folder_make(folder, "keys");
	snprintf(keyfile, sizeof(keyfile), "%s/two.key", folder);
	snprintf(fabric, sizeof(fabric), "%s/lab.fabric", folder);
	snprintf(sealed, sizeof(sealed), "%s/sealed", folder);
	folder_write(folder, "one.key",
		     "key \"a.example\" { algorithm hmac-sha512; secret \"c2VjcmV0\"; };\n");
	folder_write(folder, "two.key",
		     "key \"a.example\" { algorithm hmac-sha256; secret \"c2VjcmV0\"; };\n"
		     "key \"b.example\" { algorithm hmac-sha256; secret \"c2VjcmV0\"; };\n");
	assert_int_equal(fabric_new(&of_file, (const uint8_t *)"\3lab\5cloud", 1), 0);
	assert_int_equal(fabric_file_create(of_file, fabric, NULL, 0, &error), 0);
	assert_int_equal(fabric_file_create(of_file, sealed, "pass", 4, &error), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fabric_free(of_file);
	folder_remove(folder);
	return 0;
}

static int keys_read(struct locate_keys *k, const char *file, const char *name)
{
	const struct base_location at = {"client.conf", 7};
	const struct locate_config c = {.key_file = {file, at}, .key_name = {name, at}};

	error = (struct base_error){0};
	return locate_keys_read(k, &c, &error);
}

static void a_key_is_read_from_its_file(void **state)
{
	char one[FOLDER_PATH_MAX + 16];
	struct locate_keys k;

	(void)state;
	snprintf(one, sizeof(one), "%s/one.key", folder);
	assert_int_equal(keys_read(&k, one, NULL), 0);
	assert_true(k.has_key);
	assert_memory_equal(k.key.name, "\1a\7example", 11);
	assert_int_equal(k.key.algorithm.hash, DNS_HMAC_SHA512);
	locate_keys_fini(&k);
	assert_int_equal(keys_read(&k, keyfile, "B.example."), 0);
	assert_memory_equal(k.key.name, "\1b\7example", 11);
	assert_false(k.is_trust_given);
	assert_null(k.tls);
	locate_keys_fini(&k);
	assert_int_equal(keys_read(&k, NULL, NULL), 0);
	assert_false(k.has_key);
	locate_keys_fini(&k);
}

static void a_fabrics_file_gives_a_key_and_whom_to_trust(void **state)
{
	struct locate_keys k;

	(void)state;
	assert_int_equal(keys_read(&k, fabric, "N1"), 0);
	assert_true(k.has_key && k.is_trust_given);
	assert_non_null(k.tls);
	assert_memory_equal(k.key.name, "\2n1\4keys\3lab\5cloud", 19);
	locate_keys_fini(&k);
}

static void a_pipe_that_nobody_writes_to_is_not_waited_for(void **state)
{
	char path[FOLDER_PATH_MAX + 16];
	struct locate_keys k;

	(void)state;
	snprintf(path, sizeof(path), "%s/pipe", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(keys_read(&k, path, NULL), -ENOKEY);
}

static void what_is_not_right_is_explained(void **state)
{
	const struct {
		const char *file, *name, *text;
	} cases[] = {
		{keyfile, NULL, "has 2 keys"},
		{keyfile, "c.example", "no key called \"c.example\""},
		{fabric, NULL, "the name of a key is needed"},
		{fabric, "n1.keys.other.", "not the name of a key"},
		{sealed, "n1", "sealed"},
		{"/nonexistent/key", NULL, "/nonexistent/key"},
		{NULL, "n1", "needs the file"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct locate_keys k;
		int ret = keys_read(&k, cases[i].file, cases[i].name);

		assert_true(ret == -ENOKEY || ret == -EINVAL);
		if (strstr(error.text, cases[i].text) == NULL ||
		    strncmp(error.text, "client.conf:7: ", 15) != 0)
			fail_msg("%s", error.text);
		assert_int_equal(error.code, ret);
	}
}

static void trust_comes_from_a_public_key(void **state)
{
	const struct base_location at = {"client.conf", 3};
	char base64[BASE_SECRET_BASE64_SIZE(FABRIC_PUBLIC_SIZE)];
	struct locate_config c = {.public_key = {base64, at}};
	struct locate_keys k;

	(void)state;
	base_secret_to_base64(base64, of_file->public_key, FABRIC_PUBLIC_SIZE);
	assert_int_equal(locate_keys_read(&k, &c, &error), 0);
	assert_true(k.is_trust_given);
	assert_ptr_equal(locate_keys_tls(&k), k.tls);
	locate_keys_fini(&k);
	base64[4] = '\0';
	error = (struct base_error){0};
	assert_int_equal(locate_keys_read(&k, &c, &error), -EINVAL);
	assert_non_null(strstr(error.text, "client.conf:3: invalid public key"));
}

static void a_certificate_that_cannot_be_read_is_named(void **state)
{
	const struct base_location at = {"client.conf", 4};
	struct locate_config c = {.tls.key = {"/nonexistent/k", at}};
	struct locate_keys k;

	(void)state;
	assert_int_equal(locate_keys_read(&k, &c, &error), -EINVAL);
	c.tls.certificate = (struct conf_text){"/nonexistent/c", at};
	assert_int_equal(locate_keys_read(&k, &c, &error), -EINVAL);
	assert_non_null(strstr(error.text, "/nonexistent/"));
	c = (struct locate_config){.tls.ca = {"/nonexistent/ca", at}};
	assert_int_equal(locate_keys_read(&k, &c, &error), -EINVAL);
	assert_non_null(strstr(error.text, "/nonexistent/ca"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_read_from_its_file),
		cmocka_unit_test(a_fabrics_file_gives_a_key_and_whom_to_trust),
		cmocka_unit_test(a_pipe_that_nobody_writes_to_is_not_waited_for),
		cmocka_unit_test(what_is_not_right_is_explained),
		cmocka_unit_test(trust_comes_from_a_public_key),
		cmocka_unit_test(a_certificate_that_cannot_be_read_is_named),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
