# The unit tests of src/doctor: one program for each source file.

check_PROGRAMS += %D%/test_compare
tests_unit_doctor_test_compare_SOURCES = %D%/test_compare.c $(unit_answers)
tests_unit_doctor_test_compare_LDADD = $(unit_doctor)

check_PROGRAMS += %D%/test_finding
tests_unit_doctor_test_finding_SOURCES = %D%/test_finding.c
tests_unit_doctor_test_finding_LDADD = $(unit_doctor)

check_PROGRAMS += %D%/test_judge
tests_unit_doctor_test_judge_SOURCES = %D%/test_judge.c $(unit_answers)
tests_unit_doctor_test_judge_LDADD = $(unit_doctor)

check_PROGRAMS += %D%/test_lan_judge
tests_unit_doctor_test_lan_judge_SOURCES = %D%/test_lan_judge.c $(unit_answers)
tests_unit_doctor_test_lan_judge_LDADD = $(unit_doctor)

check_PROGRAMS += %D%/test_view
tests_unit_doctor_test_view_SOURCES = %D%/test_view.c $(unit_answers)
tests_unit_doctor_test_view_LDADD = $(unit_doctor)
