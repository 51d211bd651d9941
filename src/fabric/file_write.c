/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fabric/file_priv.h"

enum {
	PATH_SIZE = 4096,
	BOX_TEXT_MAX =
		sodium_base64_ENCODED_LEN(FABRIC_FILE_BOX_MAX, sodium_base64_VARIANT_ORIGINAL),
};

/* The second option recommended in RFC 9106 section 4, which suits machines with little memory. */
#define ARGON_OPS 3u
#define ARGON_MEMORY (64u << 20)

__attribute__((format(printf, 2, 3))) static void text_add(struct fabric_file_text *t,
							   const char *fmt, ...)
{
	size_t room = sizeof(t->bytes) - t->n;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(t->bytes + t->n, room, fmt, args);
	va_end(args);
	if (n > 0)
		t->n += (size_t)n < room ? (size_t)n : room - 1;
}

static void text_add_base64(struct fabric_file_text *t, const void *bytes, size_t n,
			    const char *end)
{
	char encoded[BOX_TEXT_MAX];

	sodium_bin2base64(encoded, sizeof(encoded), bytes, n, sodium_base64_VARIANT_ORIGINAL);
	text_add(t, "%s%s", encoded, end);
	sodium_memzero(encoded, sizeof(encoded));
}

static size_t blob_make(uint8_t out[static FABRIC_FILE_BLOB_MAX], const struct fabric *f,
			const struct fabric_file_text *t)
{
	uint8_t *at = out + FABRIC_FILE_HASH + FABRIC_SEED_SIZE;

	fabric_file_hash(out, t->bytes, t->n);
	memcpy(out + FABRIC_FILE_HASH, f->seed, FABRIC_SEED_SIZE);
	for (unsigned i = 0; i < f->nepochs; i++, at += FABRIC_MASTER_SIZE)
		memcpy(at, f->epoch[i].master, FABRIC_MASTER_SIZE);
	return (size_t)(at - out);
}

static int sealed_add(struct fabric_file_text *t, const uint8_t *blob, size_t nblob,
		      const char *passphrase, size_t npassphrase)
{
	uint8_t salt[crypto_pwhash_SALTBYTES], nonce[crypto_secretbox_NONCEBYTES];
	uint8_t key[crypto_secretbox_KEYBYTES], box[FABRIC_FILE_BOX_MAX];
	int ret;

	randombytes_buf(salt, sizeof(salt));
	randombytes_buf(nonce, sizeof(nonce));
	ret = fabric_file_box_key(key, passphrase, npassphrase, salt, ARGON_OPS, ARGON_MEMORY);
	if (ret == 0) {
		crypto_secretbox_easy(box, blob, nblob, nonce, key);
		text_add(t, "secret argon2id %u %u ", ARGON_OPS, ARGON_MEMORY);
		text_add_base64(t, salt, sizeof(salt), " ");
		text_add_base64(t, nonce, sizeof(nonce), " ");
		text_add_base64(t, box, nblob + crypto_secretbox_MACBYTES, "\n");
	}
	sodium_memzero(key, sizeof(key));
	return ret;
}

static int text_make(struct fabric_file_text *t, const struct fabric *f, const char *passphrase,
		     size_t npassphrase)
{
	char name[DNS_NAME_TEXT_MAX], check[2 * FABRIC_FILE_HASH + 1];
	uint8_t blob[FABRIC_FILE_BLOB_MAX], hash[FABRIC_FILE_HASH];
	size_t nblob;
	int ret = 0;

	dns_name_to_text(name, f->name);
	text_add(t,
		 "weft-fabric %d\n# Keep this file secret: every key of the fabric is made from "
		 "it. weft(1) has the commands.\nname %s\npublic ",
		 FABRIC_FILE_FORMAT, name);
	text_add_base64(t, f->public_key, sizeof(f->public_key), "\n");
	for (unsigned i = 0; i < f->nepochs; i++)
		text_add(t, "epoch %" PRIu32 " %" PRIu64 "\n", f->epoch[i].number,
			 f->epoch[i].begun_s);
	nblob = blob_make(blob, f, t);
	if (npassphrase > 0) {
		ret = sealed_add(t, blob, nblob, passphrase, npassphrase);
	} else {
		text_add(t, "secret plain ");
		text_add_base64(t, blob, nblob, "\n");
	}
	sodium_memzero(blob, sizeof(blob));
	fabric_file_hash(hash, t->bytes, t->n);
	text_add(t, "check %s\n", sodium_bin2hex(check, sizeof(check), hash, sizeof(hash)));
	return ret;
}

