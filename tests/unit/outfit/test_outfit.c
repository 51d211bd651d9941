/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/outfit.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../threads.h"
#include "home.h"
#include "outfit/ports.h"

#define WEB "'name':'web','type':'_http._tcp',"
#define SLEEPS "'run':['/bin/sh','-c','env >environment; exec sleep 1000']"

static void its_environment_has_what_is_known_of_it(void **state)
{
	const struct spec_pair uses[] = {{"db-main", "192.0.2.7:5432"}};
	static const char *const wanted[] = {
		"WEFT_ID=id-1\n",
		"WEFT_INC=7\n",
		"WEFT_NAME=web-1\n",
		"WEFT_TYPE=_http._tcp\n",
		"WEFT_NODE=n1\n",
		"WEFT_REGISTRY=192.0.2.1@53\n",
		"WEFT_KEY_FILE=/etc/weft/n1.key\n",
		"WEFT_RESTORE=0\n",
		"WEFT_USES_DB_MAIN=192.0.2.7:5432\n",
		"MODE=production of web-1\n",
		"TOKEN=not for everybody\n",
		"NOTIFY_SOCKET=",
		"argument=port ",
	};
	char json[1024], secret[128];
	struct home home;
	struct stat st;

	home_make(&home, *state, true);
	home.facts.uses = uses;
	home.facts.nuses = 1;
	snprintf(secret, sizeof(secret), "%s", bench_path(*state, "secret"));
	FILE *file = fopen(secret, "w");
	fputs("not for everybody\n", file);
	fclose(file);
	snprintf(
		json, sizeof(json),
		"{" WEB "'run':['/bin/sh','-c','env >e; echo argument=$$0 >>e; mv e environment; "
		"exec sleep 1000','port $WEFT_PORT of $MODE'],'environment':{'MODE':'production "
		"of $WEFT_NAME'},'port':'auto','uses':[{'name':'db-main'}],'secret':{'TOKEN':'%s'},"
		"'parameters':{'n':[1,2],'text':'x'}}",
		secret);
	home_open(&home, json);
	home_start(&home);
	home_wait_file(&home, "environment");
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (strstr(home_read(&home, "environment"), wanted[i]) == NULL)
			fail_msg("%s is not in\n%s", wanted[i], home_read(&home, "environment"));
	assert_true(outfit_port(home.outfit) >= 20000 && outfit_port(home.outfit) < 32000);
	assert_string_equal(bench_read(*state, "instances/web-1._http._tcp.json"),
			    "{\"n\":[1,2],\"text\":\"x\"}");
	assert_int_equal(stat(outfit_folder(home.outfit), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	home_stop(&home);
	assert_string_equal(home.history, "starting up draining stopped ");
}

static bool is_back(void *arg)
{
	struct home *home = arg;

	return home->nstarts == 2 && home_view(home).state == SUPERVISE_UNIT_UP;
}

static bool has_run_twice(void *arg)
{
	return strlen(home_read(arg, "runs")) == strlen("8 8 0\n9 9 1\n");
}

static bool has_run_thrice(void *arg)
{
	return strlen(home_read(arg, "runs")) == strlen("8 8 0\n9 9 1\n10 10 1\n");
}

static void each_process_has_an_incarnation_of_its_own(void **state)
{
	struct home home;

	/* $NAME is replaced by the agent, $$NAME by the shell. */
	home_make(&home, *state, true);
	home.is_counting = true;
	home_open(&home, "{" WEB "'run':['/bin/sh','-c','echo $WEFT_INC $$WEFT_INC $$WEFT_RESTORE "
			 ">>runs; exec sleep 1000']}");
	assert_int_equal(home.nstarts, 0);
	home_start(&home);
	home_wait_file(&home, "runs");
	assert_true(home_view(&home).pid > 0);
	kill(home_view(&home).pid, SIGKILL);
	bench_wait_for(*state, is_back, &home);
	bench_wait_for(*state, has_run_twice, &home);
	supervise_unit_restart(outfit_unit(home.outfit));
	bench_wait_for(*state, has_run_thrice, &home);
	assert_int_equal(home.nstarts, 3);
	assert_string_equal(home_read(&home, "runs"), "8 8 0\n9 9 1\n10 10 1\n");
	home_stop(&home);
}

static void a_secret_that_cannot_be_read_fails_the_start_with_its_file(void **state)
{
	struct home home;

	home_make(&home, *state, true);
	home_open(&home, "{" WEB SLEEPS ",'secret':{'TOKEN':'/no/such/file'}}");
	supervise_unit_start(outfit_unit(home.outfit));
	home_reach(&home, SUPERVISE_UNIT_FAILED);
	assert_string_equal(home_view(&home).reason,
			    "secret TOKEN: /no/such/file: No such file or directory");
	assert_int_equal(home_view(&home).cause, SUPERVISE_CAUSE_START);
	assert_string_equal(home.history, "failed ");
	home_end(&home);
}

static void a_user_has_the_folder_and_runs_the_process(void **state)
{
	struct passwd *nobody = getpwnam("nobody");
	struct base_error error;
	struct home home;
	struct stat st;

	if (geteuid() != 0 || nobody == NULL)
		skip();
	home_make(&home, *state, true);
	home_open(&home, "{" WEB "'run':['/bin/sh','-c','id -un >who; cat $$WEFT_PARAMETERS >p; "
			 "exec sleep 1000'],'user':'nobody','parameters':{'a':1}}");
	home_start(&home);
	home_wait_file(&home, "p");
	assert_string_equal(home_read(&home, "who"), "nobody\n");
	assert_string_equal(home_read(&home, "p"), "{\"a\":1}");
	assert_int_equal(stat(outfit_folder(home.outfit), &st), 0);
	assert_int_equal(st.st_uid, nobody->pw_uid);
	assert_int_equal(outfit_apply(home.outfit,
				      home_service(&home, "{" WEB SLEEPS ",'user':'nobodyatall'}"),
				      &error),
			 -ENOENT);
	assert_string_equal(error.text, "there is no user nobodyatall");
	home_stop(&home);
}

static void the_next_agent_adopts_it_with_its_port(void **state)
{
	static const char json[] = "{" WEB SLEEPS ",'port':'auto','secret':{'T':'%s'}}";
	char text[512];
	struct home home;
	uint32_t port;
	FILE *file;
	pid_t pid;

	snprintf(text, sizeof(text), json, bench_path(*state, "secret"));
	file = fopen(bench_path(*state, "secret"), "w");
	fputs("x", file);
	fclose(file);
	home_make(&home, *state, true);
	home_open(&home, text);
	home_start(&home);
	port = outfit_port(home.outfit);
	pid = home_view(&home).pid;
	home_end(&home);

	/* What only a start needs does not keep it from being adopted. */
	unlink(bench_path(*state, "secret"));
	home_make(&home, *state, true);
	home.facts.port = port;
	home_open(&home, text);
	assert_int_equal(home_view(&home).state, SUPERVISE_UNIT_UP);
	assert_int_equal(home_view(&home).pid, pid);
	assert_int_equal(outfit_port(home.outfit), port);
	assert_int_equal(home.nstarts, 0);
	home_stop(&home);
}

static void what_needs_no_restart_is_in_use_at_once(void **state)
{
	struct home home;
	pid_t pid;

	home_make(&home, *state, true);
	home_open(&home, "{" WEB "'run':['/bin/sh','-c','trap exit USR1; while :; do sleep 0.01; "
			 "done'],'stop':{'signal':'HUP','timeout':1000}}");
	home_start(&home);
	pid = home_view(&home).pid;
	home_apply(&home, "{" WEB "'run':['/bin/sh','-c','trap exit USR1; while :; do sleep 0.01; "
			  "done'],'stop':{'signal':'USR1','timeout':1000},"
			  "'check':{'exec':['/bin/sh','-c','echo x >>checked'],'interval':0.05}}");
	assert_int_equal(home.refusal.code, 0);
	assert_int_equal(home_view(&home).pid, pid);
	assert_int_equal(home_view(&home).state, SUPERVISE_UNIT_UP);
	home_wait_file(&home, "checked");
	home_apply(&home, "{" WEB "'run':['/bin/sh','-c','trap exit USR1; while :; do sleep 0.01; "
			  "done'],'stop':{'signal':'USR1','timeout':1000}}");
	assert_int_equal(home_view(&home).pid, pid);
	home_stop(&home);
	assert_string_equal(home.history, "starting up draining stopped ");
}

static void what_needs_a_restart_waits_for_it(void **state)
{
	struct home home;
	pid_t pid;

	home_make(&home, *state, true);
	home_open(&home, "{" WEB "'run':['/bin/sh','-c','echo 1 >>runs; exec sleep 1000']}");
	home_start(&home);
	pid = home_view(&home).pid;
	home_apply(&home, "{" WEB "'run':['/bin/sh','-c','echo 2 >>runs; exec sleep 1000'],"
			  "'folder':'sub','prepare':[['mkdir','sub']]}");
	assert_int_equal(home.refusal.code, 0);
	assert_int_equal(home_view(&home).pid, pid);
	supervise_unit_restart(outfit_unit(home.outfit));
	home_wait_file(&home, "sub/runs");
	home_reach(&home, SUPERVISE_UNIT_UP);
	assert_string_equal(home_read(&home, "sub/runs"), "2\n");
	assert_string_equal(home.history, "starting up draining preparing starting up ");
	home_apply(&home, "{" WEB "'machine':{'start':['true'],'stop':['true']}}");
	assert_int_equal(home.refusal.code, -EXDEV);
	home_stop(&home);
}

static void another_form_is_taken_while_it_does_not_run(void **state)
{
	struct home home;

	home_make(&home, *state, true);
	home_open(&home, "{" WEB SLEEPS "}");
	home_apply(&home, "{" WEB "'machine':{'start':['touch','on'],'stop':['rm','on'],"
			  "'check':['test','-e','on']}}");
	assert_int_equal(home.refusal.code, 0);
	home_start(&home);
	assert_int_equal(access(bench_path(*state, "instances/web-1._http._tcp/on"), F_OK), 0);
	home_stop(&home);
	assert_int_equal(access(bench_path(*state, "instances/web-1._http._tcp/on"), F_OK), -1);
}

static bool has_acted(void *arg)
{
	return ((struct home *)arg)->nactions > 0;
}

static void actions_are_a_signal_a_command_or_a_restart(void **state)
{
	const char *good[] = {"/bin/sh", "-c", "echo $$WEFT_USES_DB >acted"};
	const char *bad[] = {"/bin/sh", "-c", "echo it is broken; exit 3"};
	const char *early[] = {"mkdir", "early"};
	struct spec_action action = {.act = SPEC_ACT_SIGNAL, .signal = SIGHUP};
	const struct spec_pair uses[] = {{"db", "192.0.2.9:5432"}};
	struct base_error error;
	struct home home;

	home_make(&home, *state, true);
	home_open(&home, "{" WEB "'run':['/bin/sh','-c','trap \\\"echo x >>hups\\\" HUP; echo x >"
			 "ready; while :; do sleep 0.01; done'],'uses':[{'name':'db'}]}");
	assert_int_equal(outfit_run_action(home.outfit, &action, &error), -ESRCH);
	/* A command is also run for what does not run: it may be what another one is fenced by. */
	action = (struct spec_action){.act = SPEC_ACT_EXEC, .exec = {early, 2}};
	assert_int_equal(outfit_run_action(home.outfit, &action, &error), 0);
	bench_wait_for(*state, has_acted, &home);
	assert_string_equal(home.action, "");
	home.nactions = 0;
	home_start(&home);
	action = (struct spec_action){.act = SPEC_ACT_SIGNAL, .signal = SIGHUP};
	home_wait_file(&home, "ready");
	assert_int_equal(outfit_run_action(home.outfit, &action, &error), 0);
	home_wait_file(&home, "hups");

	home.facts.uses = uses;
	home.facts.nuses = 1;
	assert_int_equal(outfit_refresh(home.outfit, &home.facts), 0);
	action = (struct spec_action){.act = SPEC_ACT_EXEC, .exec = {good, 3}};
	assert_int_equal(outfit_run_action(home.outfit, &action, &error), 0);
	bench_wait_for(*state, has_acted, &home);
	assert_string_equal(home.action, "");
	assert_string_equal(home_read(&home, "acted"), "192.0.2.9:5432\n");

	home.nactions = 0;
	action.exec.items = bad;
	assert_int_equal(outfit_run_action(home.outfit, &action, &error), 0);
	bench_wait_for(*state, has_acted, &home);
	assert_non_null(strstr(home.action, "it is broken"));

	action.act = SPEC_ACT_RESTART;
	assert_int_equal(outfit_run_action(home.outfit, &action, &error), 0);
	home_reach(&home, SUPERVISE_UNIT_DRAINING);
	home_reach(&home, SUPERVISE_UNIT_UP);
	home_stop(&home);
}

static void there_is_no_systemd_is_the_reason(void **state)
{
	struct base_error error;
	struct home home;

	if (access("/run/systemd/system", F_OK) == 0)
		skip();
	home_make(&home, *state, true);
	assert_int_equal(outfit_new(&home.outfit, &home.node,
				    home_service(&home, "{" WEB "'unit':'nginx.service'}"),
				    &home.facts, NULL, NULL, &error),
			 -ENOSYS);
	assert_string_equal(error.text, "there is no systemd on this machine");
	home.outfit = NULL;
	home_end(&home);
}

static void a_first_declaration_may_be_refused_and_another_one_taken(void **state)
{
	struct home home;

	if (access("/usr/lib/ocf/resource.d/heartbeat/Dummy", X_OK) < 0)
		skip();
	home_make(&home, *state, true);
	home_try(&home, "{" WEB "'ocf':'heartbeat:Dummy','parameters':{'no_such':'1'}}");
	assert_string_equal(home.refusal.text, "agent heartbeat:Dummy: has no parameter no_such");
	assert_null(outfit_unit(home.outfit));
	assert_string_equal(outfit_name(home.outfit), "web-1._http._tcp");
	home_apply(&home, "{" WEB "'ocf':'heartbeat:Dummy','parameters':{'state':'/no/such/x'}}");
	assert_non_null(strstr(home.refusal.text, "validate-all"));
	assert_null(outfit_unit(home.outfit));
	home_apply(&home, "{" WEB SLEEPS "}");
	assert_int_equal(home.refusal.code, 0);
	home_start(&home);
	home_stop(&home);
}

static void a_resource_agent_refuses_a_bad_configuration(void **state)
{
	struct home home;
	char json[256];

	if (access("/usr/lib/ocf/resource.d/heartbeat/Dummy", X_OK) < 0)
		skip();
	home_make(&home, *state, true);
	snprintf(json, sizeof(json), "{" WEB "'ocf':'heartbeat:Dummy','parameters':{'state':'%s'}}",
		 bench_path(*state, "dummy"));
	home_open(&home, json);
	home_start(&home);
	assert_int_equal(home_view(&home).health, SUPERVISE_PASSED);
	assert_int_equal(access(bench_path(*state, "dummy"), F_OK), 0);
	home_apply(&home, "{" WEB "'ocf':'heartbeat:Dummy','parameters':{'nosuch':'1'}}");
	assert_string_equal(home.refusal.text, "agent heartbeat:Dummy: has no parameter nosuch");
	home_apply(&home,
		   "{" WEB "'ocf':'heartbeat:anything','parameters':{'binfile':'/no/such'}}");
	assert_int_not_equal(home.refusal.code, 0);
	home_stop(&home);
}

/* Runs a resource of an agent through the ways of its life: started, killed, found and started
 * again by its monitor, adopted, stopped. `pid_file` is in the bench's folder. */
static void resource_live(void **state, const char *json, const char *pid_file, int signal)
{
	struct home home;
	char first[64];

	home_make(&home, *state, true);
	home_open(&home, json);
	home_start(&home);
	assert_int_equal(home_view(&home).health, SUPERVISE_PASSED);
	snprintf(first, sizeof(first), "%s", bench_read(*state, pid_file));
	assert_true(atoi(first) > 1);
	kill(atoi(first), signal);
	assert_int_equal(supervise_unit_check(outfit_unit(home.outfit)), 0);
	bench_wait_for(*state, is_back, &home);
	assert_string_not_equal(bench_read(*state, pid_file), first);
	assert_int_equal(home_view(&home).nrestarts, 1);
	snprintf(first, sizeof(first), "%s", bench_read(*state, pid_file));
	home_end(&home);

	home_make(&home, *state, true);
	home_open(&home, json);
	assert_int_equal(home_view(&home).state, SUPERVISE_UNIT_UP);
	home_stop(&home);
	assert_int_equal(kill(atoi(first), 0), -1);
}

static void a_program_by_a_real_agent(void **state)
{
	char json[512];

	if (access("/usr/lib/ocf/resource.d/heartbeat/anything", X_OK) < 0)
		skip();
	snprintf(json, sizeof(json),
		 "{" WEB "'ocf':'heartbeat:anything','check':{'ocf':'yes','interval':1},"
		 "'parameters':{'binfile':'/bin/sleep','cmdline_options':'1000',"
		 "'pidfile':'%s/pid'}}",
		 ((struct bench *)*state)->folder);
	resource_live(state, json, "pid", SIGKILL);
}

static void a_web_server_by_a_real_agent(void **state)
{
	const char *folder = ((struct bench *)*state)->folder;
	struct outfit_ports *ports;
	char json[512];
	uint32_t port;
	FILE *file;

	if (access("/usr/lib/ocf/resource.d/heartbeat/nginx", X_OK) < 0 ||
	    access("/usr/sbin/nginx", X_OK) < 0 || geteuid() != 0)
		skip();
	assert_int_equal(outfit_ports_new(&ports), 0);
	assert_int_equal(outfit_ports_choose(ports, folder, false, &port, NULL), 0);
	outfit_ports_free(ports);
	file = fopen(bench_path(*state, "nginx.conf"), "w");
	fprintf(file,
		"pid %s/pid; error_log %s/error.log; events {}\n"
		"http { access_log off; server { listen 127.0.0.1:%u; location / { "
		"return 200 fine; } } }\n",
		folder, folder, port);
	fclose(file);
	snprintf(json, sizeof(json),
		 "{" WEB "'ocf':'heartbeat:nginx','check':{'ocf':'yes','interval':1},"
		 "'parameters':{'configfile':'%s/nginx.conf','httpd':'/usr/sbin/nginx',"
		 "'status10url':'http://127.0.0.1:%u/',"
		 "'status10regex':'fine'}}",
		 folder, port);
	resource_live(state, json, "pid", SIGTERM); /* its workers end with it */
}

static void a_check_with_status_1_makes_it_degraded(void **state)
{
	struct home home;

	home_make(&home, *state, true);
	home_open(&home, "{" WEB "'run':['/bin/sleep','1000'],'check':{'exec':['/bin/sh','-c',"
			 "'exit 1'],'interval':0.1}}");
	assert_int_equal(home_view(&home).state, SUPERVISE_UNIT_STOPPED);
	home_start(&home);
	assert_int_equal(home_view(&home).health, SUPERVISE_DEGRADED);
	home_stop(&home);
}

static bool is_away(void *arg)
{
	struct home *home = arg;
	char command[256];

	snprintf(command, sizeof(command), "test -z \"$(ls -A %s)\"", home->folder);
	return threads_are_over() && system(command) == 0;
}

static void nothing_of_it_remains_but_its_log(void **state)
{
	struct home home;

	threads_remember();
	home_make(&home, *state, true);
	home_open(&home, "{" WEB "'run':['/bin/sh','-c','mkdir -p a/b/c; touch a/b/c/d; echo out; "
			 "exec sleep 1000']}");
	home_start(&home);
	home_wait_file(&home, "../../logs/web-1._http._tcp.log");
	supervise_unit_stop(outfit_unit(home.outfit));
	home_reach(&home, SUPERVISE_UNIT_STOPPED);
	outfit_remove_take(home.outfit);
	home.outfit = NULL;
	bench_wait_for(*state, is_away, &home);
	assert_string_equal(bench_read(*state, "logs/web-1._http._tcp.log"), "out\n");
	home_end(&home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)
		TEST(its_environment_has_what_is_known_of_it),
		TEST(each_process_has_an_incarnation_of_its_own),
		TEST(a_secret_that_cannot_be_read_fails_the_start_with_its_file),
		TEST(a_user_has_the_folder_and_runs_the_process),
		TEST(the_next_agent_adopts_it_with_its_port),
		TEST(what_needs_no_restart_is_in_use_at_once),
		TEST(what_needs_a_restart_waits_for_it),
		TEST(another_form_is_taken_while_it_does_not_run),
		TEST(actions_are_a_signal_a_command_or_a_restart),
		TEST(there_is_no_systemd_is_the_reason),
		TEST(a_first_declaration_may_be_refused_and_another_one_taken),
		TEST(a_resource_agent_refuses_a_bad_configuration),
		TEST(a_program_by_a_real_agent),
		TEST(a_web_server_by_a_real_agent),
		TEST(a_check_with_status_1_makes_it_degraded),
		TEST(nothing_of_it_remains_but_its_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
