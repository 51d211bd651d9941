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

#include <sodium.h>

enum {
	FORMAT = 1,
	TEXT_MAX = 8192, /* a whole file is at most half as long */
	WORDS_MAX = 7,
	HASH_SIZE = 32,
	BLOB_MAX = HASH_SIZE + FABRIC_SEED_SIZE + FABRIC_EPOCHS_MAX * FABRIC_MASTER_SIZE,
	BOX_MAX = BLOB_MAX + crypto_secretbox_MACBYTES,
	BOX_TEXT_MAX = sodium_base64_ENCODED_LEN(BOX_MAX, sodium_base64_VARIANT_ORIGINAL),
};

/* RFC 9106 section 4, the second recommended option: for machines with little memory too. */
#define ARGON_OPS 3u
#define ARGON_MEMORY (64u << 20)
/* A file cannot make us spend more than this. */
#define ARGON_OPS_MAX 64u
#define ARGON_MEMORY_MAX (UINT64_C(1) << 30)

__attribute__((format(printf, 3, 4))) static int fail(char *why, int error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, FABRIC_FILE_WHY_MAX, fmt, args);
	va_end(args);
	return error;
}

static int fail_errno(char *why, const char *path, int error)
{
	return fail(why, error, "%s: %s", path, strerror(-error));
}

/* ---- text and secrets ---- */

