/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The vectors were made by dnspython 2.3: key test-key.example. with the secret 1, 2, ... 32, at
 * time TIME. The answers are a header with QR set, signed one second later. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/buf.h"
#include "dns/edns.h"
#include "dns/msg.h"
#include "dns/tsig.h"
#include "dns/type.h"

enum { TIME = 1700000000, SIZE = 1024 };

static const uint8_t plain_request[] = {
	0x12, 0x34, 0x28, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x07,
	0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x03, 0x63, 0x6f, 0x6d, 0x00, 0x00,
	0x06, 0x00, 0x01, 0x03, 0x77, 0x77, 0x77, 0xc0, 0x0c, 0x00, 0x01, 0x00, 0xff,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc0, 0x1d, 0x00, 0x01, 0x00, 0x01, 0x00,
	0x00, 0x01, 0x2c, 0x00, 0x04, 0xc0, 0x00, 0x02, 0x01,
};

static const uint8_t hmac_sha1_request[] = {
	0x12, 0x34, 0x28, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x01, 0x07, 0x65,
	0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x03, 0x63, 0x6f, 0x6d, 0x00, 0x00, 0x06, 0x00,
	0x01, 0x03, 0x77, 0x77, 0x77, 0xc0, 0x0c, 0x00, 0x01, 0x00, 0xff, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0xc0, 0x1d, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x01, 0x2c, 0x00,
	0x04, 0xc0, 0x00, 0x02, 0x01, 0x08, 0x54, 0x65, 0x73, 0x74, 0x2d, 0x4b, 0x65, 0x79,
	0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x00, 0x00, 0xfa, 0x00, 0xff, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x2f, 0x09, 0x68, 0x6d, 0x61, 0x63, 0x2d, 0x73, 0x68, 0x61,
	0x31, 0x00, 0x00, 0x00, 0x65, 0x53, 0xf1, 0x00, 0x01, 0x2c, 0x00, 0x14, 0x4c, 0x01,
	0xa2, 0x76, 0xf0, 0xa2, 0xe2, 0x5a, 0x04, 0x70, 0x95, 0x4b, 0xf8, 0xdc, 0x9e, 0x66,
	0x27, 0x4c, 0x5b, 0x60, 0x12, 0x34, 0x00, 0x00, 0x00, 0x00,
};

static const uint8_t hmac_sha1_answer[] = {
	0x12, 0x34, 0xa8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x74, 0x65,
	0x73, 0x74, 0x2d, 0x6b, 0x65, 0x79, 0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x00,
	0x00, 0xfa, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x2f, 0x09, 0x68, 0x6d, 0x61, 0x63,
	0x2d, 0x73, 0x68, 0x61, 0x31, 0x00, 0x00, 0x00, 0x65, 0x53, 0xf1, 0x01, 0x01, 0x2c, 0x00,
	0x14, 0x04, 0xc8, 0x65, 0xc5, 0x38, 0x9f, 0xbc, 0xa2, 0x64, 0x48, 0xbb, 0xe2, 0x57, 0x9a,
	0x64, 0xfc, 0x36, 0xce, 0xa4, 0x8b, 0x12, 0x34, 0x00, 0x00, 0x00, 0x00,
};

static const uint8_t hmac_sha224_request[] = {
	0x12, 0x34, 0x28, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x01, 0x07, 0x65, 0x78,
	0x61, 0x6d, 0x70, 0x6c, 0x65, 0x03, 0x63, 0x6f, 0x6d, 0x00, 0x00, 0x06, 0x00, 0x01, 0x03,
	0x77, 0x77, 0x77, 0xc0, 0x0c, 0x00, 0x01, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0xc0, 0x1d, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x01, 0x2c, 0x00, 0x04, 0xc0, 0x00, 0x02,
	0x01, 0x08, 0x54, 0x65, 0x73, 0x74, 0x2d, 0x4b, 0x65, 0x79, 0x07, 0x65, 0x78, 0x61, 0x6d,
	0x70, 0x6c, 0x65, 0x00, 0x00, 0xfa, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x39, 0x0b,
	0x68, 0x6d, 0x61, 0x63, 0x2d, 0x73, 0x68, 0x61, 0x32, 0x32, 0x34, 0x00, 0x00, 0x00, 0x65,
	0x53, 0xf1, 0x00, 0x01, 0x2c, 0x00, 0x1c, 0xb8, 0x77, 0xdc, 0x2f, 0xa4, 0x42, 0x73, 0xd8,
	0x1c, 0x3c, 0x92, 0xd3, 0xf5, 0x4e, 0xe0, 0xfd, 0xe9, 0xd9, 0x4a, 0xe4, 0x48, 0x0a, 0x82,
	0x85, 0xfb, 0xbd, 0x04, 0x6b, 0x12, 0x34, 0x00, 0x00, 0x00, 0x00,
};

static const uint8_t hmac_sha224_answer[] = {
	0x12, 0x34, 0xa8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x74,
	0x65, 0x73, 0x74, 0x2d, 0x6b, 0x65, 0x79, 0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c,
	0x65, 0x00, 0x00, 0xfa, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x39, 0x0b, 0x68,
	0x6d, 0x61, 0x63, 0x2d, 0x73, 0x68, 0x61, 0x32, 0x32, 0x34, 0x00, 0x00, 0x00, 0x65,
	0x53, 0xf1, 0x01, 0x01, 0x2c, 0x00, 0x1c, 0x5e, 0x43, 0xc9, 0xbb, 0xc9, 0x18, 0x9c,
	0xa0, 0x42, 0x60, 0x78, 0xd9, 0xea, 0x65, 0xcb, 0x84, 0xce, 0x7d, 0xdb, 0x7f, 0x49,
	0x25, 0xbf, 0x16, 0x86, 0x11, 0x92, 0xea, 0x12, 0x34, 0x00, 0x00, 0x00, 0x00,
};

