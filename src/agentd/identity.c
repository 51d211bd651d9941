/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agentd/identity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "agentd/settings.h"
#include "dnssd/fabric_name.h"
#include "locate/locate.h"
#include "resolve/events.h"

enum { HOST_NAME_SIZE = 256 };

/* Takes the name of a fabric's key apart: NODE.keys.FABRIC. Both are "" if it is another one. */
static void key_name_read(struct agentd_identity *out, const uint8_t *name)
{
	unsigned nlabels = dns_name_labels(name);

	memset(out, 0, sizeof(*out));
	for (unsigned i = 1; i + 1 < nlabels; i++) {
		const uint8_t *rest = dns_name_strip(name, i);

		if (memcmp(rest, "\4keys", 5) != 0)
			continue;
		dns_name_labels_to_text(out->node, name, i);
		dns_name_labels_to_text(out->fabric, dns_name_strip(rest, 1), nlabels - i - 1);
		return;
	}
}

static void take_host_name(struct agentd_identity *out)
{
	char host[HOST_NAME_SIZE] = "";

	if (gethostname(host, sizeof(host) - 1) < 0)
		return;
	host[strcspn(host, ".")] = '\0';
	snprintf(out->node, sizeof(out->node), "%s", host);
}

static int fail(base_report_fn report, void *arg, int code, struct base_location at,
		const char *text)
{
	struct base_error error;

	base_error_set_at(&error, code, at, "%s", text);
	report(arg, BASE_LOG_ERROR, &error);
	return code;
}

/* Warns if the key is another node's, or another fabric's: registries refuse what it signs here.
 * The administrator's key may write for all nodes. */
static void key_compare(const struct agentd_identity *identity, const struct agentd_identity *key,
			const struct agentd_settings *settings, base_report_fn report, void *arg)
{
	struct base_error error;

	if (key->node[0] == '\0')
		return; /* its name is of another form */
	if (strcasecmp(key->fabric, identity->fabric) != 0) {
		base_error_set_at(&error, 0, settings->fabric_at,
				  "the key is of the fabric %s: a registry of %s refuses it",
				  key->fabric, identity->fabric);
		report(arg, BASE_LOG_WARNING, &error);
	} else if (strcasecmp(key->node, identity->node) != 0 && strcmp(key->node, "admin") != 0) {
		base_error_set_at(&error, 0, settings->node_at,
				  "the key is that of node %s: registries refuse what it signs for "
				  "%s, which weft key issue %s makes one for",
				  key->node, identity->node, identity->node);
		report(arg, BASE_LOG_WARNING, &error);
	}
}

/* Whether the text is of labels of letters, digits, dashes and underscores. */
static bool is_node_name(const char *text)
{
	bool is_first = true;

	for (; *text != '\0'; text++) {
		bool is_letter = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
				 (*text >= '0' && *text <= '9');

		if (!is_letter && (is_first || strchr("-_.", *text) == NULL))
			return false;
		is_first = *text == '.';
	}
	return true;
}

/* Whether the names that the agent makes of the two are valid. */
static int check(const struct agentd_identity *identity, const struct agentd_settings *settings,
		 base_report_fn report, void *arg)
{
	uint8_t zone[DNS_NAME_MAX], node[DNS_NAME_MAX];

	if (identity->fabric[0] == '\0')
		return fail(report, arg, -EINVAL, settings->fabric_at,
			    "fabric is missing: without a key of a fabric, as weft key issue makes "
			    "them, it is needed");
	if (dns_name_from_text(zone, identity->fabric, strlen(identity->fabric), NULL) > 0 &&
	    identity->node[0] != '\0' && is_node_name(identity->node) &&
	    dnssd_fabric_name_node(node, identity->node, zone) > 0)
		return 0;
	return fail(
		report, arg, -EINVAL, settings->node_at,
		identity->node[0] == '\0'
			? "node is missing: this host has no name"
			: "node: its name is not of letters, digits and dashes, or too long with "
			  "that of the fabric");
}

