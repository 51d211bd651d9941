/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

int base_folder_make_above(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

unsigned base_folder_prune(const char *folder, uint64_t age_s,
			   bool (*is_kept)(void *arg, const char *file), void *arg)
{
	uint64_t now_s = base_clock_wall_s();
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned count = 0;
	struct stat st;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && (uint64_t)st.st_mtime + age_s <= now_s &&
		    !is_kept(arg, entry->d_name))
			count += unlinkat(dirfd(dir), entry->d_name, 0) == 0;
	if (dir != NULL)
		closedir(dir);
	return count;
}