static const uint8_t hmac_sha256_request[] = {
	0x12, 0x34, 0x28, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x01, 0x07, 0x65, 0x78,
	0x61, 0x6d, 0x70, 0x6c, 0x65, 0x03, 0x63, 0x6f, 0x6d, 0x00, 0x00, 0x06, 0x00, 0x01, 0x03,
	0x77, 0x77, 0x77, 0xc0, 0x0c, 0x00, 0x01, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0xc0, 0x1d, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x01, 0x2c, 0x00, 0x04, 0xc0, 0x00, 0x02,
	0x01, 0x08, 0x54, 0x65, 0x73, 0x74, 0x2d, 0x4b, 0x65, 0x79, 0x07, 0x65, 0x78, 0x61, 0x6d,
	0x70, 0x6c, 0x65, 0x00, 0x00, 0xfa, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x3d, 0x0b,
	0x68, 0x6d, 0x61, 0x63, 0x2d, 0x73, 0x68, 0x61, 0x32, 0x35, 0x36, 0x00, 0x00, 0x00, 0x65,
	0x53, 0xf1, 0x00, 0x01, 0x2c, 0x00, 0x20, 0x67, 0xbd, 0x4c, 0x0a, 0xa6, 0x24, 0xe5, 0xd8,
	0x0a, 0x9e, 0x06, 0x38, 0x45, 0x8b, 0x1b, 0x7a, 0x2e, 0x13, 0xe8, 0xd1, 0x4c, 0x7e, 0x9e,
	0x27, 0xa6, 0x8d, 0x4f, 0x9c, 0x93, 0x3b, 0x8b, 0x4c, 0x12, 0x34, 0x00, 0x00, 0x00, 0x00,
};

static const uint8_t hmac_sha256_answer[] = {
	0x12, 0x34, 0xa8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x74, 0x65,
	0x73, 0x74, 0x2d, 0x6b, 0x65, 0x79, 0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x00,
	0x00, 0xfa, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x3d, 0x0b, 0x68, 0x6d, 0x61, 0x63,
	0x2d, 0x73, 0x68, 0x61, 0x32, 0x35, 0x36, 0x00, 0x00, 0x00, 0x65, 0x53, 0xf1, 0x01, 0x01,
	0x2c, 0x00, 0x20, 0x1f, 0x86, 0xa9, 0xe0, 0x21, 0xe9, 0x95, 0x6b, 0xcc, 0x8e, 0x08, 0x06,
	0xf9, 0xb2, 0xcc, 0x9c, 0x1d, 0xfe, 0xa6, 0x3f, 0x32, 0x95, 0x6c, 0xcf, 0x14, 0x9b, 0xcd,
	0xbb, 0xd9, 0x93, 0xcb, 0x86, 0x12, 0x34, 0x00, 0x00, 0x00, 0x00,
};

static const uint8_t first_of_many[] = {
	0x12, 0x34, 0xa8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x74, 0x65,
	0x73, 0x74, 0x2d, 0x6b, 0x65, 0x79, 0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x00,
	0x00, 0xfa, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x3d, 0x0b, 0x68, 0x6d, 0x61, 0x63,
	0x2d, 0x73, 0x68, 0x61, 0x32, 0x35, 0x36, 0x00, 0x00, 0x00, 0x65, 0x53, 0xf1, 0x01, 0x01,
	0x2c, 0x00, 0x20, 0x1f, 0x86, 0xa9, 0xe0, 0x21, 0xe9, 0x95, 0x6b, 0xcc, 0x8e, 0x08, 0x06,
	0xf9, 0xb2, 0xcc, 0x9c, 0x1d, 0xfe, 0xa6, 0x3f, 0x32, 0x95, 0x6c, 0xcf, 0x14, 0x9b, 0xcd,
	0xbb, 0xd9, 0x93, 0xcb, 0x86, 0x12, 0x34, 0x00, 0x00, 0x00, 0x00,
};

static const uint8_t second_of_many[] = {
	0x12, 0x34, 0xa8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x74, 0x65,
	0x73, 0x74, 0x2d, 0x6b, 0x65, 0x79, 0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x00,
	0x00, 0xfa, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x3d, 0x0b, 0x68, 0x6d, 0x61, 0x63,
	0x2d, 0x73, 0x68, 0x61, 0x32, 0x35, 0x36, 0x00, 0x00, 0x00, 0x65, 0x53, 0xf1, 0x02, 0x01,
	0x2c, 0x00, 0x20, 0x30, 0x82, 0x64, 0x2b, 0x7b, 0x7f, 0xb5, 0x66, 0x3a, 0x57, 0x93, 0x86,
	0xe0, 0x73, 0x0c, 0xbd, 0x6e, 0xec, 0x6d, 0xba, 0xc9, 0x9b, 0xbd, 0x13, 0x86, 0x1a, 0xb7,
	0x14, 0xbf, 0x2e, 0xff, 0x49, 0x12, 0x34, 0x00, 0x00, 0x00, 0x00,
};

static const uint8_t third_of_many[] = {
	0x12, 0x34, 0xa8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x74, 0x65,
	0x73, 0x74, 0x2d, 0x6b, 0x65, 0x79, 0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x00,
	0x00, 0xfa, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x3d, 0x0b, 0x68, 0x6d, 0x61, 0x63,
	0x2d, 0x73, 0x68, 0x61, 0x32, 0x35, 0x36, 0x00, 0x00, 0x00, 0x65, 0x53, 0xf1, 0x03, 0x01,
	0x2c, 0x00, 0x20, 0x30, 0x83, 0xf5, 0x31, 0xa4, 0x20, 0x3f, 0xe2, 0xae, 0x5c, 0x35, 0x56,
	0x28, 0x10, 0xf1, 0xaa, 0x57, 0xfe, 0xf4, 0x69, 0xba, 0x56, 0x38, 0xb6, 0x48, 0x6f, 0x43,
	0x8b, 0xd9, 0xbc, 0x00, 0x24, 0x12, 0x34, 0x00, 0x00, 0x00, 0x00,
};

static const uint8_t badtime_answer[] = {
	0x12, 0x34, 0xa8, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x74,
	0x65, 0x73, 0x74, 0x2d, 0x6b, 0x65, 0x79, 0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c,
	0x65, 0x00, 0x00, 0xfa, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x43, 0x0b, 0x68,
	0x6d, 0x61, 0x63, 0x2d, 0x73, 0x68, 0x61, 0x32, 0x35, 0x36, 0x00, 0x00, 0x00, 0x65,
	0x53, 0xf1, 0x00, 0x01, 0x2c, 0x00, 0x20, 0xc0, 0xc3, 0x4d, 0xa4, 0x24, 0xac, 0x29,
	0x26, 0xb6, 0x7a, 0x27, 0x44, 0x77, 0xc1, 0xc4, 0x7c, 0x6b, 0x5c, 0xaa, 0x79, 0xb6,
	0x5e, 0x10, 0x15, 0xe6, 0x2d, 0x92, 0xad, 0x45, 0x31, 0xfe, 0x85, 0x12, 0x34, 0x00,
	0x12, 0x00, 0x06, 0x00, 0x00, 0x65, 0x53, 0xf4, 0xe8,
};

