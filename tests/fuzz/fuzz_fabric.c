/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Files of fabrics: the input is the file without its check, which is appended, so that the code
 * beyond the check is reached. A fabric that is read can be written, and reads back as the same. */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sodium.h>

#include "fabric/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* Sealed files are left out: opening one takes a tenth of a second. Nobody knows its passphrase. */
static int ask(void *arg, char out[static FABRIC_PASSPHRASE_MAX])
{
	(void)arg;
	(void)out;
	return 0;
}

static int bytes_read(struct fabric **out, const void *bytes, size_t size, fabric_passphrase_fn fn)
{
	int fd = memfd_create("fabric", 0), ret;
	struct base_error error = {0};
	char path[40];

	require(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ret = fabric_file_read(out, path, fn, NULL, NULL, &error);
	require(error.code == ret && (ret == 0) == (error.text[0] == '\0'));
	close(fd);
	return ret;
}

/* Writes the file and reads it again. */
static void fabric_check(const struct fabric *f)
{
	char folder[] = "/tmp/weft-fuzz-fabric-XXXXXX", path[64];
	struct base_error error;
	struct fabric *again;

	require(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/f", folder);
	require(fabric_file_create(f, path, "", 0, &error) == 0);
	require(fabric_file_read(&again, path, ask, NULL, NULL, &error) == 0);
	require(memcmp(f, again, sizeof(*f)) == 0);
	fabric_free(again);
	unlink(path);
	rmdir(folder);
}

static size_t check_add(char *text, size_t n)
{
	uint8_t hash[32];
	char hex[65];

	crypto_generichash(hash, sizeof(hash), (const uint8_t *)text, n, NULL, 0);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	return n + (size_t)sprintf(text + n, "check %s\n", hex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[16384];
	struct fabric *f;
	size_t n = size < 12000 ? size : 12000;

	require(sodium_init() >= 0);
	memcpy(text, data, n);
	n = check_add(text, n);
	if (bytes_read(&f, text, n, NULL) == 0) {
		require(!f->has_secrets && f->nepochs >= 1 && f->nepochs <= FABRIC_EPOCHS_MAX);
		fabric_free(f);
	}
	if (bytes_read(&f, text, n, ask) == 0) {
		require(f->has_secrets);
		fabric_check(f);
		fabric_free(f);
	}
	if (bytes_read(&f, data, size, ask) == 0)
		fabric_free(f);
	return 0;
}
