/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

enum { NOW = 1800000000, TEXT_MAX = 8192 };

static char folder[] = "/tmp/weft-test-fabric-XXXXXX";
static char path[64];

/* Gives the passphrase `arg`; NULL is none. */
static int give(void *arg, char out[static FABRIC_PASSPHRASE_MAX])
{
	size_t n = arg == NULL ? 0 : strlen(arg);

	memcpy(out, arg == NULL ? "" : arg, n);
	return (int)n;
}

static int refuse(void *arg, char out[static FABRIC_PASSPHRASE_MAX])
{
	(void)arg;
	(void)out;
	return -EACCES;
}

static int folder_make(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/a.fabric", folder);
	return 0;
}

static int folder_remove(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static struct fabric *fabric_make(unsigned rotations)
{
	struct fabric *f;

	assert_int_equal(fabric_new(&f, (const uint8_t *)"\3lab\5cloud", NOW), 0);
	for (unsigned i = 0; i < rotations; i++)
		fabric_rotate(f, NOW + i);
	return f;
}

/* Writes a file, and replaces an older one. */
static struct fabric *file_make(unsigned rotations, const char *passphrase)
{
	struct fabric *f = fabric_make(rotations);
	struct base_error error;

	unlink(path);
	assert_int_equal(fabric_file_create(f, path, passphrase, strlen(passphrase), &error), 0);
	return f;
}

static size_t text_get(char text[static TEXT_MAX])
{
	FILE *in = fopen(path, "r");
	size_t n;

	assert_non_null(in);
	n = fread(text, 1, TEXT_MAX - 1, in);
	text[n] = '\0';
	fclose(in);
	return n;
}

static void text_put(const char *text, size_t n)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, n, out), n);
	fclose(out);
}

/* Reads the file and frees the fabric. Returns what fabric_file_read returns. */
static int file_read(struct base_error *error)
{
	struct fabric *f;
	int ret;

	*error = (struct base_error){0};
	ret = fabric_file_read(&f, path, give, NULL, NULL, error);
	if (ret == 0)
		fabric_free(f);
	return ret;
}

static void a_written_fabric_is_read_back(void **state)
{
	static const char *const passphrases[] = {"", "correct horse"};

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		const char *passphrase = passphrases[i % 2];
		struct fabric *f = file_make(i / 2 * 2, passphrase), *g;
		struct fabric_file_state found;
		struct base_error error;
		struct stat st;

		assert_int_equal(
			fabric_file_read(&g, path, give, (void *)passphrase, &found, &error), 0);
		assert_memory_equal(f, g, sizeof(*f));
		assert_int_equal(found.is_sealed, i % 2);
		assert_false(found.is_open_to_others);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		fabric_free(f);
		fabric_free(g);
	}
}

static void without_secrets_a_sealed_file_is_read_unasked(void **state)
{
	struct fabric *f = file_make(2, "correct horse"), *g;
	static const uint8_t zero[FABRIC_SEED_SIZE];
	struct base_error error;

	(void)state;
	assert_int_equal(fabric_file_read(&g, path, NULL, NULL, NULL, &error), 0);
	assert_false(g->has_secrets);
	assert_memory_equal(g->public_key, f->public_key, sizeof(f->public_key));
	assert_int_equal(g->epoch[0].number, 3);
	assert_memory_equal(g->seed, zero, sizeof(zero));
	assert_memory_equal(g->epoch[0].master, zero, sizeof(zero));
	fabric_free(f);
	fabric_free(g);
}

static void a_file_is_replaced_with_its_mode_but_not_made_over_another(void **state)
{
	struct fabric *f = file_make(0, "");
	struct base_error error;
	struct stat st;

	(void)state;
	assert_int_equal(fabric_file_create(f, path, "", 0, &error), -EEXIST);
	assert_string_equal(error.at.file, path);
	chmod(path, 0640);
	fabric_rotate(f, NOW + 1);
	assert_int_equal(fabric_file_replace(f, path, "", 0, &error), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(file_read(&error), 0);
	unlink(path);
	assert_int_equal(fabric_file_replace(f, path, "", 0, &error), -ENOENT);
	fabric_free(f);
}

static void a_file_is_for_the_group_of_a_folder_that_is_closed_to_others(void **state)
{
	static const struct {
		unsigned folder, file;
	} cases[] = {{02750, 0640}, {02770, 0640}, {0750, 0600}, {02755, 0600}, {0700, 0600}};
	mode_t before = umask(0077);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct stat st;

		assert_int_equal(chmod(folder, cases[i].folder), 0);
		fabric_free(file_make(0, ""));
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, cases[i].file);
		assert_int_equal(fabric_file_mode(path), cases[i].file);
	}
	assert_int_equal(chmod(folder, 0700), 0);
	umask(before);
}