static const uint8_t hmac_sha384_request[] = {
	0x12, 0x34, 0x28, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x01, 0x07, 0x65,
	0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x03, 0x63, 0x6f, 0x6d, 0x00, 0x00, 0x06, 0x00,
	0x01, 0x03, 0x77, 0x77, 0x77, 0xc0, 0x0c, 0x00, 0x01, 0x00, 0xff, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0xc0, 0x1d, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x01, 0x2c, 0x00,
	0x04, 0xc0, 0x00, 0x02, 0x01, 0x08, 0x54, 0x65, 0x73, 0x74, 0x2d, 0x4b, 0x65, 0x79,
	0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x00, 0x00, 0xfa, 0x00, 0xff, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x4d, 0x0b, 0x68, 0x6d, 0x61, 0x63, 0x2d, 0x73, 0x68, 0x61,
	0x33, 0x38, 0x34, 0x00, 0x00, 0x00, 0x65, 0x53, 0xf1, 0x00, 0x01, 0x2c, 0x00, 0x30,
	0xb7, 0xf4, 0x02, 0x49, 0x96, 0xfb, 0xa4, 0xf4, 0xdc, 0x23, 0x5e, 0x4d, 0x9b, 0x9d,
	0x2a, 0xfc, 0x8d, 0x5e, 0xbd, 0x54, 0xa2, 0xda, 0x47, 0x29, 0x45, 0x2f, 0x5b, 0xbd,
	0x6e, 0x73, 0x0f, 0xba, 0xf1, 0x7b, 0x5b, 0x9e, 0xf0, 0x13, 0xc0, 0xbc, 0xfd, 0xfd,
	0xff, 0x48, 0x41, 0x93, 0x32, 0xda, 0x12, 0x34, 0x00, 0x00, 0x00, 0x00,
};

static const uint8_t hmac_sha384_answer[] = {
	0x12, 0x34, 0xa8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x74, 0x65,
	0x73, 0x74, 0x2d, 0x6b, 0x65, 0x79, 0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x00,
	0x00, 0xfa, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x4d, 0x0b, 0x68, 0x6d, 0x61, 0x63,
	0x2d, 0x73, 0x68, 0x61, 0x33, 0x38, 0x34, 0x00, 0x00, 0x00, 0x65, 0x53, 0xf1, 0x01, 0x01,
	0x2c, 0x00, 0x30, 0x19, 0x2e, 0x29, 0x01, 0x3a, 0x2f, 0xcb, 0x73, 0x0b, 0xd2, 0x12, 0x12,
	0x28, 0xa3, 0xd2, 0x21, 0xde, 0xdb, 0x26, 0xa5, 0x74, 0x85, 0x28, 0xd7, 0x2b, 0x77, 0x43,
	0xa9, 0x2d, 0xb6, 0x8f, 0x5f, 0x29, 0x21, 0xb7, 0x46, 0x3a, 0xd0, 0x6c, 0x11, 0x8d, 0x79,
	0x93, 0x83, 0xcf, 0x24, 0xa4, 0x9d, 0x12, 0x34, 0x00, 0x00, 0x00, 0x00,
};

static const uint8_t hmac_sha512_request[] = {
	0x12, 0x34, 0x28, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x01, 0x07, 0x65,
	0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x03, 0x63, 0x6f, 0x6d, 0x00, 0x00, 0x06, 0x00,
	0x01, 0x03, 0x77, 0x77, 0x77, 0xc0, 0x0c, 0x00, 0x01, 0x00, 0xff, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0xc0, 0x1d, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x01, 0x2c, 0x00,
	0x04, 0xc0, 0x00, 0x02, 0x01, 0x08, 0x54, 0x65, 0x73, 0x74, 0x2d, 0x4b, 0x65, 0x79,
	0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x00, 0x00, 0xfa, 0x00, 0xff, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x5d, 0x0b, 0x68, 0x6d, 0x61, 0x63, 0x2d, 0x73, 0x68, 0x61,
	0x35, 0x31, 0x32, 0x00, 0x00, 0x00, 0x65, 0x53, 0xf1, 0x00, 0x01, 0x2c, 0x00, 0x40,
	0x48, 0x68, 0x86, 0x39, 0x73, 0x01, 0x9b, 0x6a, 0xf5, 0x03, 0x82, 0x86, 0xcb, 0x40,
	0x97, 0x47, 0xd4, 0x31, 0xac, 0xce, 0xba, 0x7f, 0xbf, 0xad, 0x57, 0xea, 0x73, 0xf8,
	0x3b, 0x1f, 0x40, 0x17, 0x50, 0xc7, 0x74, 0x07, 0x5b, 0xd7, 0x00, 0x39, 0xd1, 0xff,
	0xfd, 0x9a, 0xb9, 0x69, 0x2e, 0x34, 0x56, 0x7e, 0xae, 0xd4, 0x10, 0xac, 0x9d, 0x01,
	0x03, 0xb5, 0xfd, 0x3a, 0x17, 0x9e, 0x22, 0x32, 0x12, 0x34, 0x00, 0x00, 0x00, 0x00,
};

static const uint8_t hmac_sha512_answer[] = {
	0x12, 0x34, 0xa8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x74, 0x65,
	0x73, 0x74, 0x2d, 0x6b, 0x65, 0x79, 0x07, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 0x00,
	0x00, 0xfa, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x5d, 0x0b, 0x68, 0x6d, 0x61, 0x63,
	0x2d, 0x73, 0x68, 0x61, 0x35, 0x31, 0x32, 0x00, 0x00, 0x00, 0x65, 0x53, 0xf1, 0x01, 0x01,
	0x2c, 0x00, 0x40, 0xe7, 0x87, 0x0e, 0xd1, 0x1f, 0x7b, 0x5f, 0x8d, 0x34, 0x72, 0xb4, 0x3f,
	0x0f, 0x29, 0xb1, 0x8d, 0xb8, 0x9e, 0x53, 0x27, 0xab, 0x85, 0x1b, 0xbe, 0x0d, 0x0f, 0xc3,
	0xcf, 0x85, 0xf0, 0x3f, 0x42, 0x7c, 0x35, 0x59, 0xb0, 0xfb, 0x2c, 0x4e, 0x90, 0xcd, 0xa7,
	0x5a, 0x3f, 0x00, 0xb5, 0x5e, 0x3f, 0x73, 0x5a, 0xd1, 0x7b, 0xb6, 0x79, 0xa4, 0xcc, 0xb8,
	0xcb, 0x86, 0xb4, 0x75, 0x89, 0x6e, 0x33, 0x12, 0x34, 0x00, 0x00, 0x00, 0x00,
};

static const uint8_t key_name[] = "\010test-KEY\007example";

static struct dns_tsig_algorithm algorithm(const char *text)
{
	struct dns_tsig_algorithm a;