/* Makes the settings of the client side of those of the program. */
static struct locate_settings locate_settings_of(const struct agentd_settings *settings)
{
	const struct agentd_options *a = &settings->agent;

	return (struct locate_settings){
		.registry = settings->registry,
		.domain = a->fabric,
		.key_file = a->key_file.text,
		.public_key = a->public_key.text,
		.tls_ca = a->tls_ca.text,
		.tls_certificate = a->certificate.text,
		.tls_key = a->certificate.text,
	};
}

/* Where the option is that an error of locate_new() is about, which begins with it. */
static struct base_location where(const struct agentd_settings *settings, const char *text)
{
	const struct {
		const char *about;
		struct base_location at;
	} options[] = {
		{"certificate", settings->certificate_at},
		{"authorities", settings->tls_ca_at},
		{"public key", settings->public_key_at},
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (strncmp(text, options[i].about, strlen(options[i].about)) == 0)
			return options[i].at;
	return settings->key_at;
}

/* Reads key and certificates as the agent will; `out` is what the key's name has. */
static int key_read(struct agentd_identity *out, const struct agentd_settings *settings,
		    base_report_fn report, void *arg)
{
	const struct locate_settings of_client = locate_settings_of(settings);
	struct resolve_events events;
	struct locate *locate = NULL;
	struct base_error error = {0};
	int ret = resolve_events_init(&events);

	if (ret < 0)
		return fail(report, arg, ret, settings->key_at, strerror(-ret));
	ret = locate_new(&locate, &events, &of_client, &error);
	if (ret < 0)
		fail(report, arg, ret, where(settings, error.text), error.text);
	else if (locate_key(locate) == NULL)
		ret = fail(report, arg, -ENOKEY, settings->key_at,
			   "key-file is missing: an agent needs a key, as weft key issue makes it");
	else
		key_name_read(out, locate_key(locate)->name);
	locate_free(locate);
	resolve_events_fini(&events);
	return ret;
}

int agentd_identity_find(struct agentd_identity *out, const struct agentd_settings *settings,
			 base_report_fn report, void *arg)
{
	const struct agentd_options *a = &settings->agent;
	struct agentd_identity key;
	size_t nchars;
	int ret;

	memset(out, 0, sizeof(*out));
	if (a->node != NULL)
		snprintf(out->node, sizeof(out->node), "%s", a->node);
	if (a->fabric != NULL)
		snprintf(out->fabric, sizeof(out->fabric), "%s", a->fabric);
	nchars = strlen(out->fabric);
	if (nchars > 1 && out->fabric[nchars - 1] == '.')
		out->fabric[nchars - 1] = '\0';
	ret = key_read(&key, settings, report, arg);
	if (ret < 0)
		return ret;
	if (out->node[0] == '\0')
		strcpy(out->node, key.node);
	if (out->fabric[0] == '\0')
		strcpy(out->fabric, key.fabric);
	if (out->node[0] == '\0')
		take_host_name(out);
	ret = check(out, settings, report, arg);
	if (ret == 0)
		key_compare(out, &key, settings, report, arg);
	return ret;
}

struct agent_settings agentd_identity_settings(const struct agentd_identity *identity,
					       const struct agentd_settings *first,
					       const struct agentd_settings *next)
{
	struct agent_settings settings = {
		.node = identity->node,
		.fabric = identity->fabric,
		.locate = locate_settings_of(first),
		.folder = first->agent.state_dir,
		.run_folder = first->agent.run_dir,
		.log_folder = first->agent.log_dir,
		.group = strcmp(first->agent.cgroup, "none") == 0 ? NULL : first->agent.cgroup,
		.rev = PACKAGE_VERSION,
		.address = &next->address,
		.lease_s = next->agent.lease_s,
		.history_keep = next->history.keep,
	};

	settings.locate.domain = identity->fabric;
	return settings;
}
