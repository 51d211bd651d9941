/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Reading a fabric's file, and what file_write.c shares with it. */

#include "fabric/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fabric/file_priv.h"

enum { WORDS_MAX = 7 };

/* The most time and memory that a file can make its reader spend. */
#define ARGON_OPS_MAX 64u
#define ARGON_MEMORY_MAX (UINT64_C(1) << 30)

void fabric_file_hash(uint8_t out[static FABRIC_FILE_HASH], const char *text, size_t n)
{
	crypto_generichash(out, FABRIC_FILE_HASH, (const uint8_t *)text, n, NULL, 0);
}

int fabric_file_box_key(uint8_t out[static crypto_secretbox_KEYBYTES], const char *passphrase,
			size_t npassphrase, const uint8_t *salt, uint64_t ops, uint64_t memory)
{
	return crypto_pwhash(out, crypto_secretbox_KEYBYTES, passphrase, npassphrase, salt, ops,
			     (size_t)memory, crypto_pwhash_ALG_ARGON2ID13) == 0
		       ? 0
		       : -ENOMEM;
}

struct reader {
	struct base_location at; /* the file, and the line being read; 0: not about a line */
	struct base_error *error;
	struct fabric_file_text text;
	char *words[WORDS_MAX];
	unsigned nwords;
	/* what was read */
	uint8_t name[DNS_NAME_MAX];
	uint8_t public_key[FABRIC_PUBLIC_SIZE];
	struct fabric_epoch epoch[FABRIC_EPOCHS_MAX];
	unsigned nepochs;
	bool has_name, has_public, has_secret;
	uint8_t box[FABRIC_FILE_BOX_MAX];
	size_t nbox;
	bool is_sealed;
	uint64_t ops, memory;
	uint8_t salt[crypto_pwhash_SALTBYTES], nonce[crypto_secretbox_NONCEBYTES];
};

static int fail(const struct reader *r, int code, const char *what)
{
	return base_error_set_at(r->error, code, r->at, "%s", what);
}

/* Describes an error that is not about one line. */
static int fail_whole(const struct reader *r, int code, const char *what)
{
	return base_error_set_at(r->error, code, (struct base_location){r->at.file, 0}, "%s", what);
}

static int bytes_read(int fd, struct fabric_file_text *t)
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

