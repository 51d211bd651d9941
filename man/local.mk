# The manual pages, in mdoc.
dist_man_MANS += %D%/weft.1
dist_man_MANS += %D%/weft-doctor.1
dist_man_MANS += %D%/weft-service.1
dist_man_MANS += %D%/weft-setup-resolver.1
dist_man_MANS += %D%/weft-watch.1
dist_man_MANS += %D%/weftd.conf.5
dist_man_MANS += %D%/client.conf.5
dist_man_MANS += %D%/weft.7
dist_man_MANS += %D%/weft-fabric.7
dist_man_MANS += %D%/weft-leases.7
dist_man_MANS += %D%/weft-services.7
dist_man_MANS += %D%/weft-operate.7
dist_man_MANS += %D%/weft-register.8
dist_man_MANS += %D%/weftd.8
