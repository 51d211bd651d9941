/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The child's steps, in an order that matters:
 *
 * 1. a session of its own; signals as for a new program;
 * 2. descriptors: they are moved out of the way first, since a source may be another's target;
 * 3. limits and niceness, while it may still raise them; its control group, if clone3 could not;
 * 4. the user, and then the folder, which that user must be able to reach;
 * 5. the program, as execvp would look for it, unless the parent has died meanwhile.
 *
 * The C library's setresuid and its like would try to change all threads of the parent, which the
 * child does not have: the system calls are made directly. */

#include "child/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "child/command.h"
#include "child/group.h"
#include "child/identity.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif

enum step {
	STEP_NONE,
	STEP_SESSION,
	STEP_DESCRIPTORS,
	STEP_LIMITS,
	STEP_NICE,
	STEP_GROUP,
	STEP_USER,
	STEP_FOLDER,
	STEP_EXEC,
};

static const char *const step_texts[] = {
	[STEP_SESSION] = "cannot make a session",
	[STEP_DESCRIPTORS] = "cannot set up descriptors",
	[STEP_LIMITS] = "cannot set a resource limit",
	[STEP_NICE] = "cannot set the niceness",
	[STEP_GROUP] = "cannot enter the control group",
	[STEP_USER] = "cannot become its user",
	[STEP_FOLDER] = "cannot enter the folder",
	[STEP_EXEC] = "cannot run",
};

enum { PID_DIGITS = 12, FIRST_SOCKET = 3, SIGNAL_LAST = 64, OWN_MAX = 8 };