	assert_true(dns_tsig_algorithm_from_text(&a, text, strlen(text)));
	return a;
}

static struct dns_tsig_key key_of(const char *algorithm_text)
{
	struct dns_tsig_key key;
	uint8_t secret[32];

	for (uint8_t i = 0; i < sizeof(secret); i++)
		secret[i] = i + 1;
	dns_tsig_key_init(&key, key_name, algorithm(algorithm_text), secret, sizeof(secret));
	return key;
}

static const struct dns_tsig_key *find(void *arg, struct dns_tsig_search *search)
{
	const struct dns_tsig_key *key = arg;

	if (search->attempt > 0 || search->nbytes != key->name_nbytes ||
	    memcmp(search->name, key->name, search->nbytes) != 0)
		return NULL;
	return key;
}

/* Describes a request that is not among the vectors. */
struct making {
	const char *name, *algorithm; /* NULL: the usual ones */
	uint64_t time_s;
	uint16_t fudge_s, mac_nbytes, other_nbytes;
	uint16_t id, rrclass;
	uint32_t ttl;
	bool is_wrong; /* one bit of the MAC is another */
};

static const struct making usual = {
	.time_s = TIME, .fudge_s = 300, .mac_nbytes = 32, .id = 0x1234, .rrclass = DNS_CLASS_ANY};

static size_t wire_from(uint8_t *out, const char *text)
{
	return dns_name_from_text(out, text, strlen(text), NULL);
}

/* Signs plain_request with libsodium's HMAC: a second implementation of RFC 8945 section 4.3. */
static void make_mac(uint8_t mac[static 64], const struct making *m, const uint8_t *name,
		     size_t nname, const uint8_t *alg, size_t nalg)
{
	crypto_auth_hmacsha256_state s;
	uint8_t secret[32], variables[600];
	struct base_out o = base_out_over(variables, sizeof(variables));

	for (uint8_t i = 0; i < sizeof(secret); i++)
		secret[i] = i + 1;
	base_out_bytes(&o, name, nname);
	base_out_u16(&o, DNS_CLASS_ANY);
	base_out_u32(&o, 0);
	base_out_bytes(&o, alg, nalg);
	base_out_u48(&o, m->time_s);
	base_out_u16(&o, m->fudge_s);
	base_out_u16(&o, 0);
	base_out_u16(&o, m->other_nbytes);
	for (uint16_t i = 0; i < m->other_nbytes; i++)
		base_out_u8(&o, 0);
	crypto_auth_hmacsha256_init(&s, secret, sizeof(secret));
	crypto_auth_hmacsha256_update(&s, plain_request, sizeof(plain_request));
	crypto_auth_hmacsha256_update(&s, variables, base_out_nbytes(&o));
	memset(mac, 0, 64);
	crypto_auth_hmacsha256_final(&s, mac);
	if (m->is_wrong)
		mac[m->mac_nbytes - 1] ^= 1;
}

static size_t make_request(uint8_t out[static SIZE], const struct making *m)
{
	uint8_t name[DNS_NAME_MAX], alg[DNS_NAME_MAX], mac[64];
	size_t nname = wire_from(name, m->name != NULL ? m->name : "test-key.example.");
	size_t nalg = wire_from(alg, m->algorithm != NULL ? m->algorithm : "hmac-sha256.");
	struct base_out o = base_out_over(out, SIZE);

	make_mac(mac, m, name, nname, alg, nalg);
	base_out_bytes(&o, plain_request, sizeof(plain_request));
	base_out_bytes(&o, name, nname);
	base_out_u16(&o, DNS_TYPE_TSIG);
	base_out_u16(&o, m->rrclass);
	base_out_u32(&o, m->ttl);
	base_out_u16(&o, (uint16_t)(nalg + 16 + m->mac_nbytes + m->other_nbytes));
	base_out_bytes(&o, alg, nalg);
	base_out_u48(&o, m->time_s);
	base_out_u16(&o, m->fudge_s);
	base_out_u16(&o, m->mac_nbytes);
	base_out_bytes(&o, mac, m->mac_nbytes);
	base_out_u16(&o, 0x1234);
	base_out_u16(&o, 0);
	base_out_u16(&o, m->other_nbytes);
	for (uint16_t i = 0; i < m->other_nbytes; i++)
		base_out_u8(&o, 0);
	base_store16(out, m->id);
	out[11]++;
	assert_false(o.is_full);
	return base_out_nbytes(&o);
}

/* Where dns_msg_scan finds the TSIG of a whole message: its offset, 0 if there is none, or -EBADMSG
 * if the message is malformed. */
static ssize_t locate(const uint8_t *msg, size_t nbytes)
{
	struct base_buf b = base_buf_over(msg, nbytes);
	struct dns_header h = dns_header_parse(&b);
	struct dns_edns edns;
	size_t offset;

	for (unsigned i = 0; i < h.qdcount && !b.has_failed; i++) {
		dns_name_skip(&b);
		base_buf_take(&b, 4);
	}
	return !b.has_failed && dns_msg_scan(&b, &h, &edns, &offset) ? (ssize_t)offset : -EBADMSG;
}

static enum dns_tsig_status verify(struct dns_tsig *t, const uint8_t *msg, size_t nbytes,
				   struct dns_tsig_key *key, uint64_t now_s)
{
	ssize_t at = locate(msg, nbytes);

	assert_int_equal(at, sizeof(plain_request));
	return dns_tsig_verify(t, msg, nbytes, (size_t)at, find, key, now_s);
}

/* Answers with a bare header and compares the message with the expected octets. */
static void assert_answer(struct dns_tsig *t, uint8_t rcode, uint64_t now_s, bool is_first,
			  const uint8_t *expected, size_t nbytes)
{
	uint8_t answer[SIZE] = {0x12, 0x34, 0xa8, rcode};
	size_t octets = dns_tsig_nbytes(t);
	size_t n = (is_first ? dns_tsig_sign : dns_tsig_sign_next)(t, answer, 12, SIZE, now_s);

	assert_int_equal(n, nbytes);
	assert_int_equal(octets, nbytes - 12);
	assert_memory_equal(answer, expected, nbytes);
}

#define REQUEST(name) name##_request, sizeof(name##_request), name##_answer, sizeof(name##_answer)

