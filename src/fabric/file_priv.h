/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/file_priv.h - what reading (file.c) and writing (file_write.c) a fabric's file have in
 * common. Room-private. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <sodium.h>

#include "fabric/file.h"

enum {
	FABRIC_FILE_FORMAT = 1,
	FABRIC_FILE_TEXT_MAX = 8192, /* a whole file is at most half as long */
	FABRIC_FILE_HASH = 32,
	FABRIC_FILE_BLOB_MAX =
		FABRIC_FILE_HASH + FABRIC_SEED_SIZE + FABRIC_EPOCHS_MAX * FABRIC_MASTER_SIZE,
	FABRIC_FILE_BOX_MAX = FABRIC_FILE_BLOB_MAX + crypto_secretbox_MACBYTES,
};

/* A file as text, wiped by its user. */
struct fabric_file_text {
	char bytes[FABRIC_FILE_TEXT_MAX];
	size_t n;
};

/* Computes the hash of a text: for `check`, and for what binds the secret to the text before it. */
void fabric_file_hash(uint8_t out[static FABRIC_FILE_HASH], const char *text, size_t n);

/* Derives the key of the box from the passphrase that seals it. Returns 0 or -ENOMEM. */
int fabric_file_box_key(uint8_t out[static crypto_secretbox_KEYBYTES], const char *passphrase,
			size_t npassphrase, const uint8_t *salt, uint64_t ops, uint64_t memory);
