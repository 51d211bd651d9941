# A program that uses src/lan without weftd, for tests/system and for people.

if HAVE_AVAHI
check_PROGRAMS += %D%/lan_tool
tests_lan_tool_lan_tool_LDADD = $(lan_link)
endif
