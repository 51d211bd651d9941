# The unit tests of src/agent: one program for each source file.

check_PROGRAMS += %D%/test_file
tests_unit_agent_test_file_LDADD = $(unit_agent)

check_PROGRAMS += %D%/test_keep
tests_unit_agent_test_keep_LDADD = $(unit_agent)

check_PROGRAMS += %D%/test_pairs
tests_unit_agent_test_pairs_LDADD = $(unit_agent)

check_PROGRAMS += %D%/test_table
tests_unit_agent_test_table_LDADD = $(unit_agent)

check_PROGRAMS += %D%/test_words
tests_unit_agent_test_words_LDADD = $(unit_agent)
