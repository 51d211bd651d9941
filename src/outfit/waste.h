/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* outfit/waste.h - what instances that are gone have left, and how that is removed: folders by a
 * thread, since a service can put any number of files into its own. Thread of the loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Takes the folder FOLDER/NAME out of use at once, and removes it with all that is in it: files on
 * other file systems and what symbolic links point to stay. Returns 0, or a negative errno: -ENOENT
 * if there is no such folder. */
int outfit_waste_discard(const char *folder, const char *name);

/* Goes on with removing what was taken out of use before, maybe by an earlier process. Returns how
 * many folders there are. */
unsigned outfit_waste_sweep(const char *folder);

/* Removes the logs NAME.log, NAME.log.1 ... that were not written to for `age_s` seconds and whose
 * name `is_known` returns false for. Returns how many. */
unsigned outfit_waste_logs(const char *folder, uint64_t age_s,
			   bool (*is_known)(void *arg, const char *name), void *arg);
