/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/key.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/output.h"
#include "control/commands.h"
#include "dns/hmac.h"
#include "fabric/derive.h"
#include "fabric/file.h"
#include "fabric/keyfile.h"
#include "remote/control.h"
#include "tool/fabric.h"

/* RFC 8945 section 8 asks for a secret at least as long as the hash; a longer one adds nothing. */
static int secret_make(struct fabric_keyfile_key *key)
{
	size_t nbytes = dns_hmac_nbytes(key->algorithm.hash);

	key->secret.bytes = malloc(nbytes);
	if (key->secret.bytes == NULL)
		return -1;
	key->secret.nbytes = nbytes;
	base_secret_random(key->secret.bytes, nbytes);
	return 0;
}

static json_t *key_describe(const struct fabric_keyfile_key *key)
{
	char name[DNS_NAME_TEXT_MAX], algorithm[DNS_TSIG_ALGORITHM_TEXT_MAX];
	char secret[BASE_SECRET_BASE64_SIZE(DNS_HMAC_MAX)];
	json_t *value;

	dns_name_to_text(name, key->name);
	base_secret_to_base64(secret, key->secret.bytes, key->secret.nbytes);
	value = json_pack("{s:s, s:s, s:s}", "name", name, "algorithm",
			  dns_tsig_algorithm_to_text(algorithm, key->algorithm), "secret", secret);
	base_secret_wipe(secret, sizeof(secret));
	return value;
}

/* Writes the key file, followed by what `hint` (or NULL) writes: how a program takes the key.
 * Returns an exit status. */
static int key_write(const struct cli_options *options, const struct fabric_keyfile_key *key,
		     void (*hint)(FILE *out, const struct fabric_keyfile_key *key))
{
	struct cli_output_file file;
	FILE *out = cli_output_open(&file, options->output, 0600, options->is_forced);
	json_t *value = NULL;
	int ret;

	if (out == NULL)
		return CLI_FAILURE;
	/* Whatever the umask is. */
	if (out != stdout && fchmod(fileno(out), fabric_file_mode(options->output)) != 0) {
		cli_error("%s: %s", options->output, strerror(errno));
		cli_output_close(&file, false);
		return CLI_FAILURE;
	}
	if (options->is_json) {
		value = key_describe(key);
		ret = json_dumpf(value, out, JSON_INDENT(2));
		fputc('\n', out);
		json_decref(value);
	} else {
		ret = fabric_keyfile_write(out, key);
		if (hint != NULL)
			hint(out, key);
	}
	if (fflush(out) != 0)
		ret = -1;
	if (ret != 0)
		cli_error("cannot write the key");
	if (cli_output_close(&file, ret == 0) != 0)
		ret = -1;
	return ret == 0 ? CLI_OK : CLI_FAILURE;
}

int tool_key_generate(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args)
{
	const char *algorithm = nargs > 1 ? args[1] : "hmac-sha256";
	struct fabric_keyfile_key key = {0};
	int status = CLI_FAILURE;

	(void)command;
	if (dns_name_from_text(key.name, args[0], strlen(args[0]), NULL) == 0) {
		cli_error("%s is not a domain name", args[0]);
		return CLI_USAGE;
	}
	if (!dns_tsig_algorithm_from_text(&key.algorithm, algorithm, strlen(algorithm))) {
		cli_error("unknown algorithm %s", algorithm);
		return CLI_USAGE;
	}
	dns_name_lower(key.name, key.name);
	if (secret_make(&key) == 0)
		status = key_write(options, &key, NULL);
	fabric_keyfile_secret_fini(&key.secret);
	return status;
}

/* ---- keys of fabrics ---- */

