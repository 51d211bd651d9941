/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/cert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/address.h"
#include "base/secret.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/form.h"
#include "cli/output.h"
#include "fabric/cert.h"
#include "fabric/file.h"
#include "tool/fabric.h"

enum {
	DAY_S = 86400,
	DAYS_USUAL = 365,
	DAYS_MAX = 36500,
	SKEW_S = 3600, /* by which the clocks of peers may be slow */
};

/* What is asked for. */
struct wish {
	struct fabric_cert_subject subject;
	unsigned nkeys; /* names that are those of keys */
	uint64_t valid_s;
};

/* ---- arguments ---- */

static bool is_fabric_file(const char *text)
{
	static const char end[] = ".fabric";
	size_t n = strlen(text);

	return n > sizeof(end) - 1 && strcmp(text + n - (sizeof(end) - 1), end) == 0;
}

static bool too_many(const char *what, size_t most)
{
	cli_error("a certificate has at most %zu %s", most, what);
	return false;
}

static bool address_add(struct wish *w, const char *text)
{
	struct sockaddr_storage a;

	if (base_address_from_text(&a, text, 0) != 0) {
		cli_error("%s is not an address", text);
		return false;
	}
	return fabric_cert_add_address(&w->subject, &a) == 0 ||
	       too_many("addresses", FABRIC_CERT_ADDRESSES_MAX);
}

/* Adds a name. One label alone is the name of a key, as for `key issue`. */
static bool name_add(struct wish *w, const struct fabric *f, const char *text)
{
	uint8_t name[DNS_NAME_MAX];
	size_t nbytes = strchr(text, '.') == NULL
				? fabric_key_from_text(f, name, text)
				: dns_name_from_text(name, text, strlen(text), NULL);
	int ret = nbytes > 0 ? fabric_cert_add_name(&w->subject, name) : -EINVAL;

	if (ret == -E2BIG)
		return too_many("names", FABRIC_CERT_NAMES_MAX);
	if (ret < 0) {
		cli_error("%s is neither an address nor a name that certificates can have", text);
		return false;
	}
	w->nkeys += fabric_has_key(f, name);
	return true;
}

static bool days_parse(uint64_t *days, const char *text)
{
	char *end;

	*days = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0' && *days >= 1 && *days <= DAYS_MAX)
		return true;
	cli_error("--days takes a number from 1 to %d, not %s", DAYS_MAX, text);
	return false;
}

static bool wish_read(struct wish *w, const struct fabric *f, const struct cli_options *options,
		      int nargs, char **args)
{
	struct sockaddr_storage address;
	uint64_t days = DAYS_USUAL;

	if (options->days != NULL && !days_parse(&days, options->days))
		return false;
	w->valid_s = days * DAY_S;
	for (int i = 0; i < nargs; i++)
		if (!(base_address_from_text(&address, args[i], 0) == 0 ? address_add(w, args[i])
									: name_add(w, f, args[i])))
			return false;
	for (unsigned i = 0; i < options->naddresses; i++)
		if (!address_add(w, options->addresses[i]))
			return false;
	if (w->subject.nnames == 0) {
		cli_error("which name is the certificate for? See weft help fabric cert");
		return false;
	}
	/* A key's certificate must not pass for a server's, nor a server's for a key's. */
	if (w->nkeys > 0 &&
	    (w->nkeys < w->subject.nnames || w->subject.nnames > 1 || w->subject.naddresses > 0)) {
		cli_error("the certificate of a key has no other names, and no addresses");
		return false;
	}
	return true;
}

/* ---- writing ---- */

/* Which parts of a certificate are written. */
enum part { ALONE, WITH_KEY };

static int cert_write(FILE *out, const struct fabric_cert *c, enum part part)
{
	if (part == WITH_KEY && fabric_cert_write_key(out, c) < 0)
		return -1;
	if (fabric_cert_write(out, c) < 0)
		return -1;
	return fflush(out);
}

static char *cert_to_text(const struct fabric_cert *c,
			  int (*write)(FILE *out, const struct fabric_cert *c))
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL)
		return NULL;
	(void)write(out, c);
	fclose(out);
	return text;
}