struct text {
	char bytes[TEXT_MAX];
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void text_add(struct text *t, const char *fmt, ...)
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

static void text_add_base64(struct text *t, const void *bytes, size_t n, const char *end)
{
	char encoded[BOX_TEXT_MAX];

	sodium_bin2base64(encoded, sizeof(encoded), bytes, n, sodium_base64_VARIANT_ORIGINAL);
	text_add(t, "%s%s", encoded, end);
	sodium_memzero(encoded, sizeof(encoded));
}

static void hash_make(uint8_t out[static HASH_SIZE], const char *text, size_t n)
{
	crypto_generichash(out, HASH_SIZE, (const uint8_t *)text, n, NULL, 0);
}

/* The key of the box. */
static int box_key(uint8_t out[static crypto_secretbox_KEYBYTES], const char *passphrase,
		   size_t npassphrase, const uint8_t *salt, uint64_t ops, uint64_t memory)
{
	return crypto_pwhash(out, crypto_secretbox_KEYBYTES, passphrase, npassphrase, salt, ops,
			     (size_t)memory, crypto_pwhash_ALG_ARGON2ID13) == 0
		       ? 0
		       : -ENOMEM;
}

/* ---- writing ---- */

static size_t blob_make(uint8_t out[static BLOB_MAX], const struct fabric *f, const struct text *t)
{
	uint8_t *at = out + HASH_SIZE + FABRIC_SEED_SIZE;

	hash_make(out, t->bytes, t->n);
	memcpy(out + HASH_SIZE, f->seed, FABRIC_SEED_SIZE);
	for (unsigned i = 0; i < f->nepochs; i++, at += FABRIC_MASTER_SIZE)
		memcpy(at, f->epoch[i].master, FABRIC_MASTER_SIZE);
	return (size_t)(at - out);
}

static int sealed_add(struct text *t, const uint8_t *blob, size_t nblob, const char *passphrase,
		      size_t npassphrase)
{
	uint8_t salt[crypto_pwhash_SALTBYTES], nonce[crypto_secretbox_NONCEBYTES];
	uint8_t key[crypto_secretbox_KEYBYTES], box[BOX_MAX];
	int ret;

	randombytes_buf(salt, sizeof(salt));
	randombytes_buf(nonce, sizeof(nonce));
	ret = box_key(key, passphrase, npassphrase, salt, ARGON_OPS, ARGON_MEMORY);
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

static int text_make(struct text *t, const struct fabric *f, const char *passphrase,
		     size_t npassphrase)
{
	char name[DNS_NAME_TEXT_MAX], check[2 * HASH_SIZE + 1];
	uint8_t blob[BLOB_MAX], hash[HASH_SIZE];
	size_t nblob;
	int ret = 0;

	dns_name_to_text(name, f->name);
	text_add(t,
		 "weft-fabric %d\n# Keep this file secret: every key of the fabric is made from "
		 "it. weft(1) has the commands.\nname %s\npublic ",
		 FORMAT, name);
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
	hash_make(hash, t->bytes, t->n);
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

static int folder_sync(const char *path)
{
	char folder[4096];
	const char *slash = strrchr(path, '/');
	int fd, ret = 0;

	snprintf(folder, sizeof(folder), "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
		 slash == NULL ? "." : path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd) != 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* Owner and mode of the file that is replaced: weftd may read it by them. */
static int owner_keep(int fd, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return -errno;
	return fchown(fd, st.st_uid, st.st_gid) != 0 || fchmod(fd, st.st_mode & 0660) != 0 ? -errno
											   : 0;
}

/* link() refuses what is there; rename() replaces it. */
static int file_place(const char *from, const char *to, bool is_new)
{
	if (is_new)
		return link(from, to) != 0 || unlink(from) != 0 ? -errno : 0;
	return rename(from, to) != 0 ? -errno : 0;
}

static int file_write(const struct text *t, const char *path, bool is_new)
{
	char beside[4096];
	int fd, ret;

	if (snprintf(beside, sizeof(beside), "%s.XXXXXX", path) >= (int)sizeof(beside))
		return -ENAMETOOLONG;
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = is_new ? 0 : owner_keep(fd, path);
	if (ret == 0)
		ret = write_all(fd, t->bytes, t->n);
	if (ret == 0 && fsync(fd) != 0)
		ret = -errno;
	close(fd);
	if (ret == 0)
		ret = file_place(beside, path, is_new);
	if (ret < 0)
		unlink(beside);
	return ret < 0 ? ret : folder_sync(path);
}

static int fabric_write(const struct fabric *f, const char *path, const char *passphrase,
			size_t npassphrase, bool is_new, char *why)
{
	struct text t = {.n = 0};
	int ret = text_make(&t, f, passphrase, npassphrase);

	if (ret == 0)
		ret = file_write(&t, path, is_new);
	sodium_memzero(&t, sizeof(t));
	return ret < 0 ? fail_errno(why, path, ret) : 0;
}

int fabric_file_create(const struct fabric *f, const char *path, const char *passphrase,
		       size_t npassphrase, char why[static FABRIC_FILE_WHY_MAX])
{
	return fabric_write(f, path, passphrase, npassphrase, true, why);
}

int fabric_file_replace(const struct fabric *f, const char *path, const char *passphrase,
			size_t npassphrase, char why[static FABRIC_FILE_WHY_MAX])
{
	/* A symbolic link stays one. */
	char *whole = realpath(path, NULL);
	int ret;

	if (whole == NULL)
		return fail_errno(why, path, -errno);
	ret = fabric_write(f, whole, passphrase, npassphrase, false, why);
	free(whole);
	return ret;
}

/* ---- reading ---- */

struct reader {
	const char *path;
	unsigned line;
	char *why;
	struct text text;
	char *words[WORDS_MAX];
	unsigned nwords;
	/* what was read */
	uint8_t name[DNS_NAME_MAX];
	uint8_t public_key[FABRIC_PUBLIC_SIZE];
	struct fabric_epoch epoch[FABRIC_EPOCHS_MAX];
	unsigned nepochs;
	bool has_name, has_public, has_secret;
	uint8_t box[BOX_MAX];
	size_t nbox;
	bool is_sealed;
	uint64_t ops, memory;
	uint8_t salt[crypto_pwhash_SALTBYTES], nonce[crypto_secretbox_NONCEBYTES];
};

static int line_bad(struct reader *r, const char *what)
{
	return fail(r->why, -EBADMSG, "%s:%u: %s", r->path, r->line, what);
}

static int bytes_read(int fd, struct text *t)
{
	for (;;) {
		ssize_t n = read(fd, t->bytes + t->n, sizeof(t->bytes) - 1 - t->n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		t->n += (size_t)n;
		if (t->n == sizeof(t->bytes) - 1)
			return -EFBIG;
	}
}

static int text_read(struct text *t, const char *path, struct stat *st)
{
	/* Without blocking: the path may be a pipe's. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), ret = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, st) != 0)
		ret = -errno;
	else if (!S_ISREG(st->st_mode))
		ret = S_ISDIR(st->st_mode) ? -EISDIR : -EINVAL;
	else
		ret = bytes_read(fd, t);
	close(fd);
	return ret;
}

/* The first line, before all else: what follows it in another version nobody here knows. */
static int version_check(struct reader *r)
{
	static const char word[] = "weft-fabric ";
	unsigned long version;
	char *end;

	r->line = 1;
	if (strncmp(r->text.bytes, word, sizeof(word) - 1) != 0)
		return line_bad(r, "this is no file of a fabric");
	version = strtoul(r->text.bytes + sizeof(word) - 1, &end, 10);
	if (*end != '\n' || version == 0)
		return line_bad(r, "this is no file of a fabric");
	if (version > FORMAT)
		return fail(r->why, -EPROTO,
			    "%s:1: format %lu is newer than this weft, which knows %d", r->path,
			    version, FORMAT);
	return 0;
}

/* The last line says what all before it hashes to. It is cut off. */
static int check_check(struct reader *r)
{
	static const char word[] = "\ncheck ";
	uint8_t hash[HASH_SIZE], written[HASH_SIZE];
	char *found = NULL;
	size_t n = 0;

	for (char *at = r->text.bytes; (at = strstr(at, word)) != NULL; at++)
		found = at;
	if (found == NULL)
		return fail(r->why, -EBADMSG, "%s: it is cut short: there is no check at its end",
			    r->path);
	hash_make(hash, r->text.bytes, (size_t)(found + 1 - r->text.bytes));
	if (sodium_hex2bin(written, sizeof(written), found + sizeof(word) - 1, 2 * HASH_SIZE, NULL,
			   &n, NULL) != 0 ||
	    n != HASH_SIZE || memcmp(hash, written, HASH_SIZE) != 0 ||
	    strcmp(found + sizeof(word) - 1 + 2 * HASH_SIZE, "\n") != 0)
		return fail(r->why, -EBADMSG,
			    "%s: it is damaged: its check does not match; take it from a copy",
			    r->path);
	r->text.n = (size_t)(found + 1 - r->text.bytes);
	*(found + 1) = '\0';
	return 0;
}

static bool base64_read(const char *text, void *out, size_t size, size_t *n)
{
	const char *end;

	return sodium_base642bin(out, size, text, strlen(text), NULL, n, &end,
				 sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       *end == '\0';
}

static bool base64_read_whole(const char *text, void *out, size_t size)
{
	size_t n;

	return base64_read(text, out, size, &n) && n == size;
}

static bool number_read(const char *text, uint64_t max, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *out <= max;
}

static int name_read(struct reader *r)
{
	if (r->nwords != 2 || r->has_name ||
	    dns_name_from_text(r->name, r->words[1], strlen(r->words[1]), NULL) == 0)
		return line_bad(r, "expected one name");
	r->has_name = true;
	return 0;
}

static int public_read(struct reader *r)
{
	if (r->nwords != 2 || r->has_public ||
	    !base64_read_whole(r->words[1], r->public_key, sizeof(r->public_key)))
		return line_bad(r, "expected one public key");
	r->has_public = true;
	return 0;
}

static int epoch_read(struct reader *r)
{
	struct fabric_epoch *e = &r->epoch[r->nepochs];
	uint64_t number;

	if (r->nepochs == FABRIC_EPOCHS_MAX)
		return line_bad(r, "too many epochs");
	if (r->nwords != 3 || !number_read(r->words[1], UINT32_MAX, &number) || number == 0 ||
	    !number_read(r->words[2], INT64_MAX, &e->begun_s) ||
	    (r->nepochs > 0 && number >= e[-1].number))
		return line_bad(r, "expected number and beginning of an epoch");
	e->number = (uint32_t)number;
	r->nepochs++;
	return 0;
}

static int secret_read(struct reader *r)
{
	bool is_good = false;

	if (r->has_secret)
		return line_bad(r, "a second secret");
	r->has_secret = true;
	if (r->nwords == 3 && strcmp(r->words[1], "plain") == 0) {
		is_good = base64_read(r->words[2], r->box, sizeof(r->box), &r->nbox);
	} else if (r->nwords == 7 && strcmp(r->words[1], "argon2id") == 0) {
		r->is_sealed = true;
		is_good = number_read(r->words[2], ARGON_OPS_MAX, &r->ops) &&
			  number_read(r->words[3], ARGON_MEMORY_MAX, &r->memory) && r->ops > 0 &&
			  r->memory >= crypto_pwhash_MEMLIMIT_MIN &&
			  base64_read_whole(r->words[4], r->salt, sizeof(r->salt)) &&
			  base64_read_whole(r->words[5], r->nonce, sizeof(r->nonce)) &&
			  base64_read(r->words[6], r->box, sizeof(r->box), &r->nbox);
	}
	return is_good ? 0 : line_bad(r, "expected the secret");
}

static const struct {
	const char *word;
	int (*read)(struct reader *r);
} lines[] = {
	{"name", name_read},
	{"public", public_read},
	{"epoch", epoch_read},
	{"secret", secret_read},
};

static int line_read(struct reader *r, char *line)
{
	char *save;

	r->nwords = 0;
	for (char *word = strtok_r(line, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save)) {
		if (r->nwords == WORDS_MAX)
			return line_bad(r, "too many words");
		r->words[r->nwords++] = word;
	}
	if (r->nwords == 0)
		return 0;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (strcmp(lines[i].word, r->words[0]) == 0)
			return lines[i].read(r);
	return line_bad(r, "unknown word");
}

/* All lines behind the first. The text before the secret is hashed first: reading cuts it up. */
static int lines_read(struct reader *r, uint8_t bound[static HASH_SIZE])
{
	char *at = strchr(r->text.bytes, '\n') + 1, *end,
	     *secret = strstr(r->text.bytes, "\nsecret ");
	int ret = 0;

	hash_make(bound, r->text.bytes, secret == NULL ? 0 : (size_t)(secret + 1 - r->text.bytes));
	for (r->line = 2; ret == 0 && (end = strchr(at, '\n')) != NULL; r->line++, at = end + 1) {
		*end = '\0';
		/* A comment is not cut into words: it may have any number. */
		ret = *at == '#' ? 0 : line_read(r, at);
	}
	if (ret == 0 && (!r->has_name || !r->has_public || r->nepochs == 0 || !r->has_secret))
		ret = fail(r->why, -EBADMSG, "%s: name, public, epoch or secret is missing",
			   r->path);
	return ret;
}

static int box_open(struct reader *r, const char *passphrase, int npassphrase)
{
	uint8_t key[crypto_secretbox_KEYBYTES];
	int ret;

	if (npassphrase == 0)
		return fail(r->why, -ENOKEY, "%s: it is sealed, and no passphrase is given",
			    r->path);
	ret = box_key(key, passphrase, (size_t)npassphrase, r->salt, r->ops, r->memory);
	if (ret < 0)
		return fail_errno(r->why, r->path, ret);
	if (r->nbox < crypto_secretbox_MACBYTES ||
	    crypto_secretbox_open_easy(r->box, r->box, r->nbox, r->nonce, key) != 0)
		ret = fail(r->why, -EKEYREJECTED, "%s: the passphrase is wrong", r->path);
	else
		r->nbox -= crypto_secretbox_MACBYTES;
	sodium_memzero(key, sizeof(key));
	return ret;
}

static int box_unseal(struct reader *r, fabric_passphrase_fn ask, void *arg)
{
	char passphrase[FABRIC_PASSPHRASE_MAX];
	int n = ask(arg, passphrase), ret;

	if (n < 0)
		ret = fail(r->why, n, "%s: it is sealed, and the passphrase cannot be read: %s",
			   r->path, strerror(-n));
	else
		ret = box_open(r, passphrase, n);
	sodium_memzero(passphrase, sizeof(passphrase));
	return ret;
}

/* Takes seed and masters out of what was in the box; they must fit to all that stands before. */
static int blob_take(struct reader *r, struct fabric *f, const uint8_t bound[static HASH_SIZE])
{
	const uint8_t *at = r->box + HASH_SIZE + FABRIC_SEED_SIZE;
	uint8_t pair[crypto_sign_SECRETKEYBYTES], public_key[FABRIC_PUBLIC_SIZE];

	if (r->nbox != (size_t)(HASH_SIZE + FABRIC_SEED_SIZE + f->nepochs * FABRIC_MASTER_SIZE) ||
	    memcmp(r->box, bound, HASH_SIZE) != 0)
		goto bad;
	memcpy(f->seed, r->box + HASH_SIZE, FABRIC_SEED_SIZE);
	crypto_sign_seed_keypair(public_key, pair, f->seed);
	sodium_memzero(pair, sizeof(pair));
	if (memcmp(public_key, f->public_key, sizeof(public_key)) != 0)
		goto bad;
	for (unsigned i = 0; i < f->nepochs; i++, at += FABRIC_MASTER_SIZE)
		memcpy(f->epoch[i].master, at, FABRIC_MASTER_SIZE);
	f->has_secrets = true;
	return 0;
bad:
	return fail(r->why, -EBADMSG,
		    "%s: its secret does not belong to the name, key and epochs in it", r->path);
}

static int fabric_make(struct fabric **out, const struct reader *r)
{
	struct fabric *f;
	int ret = fabric_new_empty(&f, r->name);

	if (ret < 0)
		return fail_errno(r->why, r->path, ret);
	memcpy(f->public_key, r->public_key, sizeof(f->public_key));
	memcpy(f->epoch, r->epoch, sizeof(f->epoch));
	f->nepochs = r->nepochs;
	*out = f;
	return 0;
}

static int fabric_read(struct fabric **out, struct reader *r, fabric_passphrase_fn ask, void *arg)
{
	uint8_t bound[HASH_SIZE];
	struct fabric *f = NULL;
	int ret = version_check(r);

	if (ret == 0)
		ret = check_check(r);
	if (ret == 0)
		ret = lines_read(r, bound);
	if (ret == 0 && r->is_sealed && ask != NULL)
		ret = box_unseal(r, ask, arg);
	if (ret == 0)
		ret = fabric_make(&f, r);
	if (ret == 0 && ask != NULL)
		ret = blob_take(r, f, bound);
	if (ret == 0)
		*out = f;
	else
		fabric_free(f);
	return ret;
}

int fabric_file_read(struct fabric **out, const char *path, fabric_passphrase_fn ask, void *arg,
		     struct fabric_file_state *state, char why[static FABRIC_FILE_WHY_MAX])
{
	struct reader r = {.path = path, .why = why};
	struct stat st;
	int ret = text_read(&r.text, path, &st);

	if (ret < 0)
		return fail_errno(why, path, ret);
	/* A NUL would end the text for us and not for the check. */
	r.text.bytes[r.text.n] = '\0';
	ret = strlen(r.text.bytes) == r.text.n
		      ? fabric_read(out, &r, ask, arg)
		      : fail(why, -EBADMSG, "%s: this is no file of a fabric", path);
	if (ret == 0 && state != NULL)
		*state = (struct fabric_file_state){
			.is_sealed = r.is_sealed, .is_open_to_others = (st.st_mode & S_IROTH) != 0};
	sodium_memzero(&r, sizeof(r));
	return ret;
}

int fabric_file_passphrase(char out[static FABRIC_PASSPHRASE_MAX], const char *path)
{
	struct text t = {.n = 0};
	struct stat st;
	size_t n;
	int ret = text_read(&t, path, &st);

	t.bytes[t.n] = '\0';
	n = strcspn(t.bytes, "\r\n");
	if (ret == 0 && n == 0)
		ret = -EINVAL;
	if (ret == 0 && n > FABRIC_PASSPHRASE_MAX)
		ret = -EMSGSIZE;
	if (ret == 0)
		memcpy(out, t.bytes, n);
	sodium_memzero(&t, sizeof(t));
	return ret < 0 ? ret : (int)n;
}
