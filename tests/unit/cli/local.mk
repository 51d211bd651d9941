# The unit tests of src/cli: one program for each source file. The room is not a library: a test lists
# the file that it tests.
cli_json = %D%/json.c %D%/json.h

check_PROGRAMS += %D%/test_conf
tests_unit_cli_test_conf_SOURCES = %D%/test_conf.c src/cli/conf.c $(unit_folder)
tests_unit_cli_test_conf_LDADD = $(unit_cli)

check_PROGRAMS += %D%/test_form
tests_unit_cli_test_form_SOURCES = %D%/test_form.c src/cli/form.c src/cli/error.c
tests_unit_cli_test_form_LDADD = $(unit_cli)

check_PROGRAMS += %D%/test_show
tests_unit_cli_test_show_SOURCES = %D%/test_show.c $(cli_json) src/cli/show.c src/cli/form.c src/cli/error.c
tests_unit_cli_test_show_LDADD = $(unit_cli)

check_PROGRAMS += %D%/test_rates
tests_unit_cli_test_rates_SOURCES = %D%/test_rates.c $(cli_json) src/cli/rates.c
tests_unit_cli_test_rates_LDADD = $(unit_cli)

check_PROGRAMS += %D%/test_top_view
tests_unit_cli_test_top_view_SOURCES = %D%/test_top_view.c $(cli_json) src/cli/top_view.c
tests_unit_cli_test_top_view_SOURCES += src/cli/rates.c src/cli/form.c src/cli/error.c
tests_unit_cli_test_top_view_LDADD = $(unit_cli)