/* The texts that hints consist of. The secret is in the key file, too. */
struct parts {
	char name[DNS_NAME_TEXT_MAX]; /* without final dot, as all names */
	char zone[DNS_NAME_TEXT_MAX];
	char host[DNS_NAME_TEXT_MAX + 8]; /* for which the key may answer ACME */
	char algorithm[DNS_TSIG_ALGORITHM_TEXT_MAX];
	char secret[BASE_SECRET_BASE64_SIZE(DNS_HMAC_MAX)];
	bool is_admin; /* the key may change anything in the zone */
};

static void name_without_dot(char out[static DNS_NAME_TEXT_MAX], const uint8_t *name)
{
	out[dns_name_to_text(out, name) - 1] = '\0';
}

/* Takes the key apart. The zone follows the last label `keys`: it is named as the fabric. A node's
 * labels precede `keys` in the name of its key, and `nodes` in its own. */
static struct parts parts_of(const struct fabric_keyfile_key *key)
{
	const uint8_t *at = key->name, *zone = at;
	struct parts p;
	int nnode;

	for (; *at != 0; at += *at + 1)
		if (memcmp(at, "\4keys", 5) == 0)
			zone = at + 5;
	name_without_dot(p.name, key->name);
	name_without_dot(p.zone, zone);
	nnode = (int)(strlen(p.name) - strlen(p.zone) - strlen(".keys."));
	p.is_admin = nnode == 5 && strncmp(p.name, "admin", 5) == 0;
	if (p.is_admin)
		snprintf(p.host, sizeof(p.host), "HOST.%s", p.zone);
	else
		snprintf(p.host, sizeof(p.host), "%.*s.nodes.%s", nnode, p.name, p.zone);
	dns_tsig_algorithm_to_text(p.algorithm, key->algorithm);
	base_secret_to_base64(p.secret, key->secret.bytes, key->secret.nbytes);
	return p;
}

/* What a program that makes names of its own choice needs in weftd.conf: the built-in policy
 * permits such names to the administrator alone, so another key gets a zone below the fabric's.
 * Makes that the zone of the hint. `more` are further options of the zone. */
static void hint_zone(FILE *out, struct parts *p, const char *label, const char *more)
{
	char zone[DNS_NAME_TEXT_MAX];

	if (p->is_admin)
		return;
	snprintf(zone, sizeof(zone), "%s.%.*s", label, DNS_NAME_TEXT_MAX - 16, p->zone);
	fprintf(out,
		"# The names that it makes are not those of a node, so it gets a zone of its own, "
		"in\n"
		"# weftd.conf below zone:\n"
		"#   - {name: %s, file: %s.zone, update: {key: %s}%s%s}\n"
		"# and in %s.zone:\n"
		"#   @ 60 SOA ns.%s. hostmaster.%s. 1 3600 600 86400 10\n"
		"#   @ 60 NS ns.%s.\n",
		zone, zone, p->name, *more != '\0' ? ", " : "", more, zone, p->zone, p->zone,
		p->zone);
	strcpy(p->zone, zone);
}

static void hint_nsupdate(FILE *out, const struct fabric_keyfile_key *key)
{
	(void)key;
	fputs("# nsupdate: keep this as a file, mode 0600, and name it: nsupdate -k FILE\n", out);
}

static void hint_external_dns(FILE *out, const struct fabric_keyfile_key *key)
{
	struct parts p = parts_of(key);
	char more[DNS_NAME_TEXT_MAX + 32];

	snprintf(more, sizeof(more), "transfer: {key: %s}", p.name);
	fputs("# external-dns\n", out);
	hint_zone(out, &p, "k8s", more);
	if (p.is_admin)
		fprintf(out, "# The zone %s needs in weftd.conf\n#   %s\n", p.zone, more);
	fprintf(out,
		"# Add to its arguments\n"
		"#   --provider=rfc2136 --rfc2136-host=SERVER --rfc2136-port=53 --rfc2136-zone=%s\n"
		"#   --rfc2136-tsig-keyname=%s --rfc2136-tsig-secret-alg=%s\n"
		"#   --rfc2136-tsig-secret=%s --rfc2136-tsig-axfr\n"
		"#   --domain-filter=%s --registry=txt --txt-prefix=external-dns-\n",
		p.zone, p.name, p.algorithm, p.secret, p.zone);
	base_secret_wipe(&p, sizeof(p));
}