static void requests_and_answers_are_as_dnspython_makes_them(void **state)
{
	static const struct {
		const char *algorithm;
		const uint8_t *request;
		size_t nrequest;
		const uint8_t *answer;
		size_t nanswer;
	} cases[] = {
		{"hmac-sha1", REQUEST(hmac_sha1)},     {"hmac-sha224", REQUEST(hmac_sha224)},
		{"hmac-sha256", REQUEST(hmac_sha256)}, {"hmac-sha384", REQUEST(hmac_sha384)},
		{"hmac-sha512", REQUEST(hmac_sha512)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct dns_tsig_key key = key_of(cases[i].algorithm);
		char text[DNS_TSIG_EXPLAIN_MAX];
		struct dns_tsig t;

		assert_int_equal(verify(&t, cases[i].request, cases[i].nrequest, &key, TIME),
				 DNS_TSIG_VERIFIED);
		assert_ptr_equal(t.key, &key);
		assert_string_equal(dns_tsig_explain(&t, text, sizeof(text)), "");
		assert_answer(&t, 0, TIME + 1, true, cases[i].answer, cases[i].nanswer);
	}
}

static void each_message_of_a_transfer_builds_on_the_one_before(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256");
	struct dns_tsig t;

	(void)state;
	verify(&t, hmac_sha256_request, sizeof(hmac_sha256_request), &key, TIME);
	assert_answer(&t, 0, TIME + 1, true, first_of_many, sizeof(first_of_many));
	assert_answer(&t, 0, TIME + 2, false, second_of_many, sizeof(second_of_many));
	assert_answer(&t, 0, TIME + 3, false, third_of_many, sizeof(third_of_many));
}

static void the_part_kept_for_a_queued_request_is_enough_to_sign(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256");
	struct dns_tsig t, kept;

	(void)state;
	verify(&t, hmac_sha256_request, sizeof(hmac_sha256_request), &key, TIME);
	memset(&kept, 0xff, sizeof(kept));
	memcpy(&kept, &t, DNS_TSIG_SIGNER_SIZE);
	assert_answer(&kept, 0, TIME + 1, true, hmac_sha256_answer, sizeof(hmac_sha256_answer));
}

static void the_answer_to_a_wrong_time_is_signed_and_has_our_time(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256");
	char text[DNS_TSIG_EXPLAIN_MAX];
	struct dns_tsig t;

	(void)state;
	assert_int_equal(
		verify(&t, hmac_sha256_request, sizeof(hmac_sha256_request), &key, TIME + 1000),
		DNS_TSIG_NOTAUTH);
	assert_int_equal(t.error, DNS_TSIG_BADTIME);
	assert_string_equal(
		dns_tsig_explain(&t, text, sizeof(text)),
		"TSIG: time signed is 1000 s behind the server's clock, fudge is 300 s");
	assert_answer(&t, DNS_RCODE_NOTAUTH, TIME + 1000, true, badtime_answer,
		      sizeof(badtime_answer));
}

static void the_time_may_differ_by_the_fudge(void **state)
{
	static const struct {
		uint64_t time_s, now_s;
		uint16_t fudge_s;
		bool is_good;
	} cases[] = {
		{TIME, TIME, 0, true},
		{TIME, TIME + 1, 0, false},
		{TIME, TIME + 300, 300, true},
		{TIME, TIME + 301, 300, false},
		{TIME, TIME - 300, 300, true},
		{TIME, TIME - 301, 300, false},
		{TIME, TIME + 300, 65535, true}, /* a larger fudge counts as 300 */
		{TIME, TIME + 301, 65535, false},
		{(1ull << 48) - 10, (1ull << 48) + 10, 300, true}, /* the field wraps */
		{5, (1ull << 48) - 5, 300, true},
		{0, TIME, 300, false},
		{(1ull << 48) - 1, TIME, 300, false},
	};
	struct dns_tsig_key key = key_of("hmac-sha256");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct making m = usual;
		uint8_t msg[SIZE];
		struct dns_tsig t;

		m.time_s = cases[i].time_s;
		m.fudge_s = cases[i].fudge_s;
		verify(&t, msg, make_request(msg, &m), &key, cases[i].now_s);
		assert_int_equal(t.status, cases[i].is_good ? DNS_TSIG_VERIFIED : DNS_TSIG_NOTAUTH);
		assert_int_equal(t.error, cases[i].is_good ? 0 : DNS_TSIG_BADTIME);
	}
}

/* Checks an answer that must not be signed: it has the request's names, an error, and a MAC of
 * no octets. */
static void assert_unsigned_answer(struct dns_tsig *t, const char *name, const char *alg)
{
	uint8_t answer[SIZE] = {0x12, 0x34, 0xa8, DNS_RCODE_NOTAUTH}, expected[SIZE] = {0};
	uint8_t wire[DNS_NAME_MAX];
	struct base_out o = base_out_over(expected, SIZE);
	size_t n, nalg;

	base_out_bytes(&o, answer, 11);
	base_out_u8(&o, 1);
	n = wire_from(wire, name);
	base_out_bytes(&o, wire, n);
	base_out_u16(&o, DNS_TYPE_TSIG);
	base_out_u16(&o, DNS_CLASS_ANY);
	base_out_u32(&o, 0);
	nalg = wire_from(wire, alg);
	base_out_u16(&o, (uint16_t)(nalg + 16));
	base_out_bytes(&o, wire, nalg);
	base_out_u48(&o, TIME);
	base_out_u16(&o, DNS_TSIG_FUDGE_S);
	base_out_u16(&o, 0);
	base_out_u16(&o, 0x1234);
	base_out_u16(&o, t->error);
	base_out_u16(&o, 0);
	assert_int_equal(dns_tsig_nbytes(t), base_out_nbytes(&o) - 12);
	n = dns_tsig_sign(t, answer, 12, SIZE, TIME);
	assert_int_equal(n, base_out_nbytes(&o));
	assert_memory_equal(answer, expected, n);
}

static void an_unknown_key_is_badkey_and_the_answer_unsigned(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256");
	struct making m = usual;
	char text[DNS_TSIG_EXPLAIN_MAX];
	uint8_t msg[SIZE];
	struct dns_tsig t;

	(void)state;
	m.name = "other.example.";
	verify(&t, msg, make_request(msg, &m), &key, TIME);
	assert_int_equal(t.status, DNS_TSIG_NOTAUTH);
	assert_int_equal(t.error, DNS_TSIG_BADKEY);
	assert_null(t.key);
	assert_string_equal(dns_tsig_explain(&t, text, sizeof(text)),
			    "TSIG: unknown key name other.example.");
	assert_unsigned_answer(&t, "other.example.", "hmac-sha256.");
}

