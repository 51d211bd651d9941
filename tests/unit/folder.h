/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* folder.h - a temporary folder for the files of a test.
 *
 * Any function here fails the running test on an error. List folder.c among the program's sources.
 */
#pragma once

enum { FOLDER_PATH_MAX = 64 };

/* Makes an empty folder and writes its path to `path`: in /dev/shm if that can be written, where
 * thousands of stores are made quickly, else in /tmp. `name` is part of the path. */
void folder_make(char path[static FOLDER_PATH_MAX], const char *name);

/* Writes a file in the folder that only its owner can read, as weft wants it of secrets. */
void folder_write(const char *path, const char *name, const char *text);

/* Removes the files and folders in the folder, but not the folder. */
void folder_empty(const char *path);

/* Removes the folder with everything in it. */
void folder_remove(const char *path);
