# The files of src/bridge: one line for each pair. Without Avahi's library there is no bridge: what
# others link is bridge_none.c.
noinst_LIBRARIES += libbridge.a
libbridge_a_SOURCES =
libbridge_a_SOURCES += %D%/bridge.h
libbridge_a_SOURCES += %D%/rows.c %D%/rows.h
libbridge_a_SOURCES += %D%/rules.h
libbridge_a_SOURCES += %D%/stats.h
if HAVE_AVAHI
libbridge_a_SOURCES += %D%/active.c %D%/active.h
libbridge_a_SOURCES += %D%/address.h
libbridge_a_SOURCES += %D%/addresses.c %D%/addresses.h
libbridge_a_SOURCES += %D%/advert.c %D%/advert.h
libbridge_a_SOURCES += %D%/advert_types.c %D%/advert_types.h
libbridge_a_SOURCES += %D%/adverts.c %D%/adverts.h
libbridge_a_SOURCES += %D%/adverts_settings.h
libbridge_a_SOURCES += %D%/alternatives.c %D%/alternatives.h
libbridge_a_SOURCES += %D%/announce.c %D%/announce.h
libbridge_a_SOURCES += %D%/bridge.c
libbridge_a_SOURCES += %D%/changes.c %D%/changes.h
libbridge_a_SOURCES += %D%/discover.c %D%/discover.h
libbridge_a_SOURCES += %D%/followed.c %D%/followed.h
libbridge_a_SOURCES += %D%/marker.c %D%/marker.h
libbridge_a_SOURCES += %D%/names.c %D%/names.h
libbridge_a_SOURCES += %D%/places.c %D%/places.h
libbridge_a_SOURCES += %D%/records.c %D%/records.h
libbridge_a_SOURCES += %D%/registered.c %D%/registered.h
libbridge_a_SOURCES += %D%/rules.c
libbridge_a_SOURCES += %D%/same.c %D%/same.h
libbridge_a_SOURCES += %D%/seen.c %D%/seen.h
libbridge_a_SOURCES += %D%/shared.c %D%/shared.h
libbridge_a_SOURCES += %D%/source.c %D%/source.h
libbridge_a_SOURCES += %D%/table.c %D%/table.h
libbridge_a_SOURCES += %D%/targets.c %D%/targets.h
libbridge_a_SOURCES += %D%/translate.c %D%/translate.h
libbridge_a_SOURCES += %D%/twins.c %D%/twins.h
libbridge_a_SOURCES += %D%/upkeep.c %D%/upkeep.h
libbridge_a_SOURCES += %D%/waits.c %D%/waits.h
libbridge_a_SOURCES += %D%/writer.c %D%/writer.h
else
libbridge_a_SOURCES += %D%/bridge_none.c
endif
