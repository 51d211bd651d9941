/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "conf/file.h"
#include "fabric/cert.h"
#include "fabric/derive.h"
#include "fabric/fabric.h"
#include "fabric/file.h"
#include "fabric/keyfile.h"
#include "fabric/tls.h"

/* ---- the key ---- */

/* Returns whether the file is that of a fabric. What cannot be read is not, and is reported when
 * the key is read. */
static bool is_fabric(const char *path)
{
	static const char sign[] = "weft-fabric ";
	struct conf_file file;
	bool is_found = false;

	if (conf_file_read(&file, path) == 0)
		is_found = strncmp(file.bytes, sign, strlen(sign)) == 0;
	conf_file_free(&file);
	return is_found;
}

/* Describes an error of a file that is named at `at`. */
static int file_fail(struct base_error *error, int code, const struct base_location *at)
{
	const struct base_location of_file = error->at;

	error->code = code;
	error->at = (struct base_location){0};
	locate_config_fail(error, &of_file);
	return locate_config_fail(error, at);
}

static int fabric_key_derive(struct locate_keys *k, const struct fabric *f,
			     const struct conf_text *name, struct base_error *error)
{
	const struct dns_tsig_algorithm algorithm = {
		.hash = DNS_HMAC_SHA256, .mac_min = (uint8_t)dns_hmac_nbytes(DNS_HMAC_SHA256)};
	uint8_t owner[DNS_NAME_MAX], secret[DNS_HMAC_MAX];
	size_t nbytes;

	if (fabric_key_from_text(f, owner, name->text) == 0) {
		base_error_set(error, -EINVAL, "\"%s\" is not the name of a key of this fabric",
			       name->text);
		return locate_config_fail(error, &name->at);
	}
	nbytes = fabric_derive(secret, &f->epoch[0], owner, algorithm.hash);
	dns_tsig_key_init(&k->key, owner, algorithm, secret, nbytes);
	base_secret_wipe(secret, sizeof(secret));
	k->has_key = true;
	return 0;
}

/* There is nobody to ask for a passphrase. */
static int passphrase_lack(void *arg, char out[static FABRIC_PASSPHRASE_MAX])
{
	(void)arg;
	(void)out;
	return 0;
}

/* Reads a fabric's file: its key of that name, and its public key. */
static int fabric_read(struct locate_keys *k, uint8_t public_key[static FABRIC_PUBLIC_SIZE],
		       const struct locate_config *c, struct base_error *error)
{
	struct fabric *f;
	int ret;

	if (c->key_name.text == NULL) {
		base_error_set(error, -ENOKEY,
			       "%s is the file of a fabric: the name of a key is needed, too",
			       c->key_file.text);
		return locate_config_fail(error, &c->key_file.at);
	}
	ret = fabric_file_read(&f, c->key_file.text, passphrase_lack, NULL, NULL, error);
	if (ret == -ENOKEY) {
		base_error_set(error, ret,
			       "%s is sealed with a passphrase: write the key to a file of its own "
			       "with weft key issue",
			       c->key_file.text);
		return locate_config_fail(error, &c->key_file.at);
	}
	if (ret < 0)
		return file_fail(error, ret == -ENOMEM ? ret : -ENOKEY, &c->key_file.at);
	memcpy(public_key, f->public_key, FABRIC_PUBLIC_SIZE);
	ret = fabric_key_derive(k, f, &c->key_name, error);
	fabric_free(f);
	return ret;
}

static void report(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct base_error *first = arg;

	if (level == BASE_LOG_ERROR && first->code == 0)
		*first = *error;
}

/* Returns the key of that name, or the only one; NULL, described, if there is no such key. */
static const struct fabric_keyfile_key *keyfile_find(const struct fabric_keyfile *file,
						     const struct locate_config *c,
						     struct base_error *error)
{
	const char *text = c->key_name.text;
	uint8_t name[DNS_NAME_MAX];

	if (text == NULL && file->nkeys == 1)
		return &file->keys[0];
	if (text == NULL) {
		base_error_set(error, -ENOKEY, "%s has %zu keys: the name of one is needed, too",
			       c->key_file.text, file->nkeys);
		return NULL;
	}
	if (dns_name_from_text(name, text, strlen(text), NULL) != 0)
		for (size_t i = 0; i < file->nkeys; i++)
			if (dns_name_equal(file->keys[i].name, name))
				return &file->keys[i];
	base_error_set(error, -ENOKEY, "%s has no key called \"%s\"", c->key_file.text, text);
	return NULL;
}

static int keyfile_read(struct locate_keys *k, const struct locate_config *c,
			struct base_error *error)
{
	struct base_error first = {0};
	struct fabric_keyfile file;
	const struct fabric_keyfile_key *key;
	int ret = fabric_keyfile_read(&file, c->key_file.text, report, &first);

