/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "web/process.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

bool web_process_memory(uint64_t *virtual, uint64_t *resident)
{
	FILE *f = fopen("/proc/self/statm", "re");
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	int n;

	if (f == NULL)
		return false;
	n = fscanf(f, "%" SCNu64 " %" SCNu64, virtual, resident);
	fclose(f);
	if (n != 2)
		return false;
	*virtual *= page;
	*resident *= page;
	return true;
}

/* Counts the open files, but for the one that counting needs. */
static bool files_count(uint64_t *count)
{
	DIR *d = opendir("/proc/self/fd");
	const struct dirent *e;

	if (d == NULL)
		return false;
	*count = 0;
	while ((e = readdir(d)) != NULL)
		*count += *e->d_name != '.';
	closedir(d);
	*count -= *count > 0;
	return true;
}

static uint64_t cpu_us(void)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u) < 0)
		return 0;
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 +
	       (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void value_write(struct web_page *p, const char *name, const char *help, uint64_t value)
{
	web_page_family(p, name, WEB_GAUGE, help);
	web_page_value(p, NULL, value);
}

void web_process_write(struct web_page *p, uint64_t started_s)
{
	uint64_t virtual, resident, nfiles;
	struct rlimit files;

	value_write(p, "process_start_time_seconds", "Start time of the process since 1970.",
		    started_s);
	web_page_family(p, "process_cpu_seconds", WEB_COUNTER, "User and system time spent.");
	web_page_decimal(p, NULL, cpu_us(), 6);
	if (web_process_memory(&virtual, &resident)) {
		value_write(p, "process_virtual_memory_bytes", "Virtual memory size.", virtual);
		value_write(p, "process_resident_memory_bytes", "Resident memory size.", resident);
	}
	if (files_count(&nfiles))
		value_write(p, "process_open_fds", "Open file descriptors.", nfiles);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0)
		value_write(p, "process_max_fds", "File descriptors that may be open.",
			    (uint64_t)files.rlim_cur);
}
