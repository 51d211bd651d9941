/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "process/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <seccomp.h>

#include "base/sanitizer.h"

/* Newer than some headers. */
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif

/* ---- system calls ---- */

/* By name, so that the list is one for all architectures and versions of libseccomp: what one of
 * them does not know is skipped. The forms are here in which other versions of the C library, and
 * 32-bit machines, ask for the same. What is refused during the tests is in the kernel's audit log.
 */
static const char *const allowed[] = {
	/* files */
	"_llseek",
	"access",
	"arm_fadvise64_64",
	"chmod",
	"chown",
	"chown32",
	"close",
	"close_range",
	"copy_file_range",
	"dup",
	"dup2",
	"dup3",
	"faccessat",
	"faccessat2",
	"fadvise64",
	"fadvise64_64",
	"fallocate",
	"fchmod",
	"fchmodat",
	"fchmodat2",
	"fchown",
	"fchown32",
	"fchownat",
	"fcntl",
	"fcntl64",
	"fdatasync",
	"flock",
	"fstat",
	"fstat64",
	"fstatat64",
	"fstatfs",
	"fstatfs64",
	"fsync",
	"ftruncate",
	"ftruncate64",
	"getcwd",
	"getdents",
	"getdents64",
	"lchown",
	"lchown32",
	"link",
	"linkat",
	"lseek",
	"lstat",
	"lstat64",
	"mkdir",
	"mkdirat",
	"newfstatat",
	"open",
	"openat",
	"openat2",
	"pipe",
	"pipe2",
	"pread64",
	"preadv",
	"preadv2",
	"pwrite64",
	"pwritev",
	"pwritev2",
	"read",
	"readlink",
	"readlinkat",
	"readv",
	"rename",
	"renameat",
	"renameat2",
	"rmdir",
	"sendfile",
	"sendfile64",
	"stat",
	"stat64",
	"statfs",
	"statfs64",
	"statx",
	"sync_file_range",
	"sync_file_range2",
	"truncate",
	"truncate64",
	"umask",
	"unlink",
	"unlinkat",
	"utimensat",
	"utimensat_time64",
	"write",
	"writev",
	/* sockets; socket() itself is below */
	"accept",
	"accept4",
	"bind",
	"connect",
	"getpeername",
	"getsockname",
	"getsockopt",
	"listen",
	"recv",
	"recvfrom",
	"recvmmsg",
	"recvmmsg_time64",
	"recvmsg",
	"send",
	"sendmmsg",
	"sendmsg",
	"sendto",
	"setsockopt",
	"shutdown",
	"socketpair",
	/* waiting for events */
	"_newselect",
	"epoll_create",
	"epoll_create1",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_pwait2",
	"epoll_wait",
	"eventfd",
	"eventfd2",
	"inotify_add_watch",
	"inotify_init",
	"inotify_init1",
	"inotify_rm_watch",
	"poll",
	"ppoll",
	"ppoll_time64",
	"pselect6",
	"pselect6_time64",
	"select",
	"signalfd",
	"signalfd4",
	"timerfd_create",
	"timerfd_gettime",
	"timerfd_gettime64",
	"timerfd_settime",
	"timerfd_settime64",
	/* memory; mmap() and mprotect() are below */
	"brk",
	"madvise",
	"membarrier",
	"mincore",
	"mlock",
	"mremap",
	"munlock",
	"munmap",
	/* threads; clone() is below */
	"exit",
	"exit_group",
	"futex",
	"futex_requeue",
	"futex_time64",
	"futex_wait",
	"futex_waitv",
	"futex_wake",
	"get_robust_list",
	"getcpu",
	"gettid",
	"restart_syscall",
	"rseq",
	"sched_get_priority_max",
	"sched_get_priority_min",
	"sched_getaffinity",
	"sched_getparam",
	"sched_getscheduler",
	"sched_yield",
	"set_robust_list",
	"setpriority",
	"set_thread_area",
	"set_tid_address",
	"set_tls",
	/* signals, to itself */
	"pause",
	"rt_sigaction",
	"rt_sigpending",
	"rt_sigprocmask",
	"rt_sigqueueinfo",
	"rt_sigreturn",
	"rt_sigsuspend",
	"rt_sigtimedwait",
	"rt_sigtimedwait_time64",
	"rt_tgsigqueueinfo",
	"sigaction",
	"sigaltstack",
	"sigprocmask",
	"sigreturn",
	"tgkill",
	"tkill",
	/* clocks */
	"clock_getres",
	"clock_getres_time64",
	"clock_gettime",
	"clock_gettime64",
	"clock_nanosleep",
	"clock_nanosleep_time64",
	"gettimeofday",
	"nanosleep",
	"time",
	"times",
	/* the process itself */
	"arch_prctl",
	"cacheflush",
	"capget",
	"getegid",
	"getegid32",
	"geteuid",
	"geteuid32",
	"getgid",
	"getgid32",
	"getgroups",
	"getgroups32",
	"getpid",
	"getppid",
	"getpriority",
	"getrandom",
	"getresgid",
	"getresgid32",
	"getresuid",
	"getresuid32",
	"getrlimit",
	"getrusage",
	"getuid",
	"getuid32",
	"landlock_add_rule",
	"landlock_create_ruleset",
	"landlock_restrict_self",
	"prlimit64",
	"riscv_flush_icache",
	"riscv_hwprobe",
	"setrlimit",
	"sysinfo",
	"ugetrlimit",
	"uname",
};