	if (ret < 0) {
		*error = first;
		return file_fail(error, ret == -ENOMEM ? ret : -ENOKEY, &c->key_file.at);
	}
	key = keyfile_find(&file, c, error);
	if (key == NULL) {
		ret = locate_config_fail(error, c->key_name.text != NULL ? &c->key_name.at
									 : &c->key_file.at);
	} else {
		dns_tsig_key_init(&k->key, key->name, key->algorithm, key->secret.bytes,
				  key->secret.nbytes);
		k->has_key = true;
	}
	fabric_keyfile_fini(&file);
	return ret;
}

/* ---- TLS ---- */

static int public_key_read(uint8_t out[static FABRIC_PUBLIC_SIZE], const struct conf_text *text,
			   struct base_error *error)
{
	struct fabric_keyfile_secret bytes = {0};
	int ret = fabric_keyfile_secret_from_text(&bytes, text->text);

	if (ret == 0 && bytes.nbytes == FABRIC_PUBLIC_SIZE)
		memcpy(out, bytes.bytes, FABRIC_PUBLIC_SIZE);
	else if (ret != -ENOMEM)
		ret = -EINVAL;
	fabric_keyfile_secret_fini(&bytes);
	if (ret == 0)
		return 0;
	base_error_set(error, ret,
		       ret == -ENOMEM ? "out of memory"
				      : "invalid public key: expected the base64 text that weft "
					"fabric show prints");
	return locate_config_fail(error, &text->at);
}

static int cert_read(struct fabric_cert **out, const struct locate_config *c,
		     struct base_error *error)
{
	const struct conf_text *certificate = &c->tls.certificate, *key = &c->tls.key;
	int ret;

	if (certificate->text == NULL && key->text == NULL)
		return 0;
	if (certificate->text == NULL) {
		base_error_set(error, -EINVAL, "the key of a certificate needs the certificate");
		return locate_config_fail(error, &key->at);
	}
	ret = fabric_cert_read(out, certificate->text,
			       key->text != NULL ? key->text : certificate->text, error);
	return ret == 0 ? 0 : file_fail(error, ret == -ENOMEM ? ret : -EINVAL, &certificate->at);
}

static int tls_make(struct locate_keys *k, const struct locate_config *c, const uint8_t *public_key,
		    struct base_error *error)
{
	struct fabric_tls_client client = {.trust = FABRIC_TLS_TRUST_CA};
	int ret = cert_read(&client.cert, c, error);

	if (ret < 0)
		return ret;
	client.ca_file = c->tls.ca.text;
	if (public_key != NULL) {
		client.trust = FABRIC_TLS_TRUST_FABRIC;
		client.public_key = public_key;
	}
	if (c->is_insecure)
		client.trust = FABRIC_TLS_TRUST_ANY;
	k->is_trust_given = public_key != NULL || client.ca_file != NULL || c->is_insecure;
	/* To read the system's authorities takes a while, and is seldom needed. */
	if (k->is_trust_given || client.cert != NULL)
		ret = fabric_tls_client_new(&k->tls, &client, error);
	fabric_cert_free(client.cert);
	return ret == 0 ? 0 : file_fail(error, ret == -ENOMEM ? ret : -EINVAL, &c->tls.ca.at);
}

struct fabric_tls_context *locate_keys_tls(struct locate_keys *k)
{
	const struct fabric_tls_client client = {.trust = FABRIC_TLS_TRUST_CA};

	if (k->tls == NULL && fabric_tls_client_new(&k->tls, &client, NULL) < 0)
		k->tls = NULL;
	return k->tls;
}

int locate_keys_read(struct locate_keys *out, const struct locate_config *c,
		     struct base_error *error)
{
	uint8_t public_key[FABRIC_PUBLIC_SIZE];
	bool has_public_key = false;
	struct locate_keys keys = {0};
	int ret = 0;

	if (c->key_file.text == NULL && c->key_name.text != NULL) {
		base_error_set(error, -ENOKEY, "the name of a key needs the file that it is in");
		return locate_config_fail(error, &c->key_name.at);
	}
	if (c->key_file.text != NULL && is_fabric(c->key_file.text)) {
		ret = fabric_read(&keys, public_key, c, error);
		has_public_key = c->tls.ca.text == NULL;
	} else if (c->key_file.text != NULL) {
		ret = keyfile_read(&keys, c, error);
	}
	if (ret == 0 && c->public_key.text != NULL) {
		ret = public_key_read(public_key, &c->public_key, error);
		has_public_key = true;
	}
	if (ret == 0)
		ret = tls_make(&keys, c, has_public_key ? public_key : NULL, error);
	if (ret == 0)
		*out = keys;
	else
		locate_keys_fini(&keys);
	base_secret_wipe(&keys, sizeof(keys));
	return ret;
}

void locate_keys_fini(struct locate_keys *k)
{
	if (k->has_key)
		dns_tsig_key_fini(&k->key);
	k->has_key = false;
	fabric_tls_context_release(k->tls);
	k->tls = NULL;
}
