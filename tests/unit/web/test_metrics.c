/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "registry/batch.h"
#include "server/stats.h"
#include "web/metrics.h"

/* Writes all families, ended by a NUL. Every figure is another number, so that one that is written
 * twice or not at all is noticed. */
static void write_all(struct web_page *p, enum web_format format)
{
	struct server_stats server;
	struct registry_stats registry;
	uint64_t *figures = (uint64_t *)&server;

	for (size_t i = 0; i < sizeof(server) / sizeof(uint64_t); i++)
		figures[i] = 100000 + i;
	figures = (uint64_t *)&registry;
	for (size_t i = 0; i < sizeof(registry) / sizeof(uint64_t); i++)
		figures[i] = 200000 + i;
	*p = (struct web_page){.format = format};
	web_metrics_server(p, &server);
	web_metrics_refusals(p, &server);
	web_metrics_registry(p, &registry);
	web_page_end(p);
	web_page_text(p, "%c", '\0');
	assert_false(p->is_short);
}

static void assert_has(const struct web_page *p, const char *sample, uint64_t value)
{
	char line[128];

	snprintf(line, sizeof(line), "\n%s %llu\n", sample, (unsigned long long)value);
	if (strstr(p->bytes, line) == NULL)
		fail_msg("there is no %s in\n%s", line, p->bytes);
}

#define AT(type, base, field) (base + offsetof(struct type, field) / sizeof(uint64_t))
#define SERVER(field) AT(server_stats, 100000, field)
#define REGISTRY(field) AT(registry_stats, 200000, field)

static void each_figure_is_where_its_name_says(void **state)
{
	struct web_page p;

	(void)state;
	write_all(&p, WEB_PROMETHEUS);
	assert_has(&p, "weft_queries_total{transport=\"tcp\"}", SERVER(queries[SERVER_TCP]));
	assert_has(&p, "weft_drops_total{reason=\"malformed\"}", SERVER(dropped));
	assert_has(&p, "weft_responses_by_rcode_total{rcode=\"NXDOMAIN\"}", SERVER(rcode[3]));
	assert_has(&p, "weft_responses_by_rcode_total{rcode=\"BADVERS\"}", SERVER(rcode[16]));
	assert_has(&p, "weft_queries_by_type_total{type=\"SRV\"}", SERVER(type[33]));
	assert_has(&p, "weft_queries_by_type_total{type=\"other\"}",
		   SERVER(type[SERVER_STATS_TYPES - 1]));
	assert_has(&p, "weft_tcp_connections", SERVER(tcp_connections));
	assert_has(&p, "weft_updates_total{rcode=\"REFUSED\"}", REGISTRY(rcode[5]));
	assert_has(&p, "weft_commit_failures_total", REGISTRY(failed_batches));
	assert_has(&p, "weft_leases", REGISTRY(nleases));
	assert_has(&p, "weft_service_instances{state=\"live\"}", REGISTRY(services.nlive));
	assert_has(&p, "weft_service_instances{state=\"drained\"}", REGISTRY(services.ndrained));
	assert_has(&p, "weft_refused_total{reason=\"bad-mac\"}", SERVER(refused[GUARD_BAD_MAC]));
	assert_has(&p, "weft_refused_total{reason=\"quota\"}", SERVER(refused[GUARD_QUOTA]));
	assert_has(&p, "weft_update_wait_seconds_bucket{le=\"0.000064\"}",
		   REGISTRY(queue.bucket[0]));
	web_page_fini(&p);
}

/* Both formats demand it, and a reader takes only one of two. */
static void a_family_and_a_sample_are_there_once(void **state)
{
	(void)state;
	for (enum web_format format = 0; format < WEB_FORMATS; format++) {
		struct web_page p;
		unsigned nlines = 0;

		write_all(&p, format);
		for (char *line = p.bytes, *end; (end = strchr(line, '\n')) != NULL;
		     line = end + 1) {
			char name[256];
			size_t n = strncmp(line, "# ", 2) == 0
					   ? (size_t)(strchr(line + 7, ' ') - line + 1)
					   : strcspn(line, " ") + 1;

			if (strncmp(line, "# EOF", 5) == 0)
				break;
			assert_true(n < sizeof(name) - 1);
			snprintf(name, sizeof(name), "\n%.*s", (int)n, line);
			if (strstr(end, name) != NULL)
				fail_msg("a second time:%s", name);
			nlines++;
		}
		assert_true(nlines > 300);
		web_page_fini(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_figure_is_where_its_name_says),
		cmocka_unit_test(a_family_and_a_sample_are_there_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