static const char path_default[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

struct child_image {
	const struct child_launch *launch;
	const char **environment;
	size_t nvariables;
	char *own[OWN_MAX]; /* the variables that are made here */
	size_t nown;
	char *listen_pid, *watchdog_pid; /* the digits of these, for the child to write, or NULL */
	char **programs;		 /* to be tried, NULL-terminated; one allocation */
	int group;			 /* descriptor of its control group's folder, or -1 */
	bool must_enter;		 /* clone3 could not */
	pid_t parent;
};

/* ---- in the parent ---- */

/* Adds "NAME=value" to the environment. Returns the value, or NULL when out of memory. */
static char *variable_add(struct child_image *image, const char *name, const char *value)
{
	char *text;

	if (asprintf(&text, "%s=%s", name, value) < 0)
		return NULL;
	image->own[image->nown++] = text;
	image->environment[image->nvariables++] = text;
	return strchr(text, '=') + 1;
}

/* Returns the names of all sockets with colons between, or NULL when out of memory. */
static char *names_join(const struct child_launch *launch)
{
	size_t nbytes = 1;
	char *text, *at;

	for (size_t i = 0; i < launch->nsockets; i++)
		nbytes += strlen(launch->socket_names[i]) + 1;
	text = at = malloc(nbytes);
	if (text == NULL)
		return NULL;
	*at = '\0';
	for (size_t i = 0; i < launch->nsockets; i++)
		at += sprintf(at, "%s%s", i == 0 ? "" : ":", launch->socket_names[i]);
	return text;
}

static int sockets_add(struct child_image *image, const struct child_launch *launch)
{
	char count[24], *names = names_join(launch);
	bool is_ok = names != NULL;

	snprintf(count, sizeof(count), "%zu", launch->nsockets);
	image->listen_pid = variable_add(image, "LISTEN_PID", "           ");
	is_ok = is_ok && image->listen_pid != NULL;
	is_ok = is_ok && variable_add(image, "LISTEN_FDS", count) != NULL;
	is_ok = is_ok && variable_add(image, "LISTEN_FDNAMES", names) != NULL;
	free(names);
	return is_ok ? 0 : -ENOMEM;
}

static int watchdog_add(struct child_image *image, const struct child_launch *launch)
{
	char us[24];

	snprintf(us, sizeof(us), "%llu", launch->watchdog_us);
	image->watchdog_pid = variable_add(image, "WATCHDOG_PID", "           ");
	if (image->watchdog_pid == NULL || variable_add(image, "WATCHDOG_USEC", us) == NULL)
		return -ENOMEM;
	return 0;
}

/* Makes the environment: the mark first, then the command's, then what is for this process. */
static int environment_make(struct child_image *image, const struct child_launch *launch)
{
	const char *const *given = launch->command->environment;
	size_t n = 0;
	int ret = 0;

	while (given != NULL && given[n] != NULL)
		n++;
	image->environment = calloc(n + OWN_MAX + 2, sizeof(*image->environment));
	if (image->environment == NULL)
		return -ENOMEM;
	if (launch->mark != NULL)
		image->environment[image->nvariables++] = launch->mark;
	for (size_t i = 0; i < n; i++)
		image->environment[image->nvariables++] = given[i];
	if (launch->nsockets != 0)
		ret = sockets_add(image, launch);
	if (ret == 0 && launch->notify != NULL &&
	    variable_add(image, "NOTIFY_SOCKET", launch->notify) == NULL)
		ret = -ENOMEM;
	if (ret == 0 && launch->watchdog_us != 0)
		ret = watchdog_add(image, launch);
	return ret;
}

/* Makes the list of paths that execvp would try. */
static int programs_make(struct child_image *image, const struct child_command *command)
{
	const char *name = command->argv[0];
	const char *path = child_environment_get(command->environment, "PATH");
	size_t count = 1, nname = strlen(name);
	char *text;

	if (path == NULL || strchr(name, '/') != NULL)
		path = path_default;
	for (const char *at = path; *at != '\0'; at++)
		count += *at == ':';
	image->programs = malloc((count + 1) * sizeof(char *) + strlen(path) + count * (nname + 2));
	if (image->programs == NULL)
		return -ENOMEM;
	text = (char *)(image->programs + count + 1);
	if (strchr(name, '/') != NULL) {
		image->programs[0] = strcpy(text, name);
		image->programs[1] = NULL;
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		size_t n = strcspn(path, ":");

		image->programs[i] = text;
		text += sprintf(text, "%.*s%s%s", (int)n, path, n != 0 ? "/" : "", name) + 1;
		path += n + (path[n] == ':');
	}
	image->programs[count] = NULL;
	return 0;
}

int child_launch_prepare(struct child_image **out, const struct child_launch *launch,
			 struct base_error *error)
{
	struct child_image *image = calloc(1, sizeof(*image));
	int ret = image == NULL ? -ENOMEM : 0;

	if (ret == 0) {
		image->launch = launch;
		image->parent = getpid();
		image->group = -1;
		ret = environment_make(image, launch);
	}
	if (ret == 0)
		ret = programs_make(image, launch->command);
	if (ret < 0) {
		child_launch_free(image);
		return base_error_set(error, ret, "out of memory");
	}
	if (launch->group != NULL)
		image->group = child_group_open(launch->group);
	if (launch->group != NULL && image->group < 0) {
		ret = base_error_set(error, image->group, "cannot make the control group %s: %s",
				     launch->group, strerror(-image->group));
		child_launch_free(image);
		return ret;
	}
	*out = image;
	return 0;
}

void child_launch_free(struct child_image *image)
{
	if (image == NULL)
		return;
	if (image->group >= 0)
		close(image->group);
	for (size_t i = 0; i < image->nown; i++)
		free(image->own[i]);
	free(image->environment);
	free(image->programs);
	free(image);
}

/* ---- in the child ---- */

/* Writes a number over the blanks at `out`; it keeps their places. */
static void digits_write(char *out, pid_t pid)
{
	char digits[PID_DIGITS];
	size_t n = 0;

	for (; pid > 0; pid /= 10)
		digits[n++] = (char)('0' + pid % 10);
	while (n > 0)
		*out++ = digits[--n];
	*out = '\0';
}

static void signals_reset(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int i = 1; i <= SIGNAL_LAST; i++)
		sigaction(i, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Gives the program its descriptors, and no others: 0 to 2, and the sockets after them. */
static int descriptors_set(const struct child_launch *launch, int *pipe)
{
	int first = FIRST_SOCKET + (int)launch->nsockets, sockets[CHILD_LAUNCH_SOCKETS_MAX];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), high, output;

	if (null < 0)
		return -1;
	high = fcntl(null, F_DUPFD_CLOEXEC, first);
	*pipe = fcntl(*pipe, F_DUPFD_CLOEXEC, first);
	output = launch->output < 0 ? high : fcntl(launch->output, F_DUPFD_CLOEXEC, first);
	if (high < 0 || *pipe < 0 || output < 0)
		return -1;
	for (size_t i = 0; i < launch->nsockets; i++) {
		sockets[i] = fcntl(launch->sockets[i], F_DUPFD_CLOEXEC, first);
		if (sockets[i] < 0)
			return -1;
	}
	if (dup2(high, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
		return -1;
	for (size_t i = 0; i < launch->nsockets; i++) {
		if (dup2(sockets[i], FIRST_SOCKET + (int)i) < 0)
			return -1;
	}
	/* A kernel without it (before Linux 5.11) has only what all of us have opened with
	 * O_CLOEXEC anyhow. */
	syscall(SYS_close_range, (unsigned)first, ~0u, CLOSE_RANGE_CLOEXEC);
	return 0;
}

/* Without a limit of its own a program has the usual one, which it may raise: that of a supervisor
 * of many is more than programs expect, which use select() or close all descriptors that may be. */
static int files_limit_set(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return -1;
	if (l.rlim_cur > CHILD_FILES)
		l.rlim_cur = CHILD_FILES;
	return setrlimit(RLIMIT_NOFILE, &l);
}

static int limits_set(const struct child_command *command)
{
	if (files_limit_set() < 0)
		return -1;
	for (size_t i = 0; i < command->nlimits; i++)
		if (setrlimit((__rlimit_resource_t)command->limits[i].resource,
			      &command->limits[i].value) < 0)
			return -1;
	return 0;
}

static int nice_set(int add)
{
	int now;

	if (add == 0)
		return 0;
	errno = 0;
	now = getpriority(PRIO_PROCESS, 0);
	return errno != 0 ? -1 : setpriority(PRIO_PROCESS, 0, now + add);
}

static int group_enter(const struct child_image *image)
{
	int fd;

	if (!image->must_enter)
		return 0;
	fd = openat(image->group, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	return fd < 0 || write(fd, "0", 1) != 1 ? -1 : 0;
}

static int user_set(const struct child_user *user)
{
	if (user == NULL)
		return 0;
	if (syscall(SYS_setgroups, user->ngroups, user->groups) < 0 &&
	    (geteuid() == 0 || errno != EPERM))
		return -1;
	if (syscall(SYS_setresgid, user->gid, user->gid, user->gid) < 0)
		return -1;
	return (int)syscall(SYS_setresuid, user->uid, user->uid, user->uid);
}

/* Tries the programs as execvp does: a file that may not be run is passed over, and is the error if
 * no other one is found. */
static void program_run(const struct child_image *image)
{
	char *const *argv = (char *const *)(uintptr_t)image->launch->command->argv;
	char *const *environment = (char *const *)(uintptr_t)image->environment;
	bool was_denied = false;

	for (char **program = image->programs; *program != NULL; program++) {
		execve(*program, argv, environment);
		was_denied = was_denied || errno == EACCES;
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			return;
	}
	if (was_denied)
		errno = EACCES;
}

/* Takes all steps. Returns the one that has failed, with errno. */
static enum step steps_take(const struct child_image *image, int *pipe)
{
	const struct child_command *command = image->launch->command;

	if (image->listen_pid != NULL)
		digits_write(image->listen_pid, getpid());
	if (image->watchdog_pid != NULL)
		digits_write(image->watchdog_pid, getpid());
	if (setsid() < 0)
		return STEP_SESSION;
	signals_reset();
	if (descriptors_set(image->launch, pipe) < 0)
		return STEP_DESCRIPTORS;
	if (group_enter(image) < 0)
		return STEP_GROUP;
	if (limits_set(command) < 0)
		return STEP_LIMITS;
	if (nice_set(command->nice) < 0)
		return STEP_NICE;
	if (user_set(command->user) < 0)
		return STEP_USER;
	umask(command->umask);
	if (chdir(command->folder != NULL ? command->folder : "/") < 0)
		return STEP_FOLDER;
	/* Nobody would know of the program: the next supervisor may have looked already. */
	if (getppid() != image->parent)
		_exit(CHILD_LAUNCH_STATUS);
	program_run(image);
	return STEP_EXEC;
}

/* Returns what the step was about, or NULL. */
static const char *object_of(const struct child_launch *launch, int step)
{
	if (step == STEP_FOLDER)
		return launch->command->folder != NULL ? launch->command->folder : "/";
	if (step == STEP_GROUP)
		return launch->group;
	return step == STEP_EXEC ? launch->command->argv[0] : NULL;
}

__attribute__((noreturn)) static void child_run(const struct child_image *image, int pipe)
{
	struct child_launch_report report = {.step = (int)steps_take(image, &pipe)};
	const char *object;

	report.code = errno;
	object = object_of(image->launch, report.step);
	for (size_t i = 0; object != NULL && object[i] != '\0' && i < sizeof(report.object) - 1;
	     i++)
		report.object[i] = object[i];
	while (write(pipe, &report, sizeof(report)) < 0 && errno == EINTR)
		;
	_exit(CHILD_LAUNCH_STATUS);
}

/* ---- the clone ---- */

/* Whether children can be made in a control group. Where the group of this process was once killed
 * by cgroup.kill, Linux 6.16 and later kill every child that is made in another group: one is
 * tried. Until then -1. */
static atomic_int can_clone_into = -1;

static bool into_try(int group)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (__u64)group};
	int status = -1;
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		_exit(0);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* Makes a child that is in its control group from the beginning: to move it there later waits for a
 * grace period of RCU, some milliseconds. Returns as fork does. */
static pid_t clone_new(struct child_image *image, int *pidfd)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};

	if (image->group >= 0 && atomic_load(&can_clone_into) < 0)
		atomic_store(&can_clone_into, into_try(image->group));
	image->must_enter = image->group >= 0 && atomic_load(&can_clone_into) == 0;
	if (image->group >= 0 && !image->must_enter) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (__u64)image->group;
	}
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/* For kernels, and filters of system calls, that have no clone3: the group is entered later. */
static pid_t clone_old(struct child_image *image, int *pidfd)
{
	pid_t pid;

	image->must_enter = image->group >= 0;
	pid = fork();
	if (pid <= 0)
		return pid;
	*pidfd = child_identity_pidfd(pid);
	return pid;
}

static bool is_unknown(int code)
{
	return code == ENOSYS || code == EINVAL || code == E2BIG || code == EPERM;
}

pid_t child_launch_clone(struct child_image *image, int *pidfd, int *pipe, struct base_error *error)
{
	int ends[2], code;
	sigset_t all, old;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return base_error_set(error, -errno, "cannot make a pipe: %s", strerror(errno));
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	*pidfd = -1;
	pid = clone_new(image, pidfd);
	if (pid < 0 && is_unknown(errno))
		pid = clone_old(image, pidfd);
	if (pid == 0)
		child_run(image, ends[1]);
	code = errno;
	sigprocmask(SIG_SETMASK, &old, NULL);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return base_error_set(error, -code, "cannot make a process: %s", strerror(code));
	}
	*pipe = ends[0];
	return pid;
}

int child_launch_explain(const struct child_launch_report *report, struct base_error *error)
{
	if (report->step <= STEP_NONE || report->step > STEP_EXEC)
		return base_error_set(error, -EIO, "the child has ended before its program ran");
	return base_error_set(error, -report->code, "%s%s%s: %s", step_texts[report->step],
			      report->object[0] != '\0' ? " " : "", report->object,
			      strerror(report->code));
}