static void another_algorithm_than_the_keys_is_badkey(void **state)
{
	static const char *const algorithms[] = {"hmac-sha512.", "hmac-sha256-128.", "nonsense.",
						 "HMAC-MD5.SIG-ALG.REG.INT.", "."};
	struct dns_tsig_key key = key_of("hmac-sha256");

	(void)state;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++) {
		char text[DNS_TSIG_EXPLAIN_MAX];
		struct making m = usual;
		uint8_t msg[SIZE];
		struct dns_tsig t;

		m.algorithm = algorithms[i];
		verify(&t, msg, make_request(msg, &m), &key, TIME);
		assert_int_equal(t.error, DNS_TSIG_BADKEY);
		assert_non_null(strstr(dns_tsig_explain(&t, text, sizeof(text)),
				       "test-key.example. is not for algorithm"));
		assert_unsigned_answer(&t, "test-key.example.", algorithms[i]);
	}
}

static void a_wrong_mac_is_badsig_and_the_answer_unsigned(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256");
	struct making m = usual;
	char text[DNS_TSIG_EXPLAIN_MAX];
	uint8_t msg[SIZE];
	struct dns_tsig t;

	(void)state;
	m.is_wrong = true;
	m.time_s = 0; /* the MAC is checked before the time */
	verify(&t, msg, make_request(msg, &m), &key, TIME);
	assert_int_equal(t.error, DNS_TSIG_BADSIG);
	assert_string_equal(dns_tsig_explain(&t, text, sizeof(text)),
			    "TSIG: MAC does not match, another secret for key test-key.example.?");
	assert_unsigned_answer(&t, "test-key.example.", "hmac-sha256.");
}

static void every_changed_octet_is_noticed(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256");

	(void)state;
	for (size_t i = 0; i < sizeof(hmac_sha256_request); i++) {
		uint8_t msg[sizeof(hmac_sha256_request)];
		struct dns_tsig t = {0};
		ssize_t at;

		/* The ID is skipped: a forwarder changes it. Case does not matter. */
		if (i < 2)
			continue;
		memcpy(msg, hmac_sha256_request, sizeof(msg));
		msg[i] ^= 0x80;
		at = locate(msg, sizeof(msg));
		if (at > 0)
			dns_tsig_verify(&t, msg, sizeof(msg), (size_t)at, find, &key, TIME);
		assert_int_not_equal(t.status, DNS_TSIG_VERIFIED);
	}
}

static void a_forwarded_request_is_verified_under_its_original_id(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256");
	struct making m = usual;
	uint8_t msg[SIZE];
	struct dns_tsig t;

	(void)state;
	m.id = 0x9999;
	assert_int_equal(verify(&t, msg, make_request(msg, &m), &key, TIME), DNS_TSIG_VERIFIED);
	assert_int_equal(t.original_id, 0x1234);
}

static void names_are_compared_and_digested_without_case(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256");
	struct making m = usual;
	uint8_t msg[SIZE];
	struct dns_tsig t;
	size_t n;

	(void)state;
	n = make_request(msg, &m);
	for (size_t i = sizeof(plain_request); i < sizeof(plain_request) + 18; i++)
		if (msg[i] >= 'a' && msg[i] <= 'z')
			msg[i] -= 32;
	msg[sizeof(plain_request) + 29] -= 32;
	assert_int_equal(verify(&t, msg, n, &key, TIME), DNS_TSIG_VERIFIED);
}

static void other_data_is_digested_as_it_came(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256");
	struct making m = usual;
	uint8_t msg[SIZE];
	struct dns_tsig t;
	size_t n;

	(void)state;
	m.other_nbytes = 20;
	n = make_request(msg, &m);
	assert_int_equal(verify(&t, msg, n, &key, TIME), DNS_TSIG_VERIFIED);
	msg[n - 1]++;
	assert_int_equal(verify(&t, msg, n, &key, TIME), DNS_TSIG_NOTAUTH);
	assert_int_equal(t.error, DNS_TSIG_BADSIG);
}

