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
#include <seccomp.h>

#include "base/error.h"

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

static int parents_make(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		int failed;

		*slash = '\0';
		failed = mkdir(path, 0755) != 0 && errno != EEXIST;
		*slash = '/';
		if (failed)
			return -errno;
	}
	return 0;
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
	ret = parents_make(copy);
	if (ret == 0 && mkdir(path, mode) != 0)
		ret = -errno;
	umask(before);
	return ret == 0 ? give(p, path) : ret;
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
	/* libcap-ng turned core dumps off with the change of user; they are wanted after a crash.
	 */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return 0;
}

int process_privileges_confine(void)
{
	/* ptrace is allowed: LeakSanitizer stops the threads with it. */
	static const int forbidden[] = {
		SCMP_SYS(execve),
		SCMP_SYS(execveat),
		SCMP_SYS(process_vm_readv),
		SCMP_SYS(process_vm_writev),
		SCMP_SYS(mount),
		SCMP_SYS(umount2),
		SCMP_SYS(pivot_root),
		SCMP_SYS(chroot),
		SCMP_SYS(init_module),
		SCMP_SYS(finit_module),
		SCMP_SYS(delete_module),
		SCMP_SYS(kexec_load),
		SCMP_SYS(kexec_file_load),
		SCMP_SYS(bpf),
		SCMP_SYS(perf_event_open),
		SCMP_SYS(reboot),
		SCMP_SYS(swapon),
		SCMP_SYS(swapoff),
		SCMP_SYS(settimeofday),
		SCMP_SYS(clock_settime),
		SCMP_SYS(adjtimex),
		SCMP_SYS(sethostname),
		SCMP_SYS(setdomainname),
		SCMP_SYS(unshare),
		SCMP_SYS(setns),
		SCMP_SYS(keyctl),
		SCMP_SYS(add_key),
		SCMP_SYS(request_key),
		SCMP_SYS(userfaultfd),
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int ret = filter == NULL ? -ENOMEM : 0;

	for (size_t i = 0; ret == 0 && i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		ret = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), forbidden[i], 0);
	if (ret == 0)
		ret = seccomp_load(filter);
	seccomp_release(filter);
	return ret;
}