static int write_all(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

static const char *folder_of(char out[static PATH_SIZE], const char *path)
{
	const char *slash = strrchr(path, '/');

	snprintf(out, PATH_SIZE, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
		 slash == NULL ? "." : path);
	return out;
}

unsigned fabric_file_mode(const char *path)
{
	char folder[PATH_SIZE];
	struct stat st;
	bool is_for_group = stat(folder_of(folder, path), &st) == 0 &&
			    (st.st_mode & S_ISGID) != 0 && (st.st_mode & S_IRWXO) == 0;

	return is_for_group ? 0640 : 0600;
}

static int folder_sync(const char *path)
{
	char folder[PATH_SIZE];
	int fd, ret = 0;

	fd = open(folder_of(folder, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd) != 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* Copies owner and mode of the file being replaced: they may be what lets weftd read it. */
static int owner_copy(int fd, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return -errno;
	return fchown(fd, st.st_uid, st.st_gid) != 0 || fchmod(fd, st.st_mode & 0660) != 0 ? -errno
											   : 0;
}

/* link() fails if `to` exists; rename() replaces it. */
static int file_move(const char *from, const char *to, bool is_new)
{
	if (is_new)
		return link(from, to) != 0 || unlink(from) != 0 ? -errno : 0;
	return rename(from, to) != 0 ? -errno : 0;
}

static int file_write(const struct fabric_file_text *t, const char *path, bool is_new)
{
	char beside[PATH_SIZE];
	int fd, ret;

	if (snprintf(beside, sizeof(beside), "%s.XXXXXX", path) >= (int)sizeof(beside))
		return -ENAMETOOLONG;
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (is_new)
		ret = fchmod(fd, fabric_file_mode(path)) != 0 ? -errno : 0;
	else
		ret = owner_copy(fd, path);
	if (ret == 0)
		ret = write_all(fd, t->bytes, t->n);
	if (ret == 0 && fsync(fd) != 0)
		ret = -errno;
	close(fd);
	if (ret == 0)
		ret = file_move(beside, path, is_new);
	if (ret < 0)
		unlink(beside);
	return ret < 0 ? ret : folder_sync(path);
}

/* What distinguishes fabric_file_create and fabric_file_replace. */
enum purpose { CREATE, REPLACE };

static int fabric_write(const struct fabric *f, const char *path, const char *passphrase,
			size_t npassphrase, enum purpose purpose)
{
	struct fabric_file_text t = {.n = 0};
	int ret = text_make(&t, f, passphrase, npassphrase);

	if (ret == 0)
		ret = file_write(&t, path, purpose == CREATE);
	sodium_memzero(&t, sizeof(t));
	return ret;
}

static int report(struct base_error *error, const char *path, int ret)
{
	if (ret < 0)
		base_error_set_at(error, ret, (struct base_location){path, 0}, "%s",
				  strerror(-ret));
	return ret;
}

int fabric_file_create(const struct fabric *f, const char *path, const char *passphrase,
		       size_t npassphrase, struct base_error *error)
{
	return report(error, path, fabric_write(f, path, passphrase, npassphrase, CREATE));
}

int fabric_file_replace(const struct fabric *f, const char *path, const char *passphrase,
			size_t npassphrase, struct base_error *error)
{
	/* Replaces the file that a symbolic link points to, not the link. */
	char *whole = realpath(path, NULL);
	int ret = whole == NULL ? -errno : fabric_write(f, whole, passphrase, npassphrase, REPLACE);

	free(whole);
	return report(error, path, ret);
}
