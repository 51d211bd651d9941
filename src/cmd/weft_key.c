/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "cmd/weft_priv.h"
#include "dns/hmac.h"
#include "fabric/keyfile.h"

/* RFC 8945 section 8 wants a secret at least as long as the hash, and longer is of no use. */
static int secret_make(struct fabric_keyfile_key *key)
{
	size_t nbytes = dns_hmac_octets(key->algorithm.hash);

	key->secret.bytes = malloc(nbytes);
	if (key->secret.bytes == NULL)
		return -1;
	key->secret.nbytes = nbytes;
	randombytes_buf(key->secret.bytes, nbytes);
	return 0;
}

static json_t *key_describe(const struct fabric_keyfile_key *key)
{
	char name[DNS_NAME_TEXT_MAX], algorithm[DNS_TSIG_ALGORITHM_TEXT_MAX];
	char secret[sodium_base64_ENCODED_LEN(DNS_HMAC_MAX, sodium_base64_VARIANT_ORIGINAL)];
	json_t *value;

	dns_name_to_text(name, key->name);
	sodium_bin2base64(secret, sizeof(secret), key->secret.bytes, key->secret.nbytes,
			  sodium_base64_VARIANT_ORIGINAL);
	value = json_pack("{s:s, s:s, s:s}", "name", name, "algorithm",
			  dns_tsig_algorithm_to_text(algorithm, key->algorithm), "secret", secret);
	sodium_memzero(secret, sizeof(secret));
	return value;
}

static int key_write(const struct weft_options *options, const struct fabric_keyfile_key *key)
{
	FILE *out = weft_output_open(options, 0600);
	json_t *value = NULL;
	int ret;

	if (out == NULL)
		return WEFT_FAILURE;
	if (options->is_json) {
		value = key_describe(key);
		ret = json_dumpf(value, out, JSON_INDENT(2));
		fputc('\n', out);
		json_decref(value);
	} else {
		ret = fabric_keyfile_write(out, key);
	}
	if (fflush(out) != 0)
		ret = -1;
	if (out != stdout)
		fclose(out);
	if (ret != 0)
		weft_error("cannot write the key");
	return ret == 0 ? WEFT_OK : WEFT_FAILURE;
}

int weft_key_generate(const struct weft_command *command, const struct weft_options *options,
		      int nargs, char **args)
{
	const char *algorithm = nargs > 1 ? args[1] : "hmac-sha256";
	struct fabric_keyfile_key key = {0};
	int status = WEFT_FAILURE;

	(void)command;
	if (dns_name_from_text(key.name, args[0], strlen(args[0]), NULL) == 0) {
		weft_error("%s is no domain name", args[0]);
		return WEFT_USAGE;
	}
	if (!dns_tsig_algorithm_from_text(&key.algorithm, algorithm, strlen(algorithm))) {
		weft_error("unknown algorithm %s", algorithm);
		return WEFT_USAGE;
	}
	dns_name_lower(key.name, key.name);
	if (secret_make(&key) == 0)
		status = key_write(options, &key);
	fabric_keyfile_secret_fini(&key.secret);
	return status;
}