static void a_wrong_passphrase_is_distinguished_from_damage(void **state)
{
	struct base_error error;
	char text[TEXT_MAX];
	struct fabric *f = file_make(0, "correct horse"), *g;
	size_t n;

	(void)state;
	assert_int_equal(fabric_file_read(&g, path, give, (void *)"wrong", NULL, &error),
			 -EKEYREJECTED);
	assert_int_equal(fabric_file_read(&g, path, give, NULL, NULL, &error), -ENOKEY);
	assert_int_equal(fabric_file_read(&g, path, refuse, NULL, NULL, &error), -EACCES);
	n = text_get(text);
	text[n - 100] ^= 1;
	text_put(text, n);
	assert_int_equal(fabric_file_read(&g, path, give, (void *)"correct horse", NULL, &error),
			 -EBADMSG);
	fabric_free(f);
}

static void every_changed_octet_and_every_cut_is_noticed(void **state)
{
	struct fabric *f = file_make(1, "");
	struct base_error error;
	char text[TEXT_MAX];
	size_t n = text_get(text);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		text[i] ^= 1;
		text_put(text, n);
		text[i] ^= 1;
		assert_true(file_read(&error) < 0);
		assert_string_equal(error.at.file, path);
		text_put(text, i);
		assert_int_equal(file_read(&error), -EBADMSG);
	}
	text_put(text, n);
	assert_int_equal(file_read(&error), 0);
	fabric_free(f);
}

/* Writes lines and the matching check after them. */
static void lines_put(const char *lines)
{
	char text[TEXT_MAX], hex[65];
	uint8_t hash[32];
	int n;

	crypto_generichash(hash, sizeof(hash), (const uint8_t *)lines, strlen(lines), NULL, 0);
	n = snprintf(text, sizeof(text), "%scheck %s\n", lines,
		     sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash)));
	text_put(text, (size_t)n);
}

#define NAME "name lab.cloud.\n"
#define PUBLIC "public l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=\n"
#define EPOCH "epoch 1 1800000000\n"
#define SECRET "secret plain AAAA\n"
#define SALT "AAAAAAAAAAAAAAAAAAAAAA== "
#define NONCE "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA "

