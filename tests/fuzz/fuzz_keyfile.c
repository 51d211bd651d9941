/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* BIND key files: keys that are read can be written, and read back as the same. */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fabric/keyfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)level;
	if (error->at.file == NULL || error->code >= 0 || error->text[0] == '\0')
		abort();
	++*(unsigned *)arg;
}

static int bytes_read(struct fabric_keyfile *out, const void *bytes, size_t size, unsigned *errors)
{
	int fd = memfd_create("keyfile", 0), ret;
	char path[40];

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ret = fabric_keyfile_read(out, path, count, errors);
	close(fd);
	return ret;
}

static void key_check(const struct fabric_keyfile_key *key)
{
	struct fabric_keyfile again;
	unsigned errors = 0;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL || fabric_keyfile_write(out, key) != 0)
		abort();
	fclose(out);
	if (bytes_read(&again, text, length, &errors) != 0 || again.nkeys != 1 ||
	    !dns_name_equal(again.keys[0].name, key->name) ||
	    again.keys[0].secret.nbytes != key->secret.nbytes ||
	    memcmp(again.keys[0].secret.bytes, key->secret.bytes, key->secret.nbytes) != 0)
		abort();
	fabric_keyfile_fini(&again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fabric_keyfile keyfile;
	unsigned errors = 0;
	int ret;

	ret = bytes_read(&keyfile, data, size, &errors);
	if ((ret == 0) != (errors == 0) || (ret == 0) != (keyfile.nkeys > 0))
		abort();
	for (size_t i = 0; i < keyfile.nkeys; i++)
		key_check(&keyfile.keys[i]);
	fabric_keyfile_fini(&keyfile);
	return 0;
}
