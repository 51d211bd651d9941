# The unit tests of src/cli: one program for each source file.

check_PROGRAMS += %D%/test_conf
tests_unit_cli_test_conf_SOURCES = %D%/test_conf.c $(unit_folder)
tests_unit_cli_test_conf_LDADD = $(unit_cli)

check_PROGRAMS += %D%/test_form
tests_unit_cli_test_form_SOURCES = %D%/test_form.c
tests_unit_cli_test_form_LDADD = $(unit_cli)

check_PROGRAMS += %D%/test_show
tests_unit_cli_test_show_SOURCES = %D%/test_show.c $(unit_json)
tests_unit_cli_test_show_LDADD = $(unit_cli)
