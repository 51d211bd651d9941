# The unit tests of src/supervise: one program for each source file.

check_PROGRAMS += %D%/test_health
tests_unit_supervise_test_health_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_restart
tests_unit_supervise_test_restart_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_stop
tests_unit_supervise_test_stop_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_unit
tests_unit_supervise_test_unit_SOURCES = %D%/test_unit.c tests/unit/child/bench.c tests/unit/child/bench.h %D%/bench_host.c %D%/bench_host.h
tests_unit_supervise_test_unit_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_state
tests_unit_supervise_test_state_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_notify
tests_unit_supervise_test_notify_SOURCES = %D%/test_notify.c tests/unit/child/bench.c tests/unit/child/bench.h
tests_unit_supervise_test_notify_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_output
tests_unit_supervise_test_output_SOURCES = %D%/test_output.c tests/unit/child/bench.c tests/unit/child/bench.h
tests_unit_supervise_test_output_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_probe
tests_unit_supervise_test_probe_SOURCES = %D%/test_probe.c tests/unit/child/bench.c tests/unit/child/bench.h
tests_unit_supervise_test_probe_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_check
tests_unit_supervise_test_check_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_system
tests_unit_supervise_test_system_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_machine
tests_unit_supervise_test_machine_SOURCES = %D%/test_machine.c tests/unit/child/bench.c tests/unit/child/bench.h %D%/bench_host.c %D%/bench_host.h
tests_unit_supervise_test_machine_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_socket
tests_unit_supervise_test_socket_SOURCES = %D%/test_socket.c tests/unit/child/bench.c tests/unit/child/bench.h
tests_unit_supervise_test_socket_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_sockets
tests_unit_supervise_test_sockets_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_task
tests_unit_supervise_test_task_SOURCES = %D%/test_task.c tests/unit/child/bench.c tests/unit/child/bench.h %D%/bench_host.c %D%/bench_host.h
tests_unit_supervise_test_task_LDADD = $(unit_supervise)

check_PROGRAMS += %D%/test_limits
tests_unit_supervise_test_limits_LDADD = $(unit_supervise)
