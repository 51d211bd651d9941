/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* text/location.h - the data of LOC records, from and to text (RFC 1876 section 3).
 *
 * Numbers are read as integers of their last digit's unit: nothing is rounded, nothing wraps. No
 * state; any thread. */
#pragma once

struct base_buf;
struct base_out;
struct text_words;

/* Takes latitude, longitude, altitude, and up to three lengths (size, horizontal and vertical
 * precision), and writes the 16 octets. */
void text_location_parse(struct text_words *w, struct base_out *out);

/* Writes the text of 16 octets. `b` fails if they are not a location of version 0. */
void text_location_write(struct base_out *o, struct base_buf *b);
