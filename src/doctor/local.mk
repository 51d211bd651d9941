# The files of src/doctor: one line for each pair.
noinst_LIBRARIES += libdoctor.a
libdoctor_a_SOURCES =
libdoctor_a_SOURCES += %D%/child.c %D%/child.h
libdoctor_a_SOURCES += %D%/compare.c %D%/compare.h
libdoctor_a_SOURCES += %D%/contact.c %D%/contact.h
libdoctor_a_SOURCES += %D%/delegation.c %D%/delegation.h
libdoctor_a_SOURCES += %D%/doctor.c %D%/doctor.h
libdoctor_a_SOURCES += %D%/finding.c %D%/finding.h
libdoctor_a_SOURCES += %D%/hop.h
libdoctor_a_SOURCES += %D%/judge.c %D%/judge.h %D%/judge_priv.h
libdoctor_a_SOURCES += %D%/judge_question.c
libdoctor_a_SOURCES += %D%/lan.c %D%/lan.h
libdoctor_a_SOURCES += %D%/lan_browse.h
if HAVE_AVAHI
libdoctor_a_SOURCES += %D%/lan_browse.c
else
libdoctor_a_SOURCES += %D%/lan_browse_none.c
endif
libdoctor_a_SOURCES += %D%/lan_judge.c %D%/lan_judge.h
libdoctor_a_SOURCES += %D%/library.c %D%/library.h
libdoctor_a_SOURCES += %D%/probe.c %D%/probe.h
libdoctor_a_SOURCES += %D%/show.c %D%/show.h
libdoctor_a_SOURCES += %D%/system.c %D%/system.h
libdoctor_a_SOURCES += %D%/target.h
libdoctor_a_SOURCES += %D%/view.c %D%/view.h
libdoctor_a_SOURCES += %D%/visit.c %D%/visit.h %D%/visit_priv.h
libdoctor_a_SOURCES += %D%/visit_ask.c