/* LeakSanitizer stops the threads of a copy of the process with ptrace. */
static const char *const allowed_sanitizers[] = {
	"clone",
	"fork",
	"kill",
	"mmap",
	"mmap2",
	"mprotect",
	"personality",
	"prctl",
	"process_vm_readv",
	"ptrace",
	"sched_setaffinity",
	"setitimer",
	"vfork",
	"wait4",
	"waitid",
};

static int allow(scmp_filter_ctx filter, const char *name, unsigned ncompared,
		 const struct scmp_arg_cmp *compared)
{
	int number = seccomp_syscall_resolve_name(name);
	int ret = number == __NR_SCMP_ERROR ? 0
					    : seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number,
								     ncompared, compared);

	/* A call that only other architectures have, or one that the filter has already. */
	return ret == -EDOM || ret == -EEXIST ? 0 : ret;
}

static int allow_all(scmp_filter_ctx filter, const char *const *names, size_t count)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < count; i++)
		ret = allow(filter, names[i], 0, NULL);
	return ret;
}

/* Calls that depend on an argument. */
static int allow_some(scmp_filter_ctx filter)
{
#if defined(__s390x__) || defined(__s390__)
	enum { CLONE_FLAGS = 1 };
#else
	enum { CLONE_FLAGS = 0 };
#endif
	static const int families[] = {AF_UNIX, AF_INET, AF_INET6};
	static const unsigned long requests[] = {FIONREAD,   FIONBIO,  TCGETS,
						 TIOCGWINSZ, SIOCOUTQ, SIOCGIFINDEX};
	/* Names of threads, and of memory by malloc(); the rest is as good as given up. */
	static const unsigned long options[] = {PR_SET_NAME, PR_GET_NAME, PR_SET_VMA,
						PR_GET_DUMPABLE};
	const struct scmp_arg_cmp is_thread =
		SCMP_CMP(CLONE_FLAGS, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
	const struct scmp_arg_cmp is_data = SCMP_CMP(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	int ret = allow(filter, "clone", 1, &is_thread);

	for (size_t i = 0; ret == 0 && i < sizeof(families) / sizeof(*families); i++)
		ret = allow(filter, "socket", 1,
			    &SCMP_CMP(0, SCMP_CMP_EQ, (scmp_datum_t)families[i], 0));
	/* Only the low half is compared, as the kernel does. */
	for (size_t i = 0; ret == 0 && i < sizeof(requests) / sizeof(*requests); i++)
		ret = allow(filter, "ioctl", 1,
			    &SCMP_CMP(1, SCMP_CMP_MASKED_EQ, 0xffffffff, requests[i]));
	for (size_t i = 0; ret == 0 && i < sizeof(options) / sizeof(*options); i++)
		ret = allow(filter, "prctl", 1, &SCMP_CMP(0, SCMP_CMP_EQ, options[i], 0));
	if (ret == 0)
		ret = allow(filter, "mmap", 1, &is_data);
	if (ret == 0)
		ret = allow(filter, "mmap2", 1, &is_data);
	if (ret == 0)
		ret = allow(filter, "mprotect", 1, &is_data);
	return ret;
}

/* clone3() has its flags in memory, which a filter cannot read. The C library falls back to clone()
 * at each start of a thread: the audit log need not repeat that, so it has a filter of its own, and
 * passes the other one. */
static int refuse_clone3(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int number = seccomp_syscall_resolve_name("clone3");
	int ret = filter == NULL ? -ENOMEM : 0;

	if (ret == 0 && number != __NR_SCMP_ERROR)
		ret = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0);
	if (ret == 0)
		ret = seccomp_load(filter);
	seccomp_release(filter);
	return ret;
}

int process_confine_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int ret = filter == NULL ? -ENOMEM : 0;

	/* Without it, only on kernels before 4.14, refused calls are not in the audit log. */
	if (ret == 0)
		(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
	if (ret == 0)
		ret = allow_all(filter, allowed, sizeof(allowed) / sizeof(*allowed));
	if (ret == 0 && BASE_IS_SANITIZED)
		ret = allow_all(filter, allowed_sanitizers,
				sizeof(allowed_sanitizers) / sizeof(*allowed_sanitizers));
	if (ret == 0)
		ret = allow_some(filter);
	if (ret == 0)
		ret = allow(filter, "clone3", 0, NULL);
	if (ret == 0 && !BASE_IS_SANITIZED)
		ret = refuse_clone3();
	if (ret == 0)
		ret = seccomp_load(filter);
	seccomp_release(filter);
	return ret;
}

/* ---- memory ---- */

int process_confine_memory(void)
{
	const struct rlimit none = {0, 0};

	/* LeakSanitizer reads the process' memory. */
	if (!BASE_IS_SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return -errno;
	return setrlimit(RLIMIT_CORE, &none) == 0 ? 0 : -errno;
}

/* ---- files ---- */

static atomic_bool has_files;

/* Rights that newer kernels know. */
enum { ABI_REFER = 2, ABI_TRUNCATE = 3 };
/* Newer than some headers. */
#define ACCESS_REFER (1ULL << 13)
#define ACCESS_TRUNCATE (1ULL << 14)

#define ACCESS_FILE_READ LANDLOCK_ACCESS_FS_READ_FILE
#define ACCESS_READ (ACCESS_FILE_READ | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_FILE_WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE)
#define ACCESS_WRITE                                                                          \
	(ACCESS_FILE_WRITE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |                          \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | ACCESS_REFER)
#define ACCESS_NEVER                                                    \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |    \
	 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)

/* What libraries open by themselves. */
static const struct process_confine_path of_libraries[] = {
	{"/etc/localtime", false},
	{"/usr/share/zoneinfo", false},
	{"/etc/ssl", false},
	{"/usr/lib/ssl", false},
	{"/dev/null", true},
	{"/dev/urandom", false},
	{"/dev/random", false},
	{"/proc/self", false},
	{"/proc/sys/vm", false},
	{"/proc/meminfo", false},
	{"/proc/stat", false},
	{"/proc/cpuinfo", false},
	{"/sys/devices/system", false},
};

static int path_allow(int ruleset, const struct process_confine_path *p, uint64_t handled)
{
	struct landlock_path_beneath_attr rule = {
		.parent_fd = open(p->path, O_PATH | O_CLOEXEC),
		.allowed_access = p->can_write ? ACCESS_READ | ACCESS_WRITE : ACCESS_READ,
	};
	struct stat st;
	int ret = 0;

	if (rule.parent_fd < 0)
		return errno == ENOENT || errno == EACCES || errno == ENOTDIR ? 0 : -errno;
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= ACCESS_FILE_READ | ACCESS_FILE_WRITE;
	rule.allowed_access &= handled;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
		ret = -errno;
	close(rule.parent_fd);
	return ret;
}

static int paths_allow(int ruleset, const struct process_confine_path *paths, size_t npaths,
		       uint64_t handled)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < npaths; i++)
		ret = path_allow(ruleset, &paths[i], handled);
	return ret;
}