static int cert_write_json(FILE *out, const struct fabric_cert *c, enum part part)
{
	char *certificate = cert_to_text(c, fabric_cert_write);
	char *key = part == WITH_KEY ? cert_to_text(c, fabric_cert_write_key) : NULL;
	char pin[FABRIC_CERT_PIN_MAX], until[CLI_FORM_TEXT_MAX];
	json_t *value = json_pack("{s:s*, s:s*, s:s, s:s}", "certificate", certificate, "key", key,
				  "pin", fabric_cert_pin(pin, c), "until",
				  cli_form_time_to_text(until, fabric_cert_until(c)));
	int ret = json_dumpf(value, out, JSON_INDENT(2));

	fputc('\n', out);
	json_decref(value);
	if (key != NULL)
		base_secret_wipe(key, strlen(key));
	free(key);
	free(certificate);
	return fflush(out) != 0 ? -1 : ret;
}

/* Writes what was asked for. Returns an exit status. */
static int cert_put(const struct cli_options *options, const struct fabric_cert *c, enum part part)
{
	struct cli_output_file file;
	FILE *out = cli_output_open(&file, options->output, part == ALONE ? 0644 : 0600,
				    options->is_forced);
	int ret;

	if (out == NULL)
		return CLI_FAILURE;
	/* Whatever the umask is. */
	if (out != stdout && part == WITH_KEY &&
	    fchmod(fileno(out), fabric_file_mode(options->output)) != 0) {
		cli_error("%s: %s", options->output, strerror(errno));
		cli_output_close(&file, false);
		return CLI_FAILURE;
	}
	ret = options->is_json ? cert_write_json(out, c, part) : cert_write(out, c, part);
	if (ret != 0)
		cli_error("cannot write the certificate");
	if (cli_output_close(&file, ret == 0) != 0)
		ret = -1;
	return ret == 0 ? CLI_OK : CLI_FAILURE;
}

/* ---- the command ---- */

static int cert_issue(const struct cli_options *options, const struct fabric *f,
		      const struct wish *w)
{
	uint64_t now_s = (uint64_t)time(NULL);
	const struct fabric_cert_order order = {
		.use = w->nkeys > 0 ? FABRIC_CERT_CLIENT : FABRIC_CERT_SERVER,
		.subject = &w->subject,
		.from_s = now_s - SKEW_S,
		.until_s = now_s + w->valid_s,
	};
	struct base_error error;
	struct fabric_cert *c;
	int status;

	if (fabric_cert_issue(&c, f, &order, &error) < 0) {
		cli_error("%s", error.text);
		return CLI_FAILURE;
	}
	status = cert_put(options, c, WITH_KEY);
	fabric_cert_free(c);
	return status;
}

static int authority_put(const struct cli_options *options, const struct fabric *f)
{
	struct base_error error;
	struct fabric_cert *c;
	int status;

	if (fabric_cert_authority(&c, f, &error) < 0) {
		cli_error("%s", error.text);
		return CLI_FAILURE;
	}
	status = cert_put(options, c, ALONE);
	fabric_cert_free(c);
	return status;
}

int tool_cert(const struct cli_command *command, const struct cli_options *options, int nargs,
	      char **args)
{
	struct cli_options with_file = *options;
	struct wish *w = calloc(1, sizeof(*w));
	int status = CLI_FAILURE;
	struct fabric *f;

	(void)command;
	if (w == NULL) {
		cli_error("out of memory");
		return CLI_FAILURE;
	}
	if (nargs > 0 && is_fabric_file(args[0])) {
		with_file.file = *args++;
		nargs--;
	}
	f = tool_fabric_open(&with_file, NULL);
	if (f != NULL && options->is_ca && (nargs > 0 || options->naddresses > 0)) {
		cli_error("--ca takes no names: the certificate is that of the fabric");
		status = CLI_USAGE;
	} else if (f != NULL && options->is_ca) {
		status = authority_put(options, f);
	} else if (f != NULL) {
		status = wish_read(w, f, options, nargs, args) ? cert_issue(options, f, w)
							       : CLI_USAGE;
	}
	fabric_free(f);
	free(w);
	return status;
}
