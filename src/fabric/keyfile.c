/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/keyfile.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

enum {
	FILE_MAX = 1 << 20,
	WORD_MAX = DNS_NAME_TEXT_MAX,
};

enum token { T_END, T_OPEN, T_CLOSE, T_SEMICOLON, T_WORD, T_INVALID };

struct reader {
	struct base_location location; /* of `at` */
	const char *at, *end;
	enum token token;
	char word[WORD_MAX]; /* of T_WORD; secrets pass through it */
	bool has_failed;
	base_report_fn on_report;
	void *arg;
};

__attribute__((format(printf, 2, 3))) static void reader_error(struct reader *r, const char *fmt,
							       ...)
{
	struct base_error error = {-EBADMSG, r->location, ""};
	va_list args;

	va_start(args, fmt);
	vsnprintf(error.text, sizeof(error.text), fmt, args);
	va_end(args);
	r->has_failed = true;
	r->on_report(r->arg, BASE_LOG_ERROR, &error);
}

int fabric_keyfile_secret_from_text(struct fabric_keyfile_secret *out, const char *text)
{
	uint8_t bytes[FABRIC_KEYFILE_SECRET_MAX], *copy;
	size_t nbytes;
	int ret = -EINVAL;

	if (sodium_base642bin(bytes, sizeof(bytes), text, strlen(text), " \t\r\n", &nbytes, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    nbytes == 0)
		goto out;
	ret = -ENOMEM;
	copy = malloc(nbytes);
	if (copy == NULL)
		goto out;
	memcpy(copy, bytes, nbytes);
	*out = (struct fabric_keyfile_secret){.bytes = copy, .nbytes = nbytes};
	ret = 0;
out:
	sodium_memzero(bytes, sizeof(bytes));
	return ret;
}

void fabric_keyfile_secret_fini(struct fabric_keyfile_secret *secret)
{
	if (secret->bytes != NULL)
		sodium_memzero(secret->bytes, secret->nbytes);
	free(secret->bytes);
	*secret = (struct fabric_keyfile_secret){0};
}

/* Returns whether `text` is next. */
static bool reader_sees(const struct reader *r, const char *text)
{
	size_t length = strlen(text);

	return (size_t)(r->end - r->at) >= length && memcmp(r->at, text, length) == 0;
}

static void line_skip(struct reader *r)
{
	while (r->at < r->end && *r->at != '\n')
		r->at++;
}

static void comment_skip(struct reader *r)
{
	unsigned start = r->location.line;

	for (r->at += 2; r->at < r->end && !reader_sees(r, "*/"); r->at++) {
		if (*r->at == '\n')
			r->location.line++;
	}
	if (r->at == r->end)
		reader_error(r, "the comment that begins in line %u does not end", start);
	else
		r->at += 2;
}

static void space_skip(struct reader *r)
{
	while (r->at < r->end) {
		if (*r->at == '\n') {
			r->location.line++;
			r->at++;
		} else if (isspace((unsigned char)*r->at)) {
			r->at++;
		} else if (*r->at == '#' || reader_sees(r, "//")) {
			line_skip(r);
		} else if (reader_sees(r, "/*")) {
			comment_skip(r);
		} else {
			return;
		}
	}
}

static enum token quoted_read(struct reader *r)
{
	const char *start = ++r->at;
	size_t length;

	/* A backslash and the character after it stay in the word: they are part of the name. */
	while (r->at < r->end && *r->at != '"' && *r->at != '\n')
		r->at += *r->at == '\\' && r->end - r->at > 1 && r->at[1] != '\n' ? 2 : 1;
	if (r->at == r->end || *r->at == '\n') {
		reader_error(r, "the quoted text does not end in this line");
		return T_INVALID;
	}
	length = (size_t)(r->at++ - start);
	if (length >= sizeof(r->word)) {
		reader_error(r, "the quoted text is too long");
		return T_INVALID;
	}
	memcpy(r->word, start, length);
	r->word[length] = '\0';
	return T_WORD;
}

static enum token word_read(struct reader *r)
{
	size_t length = 0;

	while (r->at < r->end && !isspace((unsigned char)*r->at) &&
	       strchr("{};\"#", *r->at) == NULL) {
		if (length + 1 == sizeof(r->word)) {
			reader_error(r, "the word is too long");
			return T_INVALID;
		}
		r->word[length++] = *r->at++;
	}
	r->word[length] = '\0';
	return T_WORD;
}

static enum token token_next(struct reader *r)
{
	space_skip(r);
	if (r->at == r->end)
		return r->token = T_END;
	switch (*r->at) {
	case '{':
		r->at++;
		return r->token = T_OPEN;
	case '}':
		r->at++;
		return r->token = T_CLOSE;
	case ';':
		r->at++;
		return r->token = T_SEMICOLON;
	case '"':
		return r->token = quoted_read(r);
	case '\0': /* strchr() in word_read would find it in every set */
		r->at = r->end;
		reader_error(r, "a zero byte");
		return r->token = T_INVALID;
	default:
		return r->token = word_read(r);
	}
}

/* After an error, skips to the end of the statement, so that the next one is read as a whole. */
static void statement_skip(struct reader *r)
{
	while (r->token != T_END && r->token != T_CLOSE &&
	       (r->token != T_INVALID || r->at < r->end))
		token_next(r);
	if (r->token == T_CLOSE)
		token_next(r);
}

static bool word_expect(struct reader *r, const char *what)
{
	if (token_next(r) == T_WORD)
		return true;
	if (r->token != T_INVALID)
		reader_error(r, "expected %s", what);
	return false;
}

static bool token_expect(struct reader *r, enum token wanted, const char *what)
{
	if (token_next(r) == wanted)
		return true;
	if (r->token != T_INVALID)
		reader_error(r, "expected %s", what);
	return false;
}

static bool algorithm_read(struct reader *r, struct fabric_keyfile_key *key, bool *has_seen)
{
	if (!word_expect(r, "the name of an algorithm"))
		return false;
	if (*has_seen)
		reader_error(r, "a second algorithm for this key");
	*has_seen = true;
	if (!dns_tsig_algorithm_from_text(&key->algorithm, r->word, strlen(r->word)))
		reader_error(r, "unknown algorithm %s", r->word);
	return true;
}

static bool secret_read(struct reader *r, struct fabric_keyfile_key *key, bool *has_seen)
{
	int ret;

	if (!word_expect(r, "the secret in base64"))
		return false;
	if (*has_seen)
		reader_error(r, "a second secret for this key");
	*has_seen = true;
	fabric_keyfile_secret_fini(&key->secret);
	ret = fabric_keyfile_secret_from_text(&key->secret, r->word);
	if (ret != 0)
		reader_error(r,
			     ret == -ENOMEM ? "out of memory"
					    : "the secret is not base64 of 1 to %d bytes",
			     FABRIC_KEYFILE_SECRET_MAX);
	return true;
}

/* Reads the statements between the braces of a key. */
static bool body_read(struct reader *r, struct fabric_keyfile_key *key)
{
	bool has_algorithm = false, has_secret = false;

	while (token_next(r) == T_WORD) {
		bool is_read = false;

		if (strcmp(r->word, "algorithm") == 0)
			is_read = algorithm_read(r, key, &has_algorithm);
		else if (strcmp(r->word, "secret") == 0)
			is_read = secret_read(r, key, &has_secret);
		else
			reader_error(r, "a key has algorithm and secret, not %s", r->word);
		if (!is_read || !token_expect(r, T_SEMICOLON, "a semicolon"))
			return false;
	}
	if (r->token != T_CLOSE) {
		if (r->token != T_INVALID)
			reader_error(r, "expected algorithm, secret or }");
		return false;
	}
	if (!has_algorithm)
		reader_error(r, "the key has no algorithm");
	if (!has_secret)
		reader_error(r, "the key has no secret");
	return true;
}

/* Reads a key, from the word after `key` to the semicolon after its body. */
static void key_read(struct reader *r, struct fabric_keyfile_key *key)
{
	key->line = r->location.line;
	if (!word_expect(r, "the name of the key")) {
		statement_skip(r);
		return;
	}
	if (dns_name_from_text(key->name, r->word, strlen(r->word), NULL) == 0)
		reader_error(r, "%s is not a name for a key", r->word);
	else
		dns_name_lower(key->name, key->name);
	if (!token_expect(r, T_OPEN, "{ after the name of the key") || !body_read(r, key)) {
		statement_skip(r);
		return;
	}
	/* BIND requires the last semicolon; a file without it was cut short. */
	token_expect(r, T_SEMICOLON, "a semicolon after }");
}

static struct fabric_keyfile_key *key_add(struct fabric_keyfile *keyfile)
{
	struct fabric_keyfile_key *keys;

	keys = reallocarray(keyfile->keys, keyfile->nkeys + 1, sizeof(*keys));
	if (keys == NULL)
		return NULL;
	keyfile->keys = keys;
	keys[keyfile->nkeys] = (struct fabric_keyfile_key){0};
	return &keys[keyfile->nkeys++];
}

static int keys_read(struct reader *r, struct fabric_keyfile *out)
{
	while (token_next(r) != T_END) {
		struct fabric_keyfile_key *key;

		if (r->token == T_SEMICOLON)
			continue;
		if (r->token != T_WORD || strcmp(r->word, "key") != 0) {
			if (r->token != T_INVALID)
				reader_error(r, "expected key \"NAME\" { ... };");
			statement_skip(r);
			continue;
		}
		key = key_add(out);
		if (key == NULL)
			return -ENOMEM;
		key_read(r, key);
	}
	if (out->nkeys == 0 && !r->has_failed)
		reader_error(r, "the file has no key");
	return r->has_failed ? -EBADMSG : 0;
}

static int text_fill(int fd, char **text, size_t *length, bool *is_open_to_others)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	*is_open_to_others = (st.st_mode & S_IROTH) != 0;
	*text = malloc(FILE_MAX);
	if (*text == NULL)
		return -ENOMEM;
	while (*length < FILE_MAX) {
		ssize_t got = read(fd, *text + *length, FILE_MAX - *length);

		if (got <= 0)
			return got == 0 ? 0 : -errno;
		*length += (size_t)got;
	}
	return -EFBIG;
}

