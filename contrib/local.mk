# What people plug in elsewhere.
EXTRA_DIST += contrib
