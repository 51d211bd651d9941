/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* base/sanitizer.h - whether this is a build with a sanitizer: gcc has macros for it, clang
 * features.
 *
 * Sanitizers map memory, open files and start threads as they please. What forbids that must know
 * of them, and its tests. */
#pragma once

#if defined(__has_feature)
#define BASE_HAS_FEATURE(name) __has_feature(name)
#else
#define BASE_HAS_FEATURE(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                 \
	BASE_HAS_FEATURE(address_sanitizer) || BASE_HAS_FEATURE(thread_sanitizer) || \
	BASE_HAS_FEATURE(memory_sanitizer) || BASE_HAS_FEATURE(leak_sanitizer)
enum { BASE_IS_SANITIZED = 1 };
#else
enum { BASE_IS_SANITIZED = 0 };
#endif
