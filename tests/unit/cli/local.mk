# The unit tests of src/cli: one program for each source file. The room is not a library: a test lists
# the file that it tests.

check_PROGRAMS += %D%/test_conf
tests_unit_cli_test_conf_SOURCES = %D%/test_conf.c src/cli/conf.c $(unit_folder)
tests_unit_cli_test_conf_LDADD = $(unit_cli)

check_PROGRAMS += %D%/test_form
tests_unit_cli_test_form_SOURCES = %D%/test_form.c src/cli/form.c src/cli/error.c
tests_unit_cli_test_form_LDADD = $(unit_cli)

check_PROGRAMS += %D%/test_show
tests_unit_cli_test_show_SOURCES = %D%/test_show.c src/cli/show.c src/cli/form.c src/cli/error.c
tests_unit_cli_test_show_LDADD = $(unit_cli)
