# The unit tests of src/outfit: one program for each source file.

check_PROGRAMS += %D%/test_action
tests_unit_outfit_test_action_SOURCES = %D%/test_action.c $(unit_home)
tests_unit_outfit_test_action_LDADD = $(unit_outfit)

check_PROGRAMS += %D%/test_environment
tests_unit_outfit_test_environment_SOURCES = %D%/test_environment.c tests/unit/spec/kit.c tests/unit/spec/kit.h
tests_unit_outfit_test_environment_LDADD = $(unit_outfit)

check_PROGRAMS += %D%/test_folder
tests_unit_outfit_test_folder_SOURCES = %D%/test_folder.c $(unit_folder)
tests_unit_outfit_test_folder_LDADD = $(unit_outfit)

check_PROGRAMS += %D%/test_known
tests_unit_outfit_test_known_LDADD = $(unit_outfit)

check_PROGRAMS += %D%/test_lock
tests_unit_outfit_test_lock_SOURCES = %D%/test_lock.c $(unit_folder)
tests_unit_outfit_test_lock_LDADD = $(unit_outfit)

check_PROGRAMS += %D%/test_outfit
tests_unit_outfit_test_outfit_SOURCES = %D%/test_outfit.c $(unit_home) $(unit_threads)
tests_unit_outfit_test_outfit_LDADD = $(unit_outfit)

check_PROGRAMS += %D%/test_plan
tests_unit_outfit_test_plan_SOURCES = %D%/test_plan.c $(unit_home)
tests_unit_outfit_test_plan_LDADD = $(unit_outfit)

check_PROGRAMS += %D%/test_ports
tests_unit_outfit_test_ports_LDADD = $(unit_outfit)

check_PROGRAMS += %D%/test_secrets
tests_unit_outfit_test_secrets_SOURCES = %D%/test_secrets.c $(unit_folder)
tests_unit_outfit_test_secrets_LDADD = $(unit_outfit)

check_PROGRAMS += %D%/test_target
tests_unit_outfit_test_target_LDADD = $(unit_outfit)

check_PROGRAMS += %D%/test_waste
tests_unit_outfit_test_waste_SOURCES = %D%/test_waste.c $(unit_folder) $(unit_threads)
tests_unit_outfit_test_waste_LDADD = $(unit_outfit)