static void truncation_follows_the_rfc_and_the_key(void **state)
{
	static const struct {
		const char *key, *wire;
		uint16_t mac_nbytes;
		enum dns_tsig_status status;
		uint16_t error;
		size_t answer_nbytes; /* octets of the answer's MAC */
	} cases[] = {
		{"hmac-sha256", "hmac-sha256.", 33, DNS_TSIG_FORMERR, 0, 0},
		{"hmac-sha256", "hmac-sha256.", 32, DNS_TSIG_VERIFIED, 0, 32},
		{"hmac-sha256", "hmac-sha256.", 31, DNS_TSIG_NOTAUTH, DNS_TSIG_BADTRUNC, 32},
		{"hmac-sha256", "hmac-sha256.", 16, DNS_TSIG_NOTAUTH, DNS_TSIG_BADTRUNC, 32},
		{"hmac-sha256", "hmac-sha256.", 15, DNS_TSIG_FORMERR, 0, 0},
		{"hmac-sha256", "hmac-sha256.", 0, DNS_TSIG_FORMERR, 0, 0},
		{"hmac-sha256-128", "hmac-sha256.", 16, DNS_TSIG_VERIFIED, 0, 16},
		{"hmac-sha256-128", "hmac-sha256.", 20, DNS_TSIG_VERIFIED, 0, 20},
		{"hmac-sha256-128", "hmac-sha256.", 32, DNS_TSIG_VERIFIED, 0, 32},
		{"hmac-sha256-128", "hmac-sha256-128.", 16, DNS_TSIG_VERIFIED, 0, 16},
		{"hmac-sha256-128", "hmac-sha256-128.", 32, DNS_TSIG_FORMERR, 0, 0},
		{"hmac-sha256-192", "hmac-sha256.", 16, DNS_TSIG_NOTAUTH, DNS_TSIG_BADTRUNC, 24},
		{"hmac-sha256-192", "hmac-sha256.", 24, DNS_TSIG_VERIFIED, 0, 24},
		{"hmac-sha256-192", "hmac-sha256-128.", 16, DNS_TSIG_NOTAUTH, DNS_TSIG_BADKEY, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct dns_tsig_key key = key_of(cases[i].key);
		struct making m = usual;
		uint8_t msg[SIZE], answer[SIZE] = {0};
		struct dns_tsig t;
		size_t n;

		m.algorithm = cases[i].wire;
		m.mac_nbytes = cases[i].mac_nbytes;
		verify(&t, msg, make_request(msg, &m), &key, TIME);
		assert_int_equal(t.status, cases[i].status);
		assert_int_equal(t.error, cases[i].error);
		n = dns_tsig_sign(&t, answer, 12, SIZE, TIME);
		if (t.status == DNS_TSIG_FORMERR) {
			assert_int_equal(n, 12);
			continue;
		}
		n -= 12 + 18 + 10 + strlen(cases[i].wire) + 1 + 16;
		assert_int_equal(n, cases[i].answer_nbytes);
	}
}

static void a_mac_too_short_is_explained(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256");
	struct making m = usual;
	char text[DNS_TSIG_EXPLAIN_MAX];
	uint8_t msg[SIZE];
	struct dns_tsig t;

	(void)state;
	m.mac_nbytes = 20;
	verify(&t, msg, make_request(msg, &m), &key, TIME);
	assert_string_equal(dns_tsig_explain(&t, text, sizeof(text)),
			    "TSIG: MAC has 20 octets, key test-key.example. asks for 32");
}

static void a_malformed_record_is_formerr_and_gets_no_tsig(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256");
	uint8_t msg[SIZE], answer[SIZE] = {0};
	struct making m = usual;
	struct dns_tsig t;
	size_t n;

	(void)state;
	m.rrclass = DNS_CLASS_IN;
	assert_int_equal(verify(&t, msg, make_request(msg, &m), &key, TIME), DNS_TSIG_FORMERR);
	m = usual;
	m.ttl = 1;
	assert_int_equal(verify(&t, msg, make_request(msg, &m), &key, TIME), DNS_TSIG_FORMERR);
	m = usual;
	n = make_request(msg, &m);
	msg[n - 1] = 1; /* Other Len */
	assert_int_equal(verify(&t, msg, n, &key, TIME), DNS_TSIG_FORMERR);
	assert_int_equal(dns_tsig_nbytes(&t), 0);
	assert_int_equal(dns_tsig_sign(&t, answer, 12, SIZE, TIME), 12);
	assert_int_equal(dns_tsig_sign(&t, answer, 12, 12, TIME), 12);
}

static void a_compressed_algorithm_name_is_formerr(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256");
	uint8_t msg[SIZE];
	struct dns_tsig t;
	struct base_out o = base_out_over(msg, SIZE);

	(void)state;
	base_out_bytes(&o, plain_request, sizeof(plain_request));
	base_out_bytes(&o, "\013hmac-sha256", 13);
	base_out_u16(&o, DNS_TYPE_TSIG);
	base_out_u16(&o, DNS_CLASS_ANY);
	base_out_u32(&o, 0);
	base_out_u16(&o, 2 + 16 + 32);
	base_out_u16(&o, (uint16_t)(0xc000 | sizeof(plain_request)));
	base_out_u48(&o, TIME);
	base_out_u16(&o, 300);
	base_out_u16(&o, 32);
	base_out_take(&o, 32);
	memset(o.at - 32, 0, 32);
	base_out_u16(&o, 0x1234);
	base_out_u32(&o, 0);
	msg[11]++;
	assert_int_equal(verify(&t, msg, base_out_nbytes(&o), &key, TIME), DNS_TSIG_FORMERR);
}

static void a_cut_request_is_never_taken(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(hmac_sha256_request); n++) {
		uint8_t *msg = test_malloc(n + 1);

		memcpy(msg, hmac_sha256_request, n);
		assert_int_equal(locate(msg, n), -EBADMSG);
		test_free(msg);
	}
}

static void the_tsig_must_be_last_and_alone(void **state)
{
	uint8_t msg[2 * SIZE];
	size_t n = sizeof(hmac_sha256_request), at = sizeof(plain_request);

	(void)state;
	memcpy(msg, hmac_sha256_request, n);
	assert_int_equal(locate(msg, n), at);
	assert_int_equal(locate(plain_request, sizeof(plain_request)), 0);

	/* Octets after the TSIG. */
	msg[n] = 0;
	assert_int_equal(locate(msg, n + 1), -EBADMSG);

	/* Two TSIGs. */
	memcpy(msg + n, msg + at, n - at);
	msg[11] = 2;
	assert_int_equal(locate(msg, n + n - at), -EBADMSG);

	/* In the preceding section a TSIG is a record like others, and signs nothing. */
	msg[9] = 3;
	msg[11] = 0;
	assert_int_equal(locate(msg, n), 0);

	/* A TSIG before another record. */
	msg[9] = 2;
	msg[11] = 2;
	memcpy(msg + n, "\0\0\1\0\1\0\0\0\0\0\0", 11);
	assert_int_equal(locate(msg, n + 11), -EBADMSG);
}

static void an_answer_without_room_is_not_signed(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256");
	uint8_t answer[SIZE] = {0};
	struct dns_tsig t;

	(void)state;
	verify(&t, hmac_sha256_request, sizeof(hmac_sha256_request), &key, TIME);
	assert_int_equal(dns_tsig_sign(&t, answer, 12, 12 + dns_tsig_nbytes(&t) - 1, TIME), 0);
	assert_int_equal(answer[11], 0);
	assert_int_equal(dns_tsig_sign(&t, answer, 12, 12 + dns_tsig_nbytes(&t), TIME),
			 12 + dns_tsig_nbytes(&t));
}

static void a_request_without_tsig_gets_an_answer_without(void **state)
{
	struct dns_tsig t = {0};
	char text[DNS_TSIG_EXPLAIN_MAX];
	uint8_t answer[12] = {0};

	(void)state;
	assert_int_equal(dns_tsig_nbytes(&t), 0);
	assert_int_equal(dns_tsig_sign(&t, answer, 12, 12, TIME), 12);
	assert_string_equal(dns_tsig_explain(&t, text, sizeof(text)), "");
}