static void an_error_has_its_line(void **state)
{
	static const struct {
		const char *lines, *why;
		int error;
	} cases[] = {
		{"key \"a\" {\n", ":1: not the file of a fabric", -EBADMSG},
		{"weft-fabric 0\n", ":1: not the file of a fabric", -EBADMSG},
		{"weft-fabric 1 \n", ":1: not the file of a fabric", -EBADMSG},
		{"weft-fabric 2\n", ":1: format 2 is newer than this weft, which knows 1", -EPROTO},
		{"weft-fabric 1\nname a..b\n", ":2: expected one name", -EBADMSG},
		{"weft-fabric 1\n" NAME NAME, ":3: expected one name", -EBADMSG},
		{"weft-fabric 1\n\n# a b c d e f g h i\npublic AAAA\n",
		 ":4: expected one public key", -EBADMSG},
		{"weft-fabric 1\nepoch 0 1\n", ":2: expected number and beginning of an epoch",
		 -EBADMSG},
		{"weft-fabric 1\nepoch 1 -1\n", ":2: expected number and beginning of an epoch",
		 -EBADMSG},
		{"weft-fabric 1\nepoch 4294967296 1\n",
		 ":2: expected number and beginning of an epoch", -EBADMSG},
		{"weft-fabric 1\n" EPOCH EPOCH, ":3: expected number and beginning of an epoch",
		 -EBADMSG},
		{"weft-fabric 1\nepoch 9 1\nepoch 8 1\nepoch 7 1\nepoch 6 1\nepoch 5 1\n",
		 ":6: too many epochs", -EBADMSG},
		{"weft-fabric 1\nsecret plain !\n", ":2: expected the secret", -EBADMSG},
		{"weft-fabric 1\nsecret argon2id 0 67108864 " SALT NONCE "AAAA\n",
		 ":2: expected the secret", -EBADMSG},
		{"weft-fabric 1\nsecret argon2id 3 67108864000 " SALT NONCE "AAAA\n",
		 ":2: expected the secret", -EBADMSG},
		{"weft-fabric 1\n" SECRET SECRET, ":3: a second secret", -EBADMSG},
		{"weft-fabric 1\nfoo bar\n", ":2: unknown word", -EBADMSG},
		{"weft-fabric 1\na b c d e f g h\n", ":2: too many words", -EBADMSG},
		{"weft-fabric 1\n" NAME PUBLIC EPOCH, ": name, public, epoch or secret is missing",
		 -EBADMSG},
		{"weft-fabric 1\n" NAME PUBLIC EPOCH SECRET,
		 ": the secret does not belong to the name, key and epochs", -EBADMSG},
		{"weft-fabric 1\n" NAME PUBLIC EPOCH "secret argon2id 1 8192 " SALT NONCE "AAAA\n",
		 ": sealed, and no passphrase is given", -ENOKEY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct base_error error;
		char shown[2 * BASE_ERROR_TEXT_MAX];

		lines_put(cases[i].lines);
		assert_int_equal(file_read(&error), cases[i].error);
		assert_int_equal(error.code, cases[i].error);
		assert_string_equal(error.at.file, path);
		snprintf(shown, sizeof(shown), error.at.line > 0 ? ":%2$u: %1$s" : ": %1$s",
			 error.text, error.at.line);
		assert_string_equal(shown, cases[i].why);
	}
}

static void a_sealed_box_too_short_is_refused(void **state)
{
	struct base_error error;
	struct fabric *f;

	(void)state;
	lines_put("weft-fabric 1\n" NAME PUBLIC EPOCH "secret argon2id 1 8192 " SALT NONCE
		  "AAAA\n");
	assert_int_equal(fabric_file_read(&f, path, give, (void *)"x", NULL, &error),
			 -EKEYREJECTED);
}

static void anything_but_a_small_regular_file_is_refused(void **state)
{
	struct base_error error;
	char text[TEXT_MAX + 1];
	struct fabric *f;

	(void)state;
	assert_int_equal(fabric_file_read(&f, folder, give, NULL, NULL, &error), -EISDIR);
	assert_int_equal(fabric_file_read(&f, "/dev/null", give, NULL, NULL, &error), -EINVAL);
	unlink(path);
	assert_int_equal(file_read(&error), -ENOENT);
	memset(text, '#', sizeof(text));
	text_put(text, sizeof(text));
	assert_int_equal(file_read(&error), -EFBIG);
	text_put("weft-fabric 1\n\0check", 20);
	assert_int_equal(file_read(&error), -EBADMSG);
}

static void a_passphrase_is_the_first_line_of_its_file(void **state)
{
	char out[FABRIC_PASSPHRASE_MAX], text[FABRIC_PASSPHRASE_MAX + 2];

	(void)state;
	text_put("correct horse\r\nmore\n", 20);
	assert_int_equal(fabric_file_passphrase(out, path), 13);
	assert_memory_equal(out, "correct horse", 13);
	text_put("x", 1);
	assert_int_equal(fabric_file_passphrase(out, path), 1);
	text_put("\nx", 2);
	assert_int_equal(fabric_file_passphrase(out, path), -EINVAL);
	memset(text, 'x', sizeof(text));
	text_put(text, FABRIC_PASSPHRASE_MAX);
	assert_int_equal(fabric_file_passphrase(out, path), FABRIC_PASSPHRASE_MAX);
	text_put(text, FABRIC_PASSPHRASE_MAX + 1);
	assert_int_equal(fabric_file_passphrase(out, path), -EMSGSIZE);
	unlink(path);
	assert_int_equal(fabric_file_passphrase(out, path), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_written_fabric_is_read_back),
		cmocka_unit_test(without_secrets_a_sealed_file_is_read_unasked),
		cmocka_unit_test(a_file_is_replaced_with_its_mode_but_not_made_over_another),
		cmocka_unit_test(a_file_is_for_the_group_of_a_folder_that_is_closed_to_others),
		cmocka_unit_test(a_wrong_passphrase_is_distinguished_from_damage),
		cmocka_unit_test(every_changed_octet_and_every_cut_is_noticed),
		cmocka_unit_test(an_error_has_its_line),
		cmocka_unit_test(a_sealed_box_too_short_is_refused),
		cmocka_unit_test(anything_but_a_small_regular_file_is_refused),
		cmocka_unit_test(a_passphrase_is_the_first_line_of_its_file),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, folder_make, folder_remove);
}
