/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "setup/detect.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <glob.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "resolve/conf.h"

/* How it is found:
 *
 * 1. NetworkManager that is configured with dns=dnsmasq: its dnsmasq, whose files others do not
 *    read.
 * 2. resolv.conf is a link to a file of systemd-resolved, or names its address 127.0.0.53.
 * 3. resolv.conf names a loopback address: whichever of the resolvers runs. */

enum { COMM_MAX = 16, LINE_MAX_SIZE = 512 }; /* COMM_MAX: of Linux, with NUL */

__attribute__((format(printf, 2, 3))) static void reason_write(char reason[static SETUP_REASON_MAX],
							       const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reason, SETUP_REASON_MAX, format, args);
	va_end(args);
}

/* Returns whether a process of this name runs; the kernel cuts names at 15 characters. */
static bool process_runs(const char *root, const char *name)
{
	char path[PATH_MAX], comm[COMM_MAX + 1];
	bool is_found = false;
	const struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/proc", root);
	dir = opendir(path);
	while (dir != NULL && !is_found && (entry = readdir(dir)) != NULL) {
		FILE *in;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "%s/proc/%s/comm", root, entry->d_name);
		in = fopen(path, "re");
		if (in == NULL)
			continue;
		if (fgets(comm, sizeof(comm), in) != NULL) {
			comm[strcspn(comm, "\n")] = '\0';
			is_found = strncmp(comm, name, COMM_MAX - 1) == 0;
		}
		fclose(in);
	}
	if (dir != NULL)
		closedir(dir);
	return is_found;
}

/* Returns whether a line of the file is `dns=dnsmasq`, blanks ignored. */
static bool file_wants_dnsmasq(const char *path)
{
	char line[LINE_MAX_SIZE];
	bool is_wanted = false;
	FILE *in = fopen(path, "re");

	while (in != NULL && fgets(line, sizeof(line), in) != NULL) {
		char *to = line;

		for (const char *from = line; *from != '\0'; from++)
			if (!isspace((unsigned char)*from))
				*to++ = *from;
		*to = '\0';
		if (strncmp(line, "dns=", 4) == 0)
			is_wanted = strcmp(line, "dns=dnsmasq") == 0;
	}
	if (in != NULL)
		fclose(in);
	return is_wanted;
}

/* Returns whether NetworkManager is to run dnsmasq. */
static bool manager_wants_dnsmasq(const char *root)
{
	char pattern[PATH_MAX];
	bool is_wanted = false;
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/etc/NetworkManager/NetworkManager.conf", root);
	if (file_wants_dnsmasq(pattern))
		is_wanted = true;
	snprintf(pattern, sizeof(pattern), "%s/etc/NetworkManager/conf.d/*.conf", root);
	if (glob(pattern, 0, NULL, &found) != 0)
		return is_wanted;
	for (size_t i = 0; i < found.gl_pathc && !is_wanted; i++)
		is_wanted = file_wants_dnsmasq(found.gl_pathv[i]);
	globfree(&found);
	return is_wanted;
}

static bool is_loopback(const struct sockaddr_storage *ss)
{
	const struct sockaddr_in *in = (const void *)ss;
	const struct sockaddr_in6 *in6 = (const void *)ss;

	return ss->ss_family == AF_INET6 ? IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr)
					 : ntohl(in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

static bool is_stub(const struct sockaddr_storage *ss)
{
	const struct sockaddr_in *in = (const void *)ss;

	/* 127.0.0.53, and .54 without the extras of the first (systemd-resolved.service(8)) */
	return ss->ss_family == AF_INET && (ntohl(in->sin_addr.s_addr) == 0x7f000035 ||
					    ntohl(in->sin_addr.s_addr) == 0x7f000036);
}

/* Whether resolv.conf is a link into systemd-resolved's folder. */
static bool is_linked(const char *path, char target[static PATH_MAX])
{
	ssize_t n = readlink(path, target, PATH_MAX - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	return strstr(target, "/systemd/resolve/") != NULL ||
	       strstr(target, "lib/systemd/resolv.conf") != NULL;
}

/* The resolver that a loopback address belongs to: one that runs. */
static enum setup_resolver running_find(const char *root, const char *address,
					char reason[static SETUP_REASON_MAX])
{
	static const struct {
		const char *process;
		enum setup_resolver resolver;
	} all[] = {
		{"unbound", SETUP_UNBOUND},
		{"dnsmasq", SETUP_DNSMASQ},
		{"systemd-resolve", SETUP_RESOLVED},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (!process_runs(root, all[i].process))
			continue;
		reason_write(reason, "/etc/resolv.conf asks %s, and %s runs", address,
			     setup_resolver_name(all[i].resolver));
		return all[i].resolver;
	}
	reason_write(reason,
		     "/etc/resolv.conf asks %s, but neither unbound nor dnsmasq nor "
		     "systemd-resolved runs",
		     address);
	return SETUP_RESOLVERS;
}

enum setup_resolver setup_detect(const char *root, char reason[static SETUP_REASON_MAX])
{
	char path[PATH_MAX], target[PATH_MAX], address[BASE_ADDRESS_TEXT_MAX];
	struct resolve_conf conf;

	if (manager_wants_dnsmasq(root)) {
		reason_write(reason, "NetworkManager is configured with dns=dnsmasq");
		return SETUP_NETWORKMANAGER;
	}
	snprintf(path, sizeof(path), "%s/etc/resolv.conf", root);
	if (is_linked(path, target)) {
		reason_write(reason, "/etc/resolv.conf is a link to %.100s", target);
		return SETUP_RESOLVED;
	}
	if (resolve_conf_read(&conf, path) != 0 || conf.nservers == 0) {
		reason_write(reason, "/etc/resolv.conf cannot be read");
		return SETUP_RESOLVERS;
	}
	base_address_to_text(address, (const struct sockaddr *)&conf.servers[0]);
	address[strcspn(address, "@")] = '\0';
	if (is_stub(&conf.servers[0])) {
		reason_write(reason, "/etc/resolv.conf asks %s", address);
		return SETUP_RESOLVED;
	}
	if (is_loopback(&conf.servers[0]))
		return running_find(root, address, reason);
	reason_write(reason, "/etc/resolv.conf asks %s, which is not on this host", address);
	return SETUP_RESOLVERS;
}
