/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "caller.h"

void caller_print(const char *format, ...)
{
	struct timespec t;
	va_list args;

	clock_gettime(CLOCK_MONOTONIC, &t);
	printf("%" PRIu64 " ", (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

void caller_print_error(int error)
{
	caller_print("error %s %s", weft_error_name(error), weft_error_text(caller_context));
}

void caller_append(char *out, size_t size, const char *format, ...)
{
	size_t n = strlen(out);
	va_list args;

	va_start(args, format);
	vsnprintf(out + n, size - n, format, args);
	va_end(args);
}

void caller_append_address(char *out, size_t size, const struct sockaddr *sa)
{
	const void *address = sa->sa_family == AF_INET
				      ? (const void *)&((const struct sockaddr_in *)sa)->sin_addr
				      : (const void *)&((const struct sockaddr_in6 *)sa)->sin6_addr;
	char text[INET6_ADDRSTRLEN];

	caller_append(out, size, "%s", inet_ntop(sa->sa_family, address, text, sizeof(text)));
}

static const char *or_dash(const char *text)
{
	return text[0] != '\0' ? text : "-";
}

const char *caller_instance(const struct weft_instance *i)
{
	static char out[CALLER_LINE_MAX];
	size_t n;

	if (i == NULL)
		return "-";
	n = weft_instance_address_count(i);
	snprintf(out, sizeof(out), "%s %s %u %u %u %s %s %" PRIu64 " ", weft_instance_name(i),
		 or_dash(weft_instance_host(i)), weft_instance_port(i), weft_instance_priority(i),
		 weft_instance_weight(i), weft_state_name(weft_instance_state(i)),
		 or_dash(weft_instance_id(i)), weft_instance_incarnation(i));
	for (size_t a = 0; a < n; a++) {
		caller_append(out, sizeof(out), "%s", a > 0 ? "," : "");
		caller_append_address(out, sizeof(out), weft_instance_address(i, a, NULL));
	}
	if (n == 0)
		caller_append(out, sizeof(out), "-");
	for (size_t t = 0; t < weft_instance_txt_count(i); t++) {
		size_t nbytes;
		const char *value = weft_instance_txt_value(i, t, &nbytes);

		caller_append(out, sizeof(out), " %s%s%s", weft_instance_txt_key(i, t),
			      nbytes == (size_t)-1 ? "" : "=", value);
	}
	return out;
}
