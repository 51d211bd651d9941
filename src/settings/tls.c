/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The options `server.listen-tls` and `server.tls`, and the certificates that they name. */

#include <errno.h>
#include <time.h>

#include <sys/stat.h>

#include "conf/table.h"
#include "conf/type.h"
#include "fabric/cert.h"
#include "fabric/tls.h"
#include "settings/settings_priv.h"

#define TLS(field) offsetof(struct settings_tls, field)

static const char *const yes_words[] = {"no", "yes", NULL};

/* By enum fabric_tls_clients. */
static const char *const clients_words[] = {"no", "optional", "required", NULL};

const struct conf_setting settings_tls_table[] = {
	{"certificate", &conf_type_file, .offset = TLS(certificate),
	 .initial_shown = "made from the fabric's key"},
	{"key", &conf_type_file, .offset = TLS(key), .initial_shown = "in the certificate's file"},
	{"tls-1.2", &conf_type_word, .offset = TLS(has_tls12), .words = yes_words, .initial = "no"},
	{"client-certificates", &conf_type_word, .offset = TLS(clients), .words = clients_words,
	 .initial = "no"},
	{"client-ca", &conf_type_file, .offset = TLS(client_ca), .initial_shown = "the fabrics"},
	{"handshakes", &conf_type_number, .offset = TLS(limits.handshakes), .min = 1,
	 .max = 1000000, .initial = "1000"},
	{"handshakes-per-client", &conf_type_number, .offset = TLS(limits.handshakes_per_client),
	 .min = 1, .max = 1000000, .initial = "100"},
	{"handshake-timeout", &conf_type_duration, .offset = TLS(limits.handshake_timeout_s),
	 .min = 1, .max = 3600, .initial = "5"},
	{0},
};

void settings_tls_check(struct conf_reader *r, const struct settings *config)
{
	const struct settings_server *s = &config->server;
	const struct settings_tls *tls = &s->tls;

	if (tls->key.text != NULL && tls->certificate.text == NULL)
		conf_reader_error(r, &tls->key.at, "tls.key needs tls.certificate");
	if (s->listen_tls.count > 0 && tls->certificate.text == NULL && config->nfabrics == 0)
		conf_reader_error(r, &s->at.listen_tls,
				  "listen-tls needs tls.certificate, or a fabric to make one");
	if (tls->clients != FABRIC_TLS_CLIENTS_NO && tls->client_ca.text == NULL &&
	    config->nfabrics == 0)
		conf_reader_error(r, &s->at.listen_tls,
				  "tls.client-certificates needs tls.client-ca or a fabric");
}

/* Reports what is wrong with a file at the option that names it. Returns `ret`. */
static int report_file(const struct conf_text *option, enum base_log_level level, int ret,
		       const char *text, base_report_fn report, void *arg)
{
	struct base_error error;

	base_error_set_at(&error, ret, option->at, "%.300s: %s", option->text, text);
	report(arg, level, &error);
	return ret;
}

/* Checks that the certificate is valid now. Returns 0 or a negative errno. */
static int check_time(const struct settings_tls *tls, base_report_fn report, void *arg)
{
	uint64_t now_s = (uint64_t)time(NULL), until_s = fabric_cert_until(tls->cert);

	if (now_s >= until_s)
		return report_file(&tls->certificate, BASE_LOG_ERROR, -EKEYEXPIRED,
				   "the certificate has ended", report, arg);
	if (now_s < fabric_cert_from(tls->cert))
		return report_file(&tls->certificate, BASE_LOG_ERROR, -EKEYREJECTED,
				   "the certificate is not valid yet", report, arg);
	if (until_s - now_s < FABRIC_CERT_SOON_S)
		report_file(&tls->certificate, BASE_LOG_WARNING, -EKEYEXPIRED,
			    "the certificate ends within 14 days", report, arg);
	return 0;
}

/* Warns if the file with the private key is open to all users. */
static void check_mode(const struct conf_text *key, base_report_fn report, void *arg)
{
	struct stat st;

	if (stat(key->text, &st) == 0 && (st.st_mode & S_IROTH) != 0)
		report_file(key, BASE_LOG_WARNING, -EPERM,
			    "everybody may read the private key", report, arg);
}

static int cert_unlock(struct settings_tls *tls, base_report_fn report, void *arg)
{
	const struct conf_text *key = tls->key.text != NULL ? &tls->key : &tls->certificate;
	struct base_error error;
	int ret;

	if (tls->certificate.text == NULL)
		return 0;
	ret = fabric_cert_read(&tls->cert, tls->certificate.text, key->text, &error);
	if (ret < 0)
		return report_file(error.at.file == key->text ? key : &tls->certificate,
				   BASE_LOG_ERROR, ret, error.text, report, arg);
	check_mode(key, report, arg);
	return check_time(tls, report, arg);
}

int settings_tls_unlock(struct settings *config, base_report_fn report, void *arg)
{
	struct settings_tls *tls = &config->server.tls;
	struct base_error error;
	int ret = cert_unlock(tls, report, arg), ca = 0;

	if (tls->client_ca.text != NULL) {
		ca = fabric_cert_read(&tls->authorities, tls->client_ca.text, NULL, &error);
		if (ca < 0)
			report_file(&tls->client_ca, BASE_LOG_ERROR, ca, error.text, report, arg);
	}
	return ret < 0 ? ret : ca;
}

void settings_tls_free(struct settings *config)
{
	fabric_cert_free(config->server.tls.cert);
	fabric_cert_free(config->server.tls.authorities);
}