static int text_read(struct fabric_file_text *t, const char *path, struct stat *st)
{
	/* The path may be that of a pipe, whose opening would block. */
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

/* Checks the first line before anything else: the rest of a newer version is not understood. */
static int version_check(struct reader *r)
{
	static const char word[] = "weft-fabric ";
	unsigned long version;
	char *end;

	r->at.line = 1;
	if (strncmp(r->text.bytes, word, sizeof(word) - 1) != 0)
		return fail(r, -EBADMSG, "not the file of a fabric");
	version = strtoul(r->text.bytes + sizeof(word) - 1, &end, 10);
	if (*end != '\n' || version == 0)
		return fail(r, -EBADMSG, "not the file of a fabric");
	if (version > FABRIC_FILE_FORMAT)
		return base_error_set_at(r->error, -EPROTO, r->at,
					 "format %lu is newer than this weft, which knows %d",
					 version, FABRIC_FILE_FORMAT);
	return 0;
}

/* Checks the hash in the last line, and cuts the line off. */
static int check_check(struct reader *r)
{
	static const char word[] = "\ncheck ";
	uint8_t hash[FABRIC_FILE_HASH], written[FABRIC_FILE_HASH];
	char *found = NULL;
	size_t n = 0;

	for (char *at = r->text.bytes; (at = strstr(at, word)) != NULL; at++)
		found = at;
	if (found == NULL)
		return fail_whole(r, -EBADMSG, "cut short: there is no check at the end");
	fabric_file_hash(hash, r->text.bytes, (size_t)(found + 1 - r->text.bytes));
	if (sodium_hex2bin(written, sizeof(written), found + sizeof(word) - 1, 2 * FABRIC_FILE_HASH,
			   NULL, &n, NULL) != 0 ||
	    n != FABRIC_FILE_HASH || memcmp(hash, written, FABRIC_FILE_HASH) != 0 ||
	    strcmp(found + sizeof(word) - 1 + 2 * FABRIC_FILE_HASH, "\n") != 0)
		return fail_whole(
			r, -EBADMSG,
			"damaged: the check does not match; restore the file from a copy");
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
		return fail(r, -EBADMSG, "expected one name");
	r->has_name = true;
	return 0;
}

static int public_read(struct reader *r)
{
	if (r->nwords != 2 || r->has_public ||
	    !base64_read_whole(r->words[1], r->public_key, sizeof(r->public_key)))
		return fail(r, -EBADMSG, "expected one public key");
	r->has_public = true;
	return 0;
}

static int epoch_read(struct reader *r)
{
	struct fabric_epoch *e = &r->epoch[r->nepochs];
	uint64_t number;

	if (r->nepochs == FABRIC_EPOCHS_MAX)
		return fail(r, -EBADMSG, "too many epochs");
	if (r->nwords != 3 || !number_read(r->words[1], UINT32_MAX, &number) || number == 0 ||
	    !number_read(r->words[2], INT64_MAX, &e->begun_s) ||
	    (r->nepochs > 0 && number >= e[-1].number))
		return fail(r, -EBADMSG, "expected number and beginning of an epoch");
	e->number = (uint32_t)number;
	r->nepochs++;
	return 0;
}

static int secret_read(struct reader *r)
{
	bool is_valid = false;

	if (r->has_secret)
		return fail(r, -EBADMSG, "a second secret");
	r->has_secret = true;
	if (r->nwords == 3 && strcmp(r->words[1], "plain") == 0) {
		is_valid = base64_read(r->words[2], r->box, sizeof(r->box), &r->nbox);
	} else if (r->nwords == 7 && strcmp(r->words[1], "argon2id") == 0) {
		r->is_sealed = true;
		is_valid = number_read(r->words[2], ARGON_OPS_MAX, &r->ops) &&
			   number_read(r->words[3], ARGON_MEMORY_MAX, &r->memory) && r->ops > 0 &&
			   r->memory >= crypto_pwhash_MEMLIMIT_MIN &&
			   base64_read_whole(r->words[4], r->salt, sizeof(r->salt)) &&
			   base64_read_whole(r->words[5], r->nonce, sizeof(r->nonce)) &&
			   base64_read(r->words[6], r->box, sizeof(r->box), &r->nbox);
	}
	return is_valid ? 0 : fail(r, -EBADMSG, "expected the secret");
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
			return fail(r, -EBADMSG, "too many words");
		r->words[r->nwords++] = word;
	}
	if (r->nwords == 0)
		return 0;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (strcmp(lines[i].word, r->words[0]) == 0)
			return lines[i].read(r);
	return fail(r, -EBADMSG, "unknown word");
}

/* Reads all lines but the first. Hashes the text before the secret beforehand, since reading cuts
 * it into words. */
static int lines_read(struct reader *r, uint8_t bound[static FABRIC_FILE_HASH])
{
	char *at = strchr(r->text.bytes, '\n') + 1, *end,
	     *secret = strstr(r->text.bytes, "\nsecret ");
	int ret = 0;

	fabric_file_hash(bound, r->text.bytes,
			 secret == NULL ? 0 : (size_t)(secret + 1 - r->text.bytes));
	for (r->at.line = 2; ret == 0 && (end = strchr(at, '\n')) != NULL;
	     r->at.line++, at = end + 1) {
		*end = '\0';
		/* A comment is not cut into words: it may have any number of them. */
		ret = *at == '#' ? 0 : line_read(r, at);
	}
	if (ret == 0 && (!r->has_name || !r->has_public || r->nepochs == 0 || !r->has_secret))
		ret = fail_whole(r, -EBADMSG, "name, public, epoch or secret is missing");
	return ret;
}

