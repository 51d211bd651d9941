/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* conf/reader_priv.h - a reader's memory of which options were given, for conf/table.c alone. */
#pragma once

#include "conf/reader.h"

/* An option that was given: the setting, and the struct that it was read into. */
struct conf_seen {
	struct conf_seen *next;
	const struct conf_setting *setting;
	const void *base;
	struct base_location at;
};

/* Returns where `s` was given for the struct at `base`, or NULL if it was not. The result is valid
 * until options are forgotten. */
const struct conf_seen *conf_reader_find_seen(const struct conf_reader *r,
					      const struct conf_setting *s, const void *base);

/* Remembers that `s` was given at `at` for the struct at `base`. */
void conf_reader_add_seen(struct conf_reader *r, const struct conf_setting *s, const void *base,
			  const struct base_location *at);

/* Forgets the options given since `until`, a former value of `r->seen`, was the latest. */
void conf_reader_forget_seen(struct conf_reader *r, struct conf_seen *until);
