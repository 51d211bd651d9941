/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* conf/type.h - the types that a setting may have, with the C type of the field.
 *
 * Each type parses one scalar of the file and reports an invalid value. Constant: any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "conf/setting.h"

extern const struct conf_type conf_type_number;	  /* uint32_t */
extern const struct conf_type conf_type_size;	  /* uint64_t, bytes; `16M` */
extern const struct conf_type conf_type_duration; /* uint32_t, seconds; `2m` */
extern const struct conf_type conf_type_timeout;  /* likewise, or `never`: UINT32_MAX */
extern const struct conf_type conf_type_age;	  /* uint64_t, seconds; `7d` */
extern const struct conf_type conf_type_word;	  /* uint32_t: the index in `words` */
extern const struct conf_type conf_type_text;	  /* const char * */
extern const struct conf_type conf_type_path;	  /* const char *, from the file's folder */
extern const struct conf_type conf_type_log;	  /* const char *: stderr, syslog, or as a path */
extern const struct conf_type conf_type_located;  /* struct conf_text */
extern const struct conf_type conf_type_file;	  /* struct conf_text, from the file's folder */
extern const struct conf_type conf_type_address;  /* struct sockaddr_storage */
extern const struct conf_type conf_type_prefix;	  /* struct base_prefix */
extern const struct conf_type conf_type_hex;	  /* uint8_t[16] */
extern const struct conf_type conf_type_secret;	  /* struct fabric_keyfile_secret */

/* Parses a duration as a setting of the type conf_type_duration has it: seconds, or a number and a
 * unit (`90`, `5m`, `1h`), for programs that take one elsewhere. Returns false, with `out`
 * unspecified, for other texts and if the seconds do not fit. */
bool conf_type_parse_duration(uint64_t *out, const char *text);