static int box_open(struct reader *r, const char *passphrase, int npassphrase)
{
	uint8_t key[crypto_secretbox_KEYBYTES];
	int ret;

	if (npassphrase == 0)
		return fail_whole(r, -ENOKEY, "sealed, and no passphrase is given");
	ret = fabric_file_box_key(key, passphrase, (size_t)npassphrase, r->salt, r->ops, r->memory);
	if (ret < 0)
		return fail_whole(r, ret, strerror(-ret));
	if (r->nbox < crypto_secretbox_MACBYTES ||
	    crypto_secretbox_open_easy(r->box, r->box, r->nbox, r->nonce, key) != 0)
		ret = fail_whole(r, -EKEYREJECTED, "the passphrase is wrong");
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
		ret = base_error_set_at(r->error, n, (struct base_location){r->at.file, 0},
					"sealed, and the passphrase cannot be read: %s",
					strerror(-n));
	else
		ret = box_open(r, passphrase, n);
	sodium_memzero(passphrase, sizeof(passphrase));
	return ret;
}

/* Takes seed and masters out of the opened box. They must belong to the text before the secret. */
static int blob_take(struct reader *r, struct fabric *f,
		     const uint8_t bound[static FABRIC_FILE_HASH])
{
	const uint8_t *at = r->box + FABRIC_FILE_HASH + FABRIC_SEED_SIZE;
	uint8_t pair[crypto_sign_SECRETKEYBYTES], public_key[FABRIC_PUBLIC_SIZE];

	if (r->nbox != (size_t)(FABRIC_FILE_HASH + FABRIC_SEED_SIZE +
				f->nepochs * FABRIC_MASTER_SIZE) ||
	    memcmp(r->box, bound, FABRIC_FILE_HASH) != 0)
		goto mismatch;
	memcpy(f->seed, r->box + FABRIC_FILE_HASH, FABRIC_SEED_SIZE);
	crypto_sign_seed_keypair(public_key, pair, f->seed);
	sodium_memzero(pair, sizeof(pair));
	if (memcmp(public_key, f->public_key, sizeof(public_key)) != 0)
		goto mismatch;
	for (unsigned i = 0; i < f->nepochs; i++, at += FABRIC_MASTER_SIZE)
		memcpy(f->epoch[i].master, at, FABRIC_MASTER_SIZE);
	f->has_secrets = true;
	return 0;
mismatch:
	return fail_whole(r, -EBADMSG, "the secret does not belong to the name, key and epochs");
}

static int fabric_make(struct fabric **out, const struct reader *r)
{
	struct fabric *f;
	int ret = fabric_new_empty(&f, r->name);

	if (ret < 0)
		return fail_whole(r, ret, strerror(-ret));
	memcpy(f->public_key, r->public_key, sizeof(f->public_key));
	memcpy(f->epoch, r->epoch, sizeof(f->epoch));
	f->nepochs = r->nepochs;
	*out = f;
	return 0;
}

static int fabric_read(struct fabric **out, struct reader *r, fabric_passphrase_fn ask, void *arg)
{
	uint8_t bound[FABRIC_FILE_HASH];
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
		     struct fabric_file_state *state, struct base_error *error)
{
	struct reader r = {.at = {path, 0}, .error = error};
	struct stat st;
	int ret = text_read(&r.text, path, &st);

	if (ret < 0)
		return fail_whole(&r, ret, strerror(-ret));
	/* A NUL would end the text for the parser, but not for the check. */
	r.text.bytes[r.text.n] = '\0';
	ret = strlen(r.text.bytes) == r.text.n
		      ? fabric_read(out, &r, ask, arg)
		      : fail_whole(&r, -EBADMSG, "not the file of a fabric");
	if (ret == 0 && state != NULL)
		*state = (struct fabric_file_state){
			.is_sealed = r.is_sealed, .is_open_to_others = (st.st_mode & S_IROTH) != 0};
	sodium_memzero(&r, sizeof(r));
	return ret;
}

int fabric_file_passphrase(char out[static FABRIC_PASSPHRASE_MAX], const char *path)
{
	struct fabric_file_text t = {.n = 0};
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