/* Reads the whole file. The caller wipes and frees `text`, also after a failure. */
static int file_read(const char *path, char **text, size_t *length, bool *is_open_to_others)
{
	/* The path may be that of a pipe, whose opening would block. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int ret;

	if (fd < 0)
		return -errno;
	ret = text_fill(fd, text, length, is_open_to_others);
	close(fd);
	return ret;
}

int fabric_keyfile_read(struct fabric_keyfile *out, const char *path, base_report_fn on_report,
			void *arg)
{
	struct reader r = {.location = {path, 1}, .on_report = on_report, .arg = arg};
	struct fabric_keyfile keyfile = {0};
	struct base_error error;
	char *text = NULL;
	size_t length = 0;
	int ret;

	*out = keyfile;
	ret = file_read(path, &text, &length, &keyfile.is_open_to_others);
	if (ret == 0) {
		r.at = text;
		r.end = text + length;
		ret = keys_read(&r, &keyfile);
	} else {
		base_error_set_at(&error, ret, (struct base_location){path, 0}, "%s",
				  strerror(-ret));
		on_report(arg, BASE_LOG_ERROR, &error);
	}
	if (text != NULL)
		sodium_memzero(text, length);
	sodium_memzero(r.word, sizeof(r.word));
	free(text);
	if (ret != 0)
		fabric_keyfile_fini(&keyfile);
	else
		*out = keyfile;
	return ret;
}

void fabric_keyfile_fini(struct fabric_keyfile *keyfile)
{
	for (size_t i = 0; i < keyfile->nkeys; i++)
		fabric_keyfile_secret_fini(&keyfile->keys[i].secret);
	free(keyfile->keys);
	*keyfile = (struct fabric_keyfile){0};
}

int fabric_keyfile_write(FILE *out, const struct fabric_keyfile_key *key)
{
	char algorithm[DNS_TSIG_ALGORITHM_TEXT_MAX], name[DNS_NAME_TEXT_MAX];
	char secret[sodium_base64_ENCODED_LEN(FABRIC_KEYFILE_SECRET_MAX,
					      sodium_base64_VARIANT_ORIGINAL)];
	size_t length = dns_name_to_text(name, key->name);
	int printed;

	/* Without the final dot, as tsig-keygen writes names: people compare the files. */
	if (length > 1)
		name[length - 1] = '\0';
	sodium_bin2base64(secret, sizeof(secret), key->secret.bytes, key->secret.nbytes,
			  sodium_base64_VARIANT_ORIGINAL);
	printed = fprintf(out, "key \"%s\" {\n\talgorithm %s;\n\tsecret \"%s\";\n};\n", name,
			  dns_tsig_algorithm_to_text(algorithm, key->algorithm), secret);
	sodium_memzero(secret, sizeof(secret));
	return printed < 0 || fflush(out) != 0 ? -EIO : 0;
}
