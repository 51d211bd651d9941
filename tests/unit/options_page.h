/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tests/unit/options_page.h - compares a listing of options with the manual page of a
 * configuration: it has each option with its type, default and effect on reload, and no others. */
#pragma once

#include <stdio.h>

/* What is compared. */
struct options_page {
	const char *name;	 /* weftd.conf.5 */
	void (*list)(FILE *out); /* conf_table_list() of the program's options */
	/* Paths depend on where weft is to be installed: returns the usual one for such a default,
	 * else `value`. */
	const char *(*usual)(const char *value);
};

/* Each fails the test that runs if it does not hold. */
void options_page_has_every_option(const struct options_page *p);
void options_page_has_no_other_option(const struct options_page *p);
void options_page_has_an_overview_of_all(const struct options_page *p);
