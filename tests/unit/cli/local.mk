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

check_PROGRAMS += %D%/test_table
tests_unit_cli_test_table_SOURCES = %D%/test_table.c $(unit_memory)
tests_unit_cli_test_table_LDADD = $(unit_cli)
tests_unit_cli_test_table_LDFLAGS = $(unit_memory_flags)

check_PROGRAMS += %D%/test_text
tests_unit_cli_test_text_SOURCES = %D%/test_text.c
tests_unit_cli_test_text_LDADD = $(unit_cli)