int process_confine_files(const struct process_confine_path *paths, size_t npaths)
{
	static const struct process_confine_path root = {"/", false};
	struct landlock_ruleset_attr attr = {.handled_access_fs =
						     ACCESS_READ | ACCESS_WRITE | ACCESS_NEVER};
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	int ruleset, ret;

	if (abi < 0)
		return -errno;
	/* Without the right to refer, which ABI 1 always denies, rename() works within a folder. */
	if (abi < ABI_REFER)
		attr.handled_access_fs &= ~ACCESS_REFER;
	if (abi < ABI_TRUNCATE)
		attr.handled_access_fs &= ~ACCESS_TRUNCATE;
	ruleset =
		(int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr.handled_access_fs), 0);
	if (ruleset < 0)
		return -errno;
	ret = paths_allow(ruleset, paths, npaths, attr.handled_access_fs);
	if (ret == 0)
		ret = paths_allow(ruleset, of_libraries,
				  sizeof(of_libraries) / sizeof(*of_libraries),
				  attr.handled_access_fs);
	if (ret == 0 && BASE_IS_SANITIZED)
		ret = paths_allow(ruleset, &root, 1, attr.handled_access_fs);
	if (ret == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		ret = -errno;
	if (ret == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		ret = -errno;
	close(ruleset);
	atomic_store(&has_files, ret == 0);
	return ret;
}

bool process_confine_has_files(void)
{
	return atomic_load(&has_files);
}