static void hint_kea(FILE *out, const struct fabric_keyfile_key *key)
{
	struct parts p = parts_of(key);

	for (char *c = p.algorithm; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	fputs("# kea\n", out);
	hint_zone(out, &p, "dhcp", "");
	fprintf(out,
		"# The reverse zone of the network, here 10.0.0.0/24, needs in weftd.conf\n"
		"#   update: {key: %s}\n"
		"# Put into kea-dhcp-ddns.conf\n"
		"#   \"tsig-keys\": [ { \"name\": \"%s.\", \"algorithm\": \"%s\",\n"
		"#                    \"secret\": \"%s\" } ],\n"
		"#   \"forward-ddns\": { \"ddns-domains\": [ { \"name\": \"%s.\",\n"
		"#     \"key-name\": \"%s.\", \"dns-servers\": [ { \"ip-address\": \"SERVER\" } ] "
		"} ] },\n"
		"#   \"reverse-ddns\": { \"ddns-domains\": [ { \"name\": "
		"\"0.0.10.in-addr.arpa.\",\n"
		"#     \"key-name\": \"%s.\", \"dns-servers\": [ { \"ip-address\": \"SERVER\" } ] "
		"} ] }\n"
		"# and into kea-dhcp4.conf\n"
		"#   \"ddns-qualifying-suffix\": \"%s.\"\n",
		p.name, p.name, p.algorithm, p.secret, p.zone, p.name, p.name, p.zone);
	base_secret_wipe(&p, sizeof(p));
}

static void hint_acme(FILE *out, const struct fabric_keyfile_key *key)
{
	struct parts p = parts_of(key);

	fprintf(out,
		"# acme.sh: keep this as a file, mode 0600, and\n"
		"#   export NSUPDATE_SERVER=SERVER NSUPDATE_ZONE=%s NSUPDATE_KEY=FILE\n"
		"#   acme.sh --issue --dns dns_nsupdate -d %s\n",
		p.zone, p.host);
	base_secret_wipe(&p, sizeof(p));
}

static void hint_certbot(FILE *out, const struct fabric_keyfile_key *key)
{
	struct parts p = parts_of(key);

	for (char *c = p.algorithm; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	fprintf(out,
		"# certbot: put into a file, mode 0600\n"
		"#   dns_rfc2136_server = SERVER\n"
		"#   dns_rfc2136_port = 53\n"
		"#   dns_rfc2136_name = %s.\n"
		"#   dns_rfc2136_secret = %s\n"
		"#   dns_rfc2136_algorithm = %s\n"
		"# and\n"
		"#   certbot certonly --dns-rfc2136 --dns-rfc2136-credentials FILE -d %s\n",
		p.name, p.secret, p.algorithm, p.host);
	base_secret_wipe(&p, sizeof(p));
}

static const struct {
	const char *name;
	void (*write)(FILE *out, const struct fabric_keyfile_key *key);
} hints[] = {
	{"nsupdate", hint_nsupdate}, {"external-dns", hint_external_dns}, {"kea", hint_kea},
	{"acme.sh", hint_acme},	     {"certbot", hint_certbot},
};
enum { NHINTS = sizeof(hints) / sizeof(*hints) };

static int secret_derive(struct fabric_keyfile_key *key, const struct fabric *f)
{
	key->secret.bytes = malloc(DNS_HMAC_MAX);
	if (key->secret.bytes == NULL)
		return -1;
	key->secret.nbytes =
		fabric_derive(key->secret.bytes, &f->epoch[0], key->name, key->algorithm.hash);
	return 0;
}

static int key_issue(const struct cli_options *options, const char *name,
		     struct dns_tsig_algorithm algorithm,
		     void (*hint)(FILE *out, const struct fabric_keyfile_key *key))
{
	struct fabric_keyfile_key key = {.algorithm = algorithm};
	struct fabric *f = tool_fabric_open(options, NULL);
	int status = CLI_FAILURE;

	if (f == NULL)
		return CLI_FAILURE;
	if (fabric_key_from_text(f, key.name, name) == 0) {
		char keys[DNS_NAME_TEXT_MAX];

		dns_name_to_text(keys, f->keys);
		cli_error("%s is not the name of a key: use NAME, or NAME.%s", name, keys);
		status = CLI_USAGE;
	} else if (secret_derive(&key, f) == 0) {
		status = key_write(options, &key, hint);
	}
	fabric_keyfile_secret_fini(&key.secret);
	fabric_free(f);
	return status;
}

/* Ends the leases of the key, after it was revoked. They are found first: a key that is revoked
 * gets no new ones. Returns an exit status. */
static int leases_drop(const struct cli_options *options, const char *key)
{
	const struct cli_command list = {.is = &control_commands[CONTROL_LEASE_LIST]};
	const struct cli_command drop = {.is = &control_commands[CONTROL_LEASE_DROP]};
	struct cli_options dropping = *options;
	json_t *leases = remote_control_ask(&list, options, 0, NULL), *ended = json_array(), *lease;
	int status = leases == NULL ? CLI_FAILURE : CLI_OK;
	size_t i;

	dropping.is_json = false; /* there is one answer, below */
	json_array_foreach(leases, i, lease)
	{
		char *name = (char *)json_string_value(json_object_get(lease, "name"));
		const char *holder = json_string_value(json_object_get(lease, "key"));
		json_t *answer;

		if (name == NULL || holder == NULL || strcmp(holder, key) != 0)
			continue;
		answer = remote_control_ask(&drop, &dropping, 1, &name);
		if (answer == NULL)
			status = CLI_FAILURE;
		else
			json_array_append_new(ended, json_pack("{s:s, s:s, s:s}", "name", name,
							       "key", holder, "state", "dropped"));
		json_decref(answer);
	}
	if (leases != NULL && cli_output_result(options, ended) != CLI_OK)
		status = CLI_FAILURE;
	json_decref(ended);
	json_decref(leases);
	return status;
}

int tool_key_revoke(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args)
{
	json_t *answer;
	int status;

	if (!options->is_drop)
		return remote_control_run(command, options, nargs, args);
	answer = remote_control_ask(command, options, nargs, args);
	if (answer == NULL)
		return CLI_FAILURE;
	status = leases_drop(options, json_string_value(json_object_get(answer, "key")));
	json_decref(answer);
	return status;
}

int tool_key_issue(const struct cli_command *command, const struct cli_options *options, int nargs,
		   char **args)
{
	const char *text = options->algorithm;
	struct dns_tsig_algorithm algorithm;
	unsigned i = 0;

	(void)command;
	(void)nargs;
	if (text == NULL)
		text = "hmac-sha256";
	if (!dns_tsig_algorithm_from_text(&algorithm, text, strlen(text)) ||
	    algorithm.mac_min != dns_hmac_nbytes(algorithm.hash)) {
		cli_error(
			"unknown algorithm %s: use hmac-sha256, -sha384, -sha512, -sha224 or -sha1",
			text);
		return CLI_USAGE;
	}
	while (options->purpose != NULL && i < NHINTS &&
	       strcmp(hints[i].name, options->purpose) != 0)
		i++;
	if (i == NHINTS) {
		cli_error("unknown program %s: --for takes nsupdate, external-dns, kea, "
			  "acme.sh or certbot",
			  options->purpose);
		return CLI_USAGE;
	}
	return key_issue(options, args[0], algorithm,
			 options->purpose != NULL ? hints[i].write : NULL);
}
