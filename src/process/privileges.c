/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "process/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cap-ng.h>

#include "base/error.h"
#include "base/folder.h"

int process_privileges_find(struct process_privileges *out, const char *user,
			    struct base_error *error)
{
	struct passwd *found;

	*out = (struct process_privileges){.uid = geteuid(), .gid = getegid()};
	if (user == NULL)
		return 0;

	errno = 0;
	found = getpwnam(user);
	if (found == NULL)
		return base_error_set(error, errno != 0 && errno != ESRCH ? -errno : -ENOENT,
				      "there is no user %s", user);
	if (found->pw_uid == geteuid())
		return 0;
	if (geteuid() != 0)
		return base_error_set(error, -EPERM, "only root can become user %s", user);
	*out = (struct process_privileges){true, found->pw_uid, found->pw_gid};
	return 0;
}

int process_privileges_group(gid_t *out, const char *group)
{
	struct group *found;

	errno = 0;
	found = getgrnam(group);
	if (found == NULL)
		return errno != 0 && errno != ESRCH ? -errno : -ENOENT;
	*out = found->gr_gid;
	return 0;
}

static int give(const struct process_privileges *p, const char *path)
{
	if (!p->is_changing)
		return 0;
	return chown(path, p->uid, p->gid) == 0 ? 0 : -errno;
}

int process_privileges_folder(const struct process_privileges *p, const char *path, mode_t mode)
{
	char copy[4096];
	struct stat st;
	mode_t before;
	int ret;

	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
	if (strlen(path) >= sizeof(copy))
		return -ENAMETOOLONG;
	strcpy(copy, path);
	/* The umask is for files. Folders get the mode that was asked for: with less, the user
	 * could not reach the folders below them. */
	before = umask(0);
	ret = base_folder_make_above(copy);
	if (ret == 0 && mkdir(path, mode) != 0)
		ret = -errno;
	umask(before);
	return ret == 0 ? give(p, path) : ret;
}

int process_privileges_folder_of(const struct process_privileges *p, const char *path)
{
	char folder[4096];
	char *slash;

	if (strlen(path) >= sizeof(folder))
		return -ENAMETOOLONG;
	strcpy(folder, path);
	slash = strrchr(folder, '/');
	if (slash == NULL || slash == folder)
		return 0;
	*slash = '\0';
	return process_privileges_folder(p, folder, 0755);
}

int process_privileges_drop(const struct process_privileges *p, struct base_error *error)
{
	int ret;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		ret = -errno;
		return base_error_set(error, ret, "cannot renounce new privileges: %s",
				      strerror(-ret));
	}
	/* To remain root is the operator's choice; then other users' folders stay accessible. */
	if (!p->is_changing && geteuid() == 0)
		return 0;

	capng_clear(CAPNG_SELECT_BOTH);
	if (p->is_changing)
		ret = capng_change_id((int)p->uid, (int)p->gid,
				      CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
	else
		ret = capng_apply(CAPNG_SELECT_CAPS);
	if (ret != 0)
		return base_error_set(error, -EPERM, "cannot drop privileges (libcap-ng error %d)",
				      ret);
	return 0;
}