static void algorithms_are_named_as_in_bind(void **state)
{
	static const struct {
		const char *text;
		int hash;
		uint8_t mac_min;
		const char *back;
	} cases[] = {
		{"hmac-sha256", DNS_HMAC_SHA256, 32, "hmac-sha256"},
		{"HMAC-SHA512.", DNS_HMAC_SHA512, 64, "hmac-sha512"},
		{"hmac-sha1", DNS_HMAC_SHA1, 20, "hmac-sha1"},
		{"hmac-sha1-96", DNS_HMAC_SHA1, 12, "hmac-sha1-96"},
		{"hmac-sha1-80", DNS_HMAC_SHA1, 10, "hmac-sha1-80"},
		{"hmac-sha1-72", -1, 0, NULL},
		{"hmac-sha224-112", DNS_HMAC_SHA224, 14, "hmac-sha224-112"},
		{"hmac-sha256-128", DNS_HMAC_SHA256, 16, "hmac-sha256-128"},
		{"hmac-sha256-256", DNS_HMAC_SHA256, 32, "hmac-sha256"},
		{"hmac-sha256-120", -1, 0, NULL},
		{"hmac-sha256-130", -1, 0, NULL},
		{"hmac-sha256-264", -1, 0, NULL},
		{"hmac-sha256-", -1, 0, NULL},
		{"hmac-sha256-12x", -1, 0, NULL},
		{"hmac-sha256-1280", -1, 0, NULL},
		{"hmac-sha384-192", DNS_HMAC_SHA384, 24, "hmac-sha384-192"},
		{"hmac-sha512-256", DNS_HMAC_SHA512, 32, "hmac-sha512-256"},
		{"hmac-sha2567", -1, 0, NULL},
		{"hmac-md5", -1, 0, NULL},
		{"hmac-md5.sig-alg.reg.int", -1, 0, NULL},
		{"", -1, 0, NULL},
		{".", -1, 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct dns_tsig_algorithm a;
		char text[DNS_TSIG_ALGORITHM_TEXT_MAX];

		assert_int_equal(
			dns_tsig_algorithm_from_text(&a, cases[i].text, strlen(cases[i].text)),
			cases[i].hash >= 0);
		if (cases[i].hash < 0)
			continue;
		assert_int_equal(a.hash, cases[i].hash);
		assert_int_equal(a.mac_min, cases[i].mac_min);
		assert_string_equal(dns_tsig_algorithm_to_text(text, a), cases[i].back);
	}
}

/* A key with several secrets, of which the last is no longer valid. */
struct several {
	struct dns_tsig_key keys[3];
	unsigned nasked;
	enum dns_hmac_hash hash;
	bool is_revoked;
};

static const struct dns_tsig_key *find_several(void *arg, struct dns_tsig_search *search)
{
	struct several *s = arg;

	assert_int_equal(search->attempt, s->nasked++);
	assert_int_equal(search->refusal, DNS_TSIG_NOT_REFUSED);
	s->hash = search->hash;
	if (s->is_revoked)
		search->refusal = DNS_TSIG_REVOKED;
	if (s->is_revoked || search->attempt == 3)
		return NULL;
	if (search->attempt == 2) {
		search->refusal = DNS_TSIG_PAST;
		search->epoch = 7;
	}
	return &s->keys[search->attempt];
}

/* The secret of attempt `right` is the right one; 3: none is. */
static enum dns_tsig_status verify_several(struct dns_tsig *t, unsigned right, bool is_revoked,
					   unsigned *nasked)
{
	struct several s = {.is_revoked = is_revoked};
	struct dns_tsig_algorithm algorithm = {DNS_HMAC_SHA256, 32};
	enum dns_tsig_status status;

	for (unsigned i = 0; i < 3; i++)
		dns_tsig_key_init(&s.keys[i], (const uint8_t *)"\10test-key\7example", algorithm,
				  "wrong", 5);
	if (right < 3)
		s.keys[right] = key_of("hmac-sha256");
	status = dns_tsig_verify(t, hmac_sha256_request, sizeof(hmac_sha256_request),
				 sizeof(plain_request), find_several, &s, TIME);
	assert_int_equal(s.hash, DNS_HMAC_SHA256);
	if (right < 2 && !is_revoked)
		assert_ptr_equal(t->key, &s.keys[right]);
	*nasked = s.nasked;
	return status;
}

static void each_secret_of_a_name_is_tried_and_an_outdated_one_is_badkey(void **state)
{
	char text[DNS_TSIG_EXPLAIN_MAX];
	struct dns_tsig t;
	unsigned nasked;

	(void)state;
	assert_int_equal(verify_several(&t, 0, false, &nasked), DNS_TSIG_VERIFIED);
	assert_int_equal(nasked, 1);
	assert_int_equal(verify_several(&t, 1, false, &nasked), DNS_TSIG_VERIFIED);
	assert_int_equal(nasked, 2);
	assert_int_equal(verify_several(&t, 2, false, &nasked), DNS_TSIG_NOTAUTH);
	assert_int_equal(t.error, DNS_TSIG_BADKEY);
	assert_string_equal(dns_tsig_explain(&t, text, sizeof(text)),
			    "TSIG: key Test-Key.example. is of epoch 7, which is over: issue it "
			    "again");
	assert_int_equal(verify_several(&t, 3, false, &nasked), DNS_TSIG_NOTAUTH);
	assert_int_equal(t.error, DNS_TSIG_BADSIG);
	assert_int_equal(nasked, 4);
}

static void a_revoked_key_is_badkey_with_the_reason(void **state)
{
	char text[DNS_TSIG_EXPLAIN_MAX];
	struct dns_tsig t;
	unsigned nasked;

	(void)state;
	assert_int_equal(verify_several(&t, 0, true, &nasked), DNS_TSIG_NOTAUTH);
	assert_int_equal(t.error, DNS_TSIG_BADKEY);
	assert_int_equal(nasked, 1);
	assert_string_equal(dns_tsig_explain(&t, text, sizeof(text)),
			    "TSIG: key Test-Key.example. is revoked");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_secret_of_a_name_is_tried_and_an_outdated_one_is_badkey),
		cmocka_unit_test(a_revoked_key_is_badkey_with_the_reason),
		cmocka_unit_test(requests_and_answers_are_as_dnspython_makes_them),
		cmocka_unit_test(each_message_of_a_transfer_builds_on_the_one_before),
		cmocka_unit_test(the_part_kept_for_a_queued_request_is_enough_to_sign),
		cmocka_unit_test(the_answer_to_a_wrong_time_is_signed_and_has_our_time),
		cmocka_unit_test(the_time_may_differ_by_the_fudge),
		cmocka_unit_test(an_unknown_key_is_badkey_and_the_answer_unsigned),
		cmocka_unit_test(another_algorithm_than_the_keys_is_badkey),
		cmocka_unit_test(a_wrong_mac_is_badsig_and_the_answer_unsigned),
		cmocka_unit_test(every_changed_octet_is_noticed),
		cmocka_unit_test(a_forwarded_request_is_verified_under_its_original_id),
		cmocka_unit_test(names_are_compared_and_digested_without_case),
		cmocka_unit_test(other_data_is_digested_as_it_came),
		cmocka_unit_test(truncation_follows_the_rfc_and_the_key),
		cmocka_unit_test(a_mac_too_short_is_explained),
		cmocka_unit_test(a_malformed_record_is_formerr_and_gets_no_tsig),
		cmocka_unit_test(a_compressed_algorithm_name_is_formerr),
		cmocka_unit_test(a_cut_request_is_never_taken),
		cmocka_unit_test(the_tsig_must_be_last_and_alone),
		cmocka_unit_test(an_answer_without_room_is_not_signed),
		cmocka_unit_test(a_request_without_tsig_gets_an_answer_without),
		cmocka_unit_test(algorithms_are_named_as_in_bind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
